"""Handlers that pass the parts of an operation to the functions of a dialect's record."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import Table
from sqlalchemy.sql.base import SchemaEventTarget

from limbeck import operations as ops
from limbeck.catalog import table_key
from limbeck.dialects.constraints import is_of_type, is_wanted, named_on_server
from limbeck.dialects.ddl_builder import (
    BuildContext,
    Statements,
    UnsupportedOperationError,
    column_change,
)
from limbeck.errors import DatabaseError, ScriptOnlyError

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]


def _create_table(context: BuildContext, operation: ops.CreateTableOp) -> StatementIterator:
    table = operation.to_table(context.lookup)
    return context.builder.create_table(context, table, if_not_exists=operation.if_not_exists)


def _drop_table(context: BuildContext, operation: ops.DropTableOp) -> StatementIterator:
    table = operation.to_table(context.lookup)
    return context.builder.drop_table(context, table, if_exists=operation.if_exists)


def _rename_table(context: BuildContext, operation: ops.RenameTableOp) -> StatementIterator:
    return context.builder.rename_table(
        context, operation.table_name, operation.new_table_name, schema=operation.schema
    )


def _create_table_comment(
    context: BuildContext, operation: ops.CreateTableCommentOp
) -> StatementIterator:
    return context.builder.table_comment(context, operation.to_table(context.lookup))


def _drop_table_comment(
    context: BuildContext, operation: ops.DropTableCommentOp
) -> StatementIterator:
    return context.builder.drop_table_comment(context, operation.to_table(context.lookup))


def _add_column(context: BuildContext, operation: ops.AddColumnOp) -> StatementIterator:
    column = operation.column
    if getattr(column, "table", None) is not None:
        column = column._copy()
    compiles = context.dialect.ddl_compiler.__module__
    alone = context.builder.adds_columns_alone and compiles.startswith("sqlalchemy.")
    if alone and _is_plain(column):
        yield from context.builder.add_column(
            context,
            operation.table_name,
            column,
            schema=operation.schema,
            if_not_exists=operation.if_not_exists,
        )
        return
    table = ops.SchemaObjects(context.lookup).table(
        operation.table_name, column, schema=operation.schema
    )
    inline = (
        operation.inline_references
        and context.builder.takes_inline_references
        and len(column.foreign_keys) == 1
    )
    yield from context.builder.add_column(
        context,
        operation.table_name,
        column,
        schema=operation.schema,
        if_not_exists=operation.if_not_exists,
        inline_references=inline or None,
        inline_primary_key=operation.inline_primary_key,
    )
    for constraint in _separate(context, table, inline=bool(inline)):
        yield from context.builder.add_constraint(context, constraint)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield from context.builder.create_index(context, index)
    has_words = context.dialect.supports_comments and not context.dialect.inline_comments
    if column.comment is not None and has_words:
        yield from context.builder.column_comment(context, column)


def _is_plain(column: sa.Column[Any]) -> bool:
    """Return whether a column can be compiled without a table, which takes long to create."""
    says_more = (
        column.primary_key or column.unique or column.index or column.foreign_keys
        or column.constraints or column.comment is not None or column.default is not None
        or isinstance(column.type, SchemaEventTarget)
        or not isinstance(column.server_default, sa.DefaultClause | None)
    )  # fmt: skip
    listeners = column.dispatch
    return not (says_more or listeners.before_parent_attach or listeners.after_parent_attach)


def _separate(context: BuildContext, table: Table, *, inline: bool) -> Iterator[sa.Constraint]:
    # a key of one column may be part of the column definition; a primary key is a separate
    # operation, as adding a column to a table that has one must not change it
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            continue
        if inline and isinstance(constraint, sa.ForeignKeyConstraint):
            continue
        if is_wanted(context.dialect, constraint):
            yield constraint


def _drop_column(context: BuildContext, operation: ops.DropColumnOp) -> StatementIterator:
    column = operation.to_column(context.lookup)
    return context.builder.drop_column(
        context,
        operation.table_name,
        column,
        schema=operation.schema,
        if_exists=operation.if_exists,
        **operation.kw,
    )


def _alter_column(context: BuildContext, operation: ops.AlterColumnOp) -> StatementIterator:
    change = column_change(operation)
    if change.type_ is not None and change.existing_type is not None:
        for constraint in _of_type(context, operation, change.column, change.existing_type):
            yield from context.builder.drop_constraint(context, constraint)
    yield from context.builder.alter_column(context, change)
    if change.type_ is not None:
        now = change.name or change.column
        for constraint in _of_type(context, operation, now, change.type_):
            yield from context.builder.add_constraint(context, constraint)


def _of_type(
    context: BuildContext, operation: ops.AlterColumnOp, name: str, type_: Any
) -> Iterator[sa.Constraint]:
    table = ops.SchemaObjects(context.lookup).table(
        operation.table_name, sa.Column(name, type_), schema=operation.schema
    )
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if is_of_type(constraint) and is_wanted(context.dialect, constraint):
            yield constraint


def _add_constraint(context: BuildContext, operation: ops.AddConstraintOp) -> StatementIterator:
    constraint = operation.to_constraint(context.lookup)
    kind = f"visit_{constraint.__visit_name__}"
    # @compiles stores its compilers on the class
    if not hasattr(context.dialect.ddl_compiler, kind) and not hasattr(
        constraint, "_compiler_dispatcher"
    ):
        raise UnsupportedOperationError(operation)
    return context.builder.add_constraint(context, constraint)


def _drop_constraint(context: BuildContext, operation: ops.DropConstraintOp) -> StatementIterator:
    constraint = ops.SchemaObjects(context.lookup).generic_constraint(
        operation.constraint_name,
        operation.table_name,
        operation.constraint_type,
        schema=operation.schema,
    )
    if constraint.name is None and operation.columns and context.server is None:
        raise ScriptOnlyError(
            f"op.drop_constraint() of {operation.table_name} needs a name in a script: columns "
            "are looked up in the database",
            hint="give the constraint's name, or run the migration without --sql",
        )
    if constraint.name is None and context.server is not None:
        key = table_key(operation.table_name, operation.schema)
        constraint.name = named_on_server(operation, context.lookup.table(key))
    if constraint.name is None and operation.columns and operation.if_exists:
        return iter(())
    return context.builder.drop_constraint(context, constraint, if_exists=operation.if_exists)


def _rename_constraint(
    context: BuildContext, operation: ops.RenameConstraintOp
) -> StatementIterator:
    return context.builder.rename_constraint(
        context,
        operation.table_name,
        operation.old_name,
        operation.new_name,
        schema=operation.schema,
    )


def _create_index(context: BuildContext, operation: ops.CreateIndexOp) -> StatementIterator:
    index = operation.to_index(context.lookup)
    return context.builder.create_index(context, index, if_not_exists=operation.if_not_exists)


def _drop_index(context: BuildContext, operation: ops.DropIndexOp) -> StatementIterator:
    index = operation.to_index(context.lookup)
    return context.builder.drop_index(context, index, if_exists=operation.if_exists)


def _bulk_insert(context: BuildContext, operation: ops.BulkInsertOp) -> StatementIterator:
    return context.builder.bulk_insert(
        context, operation.table, operation.rows, multiinsert=operation.multiinsert
    )


def _execute(context: BuildContext, operation: ops.ExecuteSQLOp) -> StatementIterator:
    return context.builder.execute(context, operation.sqltext, operation.execution_options)


def _rows(_context: BuildContext, operation: ops.ChangeRowsOp) -> StatementIterator:
    return iter(operation.statements)


def _each(context: BuildContext, operation: ops.OpContainer) -> StatementIterator:
    for part in operation.ops:
        yield from context.builder(part, context.lookup)


def _batch(context: BuildContext, operation: ops.BatchAlterTableOp) -> StatementIterator:
    _check_places(context, operation)
    with own_transaction(context.server if operation.ops else None):
        for part in operation.ops:
            yield from context.builder(_typed(context, operation, part), context.lookup)


def _typed(
    context: BuildContext, block: ops.BatchAlterTableOp, part: ops.Operation
) -> ops.Operation:
    """Fill in the type, which may be omitted in a block that copies the table."""
    if context.server is None or block.recreate != "always":
        return part
    if not isinstance(part, ops.AlterColumnOp) or part.existing_type is not None:
        return part
    columns = sa.inspect(context.server).get_columns(block.table_name, schema=block.schema)
    known = copy(part)
    known.existing_type = next(
        (column["type"] for column in columns if column["name"] == part.column_name), None
    )
    return known


def _check_places(context: BuildContext, block: ops.BatchAlterTableOp) -> None:
    placed = [
        part.column.name
        for part in block.ops
        if isinstance(part, ops.AddColumnOp)
        and (part.kw.get("insert_before") or part.kw.get("insert_after"))
    ]
    if not placed:
        return
    what = f"Column {placed[0]} of {block.table_name} cannot be given a place"
    if block.recreate != "always":
        raise DatabaseError(
            f"{what}: {context.dialect.name} alters the table",
            hint="leave insert_before and insert_after out; the column is added at the end",
            code="LB338",
        )
    warnings.warn(
        f"{what}: {context.dialect.name} alters tables in place, also with recreate='always', so "
        "that rows, privileges and foreign keys are kept. The column is added at the end",
        UserWarning,
        stacklevel=2,
    )


@contextmanager
def own_transaction(connection: sa.Connection | None) -> Iterator[None]:
    """Commit after a block if the caller has not begun a transaction."""
    if connection is None or connection.in_transaction():
        yield
        return
    with connection.begin():
        yield


_WRITERS: dict[type, Callable[[BuildContext, Any], Iterator[Any]]] = {
    ops.CreateTableOp: _create_table,
    ops.DropTableOp: _drop_table,
    ops.RenameTableOp: _rename_table,
    ops.CreateTableCommentOp: _create_table_comment,
    ops.DropTableCommentOp: _drop_table_comment,
    ops.AddColumnOp: _add_column,
    ops.DropColumnOp: _drop_column,
    ops.AlterColumnOp: _alter_column,
    ops.AddConstraintOp: _add_constraint,
    ops.DropConstraintOp: _drop_constraint,
    ops.RenameConstraintOp: _rename_constraint,
    ops.CreateIndexOp: _create_index,
    ops.DropIndexOp: _drop_index,
    ops.BulkInsertOp: _bulk_insert,
    ops.ChangeRowsOp: _rows,
    ops.ExecuteSQLOp: _execute,
    ops.OpContainer: _each,
    ops.BatchAlterTableOp: _batch,
}


GENERIC = Statements(handlers=_WRITERS)
