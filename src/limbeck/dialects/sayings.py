"""Operations taken apart: which functions of a dialect's record say each of them."""

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
from limbeck.dialects.ddl_builder import Stage, Statements, Unsayable, of_operation
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.dialects.dialect import Sent

    Said = Iterator[Executable | Sent]


def _create_table(stage: Stage, operation: ops.CreateTableOp) -> Said:
    table = operation.to_table(stage.look)
    return stage.say.create_table(stage, table, if_not_exists=operation.if_not_exists)


def _drop_table(stage: Stage, operation: ops.DropTableOp) -> Said:
    table = operation.to_table(stage.look)
    return stage.say.drop_table(stage, table, if_exists=operation.if_exists)


def _rename_table(stage: Stage, operation: ops.RenameTableOp) -> Said:
    return stage.say.rename_table(
        stage, operation.table_name, operation.new_table_name, schema=operation.schema
    )


def _create_table_comment(stage: Stage, operation: ops.CreateTableCommentOp) -> Said:
    return stage.say.table_comment(stage, operation.to_table(stage.look))


def _drop_table_comment(stage: Stage, operation: ops.DropTableCommentOp) -> Said:
    return stage.say.drop_table_comment(stage, operation.to_table(stage.look))


def _add_column(stage: Stage, operation: ops.AddColumnOp) -> Said:
    column = operation.column
    if getattr(column, "table", None) is not None:
        column = column._copy()
    compiles = stage.dialect.ddl_compiler.__module__
    alone = stage.say.adds_columns_alone and compiles.startswith("sqlalchemy.")
    if alone and _is_plain(column):
        yield from stage.say.add_column(
            stage,
            operation.table_name,
            column,
            schema=operation.schema,
            if_not_exists=operation.if_not_exists,
        )
        return
    table = ops.SchemaObjects(stage.look).table(
        operation.table_name, column, schema=operation.schema
    )
    inline = (
        operation.inline_references
        and stage.say.takes_inline_references
        and len(column.foreign_keys) == 1
    )
    yield from stage.say.add_column(
        stage,
        operation.table_name,
        column,
        schema=operation.schema,
        if_not_exists=operation.if_not_exists,
        inline_references=inline or None,
        inline_primary_key=operation.inline_primary_key,
    )
    for constraint in _separate(stage, table, inline=bool(inline)):
        yield from stage.say.add_constraint(stage, constraint)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield from stage.say.create_index(stage, index)
    has_words = stage.dialect.supports_comments and not stage.dialect.inline_comments
    if column.comment is not None and has_words:
        yield from stage.say.column_comment(stage, column)


def _is_plain(column: sa.Column[Any]) -> bool:
    """True for a column that says all there is to say by itself: making a table takes long."""
    says_more = (
        column.primary_key or column.unique or column.index or column.foreign_keys
        or column.constraints or column.comment is not None or column.default is not None
        or isinstance(column.type, SchemaEventTarget)
        or not isinstance(column.server_default, sa.DefaultClause | None)
    )  # fmt: skip
    listeners = column.dispatch
    return not (says_more or listeners.before_parent_attach or listeners.after_parent_attach)


def _separate(stage: Stage, table: Table, *, inline: bool) -> Iterator[sa.Constraint]:
    # a key of one column may stand on the column itself; a primary key comes with its own
    # operation, as adding a column to a table that has one must not touch it
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            continue
        if inline and isinstance(constraint, sa.ForeignKeyConstraint):
            continue
        if is_wanted(stage.dialect, constraint):
            yield constraint


def _drop_column(stage: Stage, operation: ops.DropColumnOp) -> Said:
    column = operation.to_column(stage.look)
    return stage.say.drop_column(
        stage,
        operation.table_name,
        column,
        schema=operation.schema,
        if_exists=operation.if_exists,
        **operation.kw,
    )


def _alter_column(stage: Stage, operation: ops.AlterColumnOp) -> Said:
    asked = of_operation(operation)
    if asked.type_ is not None and asked.existing_type is not None:
        for constraint in _of_type(stage, operation, asked.column, asked.existing_type):
            yield from stage.say.drop_constraint(stage, constraint)
    yield from stage.say.alter_column(stage, asked)
    if asked.type_ is not None:
        now = asked.name or asked.column
        for constraint in _of_type(stage, operation, now, asked.type_):
            yield from stage.say.add_constraint(stage, constraint)


