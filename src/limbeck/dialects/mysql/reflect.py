"""Read the catalog of a MariaDB or MySQL server in one statement, or one per kind of object."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Expr,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    Namespace,
    PrimaryKey,
    SchemaObject,
    Sequence,
    Table,
    Type,
    Unique,
    extras,
)
from limbeck.dialects.dialect import Scope
from limbeck.dialects.mysql import catalog_queries, routines, triggers, type_names, views
from limbeck.dialects.mysql.batched_queries import BatchedQueries, Place, QueryRows, Row, plain_rows
from limbeck.dialects.mysql.table_options import parse_options, partitioning
from limbeck.dialects.own_queries import collector_paused

if TYPE_CHECKING:
    from sqlalchemy import Connection

_JSON_CHECK = re.compile(r"json_valid\(`((?:[^`]|``)+)`\)", re.IGNORECASE)
_LITERAL = re.compile(
    r"'|[-+]?\d|[bx]'|0x|(?:null|current_timestamp(?:\(\d*\))?|nextval\(.*\))$", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ON_UPDATE = re.compile(r"on update (\S+(?:\(\d*\))?)", re.IGNORECASE)
_PLAIN_METHODS = frozenset({"BTREE", "RTREE"})
_JSON_SINCE_MARIADB = (10, 2, 3)
_JSON_SINCE_MYSQL = (5, 7, 8)
_SEQUENCE_MOST = 2**63 - 2
_SEQUENCE_CACHE = 1000


@collector_paused()
def reflect(connection: Connection, scope: Scope) -> Catalog:
    """Return the catalog in at most six statements, independent of the number of tables.

    MySQL needs one more for each routine that contains a string literal.

    Raises:
        DatabaseError: the server refused to read a part of information_schema.
    """
    usual = catalog_queries.DEFAULT_KINDS
    kinds = (usual if scope.kinds is None else scope.kinds) | scope.also
    is_mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    version = cast("tuple[int, ...]", connection.dialect.server_version_info or (8,))
    ask = BatchedQueries(
        connection, as_json=version >= (_JSON_SINCE_MARIADB if is_mariadb else _JSON_SINCE_MYSQL)
    )
    asked = {"tables": catalog_queries.tables(scope)}
    if "table" in kinds:
        asked["columns"] = catalog_queries.columns(scope)
        asked["members"] = catalog_queries.indexes(scope, version, is_mariadb=is_mariadb)
        asked["constraints"] = catalog_queries.constraints(scope, version, is_mariadb=is_mariadb)
    asked["definitions"] = catalog_queries.definitions(scope, kinds)
    asked["parameters"] = catalog_queries.parameters(scope, kinds)
    answers = ask(asked)
    tables = answers.rows("tables")
    reader = _Reader(is_mariadb=is_mariadb)
    reader.default = tables[0][0] if tables else None
    objects: list[SchemaObject] = []
    if "namespace" in kinds:
        spaces = dict.fromkeys(row[1] for row in tables if row[1] != reader.default)
        objects.extend(Namespace(Key("namespace", (None, name))) for name in spaces)
    fed = [(row[1], row[2]) for row in tables if row[3] == "SEQUENCE"]
    if "sequence" in kinds and fed:
        rows = plain_rows(connection, catalog_queries.sequences(fed))
        objects.extend(reader.sequence(row) for row in rows)
    if "table" in kinds:
        reader.take(answers)
        if any("partitioned" in (row[6] or "") for row in tables):
            parts = ask({"partitions": catalog_queries.partitions(scope)})
            reader.partitions = parts.tables("partitions")
        wanted = scope.tables
        objects.extend(
            reader.table(row)
            for row in tables
            if row[3] in {"BASE TABLE", "SYSTEM VERSIONED"} and (wanted is None or row[2] in wanted)
        )
    reader.parameters = answers.tables("parameters")
    rows = answers.rows("definitions")
    if not is_mariadb:
        rows = [routines.with_exact_body(connection, row) for row in rows]
    objects.extend(reader.definition(row) for row in rows)
    return Catalog.of(objects)


def _is_bracketed(text: str) -> bool:
    # (a) + (b) begins and ends with parentheses that do not match
    depth = 0
    for position, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return position > 0 and position == len(text) - 1
    return False


@dataclass(slots=True)
class _Reader:
    is_mariadb: bool
    default: str | None = None
    columns: dict[Place, list[Row]] = field(default_factory=dict)
    members: dict[Place, list[Row]] = field(default_factory=dict)
    constraints: dict[Place, list[Row]] = field(default_factory=dict)
    partitions: dict[Place, list[Row]] = field(default_factory=dict)
    parameters: dict[Place, list[Row]] = field(default_factory=dict)
    types: dict[str, Type] = field(default_factory=dict)
    made: dict[tuple[Any, ...], Column] = field(default_factory=dict)

    def take(self, answers: QueryRows) -> None:
        """Add the rows of which tables consist."""
        self.columns = answers.tables("columns")
        self.members = answers.tables("members")
        self.constraints = answers.tables("constraints")

    def key(self, kind: str, namespace: str, name: str) -> Key:
        return Key(kind, (None if namespace == self.default else namespace, name))

    def table(self, row: Row) -> Table:
        _, namespace, name, _, engine, collation, options, comment, *usual = row
        place = (namespace, name)
        checks, json_columns = self.checks(place)
        foreign_keys = self.foreign_keys(place)
        primary_key, uniques, indexes = self.indexes(place)
        key = self.key("table", namespace, name)
        charset = type_names.charset_of(collation)
        found: dict[str, Any] = {
            "engine": engine,
            "charset": charset,
            "collate": collation,
            **parse_options(options or ""),
        }
        if place in self.partitions:
            found["partition_by"] = partitioning(self.partitions[place])
        alike = zip(("engine", "collate"), usual, strict=True)
        found["usual"] = tuple(word for word, value in alike if value == found[word])
        return Table(
            key,
            tuple(
                self.column(cell, charset, collation, json_columns)
                for cell in self.columns.get(place, ())
            ),
            primary_key,
            tuple(uniques),
            tuple(checks),
            tuple(foreign_keys),
            (),
            tuple(_marked(index, foreign_keys, name) for index in indexes),
            comment or None,
            extras(**found),
            frozenset(item.target for item in foreign_keys) - {key},
        )

    # ── columns ───────────────────────────────────────────────────────────

    def column(
        self, cell: Row, charset: str | None, collation: str | None, json_columns: set[str]
    ) -> Column:
        """Return a column; equal columns share one value."""
        is_json = cell[0] in json_columns
        # equal rows are the same object, which lives as long as the reader
        cache_key = (id(cell), charset, collation, is_json)
        column = self.made.get(cache_key)
        if column is None:
            column = self.made[cache_key] = self.new_column(
                cell, charset, collation, is_json=is_json
            )
        return column

    def new_column(
        self, cell: Row, charset: str | None, collation: str | None, *, is_json: bool
    ) -> Column:
        name, type_text, nullable, default, extra, generated, own_charset, own, comment, _ = cell
        type_ = self.types.get(type_text)
        if type_ is None:
            type_ = self.types[type_text] = type_names.read(type_text)
        lower = extra.lower()
        if is_json and type_.name == "longtext":
            type_ = Type("json")
        elif own is not None and own != collation:
            marks = dict(type_.extras)
            if own_charset != charset:
                marks["charset"] = own_charset
            type_ = replace(type_, collation=own, extras=tuple(sorted(marks.items())))
        value: Expr | Computed | None = None
        if generated:
            text = generated if self.is_mariadb else _restored(generated)
            value = Computed(Expr(text), stored="stored" in lower or "persistent" in lower)
        elif default is not None and (default != "NULL" or not self.is_mariadb):
            value = Expr(self.default_text(default, type_, lower))
        update = _ON_UPDATE.search(extra) if "on update" in lower else None
        return Column(
            name,
            type_,
            nullable == "YES",
            value,
            comment or None,
            ()
            if not lower
            else extras(
                autoincrement="auto_increment" in lower,
                invisible="invisible" in lower,
                on_update=update[1] if update else None,
            ),
        )

    def default_text(self, default: str, type_: Type, extra: str) -> str:
        if self.is_mariadb:
            # An expression that is not a literal must be in parentheses for ALTER.
            is_whole = _LITERAL.match(default) or _is_bracketed(default)
            return default if is_whole else f"({default})"
        if default.upper().startswith("CURRENT_TIMESTAMP"):
            return default
        if "default_generated" in extra:
            # https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
            return _bracketed(_restored(default))
        is_hex = type_.name in {"binary", "varbinary"} and default.startswith("0x")
        if type_.name in type_names.NUMBERS or type_.name == "bit" or is_hex:
            return default
        return catalog_queries.quoted(default)

    # ── constraints and indexes ───────────────────────────────────────────

    def checks(self, place: Place) -> tuple[list[Check], set[str]]:
        checks: list[Check] = []
        json_columns: set[str] = set()
        for row in self.constraints.get(place, ()):
            kind, name, clause, level, enforced = row[:5]
            if kind != "c":
                continue
            match = _JSON_CHECK.fullmatch(clause) if self.is_mariadb else None
            if match and match[1].replace("``", "`") == name and level in {"Column", None}:
                json_columns.add(name)
                continue
            if level == "Column":
                checks.append(Check(Expr(clause), None, extras(column=(self.home(place, row),))))
                continue
            text = clause if self.is_mariadb else _restored(clause)
            checks.append(Check(Expr(text), name, extras(not_enforced=enforced == "NO")))
        checks.sort(key=lambda check: check.name or "")
        return checks, json_columns

    def home(self, place: Place, row: Row) -> str:
        """Return the column whose definition contains a check, named by its original name."""
        names = [str(cell[0]) for cell in self.columns.get(place, ())]
        if row[1] in names:
            return str(row[1])
        mentioned = [name for name in names if catalog_queries.quote(name) in row[2]]
        return (mentioned or [str(row[1])])[0]

    def foreign_keys(self, place: Place) -> list[ForeignKey]:
        rules: dict[str, Row] = {}
        members: dict[str, list[Row]] = defaultdict(list)
        for row in self.constraints.get(place, ()):
            if row[0] == "r":
                rules[row[1]] = row
            elif row[0] == "k":
                members[row[1]].append(row)
        keys = []
        for name in sorted(members):
            parts = sorted(members[name], key=lambda row: int(row[6]))
            rule = rules.get(name)
            keys.append(
                ForeignKey(
                    tuple(part[2] for part in parts),
                    self.key("table", parts[0][3], parts[0][4]),
                    tuple(part[5] for part in parts),
                    name,
                    _action(rule[2]) if rule else None,
                    _action(rule[3]) if rule else None,
                )
            )
        return keys

    def indexes(self, place: Place) -> tuple[PrimaryKey | None, list[Unique], list[Index]]:
        grouped: dict[str, list[Row]] = {}
        for row in self.members.get(place, ()):
            grouped.setdefault(row[0], []).append(row)
        primary_key: PrimaryKey | None = None
        uniques: list[Unique] = []
        indexes: list[Index] = []
        for name, rows in grouped.items():
            index = _index(name, rows)
            plain = all(
                element.column is not None and element.length is None and not element.descending
                for element in index.elements
            )
            if name == "PRIMARY":
                primary_key = PrimaryKey(index.columns)
            elif index.unique and plain and not (index.method or index.extras or index.comment):
                uniques.append(Unique(index.columns, name, comment=index.comment))
            else:
                indexes.append(index)
        return primary_key, uniques, indexes

    # ── other objects ──────────────────────────────────────────────────────

    def sequence(self, row: Row) -> Sequence:
        namespace, name, *options = row
        start, increment, low, high, cache, cycle = (int(option) for option in options)
        up = increment > 0
        least, most = (1, _SEQUENCE_MOST) if up else (-_SEQUENCE_MOST - 1, -1)
        return Sequence(
            self.key("sequence", namespace, name),
            None,
            None if start == (low if up else high) else start,
            None if increment == 1 else increment,
            None if low == least else low,
            None if high == most else high,
            bool(cycle),
            None if cache == _SEQUENCE_CACHE else cache,
        )

    def definition(self, row: Row) -> Definition:
        kind, namespace, name, table, text, first, second, comment = row
        key = self.key(kind, namespace, name)
        if kind == "view":
            return Definition(key, Expr(views.with_short_names(text or "", self.default)))
        if kind != "trigger":
            given = [
                row[1:4] for row in self.parameters.get((namespace, name), ()) if row[0] == kind
            ]
            parts = [text, first, second, comment]
            return routines.definition(key, parts, given, is_mariadb=self.is_mariadb)
        on = self.key("table", namespace, table)
        key = Key("trigger", (on.namespace, table, name))
        statement = triggers.whole(key, f"{first} {second}", text)
        return Definition(key, Expr(statement), on, needs=frozenset({on}))


def _action(rule: str) -> str | None:
    return None if rule in {"NO ACTION", "RESTRICT"} else rule


def _restored(text: str) -> str:
    """Return an expression from the text that MySQL's information_schema shows.

    The server escapes it like a string literal, and shows the bytes of its UTF-8 text as
    characters of latin1. SHOW CREATE TABLE does neither.
    """
    text = _ESCAPED.sub(r"\1", text)
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text  # a server that shows the characters correctly


def _bracketed(text: str) -> str:
    return text if _is_bracketed(text) else f"({text})"


def _index(name: str, rows: list[Row]) -> Index:
    elements = []
    for _, _, column, order, length, _, _, expression, *_ in rows:
        # CREATE INDEX requires parentheses around an expression
        text = _bracketed(_restored(expression)) if expression else None
        elements.append(
            IndexElement(
                None if text else column,
                Expr(text) if text else None,
                order == "D",
                length=int(length) if length is not None else None,
            )
        )
    method = rows[0][5]
    if method in {"SPATIAL", "FULLTEXT"}:
        elements = [replace(element, length=None) for element in elements]
    return Index(
        name,
        tuple(elements),
        not int(rows[0][1]),
        method=None if method in _PLAIN_METHODS else method.lower(),
        comment=rows[0][6] or None,
        extras=(("invisible", True),) if rows[0][8] else (),
    )


def _is_numbered(name: str, start: str) -> bool:
    return name.startswith(start) and name[len(start) :].isdecimal()


def _marked(index: Index, foreign_keys: list[ForeignKey], table: str) -> Index:
    if index.unique or index.method or len(index.columns) != len(index.elements):
        return index
    for item in foreign_keys:
        if item.columns != index.columns[: len(item.columns)]:
            continue
        chosen = item.name or ""
        by_server = _is_numbered(chosen, f"{table}_ibfk_")
        named = index.name or ""
        first = item.columns[0]
        own = by_server and (named == first or _is_numbered(named, f"{first}_"))
        if item.columns == index.columns and (index.name == chosen or own):
            return replace(index, extras=(("auto", True),))
    return index
