"""The effect of an operation on a catalog, used to replay a history without a database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import DefaultClause, MetaData, TextClause
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import NullType

from limbeck.catalog import (
    Catalog,
    Column,
    Key,
    Part,
    Table,
    table_key,
)
from limbeck.diff import Rename, apply
from limbeck.errors import DraftError
from limbeck.operations import (
    AddColumnOp,
    AddConstraintOp,
    AlterColumnOp,
    BackfillOp,
    BulkInsertOp,
    ChangeRowsOp,
    CreateIndexOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableCommentOp,
    DropTableOp,
    ExecuteSQLOp,
    MoveTableOp,
    Operation,
    RenameConstraintOp,
    RenameTableOp,
)
from limbeck.sql import ANY, split_script
from limbeck.sqlalchemy_io.declared_effects import EFFECTS, difference
from limbeck.sqlalchemy_io.metadata_reader import Reader
from limbeck.sqlalchemy_io.sqlalchemy_versions import ddl_compiler, plain_dialect


@dataclass(frozen=True, slots=True)
class Opaque:
    """An operation whose effect on the schema is not known.

    Args:
        operation: the operation.
        reason: the reason, as text.
    """

    operation: Operation
    reason: str


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of an operation: the objects that are new or different, and the removed ones.

    Args:
        put: objects after the operation.
        gone: keys of removed objects.
    """

    put: tuple[Any, ...] = ()
    gone: frozenset[Key] = frozenset()

    def apply(self, catalog: Catalog) -> Catalog:
        """Return the catalog after the operation."""
        return catalog.without(self.gone).merge(self.put)


def effect(
    operation: Operation,
    catalog: Catalog,
    dialect: Dialect,
    *,
    default_namespace: str | None = None,
) -> Effect | Opaque:
    """Return the effect of an operation on a catalog.

    Args:
        operation: one operation; the caller iterates over containers.
        catalog: the catalog before the operation.
        dialect: the SQLAlchemy dialect.
        default_namespace: the connection's default schema.

    Returns:
        The effect, or Opaque if it is unknown: raw SQL, operations of third parties.

    Raises:
        DraftError: the operation refers to an object that does not exist.
    """
    for kind, work in _EFFECTS.items():
        if isinstance(operation, kind):
            reader = Reader(ddl_compiler(plain_dialect(dialect)), default_namespace, {})
            return work(operation, _Context(catalog, reader))
    registered = EFFECTS.get(type(operation))
    if registered is not None:
        reader = Reader(ddl_compiler(plain_dialect(dialect)), default_namespace, {})

        def key(kind: str, name: str, schema: str | None) -> Key:
            return Key(kind, (reader.namespace(schema), name))

        return Effect(*difference(catalog, registered(operation, catalog, key)))
    return Opaque(operation, f"{type(operation).__name__} is not known")


def changes_schema(operation: Operation) -> bool:
    """Return whether an operation changes the schema, and nothing else, in a known way."""
    work = next((one for kind, one in _EFFECTS.items() if isinstance(operation, kind)), None)
    if work is None:
        return type(operation) in EFFECTS
    return work not in {_rows, _sql}


@dataclass(frozen=True, slots=True)
class _Context:
    catalog: Catalog
    reader: Reader

    def key(self, name: str, schema: Any = None) -> Key:
        return table_key(str(name), self.reader.namespace(schema))

    def table(self, name: str, schema: Any = None) -> Table:
        key = self.key(name, schema)
        table = self.catalog.get(key)
        if not isinstance(table, Table):
            raise DraftError(
                f"There is no table {key.name!r}.",
                hint="An earlier step should have created it.",
                code="LB421",
            )
        return table

    def types(self) -> tuple[Any, ...]:
        """The enums and domains of the operation that the catalog does not have yet."""
        return tuple(t for key, t in self.reader.types.named.items() if key not in self.catalog)


def _with_parts(table: Table, parts: Iterator[Part]) -> Table:
    fields: dict[str, tuple[Any, ...]] = {}
    for part in parts:
        if part.kind == "primary_key":
            table = replace(table, primary_key=part)  # type: ignore[arg-type]
        else:
            name = {"index": "indexes"}.get(part.kind, f"{part.kind}s")
            fields[name] = (*fields.get(name, getattr(table, name)), part)
    return replace(table, **fields)  # type: ignore[arg-type]


def _create_table(operation: Any, scene: _Context) -> Effect:
    table = operation.to_table()
    scene.reader.add(table)
    return Effect((*scene.types(), *scene.reader.objects.values()))


