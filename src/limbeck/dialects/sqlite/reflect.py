"""Read the catalog of a SQLite database from sqlite_schema, in one or two statements."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import (
    Catalog,
    Column,
    Definition,
    Expr,
    ForeignKey,
    Index,
    Key,
    Namespace,
    SchemaObject,
    Table,
)
from limbeck.dialects.dialect import Scope
from limbeck.dialects.own_queries import collector_paused, fetch
from limbeck.dialects.sqlite.schema_text import SchemaTextError
from limbeck.dialects.sqlite.table_reader import ReadCache, TableSchema, read_index, read_table
from limbeck.errors import DatabaseError
from limbeck.sql import quote_identifier, quote_literal

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEFAULT_KINDS = frozenset({"table", "namespace"})
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE", re.IGNORECASE)
_NAME = r"""(?:"(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|'[^']*'|[\w$]+)"""
_VIEW = re.compile(
    rf"\s*CREATE\s+(?:TEMP(?:ORARY)?\s+)?VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"{_NAME}(?:\s*\.\s*{_NAME})?\s+AS\s+(.*)",
    re.IGNORECASE | re.DOTALL,
)
_SHADOWS = (
    "content", "data", "idx", "docsize", "config", "segments", "segdir", "stat", "node",
    "parent", "rowid",
)  # fmt: skip

Row = tuple[str, str, str, str | None]


@collector_paused()
def reflect(connection: Connection, scope: Scope) -> Catalog:
    """Return the catalog in one statement, or two if namespaces are named.

    Raises:
        DatabaseError: the schema cannot be read.
    """
    kinds = (DEFAULT_KINDS if scope.kinds is None else scope.kinds) | scope.also
    spaces = _namespaces(connection, scope)
    rows: dict[str, list[Row]] = defaultdict(list)
    for space, *row in fetch(connection, _statement(spaces)):
        rows[space].append((row[0], row[1], row[2], row[3]))
    things: list[SchemaObject] = []
    for space in spaces:
        namespace = None if space == "main" else space
        if namespace is not None and "namespace" in kinds:
            things.append(Namespace(Key("namespace", (None, namespace))))
        things.extend(_Reader(namespace, rows[space], scope.tables).things(kinds))
    return Catalog.of(things)


def _namespaces(connection: Connection, scope: Scope) -> list[str]:
    if scope.namespaces == (None,):
        return ["main"]
    attached = [str(row[1]) for row in fetch(connection, "PRAGMA database_list")]
    if not scope.namespaces:
        return [name for name in attached if name != "temp"]
    wanted = {"main" if name is None else name for name in scope.namespaces}
    return [name for name in attached if name in wanted]


def _statement(spaces: Iterable[str]) -> str:
    queries = []
    for space in spaces:
        columns = f"{quote_literal(space)}, type, name, tbl_name, sql"
        queries.append(f"SELECT {columns} FROM {quote_identifier(space)}.sqlite_master")  # noqa: S608
    return " UNION ALL ".join(queries) or "SELECT 1 WHERE 0"


class _Reader:
    def __init__(
        self, namespace: str | None, rows: list[Row], wanted: frozenset[str] | None
    ) -> None:
        self.namespace = namespace
        self.rows = rows
        self.wanted = wanted
        self.cache = ReadCache()
        self.texts: dict[str, tuple[str, str]] = {}
        self.read: dict[str, TableSchema] = {}
        self.views: set[str] = set()
        hidden: set[str] = set()
        for kind, name, _, sql in rows:
            if kind == "view":
                self.views.add(name.lower())
            elif kind == "table" and sql is not None and _VIRTUAL.match(sql):
                hidden.update([name, *[f"{name}_{tail}" for tail in _SHADOWS]])
        for kind, name, _, sql in rows:
            own = not name.startswith("sqlite_") and name not in hidden
            if kind == "table" and sql and own:
                self.texts[name.lower()] = (name, sql)

    def key(self, name: str, kind: str = "table") -> Key:
        return Key(kind, (self.namespace, name))

    def text(self, name: str) -> TableSchema:
        lower_name = name.lower()
        schema = self.read.get(lower_name)
        if schema is None:
            real, sql = self.texts[lower_name]
            try:
                schema = read_table(sql, self.cache)
            except SchemaTextError as error:
                raise DatabaseError(
                    f"The definition of the table {real} cannot be read: {error}",
                    hint="Compare it with what .schema prints, and correct the table's definition.",
                    code="LB321",
                ) from error
            self.read[lower_name] = schema
        return schema

    def things(self, kinds: frozenset[str]) -> Iterator[SchemaObject]:
        if "table" in kinds:
            indexes: dict[str, list[str]] = defaultdict(list)
            for kind, _, table, sql in self.rows:
                if kind == "index" and sql:
                    indexes[table.lower()].append(sql)
            for place, (name, _) in self.texts.items():
                if self.wanted is None or name in self.wanted:
                    yield self.table(name, indexes.get(place, []))
        for kind, name, table, sql in self.rows:
            if kind in kinds and kind in {"view", "trigger"} and sql:
                yield self.definition(kind, name, table, sql)

    def table(self, name: str, index_texts: list[str]) -> Table:
        text = self.text(name)
        foreign_keys = tuple(self.foreign_key(text, item) for item in text.foreign_keys)
        key = self.key(name)
        indexes = [read_index(sql, text) for sql in index_texts]
        indexes.sort(key=_index_name)
        return Table(
            key,
            tuple(_columns(text)),
            text.primary_key,
            tuple(text.uniques),
            tuple(text.checks),
            foreign_keys,
            (),
            tuple(indexes),
            None,
            text.extras,
            frozenset(item.target for item in foreign_keys) - {key},
        )

    def foreign_key(self, text: TableSchema, item: ForeignKey) -> ForeignKey:
        lower_name = item.target.name.lower()
        columns = tuple(text.declared_name(column) for column in item.columns)
        if lower_name not in self.texts:
            return replace(item, columns=columns, target=self.key(item.target.name))
        target = self.text(lower_name)
        pointed = tuple(target.declared_name(column) for column in item.target_columns)
        if not pointed and target.primary_key is not None:
            pointed = target.primary_key.columns
        return replace(
            item,
            columns=columns,
            target=self.key(self.texts[lower_name][0]),
            target_columns=pointed,
        )

    def definition(self, kind: str, name: str, table: str, sql: str) -> Definition:
        if kind == "view":
            match = _VIEW.match(sql)
            return Definition(self.key(name, "view"), Expr(match[1] if match else sql))
        on = self.key(table, "view" if table.lower() in self.views else "table")
        return Definition(
            Key("trigger", (self.namespace, table, name)), Expr(sql), on, needs=frozenset({on})
        )


def _index_name(index: Index) -> str:
    return index.name or ""


def _columns(text: TableSchema) -> Iterator[Column]:
    key = text.primary_key
    alias = key.columns[0] if key is not None and len(key.columns) == 1 else None
    without_rowid = ("without_rowid", True) in text.extras
    inside = frozenset(key.columns) if key is not None and without_rowid else frozenset()
    for column in text.columns:
        # A primary key that is the rowid, or of a table WITHOUT ROWID, never contains NULL.
        counted = column.name == alias and column.type.name == "integer"
        if column.nullable and (counted or column.name in inside):
            yield replace(column, nullable=False)
        else:
            yield column