def _of_type(
    stage: Stage, operation: ops.AlterColumnOp, name: str, type_: Any
) -> Iterator[sa.Constraint]:
    table = ops.SchemaObjects(stage.look).table(
        operation.table_name, sa.Column(name, type_), schema=operation.schema
    )
    for constraint in sorted(table.constraints, key=lambda each: str(each.name)):
        if is_of_type(constraint) and is_wanted(stage.dialect, constraint):
            yield constraint


def _add_constraint(stage: Stage, operation: ops.AddConstraintOp) -> Said:
    constraint = operation.to_constraint(stage.look)
    kind = f"visit_{constraint.__visit_name__}"
    # what @compiles has taught to a class stands on the class itself
    if not hasattr(stage.dialect.ddl_compiler, kind) and not hasattr(
        constraint, "_compiler_dispatcher"
    ):
        raise Unsayable(operation)
    return stage.say.add_constraint(stage, constraint)


def _drop_constraint(stage: Stage, operation: ops.DropConstraintOp) -> Said:
    constraint = ops.SchemaObjects(stage.look).generic_constraint(
        operation.constraint_name,
        operation.table_name,
        operation.constraint_type,
        schema=operation.schema,
    )
    if constraint.name is None and stage.server is not None:
        key = table_key(operation.table_name, operation.schema)
        constraint.name = named_on_server(operation, stage.look.table(key))
    return stage.say.drop_constraint(stage, constraint, if_exists=operation.if_exists)


def _rename_constraint(stage: Stage, operation: ops.RenameConstraintOp) -> Said:
    return stage.say.rename_constraint(
        stage,
        operation.table_name,
        operation.old_name,
        operation.new_name,
        schema=operation.schema,
    )


def _create_index(stage: Stage, operation: ops.CreateIndexOp) -> Said:
    index = operation.to_index(stage.look)
    return stage.say.create_index(stage, index, if_not_exists=operation.if_not_exists)


def _drop_index(stage: Stage, operation: ops.DropIndexOp) -> Said:
    index = operation.to_index(stage.look)
    return stage.say.drop_index(stage, index, if_exists=operation.if_exists)


def _bulk_insert(stage: Stage, operation: ops.BulkInsertOp) -> Said:
    return stage.say.bulk_insert(
        stage, operation.table, operation.rows, multiinsert=operation.multiinsert
    )


def _execute(stage: Stage, operation: ops.ExecuteSQLOp) -> Said:
    return stage.say.execute(stage, operation.sqltext, operation.execution_options)


def _each(stage: Stage, operation: ops.OpContainer) -> Said:
    for part in operation.ops:
        yield from stage.say(part, stage.look)


def _batch(stage: Stage, operation: ops.BatchAlterTableOp) -> Said:
    _check_places(stage, operation)
    with own_transaction(stage.server if operation.ops else None):
        for part in operation.ops:
            yield from stage.say(_typed(stage, operation, part), stage.look)


def _typed(stage: Stage, block: ops.BatchAlterTableOp, part: ops.Operation) -> ops.Operation:
    """Fill in the type that a block which asks for a copy need not name."""
    if stage.server is None or block.recreate != "always":
        return part
    if not isinstance(part, ops.AlterColumnOp) or part.existing_type is not None:
        return part
    columns = sa.inspect(stage.server).get_columns(block.table_name, schema=block.schema)
    known = copy(part)
    known.existing_type = next(
        (column["type"] for column in columns if column["name"] == part.column_name), None
    )
    return known


def _check_places(stage: Stage, block: ops.BatchAlterTableOp) -> None:
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
            f"{what}: {stage.dialect.name} alters the table",
            hint="leave insert_before and insert_after out; the column comes last",
            code="LB338",
        )
    warnings.warn(
        f"{what}: {stage.dialect.name} alters tables in place, also with recreate='always', so "
        "that rows, rights and foreign keys stay. The column comes last",
        UserWarning,
        stacklevel=2,
    )


@contextmanager
def own_transaction(connection: sa.Connection | None) -> Iterator[None]:
    """Commit a block where the caller has begun nothing."""
    if connection is None or connection.in_transaction():
        yield
        return
    with connection.begin():
        yield


_WRITERS: dict[type, Callable[[Stage, Any], Iterator[Any]]] = {
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
    ops.ExecuteSQLOp: _execute,
    ops.OpContainer: _each,
    ops.BatchAlterTableOp: _batch,
}


GENERIC = Statements(own=_WRITERS)
