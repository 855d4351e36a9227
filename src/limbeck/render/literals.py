"""Render names, SQL expressions and plain values as Python source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import DefaultClause, TextClause
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.elements import conv, quoted_name

if TYPE_CHECKING:
    from limbeck.render.context import RenderContext

# The pattern by which SQLAlchemy's text() finds bound parameters.
_BIND = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


def name_source(name: Any, ctx: RenderContext) -> str:
    """Render a name; a name from a naming convention is wrapped in `op.f()`."""
    if isinstance(name, conv):
        return f"{ctx.op_prefix}f({str(name)!r})"
    return plain(name)


def plain(name: Any) -> str:
    """Render a string without the markers that SQLAlchemy adds."""
    return repr(str(name)) if isinstance(name, quoted_name) else repr(name)


def names(columns: Iterable[Any]) -> str:
    """Render a list of column names."""
    return f"[{', '.join(plain(_column_name(column)) for column in columns)}]"


def _column_name(column: Any) -> Any:
    return column if isinstance(column, str) else column.name


def sql_of(
    expression: Any, ctx: RenderContext, *, server_default: bool = False, index: bool = False
) -> str:
    """Return the text of an SQL expression with literal values."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, DefaultClause):
        return sql_of(expression.arg, ctx, server_default=server_default)
    if isinstance(expression, TextClause) and not expression._bindparams:
        return expression.text.replace("\\:", ":")
    impl: Any = getattr(ctx.migration_context, "impl", None)
    if hasattr(impl, "render_ddl_sql_expr"):
        keywords = {"is_index": True} if index else {}
        return str(
            impl.render_ddl_sql_expr(expression, is_server_default=server_default, **keywords)
        )
    dialect = ctx.dialect or DefaultDialect()
    options = {"literal_binds": True, "include_table": False}
    text = str(expression.compile(dialect=dialect, compile_kwargs=options))
    return text.replace("%%", "%") if dialect.identifier_preparer._double_percents else text


def text_source(sql: str, ctx: RenderContext) -> str:
    """Render SQL as `sa.text(...)`, with colons escaped so that they are not parameters."""
    return f"{ctx.sa_prefix}text({escaped(sql)!r})"


def escaped(sql: str) -> str:
    r"""Write `\:` for colons that SQLAlchemy would read as a bound parameter."""
    return _BIND.sub(r"\\:", sql)


def literal_source(value: Any, ctx: RenderContext) -> str:  # noqa: PLR0911 -- a table of cases
    """Render a plain Python value, and record the import that it needs.

    Raises:
        ValueError: values of this type cannot be rendered.
    """
    import datetime as dt  # imported here because few drafts have rows
    import decimal
    import math
    import uuid

    match value:
        case str():
            return plain(value)
        case dt.date() | dt.time() | dt.timedelta():  # includes datetime
            ctx.imports.add("import datetime")
            return repr(value)
        case decimal.Decimal():
            ctx.imports.add("import decimal")
            return f"decimal.{value!r}"
        case uuid.UUID():
            ctx.imports.add("import uuid")
            return f"uuid.{value!r}"
        case float() if math.isfinite(value):
            return repr(value)
        case Mapping():
            pairs = (
                f"{literal_source(k, ctx)}: {literal_source(v, ctx)}" for k, v in value.items()
            )
            return "{" + ", ".join(pairs) + "}"
        case list() | tuple():
            return f"[{', '.join(literal_source(item, ctx) for item in value)}]"
        case _ if type(value) in {int, bool, bytes, type(None)}:
            return repr(value)
        case _:
            raise ValueError(value)
