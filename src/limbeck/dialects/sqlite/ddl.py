"""DDL of SQLite: ALTER TABLE where possible, otherwise a rebuild of the table."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles

from limbeck import operations as ops
from limbeck.catalog import Definition, Key
from limbeck.dialects import ddl_elements as ddl
from limbeck.dialects.ddl_builder import BuildContext, ColumnChange
from limbeck.dialects.operation_handlers import GENERIC, own_transaction
from limbeck.dialects.sqlite.create_table import parse_create_table
from limbeck.dialects.sqlite.schema_text import mentions, redirect_foreign_keys, same_name
from limbeck.dialects.sqlite.table_rebuild import Rebuild
from limbeck.dialects.sqlite.table_source import Entry, entries
from limbeck.dialects.sqlite.table_writer import is_plain_default
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.errors import NeedsBatchError

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.sql.compiler import DDLCompiler

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]

_DROPS_COLUMNS = (3, 35)
_TEXT_KINDS = frozenset({"view", "trigger"})


@compiles(ddl.ColumnName, "sqlite")
def visit_column_name(element: ddl.ColumnName, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnName."""
    table = ddl.alter_table(compiler, element.table_name, element.schema)
    old = ddl.format_column_name(compiler, element.column_name)
    return f"{table} RENAME COLUMN {old} TO {ddl.format_column_name(compiler, element.newname)}"


