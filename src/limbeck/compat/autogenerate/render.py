"""`alembic.autogenerate.render`: the private names that other packages import."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData
from sqlalchemy.types import TypeEngine

from limbeck import operations as ops
from limbeck.operations import OpContainer
from limbeck.render import (
    RenderContext,
    check_source,
    column_source,
    constraint_source,
    foreign_key_source,
    render_body,
    render_op_text,
    render_python_code,
    renderers,
    server_default_source,
    type_source,
    unique_source,
)
from limbeck.render import render_op as _native_render_op

__all__ = ["render_op", "render_op_text", "render_python_code", "renderers"]


def render_op(autogen_context: RenderContext, op: Any) -> list[str]:
    """Return the source of one operation, as texts of one or several lines."""
    return _native_render_op(autogen_context, op)


# The renderers of the classes. Packages that render their own class, or replace the renderer of
# a class, call these for the part that they do not change.
_add_table = renderers.dispatch(ops.CreateTableOp)
_drop_table = renderers.dispatch(ops.DropTableOp)
_add_column = renderers.dispatch(ops.AddColumnOp)
_drop_column = renderers.dispatch(ops.DropColumnOp)
_alter_column = renderers.dispatch(ops.AlterColumnOp)
_add_index = renderers.dispatch(ops.CreateIndexOp)
_drop_index = renderers.dispatch(ops.DropIndexOp)
_add_unique_constraint = renderers.dispatch(ops.CreateUniqueConstraintOp)
_add_fk_constraint = renderers.dispatch(ops.CreateForeignKeyOp)
_drop_constraint = renderers.dispatch(ops.DropConstraintOp)


def _ident(name: str | None) -> str | None:
    return name if name is None else str(name)


def _render_cmd_body(op_container: OpContainer, autogen_context: RenderContext) -> str:
    return render_body(op_container, autogen_context)


def _render_column(column: Column[Any], autogen_context: RenderContext) -> str:
    return column_source(column, autogen_context) or ""


def _repr_type(
    type_: TypeEngine[Any],
    autogen_context: RenderContext,
    _skip_variants: bool = False,  # noqa: FBT001, FBT002 -- Alembic's signature
) -> str:
    return type_source(type_, autogen_context, skip_variants=_skip_variants)


def _render_server_default(
    default: Any,
    autogen_context: RenderContext,
    repr_: bool = True,  # noqa: FBT001, FBT002 -- Alembic's signature
) -> str | None:
    text = server_default_source(default, autogen_context)
    if repr_ or not isinstance(default, str):
        return text
    return default


def _render_constraint(
    constraint: Any, autogen_context: RenderContext, namespace_metadata: MetaData | None
) -> str | None:
    return constraint_source(constraint, autogen_context, namespace_metadata)


def _render_unique_constraint(
    constraint: Any, autogen_context: RenderContext, namespace_metadata: MetaData | None
) -> str | None:
    return unique_source(constraint, autogen_context, namespace_metadata)


def _render_foreign_key(
    constraint: Any, autogen_context: RenderContext, namespace_metadata: MetaData | None
) -> str | None:
    return foreign_key_source(constraint, autogen_context, namespace_metadata)


def _render_check_constraint(
    constraint: Any, autogen_context: RenderContext, namespace_metadata: MetaData | None
) -> str | None:
    return check_source(constraint, autogen_context, namespace_metadata)