def _drop_table(operation: Any, scene: _Context) -> Effect:
    return Effect(gone=frozenset({scene.key(operation.table_name, operation.schema)}))


def _rename_table(operation: Any, scene: _Context) -> Effect:
    new = scene.key(operation.new_table_name, operation.schema)
    return _moved(operation, scene, new)


def _move_table(operation: Any, scene: _Context) -> Effect:
    name = operation.new_table_name or operation.table_name
    return _moved(operation, scene, scene.key(name, operation.new_schema))


def _moved(operation: Any, scene: _Context, new: Key) -> Effect:
    old = scene.table(operation.table_name, operation.schema)
    changed = [replace(old, key=new)]
    for table in (*scene.catalog.tables, old):
        keys = tuple(
            replace(key, target=new) if key.target == old.key else key for key in table.foreign_keys
        )
        if keys != table.foreign_keys:
            moved = new if table.key == old.key else table.key
            changed.append(replace(table, key=moved, foreign_keys=keys))
    return Effect(tuple(changed), frozenset({old.key}))


def _add_column(operation: Any, scene: _Context) -> Effect:
    table = scene.table(operation.table_name, operation.schema)
    made = SqlTable(
        operation.table_name, MetaData(), operation.column._copy(), schema=operation.schema
    )
    read = scene.reader.table(made, table.key)
    table = replace(table, columns=(*table.columns, *read.columns))
    parts: list[Part] = [*read.uniques, *read.checks, *read.foreign_keys, *read.indexes]
    return Effect((*scene.types(), _with_parts(table, iter(parts))))