@compiles(ddl.RenameTable, "sqlite")
def visit_rename_table(element: ddl.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable."""
    table = ddl.alter_table(compiler, element.table_name, element.schema)
    return f"{table} RENAME TO {ddl.format_table_name(compiler, element.new_table_name, None)}"


def _needs_batch(what: str) -> NeedsBatchError:
    return NeedsBatchError(
        f"No support for {what} in SQLite dialect.",
        hint="Please refer to the batch mode feature: with op.batch_alter_table(...) as batch_op.",
    )


# ── one by one ────────────────────────────────────────────────────────────


def _add_constraint(context: BuildContext, constraint: sa.Constraint) -> StatementIterator:
    # a constraint of a type does not justify a rebuild; SQLAlchemy omits it from ALTER too
    if constraint._create_rule is not None:
        return
    if getattr(constraint, "_type_bound", False):
        return
    if _is_native(context):
        table = constraint.table
        add = ops.AddConstraintOp.from_constraint(constraint)
        yield from _single_batch(context, table.name, table.schema, add)
        return
    raise _needs_batch("ALTER of constraints")


def _drop_constraint(
    context: BuildContext, constraint: sa.Constraint, **_options: Any
) -> StatementIterator:
    if constraint._create_rule is not None or getattr(constraint, "_type_bound", False):
        return
    if _is_native(context):
        table = constraint.table
        kind = {
            sa.ForeignKeyConstraint: "foreignkey",
            sa.PrimaryKeyConstraint: "primary",
            sa.UniqueConstraint: "unique",
            sa.CheckConstraint: "check",
        }.get(type(constraint))
        drop = ops.DropConstraintOp(constraint.name, table.name, kind, schema=table.schema)  # type: ignore[arg-type]
        yield from _single_batch(context, table.name, table.schema, drop)
        return
    raise _needs_batch("ALTER of constraints")


def _rename_constraint(
    context: BuildContext, table: str, old: str, new: str, *, schema: str | None = None
) -> StatementIterator:
    if not _is_native(context):
        raise _needs_batch("ALTER of constraints")
    rename = ops.RenameConstraintOp(old, new, table, schema=schema)
    yield from _single_batch(context, table, schema, rename)


def _alter_column(context: BuildContext, change: ColumnChange) -> StatementIterator:
    changes = (
        change.nullable is not None
        or change.type_ is not None
        or change.server_default is not False
    )
    if not changes:
        if change.name is not None and change.name != change.column:
            yield ddl.ColumnName(change.table, change.column, change.name, schema=change.schema)
        return
    if not _is_native(context):
        if not context.is_live:
            # do not write a script that cannot run
            raise _needs_batch("ALTER of columns")
        # the database refuses the statement with an error that names the unsupported change
        yield from GENERIC.alter_column(context, change)
        return
    alter = ops.AlterColumnOp(
        change.table,
        change.column,
        schema=change.schema,
        existing_type=change.existing_type,
        modify_nullable=change.nullable,
        modify_server_default=change.server_default,
        modify_name=change.name,
        modify_type=change.type_,
    )
    yield from _single_batch(context, change.table, change.schema, alter)


def _add_column(
    context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **options: Any,
) -> StatementIterator:
    text = _default_text(context, column)
    if text is not None and not is_plain_default(text):
        column = column._copy()
        column.server_default = sa.DefaultClause(sa.text(f"({text})"))
        ops.SchemaObjects(context.lookup).table(table, column, schema=schema)
    yield from GENERIC.add_column(context, table, column, schema=schema, **options)


def _default_text(context: BuildContext, column: sa.Column[Any]) -> str | None:
    compiler = context.dialect.ddl_compiler(context.dialect, None)  # type: ignore[arg-type]
    return compiler.get_column_default_string(column)


def _is_native(context: BuildContext) -> bool:
    """Return whether limbeck may rebuild tables without a batch block."""
    return context.is_live and context.lookup.opts.get("detect") == "all"


def _single_batch(
    context: BuildContext, table: str, schema: str | None, operation: ops.Operation
) -> StatementIterator:
    return _batch(context, ops.BatchAlterTableOp(table, [operation], schema=schema))


# ── blocks ────────────────────────────────────────────────────────────────


def _batch(context: BuildContext, block: ops.BatchAlterTableOp) -> StatementIterator:
    with own_transaction(context.server):
        changes_whole_table = block.partial_reordering or block.table_args or block.table_kwargs
        if block.recreate == "never" or (
            block.recreate == "auto"
            and not changes_whole_table
            and all(_is_alterable(context, block, operation) for operation in block.ops)
        ):
            for operation in block.ops:
                yield from context.builder(operation, context.lookup)
            return
        first = _operations_before_rename(context, block)
        if first is not None:
            yield from _batch(context, first)
            yield from _batch(context, block)
            return
        yield from _renames(context, block)
        yield from Rebuild(block, context.lookup).statements()


def _operations_before_rename(
    context: BuildContext, block: ops.BatchAlterTableOp
) -> ops.BatchAlterTableOp | None:
    """Split off the operations that use the old name of a column which is renamed later."""
    if not context.is_live or block.copy_from is not None:
        return None
    for at, operation in enumerate(block.ops):
        if not isinstance(operation, ops.AlterColumnOp) or not operation.modify_name:
            continue
        old = operation.column_name
        if old != operation.modify_name and any(_uses_column(op, old) for op in block.ops[:at]):
            first = copy(block)
            first.ops, block.ops = block.ops[:at], block.ops[at:]
            first.table_args, first.table_kwargs, first.partial_reordering = (), {}, ()
            return first
    return None


def _uses_column(operation: ops.Operation, column: str) -> bool:
    """Return whether a constraint, an index or a computed column uses a column."""
    match operation:
        case ops.AddConstraintOp():
            constraint = operation.to_constraint()
            names = {c.name for c in getattr(constraint, "columns", ())}
            text = str(getattr(constraint, "sqltext", ""))
        case ops.DropConstraintOp():
            names, text = set(), operation.says or ""
        case ops.CreateIndexOp():
            names = {getattr(member, "name", member) for member in operation.columns}
            text = " ".join(str(member) for member in (*operation.columns, *operation.kw.values()))
        case ops.AddColumnOp() if operation.column.computed is not None:
            names, text = set(), str(operation.column.computed.sqltext)
        case _:
            return False
    return column in names or mentions(text, column)


def _renames(context: BuildContext, block: ops.BatchAlterTableOp) -> StatementIterator:
    """Rename columns with ALTER first: it also renames them in triggers, views and other tables."""
    if not context.is_live or block.copy_from is not None:
        return
    for at, operation in enumerate(block.ops):
        if isinstance(operation, ops.AlterColumnOp) and operation.modify_name:
            new, old = operation.modify_name, operation.column_name
            if new == old or _is_added_in_block(block, old):
                continue
            dropped = _dropped_column(block, new)
            if dropped is not None:  # its name is needed; the rebuild drops it
                temporary = f"_alembic_tmp_{dropped}"
                yield ddl.ColumnName(block.table_name, dropped, temporary, schema=block.schema)
                _retarget(block, dropped, temporary, len(block.ops))
            yield ddl.ColumnName(block.table_name, old, new, schema=block.schema)
            _retarget(block, old, new, _position_of_reuse(block, old, at))


def _position_of_reuse(block: ops.BatchAlterTableOp, name: str, at: int) -> int:
    """Return the position after which a former name refers to another column."""
    for position, operation in enumerate(block.ops[at + 1 :], at + 1):
        if isinstance(operation, ops.AlterColumnOp) and operation.modify_name == name:
            return position
    return len(block.ops)


def _is_added_in_block(block: ops.BatchAlterTableOp, name: str) -> bool:
    return any(isinstance(o, ops.AddColumnOp) and o.column.name == name for o in block.ops)


def _dropped_column(block: ops.BatchAlterTableOp, name: str) -> str | None:
    """Return the column that currently has a name and is dropped by the copy."""
    drops = (o.column_name for o in block.ops if isinstance(o, ops.DropColumnOp))
    return next((drop for drop in drops if same_name(drop, name)), None)


def _retarget(block: ops.BatchAlterTableOp, old: str, new: str, end: int) -> None:
    for operation in block.ops[:end]:
        if isinstance(operation, (ops.AlterColumnOp, ops.DropColumnOp)):
            if operation.column_name == old:
                operation.column_name = new
            for name in ("insert_before", "insert_after"):
                if operation.kw.get(name) == old:
                    operation.kw[name] = new
    block.partial_reordering = tuple(
        tuple(new if name == old else name for name in names) for names in block.partial_reordering
    )


def _is_alterable(
    context: BuildContext, block: ops.BatchAlterTableOp, operation: ops.Operation
) -> bool:
    match operation:
        case ops.CreateIndexOp() | ops.DropIndexOp():
            return True
        case ops.CreateTableCommentOp() | ops.DropTableCommentOp():
            return True
        case ops.AddColumnOp():
            return _adds_in_place(context, operation)
        case ops.DropColumnOp():
            return context.is_live and _drops_in_place(context, block, operation)
        case ops.AlterColumnOp():
            renames_only = (
                operation.modify_type is None
                and operation.modify_nullable is None
                and operation.modify_server_default is False
                and not {"insert_before", "insert_after"} & set(operation.kw)
            )
            is_copied = block.copy_from is not None and operation.modify_name is not None
            return renames_only and (context.is_live or not is_copied)
        case _:
            return False


def _adds_in_place(context: BuildContext, operation: ops.AddColumnOp) -> bool:
    column = operation.column
    if {"insert_before", "insert_after"} & set(operation.kw) or column.primary_key:
        return False
    if column.unique or column.foreign_keys or column.constraints:
        return False
    if getattr(column.type, "create_constraint", False):
        return False
    if column.computed is not None:
        return not column.computed.persisted
    text = _default_text(context, column)
    if text is None:
        # a script cannot copy; ALTER is right for a table without rows
        return bool(column.nullable) or not context.is_live
    return (
        is_plain_default(text)
        and not text.lstrip().startswith("(")
        and ("current_" not in text.lower())
    )


def _drops_in_place(
    context: BuildContext, block: ops.BatchAlterTableOp, operation: ops.DropColumnOp
) -> bool:
    connection = context.lookup.connection
    version = getattr(context.dialect.dbapi, "sqlite_version_info", (0,))
    if connection is None or version < _DROPS_COLUMNS or block.copy_from is not None:
        return False
    return all(
        _allows_drop(entry, block.table_name, operation.column_name)
        for entry in entries(connection, block.schema)
    )


def _allows_drop(entry: Entry, table_name: str, name: str) -> bool:
    """Return whether an entry of sqlite_schema allows a column to be dropped."""
    if entry.type == "table" and same_name(entry.name, table_name):
        table = parse_create_table(entry.sql)
        column = table.column(name)
        if column is None or {"primary", "unique", "foreignkey"} & {c.kind for c in column.clauses}:
            return False
        others = [
            *(c.text for c in table.columns if c is not column),
            *(c.text for c in table.constraints),
        ]
        return not any(mentions(text, name) for text in others)
    if not mentions(entry.sql, name):
        return True
    if entry.type == "table":
        return redirect_foreign_keys(entry.sql, table_name, "x") == entry.sql
    return entry.type == "index" and not same_name(entry.table, table_name)


def _no_statements(_context: BuildContext, *_args: Any, **_kw: Any) -> StatementIterator:
    yield from ()


elements = GENERIC.replace(
    adds_columns_alone=True,
    add_constraint=_add_constraint,
    drop_constraint=_drop_constraint,
    rename_constraint=_rename_constraint,
    alter_column=_alter_column,
    add_column=_add_column,
    table_comment=_no_statements,
    drop_table_comment=_no_statements,
    column_comment=_no_statements,
    handlers={ops.BatchAlterTableOp: _batch},
)


# ── views and triggers ───────────────────────────────────────────────────


def statements(change: Change) -> Iterator[str]:
    """Yield the statements that create, drop or replace a view or a trigger."""
    match change:
        case Create(what=Definition() as thing) if thing.key.kind in _TEXT_KINDS:
            yield _create_definition(thing)
        case Drop(what=Definition() as thing) if thing.key.kind in _TEXT_KINDS:
            yield _drop_definition(thing)
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind in _TEXT_KINDS:
            yield _drop_definition(old)
            yield _create_definition(new)


def _create_definition(obj: Definition) -> str:
    if obj.key.kind == "trigger":
        return obj.body.text
    return f"CREATE VIEW {_qualified_name(obj.key)} AS {obj.body.text}"


def _drop_definition(obj: Definition) -> str:
    return f"DROP {obj.key.kind.upper()} {_qualified_name(obj.key)}"


def _qualified_name(key: Key) -> str:
    quote = sqlite.dialect().identifier_preparer.quote
    # a trigger belongs to the schema of its table
    return ".".join(quote(word) for word in (key.namespace, key.name) if word)
