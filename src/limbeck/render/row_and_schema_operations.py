"""Render operations on rows, schemas, sequences and types as Python source."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import NullType

from limbeck import operations as ops
from limbeck.errors import DraftError
from limbeck.render.context import renderers
from limbeck.render.types import keywords, literal_source, plain, sql_of, type_source

if TYPE_CHECKING:
    from limbeck.render.context import RenderContext

_INDENT = " " * 4


# ── rows ──────────────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.BulkInsertOp)
def bulk_insert(ctx: RenderContext, op: ops.BulkInsertOp) -> str:
    """Print `op.bulk_insert(...)` of plain values, one row per line."""
    columns = [
        f"{ctx.sa_prefix}column({plain(column.name)}{_typed(column.type, ctx)})"
        for column in op.table.columns
    ]
    table = [plain(op.table.name), *columns]
    if getattr(op.table, "schema", None):
        table.append(f"schema={plain(op.table.schema)}")
    if not all(_is_plain(value) for row in op.rows for value in row.values()):
        raise DraftError(
            f"Rows of table {op.table.name!r} contain values that cannot be written as Python "
            "source",
            hint="write the insert by hand",
            code="LB423",
        )
    rows = "".join(f"{_INDENT}{_INDENT}{row!r},\n" for row in op.rows)
    tail = "" if op.multiinsert else f"{_INDENT}multiinsert=False,\n"
    head = f"{_INDENT}{ctx.sa_prefix}table({', '.join(table)}),\n"
    return f"{ctx.op_prefix}bulk_insert(\n{head}{_INDENT}[\n{rows}{_INDENT}],\n{tail})"


def _typed(type_: Any, ctx: RenderContext) -> str:
    # the columns of `sa.table()` do not require a type
    return "" if isinstance(type_, NullType) else f", {type_source(type_, ctx)}"


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool, bytes))


def _rows_source(ctx: RenderContext, name: str, op: ops.ReferenceRowsOp, tail: str = "") -> str:
    if not op.rows:
        return ""
    try:
        rows = [f"{_INDENT}{_INDENT}{literal_source(row, ctx)},\n" for row in op.rows]
    except ValueError as error:
        raise DraftError(
            f"A row of table {op.table_name!r} contains {error.args[0]!r}, which cannot be written "
            "as Python source",
            hint="write the change by hand",
            code="LB423",
        ) from None
    if op.schema:
        tail += f"{_INDENT}schema={plain(op.schema)},\n"
    head = f"{ctx.op_prefix}{name}(\n{_INDENT}{plain(op.table_name)},\n"
    return f"{head}{_INDENT}[\n{''.join(rows)}{_INDENT}],\n{tail})"


@renderers.dispatch_for(ops.InsertRowsOp)
def insert_rows(ctx: RenderContext, op: ops.InsertRowsOp) -> str:
    """Print `op.insert_rows(...)`, one row per line."""
    return _rows_source(ctx, "insert_rows", op)


@renderers.dispatch_for(ops.UpdateRowsOp)
def update_rows(ctx: RenderContext, op: ops.UpdateRowsOp) -> str:
    """Print `op.update_rows(...)`."""
    key = f"{_INDENT}key={[str(name) for name in op.key]!r},\n"
    return _rows_source(ctx, "update_rows", op, key)


@renderers.dispatch_for(ops.DeleteRowsOp)
def delete_rows(ctx: RenderContext, op: ops.DeleteRowsOp) -> str:
    """Print `op.delete_rows(...)`."""
    return _rows_source(ctx, "delete_rows", op)


@renderers.dispatch_for(ops.BackfillOp)
def backfill(ctx: RenderContext, op: ops.BackfillOp) -> str:
    """Print `op.backfill(...)`, with SQLAlchemy expressions as SQL text."""
    values = [
        f"{plain(name)}: {_assigned(ctx, op, name, value)}"
        for name, value in op.assignments.items()
    ]
    arguments = [plain(op.table_name), f"{{{', '.join(values)}}}"]
    if op.where is not None:
        arguments.append(f"where={sql_of(op.where, ctx)!r}")
    if op.schema:
        arguments.append(f"schema={plain(op.schema)}")
    defaults = signature(ops.BackfillOp).parameters
    given = {name: getattr(op, name) for name in ("batch", "seconds", "pause", "max_lag")}
    arguments += [
        f"{name}={value!r}" for name, value in given.items() if value != defaults[name].default
    ]
    return f"{ctx.op_prefix}backfill({', '.join(arguments)})"


def _assigned(ctx: RenderContext, op: ops.BackfillOp, name: str, value: Any) -> str:
    """Print the new value of a column.

    Raises:
        DraftError: the value is not SQL and cannot be written as Python source.
    """
    table = op.table
    if not isinstance(table, str) and not isinstance(value, (str, ClauseElement)):
        # render the value as the type of the column does
        value = literal(value, table.columns[name].type)
    if isinstance(value, (str, ClauseElement)):
        return repr(sql_of(value, ctx))
    try:
        return literal_source(value, ctx)
    except ValueError:
        raise DraftError(
            f"op.backfill() of {op.full_name} sets {name} to {value!r}, which cannot be written as "
            "Python source",
            hint="Give an SQLAlchemy expression or SQL text.",
            code="LB423",
        ) from None


# ── schemas, sequences, enum types ────────────────────────────────────────


def _directive(
    ctx: RenderContext, word: str, positional: list[Any], options: dict[str, Any]
) -> str:
    given = {key: value for key, value in options.items() if value is not None}
    shown = [plain(value) for value in positional] + keywords(given, ctx)
    return f"{ctx.op_prefix}{word}({', '.join(shown)})"


@renderers.dispatch_for(ops.MoveTableOp)
def move_table(ctx: RenderContext, op: ops.MoveTableOp) -> str:
    """Print `op.move_table(...)`."""
    options = {"schema": op.schema, "new_table_name": op.new_table_name}
    return _directive(ctx, "move_table", [op.table_name, op.new_schema], options)


@renderers.dispatch_for(ops.CreateSchemaOp)
def create_schema(ctx: RenderContext, op: ops.CreateSchemaOp) -> str:
    """Print `op.create_schema(...)`."""
    return _directive(ctx, "create_schema", [op.schema_name], {"if_not_exists": op.if_not_exists})


@renderers.dispatch_for(ops.DropSchemaOp)
def drop_schema(ctx: RenderContext, op: ops.DropSchemaOp) -> str:
    """Print `op.drop_schema(...)`."""
    options = {"if_exists": op.if_exists, "cascade": op.cascade or None}
    return _directive(ctx, "drop_schema", [op.schema_name], options)


@renderers.dispatch_for(ops.CreateSequenceOp)
def create_sequence(ctx: RenderContext, op: ops.CreateSequenceOp) -> str:
    """Print `op.create_sequence(...)`."""
    options = {"schema": op.schema, "if_not_exists": op.if_not_exists, **op.options}
    return _directive(ctx, "create_sequence", [op.sequence_name], options)


@renderers.dispatch_for(ops.DropSequenceOp)
def drop_sequence(ctx: RenderContext, op: ops.DropSequenceOp) -> str:
    """Print `op.drop_sequence(...)`."""
    options = {"schema": op.schema, "if_exists": op.if_exists}
    return _directive(ctx, "drop_sequence", [op.sequence_name], options)


@renderers.dispatch_for(ops.AlterSequenceOp)
def alter_sequence(ctx: RenderContext, op: ops.AlterSequenceOp) -> str:
    """Print `op.alter_sequence(...)`; an option that is None is removed."""
    first = {"schema": op.schema, "new_name": op.new_name, "existing": op.existing or None}
    given = {key: value for key, value in first.items() if value is not None}
    shown = [plain(op.sequence_name), *keywords({**given, **op.options}, ctx)]
    return f"{ctx.op_prefix}alter_sequence({', '.join(shown)})"


@renderers.dispatch_for(ops.CreateEnumOp)
def create_enum(ctx: RenderContext, op: ops.CreateEnumOp) -> str:
    """Print `op.create_enum(...)`."""
    options = {"schema": op.schema, "if_not_exists": op.if_not_exists}
    return _directive(ctx, "create_enum", [op.enum_name, op.values], options)


@renderers.dispatch_for(ops.DropEnumOp)
def drop_enum(ctx: RenderContext, op: ops.DropEnumOp) -> str:
    """Print `op.drop_enum(...)`."""
    positional = (
        [op.enum_name] if op.existing_values is None else [op.enum_name, op.existing_values]
    )
    return _directive(
        ctx, "drop_enum", positional, {"schema": op.schema, "if_exists": op.if_exists}
    )


@renderers.dispatch_for(ops.AlterEnumOp)
def alter_enum(ctx: RenderContext, op: ops.AlterEnumOp) -> str:
    """Print `op.alter_enum(...)`."""
    options = {
        "existing_values": op.existing_values,
        "schema": op.schema,
        "new_name": op.new_name,
        "renames": op.renames or None,
        "replacements": op.replacements or None,
    }
    return _directive(ctx, "alter_enum", [op.enum_name, op.values], options)


@renderers.dispatch_for(ops.AlterDomainOp)
def alter_domain(ctx: RenderContext, op: ops.AlterDomainOp) -> str:
    """Print `op.alter_domain(...)`."""
    options = {
        "existing_type": op.existing_type,
        "existing_options": op.existing_options or None,
        "schema": op.schema,
    }
    positional = [op.domain_name, op.type_, *([op.options] if op.options else [])]
    return _directive(ctx, "alter_domain", positional, options)
