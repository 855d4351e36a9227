"""Reference rows as Python source: one row a line, values with the imports that they need."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid
from collections.abc import Mapping
from typing import Any

from limbeck import operations as ops
from limbeck.errors import DraftError
from limbeck.render.context import RenderContext
from limbeck.render.literals import plain
from limbeck.render.registry import renderers

_INDENT = "    "
_PLAIN = (int, bool, bytes, type(None))


@renderers.dispatch_for(ops.InsertRowsOp)
def insert_rows(ctx: RenderContext, op: ops.InsertRowsOp) -> str:
    """Print `op.insert_rows(...)`."""
    return _directive(ctx, "insert_rows", op)


@renderers.dispatch_for(ops.UpdateRowsOp)
def update_rows(ctx: RenderContext, op: ops.UpdateRowsOp) -> str:
    """Print `op.update_rows(...)`."""
    return _directive(ctx, "update_rows", op, f"{_INDENT}key={[str(name) for name in op.key]!r},\n")


@renderers.dispatch_for(ops.DeleteRowsOp)
def delete_rows(ctx: RenderContext, op: ops.DeleteRowsOp) -> str:
    """Print `op.delete_rows(...)`."""
    return _directive(ctx, "delete_rows", op)


def _directive(ctx: RenderContext, name: str, op: ops.ReferenceRowsOp, tail: str = "") -> str:
    if not op.rows:
        return ""
    rows = "".join(f"{_INDENT}{_INDENT}{_source(row, ctx, op)},\n" for row in op.rows)
    if op.schema:
        tail += f"{_INDENT}schema={plain(op.schema)},\n"
    head = f"{ctx.op_prefix}{name}(\n{_INDENT}{plain(op.table_name)},\n"
    return f"{head}{_INDENT}[\n{rows}{_INDENT}],\n{tail})"


def _source(value: Any, ctx: RenderContext, op: ops.ReferenceRowsOp) -> str:  # noqa: PLR0911 -- a table of cases
    match value:
        case str():
            return plain(value)
        case dt.date() | dt.time() | dt.timedelta():  # a datetime is a date
            ctx.imports.add("import datetime")
            return _with_zone(value)
        case decimal.Decimal():
            ctx.imports.add("import decimal")
            return f"decimal.{value!r}"
        case uuid.UUID():
            ctx.imports.add("import uuid")
            return f"uuid.{value!r}"
        case float() if math.isfinite(value):
            return repr(value)
        case Mapping():
            pairs = (f"{_source(k, ctx, op)}: {_source(v, ctx, op)}" for k, v in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list() | tuple():
            return f"[{', '.join(_source(one, ctx, op) for one in value)}]"
        case _ if type(value) in _PLAIN:
            return repr(value)
        case _:
            raise DraftError(
                f"A row of table {op.table_name!r} holds {value!r}, which cannot be written as "
                "Python source",
                hint="write the change by hand",
                code="LB423",
            )


def _with_zone(value: Any) -> str:
    zone = getattr(value, "tzinfo", None)
    if zone is None or isinstance(zone, dt.timezone):
        return repr(value)
    offset = value.utcoffset()
    return repr(value.replace(tzinfo=dt.timezone(offset)))
