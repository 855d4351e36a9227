"""Render operations that only PostgreSQL supports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from limbeck.dialects.postgresql.exclude_constraint import CreateExcludeConstraintOp
from limbeck.render import renderers, sql_of, text_source, value_source

if TYPE_CHECKING:
    from limbeck.render import RenderContext


@renderers.dispatch_for(CreateExcludeConstraintOp)
def create_exclude_constraint(ctx: RenderContext, op: CreateExcludeConstraintOp) -> str:
    """Print `op.create_exclude_constraint(...)`."""
    constraint = op.to_constraint(ctx.migration_context)
    arguments = [repr(str(op.constraint_name)) if op.constraint_name else "None"]
    if not ctx.in_batch:
        arguments.append(repr(str(op.table_name)))
    arguments += [
        f"({_member(ctx, element, name)}, {operator!r})"
        for element, name, operator in constraint._render_exprs
    ]
    if constraint.where is not None:
        arguments.append(f"where={text_source(sql_of(constraint.where, ctx), ctx)}")
    if op.schema and not ctx.in_batch:
        arguments.append(f"schema={op.schema!r}")
    for word in ("deferrable", "initially", "using"):
        value = getattr(constraint, word)
        if value:
            arguments.append(
                f"{word}={str(value)!r}" if word != "deferrable" else "deferrable=True"
            )
    if constraint.ops:
        arguments.append(f"ops={value_source(dict(constraint.ops), ctx)}")
    return f"{ctx.op_prefix}create_exclude_constraint({', '.join(arguments)})"


def _member(ctx: RenderContext, element: Any, name: Any) -> str:
    if isinstance(element, sa.Column | str | quoted_name):
        return f"{ctx.sa_prefix}column({str(getattr(element, 'name', None) or name or element)!r})"
    if isinstance(element, sa.sql.elements.ColumnClause) and not element.is_literal:
        return f"{ctx.sa_prefix}column({str(element.name)!r})"
    return text_source(sql_of(element, ctx), ctx)
