"""Operations on schemas, sequences and enum types as Python source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.render.literals import plain
from limbeck.render.registry import renderers
from limbeck.render.types import keywords

if TYPE_CHECKING:
    from limbeck.render.context import RenderContext


def _printed(ctx: RenderContext, word: str, positional: list[Any], options: dict[str, Any]) -> str:
    given = {key: value for key, value in options.items() if value is not None}
    shown = [plain(value) for value in positional] + keywords(given, ctx)
    return f"{ctx.op_prefix}{word}({', '.join(shown)})"


@renderers.dispatch_for(ops.CreateSchemaOp)
def create_schema(ctx: RenderContext, op: ops.CreateSchemaOp) -> str:
    """Print `op.create_schema(...)`."""
    return _printed(ctx, "create_schema", [op.schema_name], {"if_not_exists": op.if_not_exists})


@renderers.dispatch_for(ops.DropSchemaOp)
def drop_schema(ctx: RenderContext, op: ops.DropSchemaOp) -> str:
    """Print `op.drop_schema(...)`."""
    options = {"if_exists": op.if_exists, "cascade": op.cascade or None}
    return _printed(ctx, "drop_schema", [op.schema_name], options)


@renderers.dispatch_for(ops.CreateSequenceOp)
def create_sequence(ctx: RenderContext, op: ops.CreateSequenceOp) -> str:
    """Print `op.create_sequence(...)`."""
    options = {"schema": op.schema, "if_not_exists": op.if_not_exists, **op.options}
    return _printed(ctx, "create_sequence", [op.sequence_name], options)


@renderers.dispatch_for(ops.DropSequenceOp)
def drop_sequence(ctx: RenderContext, op: ops.DropSequenceOp) -> str:
    """Print `op.drop_sequence(...)`."""
    options = {"schema": op.schema, "if_exists": op.if_exists}
    return _printed(ctx, "drop_sequence", [op.sequence_name], options)


@renderers.dispatch_for(ops.AlterSequenceOp)
def alter_sequence(ctx: RenderContext, op: ops.AlterSequenceOp) -> str:
    """Print `op.alter_sequence(...)`; an option that is None is one that goes."""
    first = {"schema": op.schema, "new_name": op.new_name, "existing": op.existing or None}
    given = {key: value for key, value in first.items() if value is not None}
    shown = [plain(op.sequence_name), *keywords({**given, **op.options}, ctx)]
    return f"{ctx.op_prefix}alter_sequence({', '.join(shown)})"


@renderers.dispatch_for(ops.CreateEnumOp)
def create_enum(ctx: RenderContext, op: ops.CreateEnumOp) -> str:
    """Print `op.create_enum(...)`."""
    options = {"schema": op.schema, "if_not_exists": op.if_not_exists}
    return _printed(ctx, "create_enum", [op.enum_name, op.values], options)


@renderers.dispatch_for(ops.DropEnumOp)
def drop_enum(ctx: RenderContext, op: ops.DropEnumOp) -> str:
    """Print `op.drop_enum(...)`."""
    positional = (
        [op.enum_name] if op.existing_values is None else [op.enum_name, op.existing_values]
    )
    return _printed(ctx, "drop_enum", positional, {"schema": op.schema, "if_exists": op.if_exists})


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
    return _printed(ctx, "alter_enum", [op.enum_name, op.values], options)