def _drop_column(operation: Any, scene: _Context) -> Effect:
    table = scene.table(operation.table_name, operation.schema)
    name = str(operation.column_name)

    def kept(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(part for part in parts if name not in part.columns)

    key = table.primary_key
    return Effect(
        (
            replace(
                table,
                columns=tuple(column for column in table.columns if column.name != name),
                primary_key=None if key is None or name in key.columns else key,
                uniques=kept(table.uniques),
                foreign_keys=kept(table.foreign_keys),
                indexes=kept(table.indexes),
            ),
        )
    )


def _alter_column(operation: Any, scene: _Context) -> Effect | Opaque:
    table = scene.table(operation.table_name, operation.schema)
    name = str(operation.column_name)
    column = table.column(name)
    if column is None:
        raise DraftError(f"Table {table.key.name!r} has no column {name!r}.", code="LB421")
    columns = tuple(
        _altered(column, operation, scene) if candidate is column else candidate
        for candidate in table.columns
    )
    changed = replace(table, columns=columns)
    if operation.modify_name in {None, name}:
        return Effect((*scene.types(), changed))
    before = scene.catalog.merge((*scene.types(), changed))
    old = next(candidate for candidate in columns if candidate.name == name)
    new = replace(old, name=str(operation.modify_name))
    after = apply(before, [Rename(old, new, table.key)])
    return Effect(*difference(scene.catalog, after))


def _altered(column: Column, operation: Any, scene: _Context) -> Column:
    given: dict[str, Any] = {}
    if operation.modify_nullable is not None:
        given["nullable"] = bool(operation.modify_nullable)
    if operation.modify_comment is not False:
        given["comment"] = operation.modify_comment
    if operation.modify_type is not None:
        given["type"] = scene.reader.types.read(operation.modify_type)
    default = operation.modify_server_default
    if default is not False:
        given["default"] = None
        if default is not None:
            if not isinstance(default, DefaultClause) and not hasattr(default, "column"):
                default = DefaultClause(default)
            new_column: SqlColumn[Any] = SqlColumn(column.name, NullType(), server_default=default)
            SqlTable(operation.table_name, MetaData(), new_column)
            given["default"] = scene.reader.default(new_column, {})
    return replace(column, **given)


def _add_constraint(operation: Any, scene: _Context) -> Effect:
    constraint = operation.to_constraint()
    table = scene.table(constraint.table.name, constraint.table.schema)
    read = scene.reader.parts.read(constraint)
    return Effect((_with_parts(table, iter(() if read is None else (read,))),))


def _drop_constraint(operation: Any, scene: _Context) -> Effect:
    table = scene.table(operation.table_name, operation.schema)
    name = operation.constraint_name

    def kept(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(part for part in parts if not _matches(part, operation))

    key = table.primary_key
    drops_key = key is not None and (
        key.name == name if name is not None else operation.constraint_type == "primary"
    )
    return Effect(
        (
            replace(
                table,
                primary_key=None if drops_key else key,
                uniques=kept(table.uniques),
                checks=kept(table.checks),
                foreign_keys=kept(table.foreign_keys),
                excludes=kept(table.excludes),
            ),
        )
    )


def _rename_constraint(operation: Any, scene: _Context) -> Effect:
    table = scene.table(operation.table_name, operation.schema)

    def renamed(parts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(part, name=operation.new_name) if part.name == operation.old_name else part
            for part in parts
        )

    key = renamed(() if table.primary_key is None else (table.primary_key,))
    return Effect(
        (
            replace(
                table,
                primary_key=key[0] if key else None,
                uniques=renamed(table.uniques),
                checks=renamed(table.checks),
                foreign_keys=renamed(table.foreign_keys),
                excludes=renamed(table.excludes),
            ),
        )
    )


_ROW_STATEMENT = re.compile(r"(?i)(?:INSERT|UPDATE|DELETE|REPLACE)\b")
_KINDS = {"foreignkey": "foreign_key"}
_LISTED = re.compile(r"\(([^()]*)\)")


def _matches(part: Any, operation: Any) -> bool:
    """Return whether a drop concerns a constraint: by its name, otherwise by its content."""
    if operation.constraint_name is not None:
        return bool(part.name == operation.constraint_name)
    kind = operation.constraint_type
    if part.name is not None or part.kind != _KINDS.get(kind, kind):
        return False
    says = getattr(operation, "says", None)
    if says is None:
        return True
    if part.kind == "check":
        return _comparable_text(part.expr.text) in _comparable_text(says)
    listed = _LISTED.search(says)
    return listed is not None and _comparable_text(listed[1]) == _comparable_text(
        ",".join(part.columns)
    )


def _comparable_text(text: str) -> str:
    return re.sub(r"[\s\"`\[\]]", "", text).lower()


def _create_index(operation: Any, scene: _Context) -> Effect:
    made = operation.to_index()
    table = scene.table(made.table.name, made.table.schema)
    index = scene.reader.parts.read_index(made)
    # the text "x DESC" was read without the table: x may be one of its columns
    columns = {column.name for column in table.columns}
    elements = tuple(
        replace(element, column=element.expr.text, expr=None)
        if element.expr is not None and element.expr.text in columns
        else element
        for element in index.elements
    )
    return Effect((_with_parts(table, iter((replace(index, elements=elements),))),))


def _drop_index(operation: Any, scene: _Context) -> Effect:
    tables = [
        table
        for table in scene.catalog.tables
        if (operation.table_name is None or table.key.name == operation.table_name)
        and any(index.name == operation.index_name for index in table.indexes)
    ]
    return Effect(
        tuple(
            replace(
                table,
                indexes=tuple(one for one in table.indexes if one.name != operation.index_name),
            )
            for table in tables[:1]
        )
    )


def _comment(operation: Any, scene: _Context) -> Effect:
    table = scene.table(operation.table_name, operation.schema)
    return Effect((replace(table, comment=getattr(operation, "comment", None)),))


def _rows(_operation: Any, _scene: _Context) -> Effect:
    return Effect()


def _sql(operation: Any, _scene: _Context) -> Effect | Opaque:
    if _changes_only_rows(operation.sqltext):
        return Effect()
    return Opaque(operation, "raw SQL may do anything")


def _changes_only_rows(statement: Any) -> bool:
    if not isinstance(statement, str | TextClause):
        return isinstance(statement, UpdateBase)
    parts = split_script(str(statement), ANY)
    return bool(parts) and all(_ROW_STATEMENT.match(part.text) for part in parts)


_EFFECTS: Mapping[type[Operation], Callable[[Any, _Context], Effect | Opaque]] = {
    CreateTableOp: _create_table,
    DropTableOp: _drop_table,
    RenameTableOp: _rename_table,
    MoveTableOp: _move_table,
    AddColumnOp: _add_column,
    DropColumnOp: _drop_column,
    AlterColumnOp: _alter_column,
    AddConstraintOp: _add_constraint,
    DropConstraintOp: _drop_constraint,
    RenameConstraintOp: _rename_constraint,
    CreateIndexOp: _create_index,
    DropIndexOp: _drop_index,
    CreateTableCommentOp: _comment,
    DropTableCommentOp: _comment,
    BackfillOp: _rows,
    BulkInsertOp: _rows,
    ChangeRowsOp: _rows,
    ExecuteSQLOp: _sql,
}
