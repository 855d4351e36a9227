"""Render names, SQL expressions, types and option values as Python source."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, DefaultClause, TextClause
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.elements import ClauseElement, conv, quoted_name
from sqlalchemy.types import TypeDecorator, TypeEngine

from limbeck.sqlalchemy_io import ServerType

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


# ── types ─────────────────────────────────────────────────────────────────

_DIALECTS = "sqlalchemy.dialects."
# Modules that exist only during a run, so that a revision file cannot import them.
_NOT_IMPORTABLE = frozenset({"__main__", "env_py", "builtins"})


def type_source(type_: TypeEngine[Any], ctx: RenderContext, *, skip_variants: bool = False) -> str:
    """Print a type: by the user's hook, by a third-party dialect's hook, or from its arguments."""
    by_user = ctx.rendered_by_user("type", type_)
    if by_user is not False:
        return str(by_user)
    impl: Any = getattr(ctx.migration_context, "impl", None)
    if hasattr(impl, "render_type"):
        by_impl = impl.render_type(type_, ctx)
        if by_impl:
            return str(by_impl)
    variants = getattr(type_, "_variant_mapping", None)
    if ctx.without_create_type is not None and not variants:
        type_ = ctx.without_create_type(type_)
    if not variants or skip_variants:
        return _prefix(type_, ctx) + _call(type_, ctx)
    base = _without_variants(type_)
    text = _prefix(base, ctx) + _call(base, ctx)
    for dialect_name, variant in variants.items():
        text += f".with_variant({type_source(variant, ctx)}, {dialect_name!r})"
    return text


def _without_variants(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    twin = type_.__class__.__new__(type_.__class__)
    twin.__dict__.update(type_.__dict__)
    twin.__dict__["_variant_mapping"] = {}
    return twin


def _prefix(type_: TypeEngine[Any], ctx: RenderContext) -> str:
    module = type(type_).__module__
    if module.startswith(_DIALECTS):
        dialect = module[len(_DIALECTS) :].split(".")[0]
        ctx.imports.add(f"from sqlalchemy.dialects import {dialect}")
        return f"{dialect}."
    if module == "sqlalchemy" or module.startswith("sqlalchemy."):
        return ctx.sa_prefix
    if isinstance(type_, ServerType):
        ctx.imports.add("from limbeck.declare import ServerType")
        return ""
    by_option: str | None = ctx.opts.get("user_module_prefix")
    if by_option is not None:
        return by_option
    if module.split(".")[0] not in _NOT_IMPORTABLE:
        ctx.imports.add(f"import {module}")
    return f"{module}."


def _call(type_: TypeEngine[Any], ctx: RenderContext) -> str:
    looks = _cache_key(type_)
    known = ctx.type_calls.get(looks) if looks is not None else None
    if known is not None:
        return known
    text = _written_call(type_, ctx)
    if looks is not None:
        ctx.type_calls[looks] = text
    return text


def _cache_key(type_: TypeEngine[Any]) -> tuple[Any, ...] | None:
    """Return a key that is equal for types with the same source; None if there is none.

    SQLAlchemy inspects the signature of a type's constructor each time the type is rendered,
    and models have many columns of few types.
    """
    cls = type(type_)
    if not cls.__module__.startswith("sqlalchemy."):
        return None
    key: list[Any] = [cls]
    for word, value in vars(type_).items():
        if value is None or type(value) in _PLAIN:
            # True and 1 are equal but rendered differently
            key.append((word, value, type(value)))
        elif word[0] != "_":
            return None
    return tuple(key)


_PLAIN = frozenset({bool, int, str})


# a private argument that SQLAlchemy sets where it converts sa.Enum
_PRIVATE_END = ", _create_events=False)"


def _written_call(type_: TypeEngine[Any], ctx: RenderContext) -> str:
    if hasattr(type_, "DDLGenerator") and hasattr(type_, "data_type"):
        return _domain_call(type_, ctx)
    text = repr(type_)
    if text.count("(") > 1:
        text = _with_inner_objects(type_, text, ctx)
    if isinstance(type_, TypeDecorator):
        return _decorator_call(type_, text, ctx)
    if text.endswith(_PRIVATE_END):
        text = f"{text.removesuffix(_PRIVATE_END)})"
    if getattr(type_, "create_type", True) is False and "create_type=" not in text:
        # the repr of SQLAlchemy 2.0 leaves it out
        text = f"{text.removesuffix(')')}, create_type=False)"
    return text


_DOMAIN_WORDS = (
    "collation",
    "collation_schema",
    "default",
    "constraint_name",
    "not_null",
    "check",
    "schema",
)


def _domain_call(type_: Any, ctx: RenderContext) -> str:
    """Print a domain, whose repr omits the check."""
    arguments = [repr(str(type_.name)), type_source(type_.data_type, ctx)]
    for word in _DOMAIN_WORDS:
        value = getattr(type_, word, None)
        if isinstance(value, ClauseElement) and word == "check":
            value = sql_of(value, ctx)
        if value is not None and value is not False:
            arguments.append(f"{word}={value_source(value, ctx)}")
    if not getattr(type_, "create_type", True):
        arguments.append("create_type=False")
    return f"{type(type_).__name__}({', '.join(arguments)})"


def _with_inner_objects(type_: TypeEngine[Any], text: str, ctx: RenderContext) -> str:
    """Replace types and expressions within the repr of a type by limbeck's source for them."""
    known = {
        repr(value): value
        for value in vars(type_).values()
        if isinstance(value, (TypeEngine, ClauseElement))
    }
    try:
        call = ast.parse(text, mode="eval").body
    except SyntaxError:
        return _replaced_as_text(text, known, ctx)
    if not isinstance(call, ast.Call):
        return text
    raw = text.encode()
    named = {id(k.value): getattr(type_, k.arg or "", None) for k in call.keywords}
    values = [*call.args, *(k.value for k in call.keywords)]
    for node in sorted(values, key=lambda value: value.col_offset, reverse=True):
        start, end = node.col_offset, node.end_col_offset or node.col_offset
        shown = raw[start:end].decode()
        value = known.get(shown, named.get(id(node)))
        if isinstance(value, (TypeEngine, ClauseElement)) and repr(value) == shown:
            raw = raw[:start] + value_source(value, ctx).encode() + raw[end:]
    return raw.decode()


def _replaced_as_text(text: str, known: dict[str, Any], ctx: RenderContext) -> str:
    for shown, value in known.items():
        text = text.replace(f"={shown}", f"={value_source(value, ctx)}")
    return text


def _decorator_call(type_: TypeDecorator[Any], text: str, ctx: RenderContext) -> str:
    """Render all arguments that the decorator's constructor accepts and stores, and no others.

    A decorator's repr shows the arguments of the wrapped type: `Code(length=5)` even if the
    constructor of `Code` has no length.
    """
    cls = type(type_)
    if cls.__init__ is TypeDecorator.__init__:
        return text
    try:
        call = ast.parse(text, mode="eval").body
        parameters = inspect.signature(cls.__init__).parameters
    except (SyntaxError, ValueError):
        return text
    if not isinstance(call, ast.Call):
        return text
    own = [p for p in list(parameters.values())[1:] if p.kind in _NAMED]
    kinds = {p.kind for p in parameters.values()}
    raw = text.encode()
    shown: list[tuple[str | None, str]] = [(None, _segment(raw, arg)) for arg in call.args]
    shown += [(k.arg, _segment(raw, k.value)) for k in call.keywords]
    taken = {p.name for p in own}
    if inspect.Parameter.VAR_KEYWORD not in kinds:
        limit = len(own) if inspect.Parameter.VAR_POSITIONAL not in kinds else len(shown)
        shown = [s for i, s in enumerate(shown) if (i < limit if s[0] is None else s[0] in taken)]
    passed = {name for name, _ in shown} | {p.name for p in own[: len(call.args)]}
    for parameter in own:
        value = getattr(type_, parameter.name, parameter.default)
        if parameter.name in passed or parameter.name == "impl":
            continue
        if not _worth_naming(value, parameter.default):
            continue
        shown.append((parameter.name, value_source(value, ctx)))
    body = ", ".join(value if name is None else f"{name}={value}" for name, value in shown)
    return f"{cls.__name__}({body})"


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _segment(raw: bytes, node: ast.expr) -> str:
    return raw[node.col_offset : node.end_col_offset].decode()


def _worth_naming(value: object, default: object) -> bool:
    if value is default or value == default:
        return False
    return isinstance(value, (str, int, float, bool, list, tuple, TypeEngine, type(None)))


def value_source(value: Any, ctx: RenderContext) -> str:  # noqa: PLR0911 -- a table of cases
    """Print an option's value: plain Python values, column names, SQL, types."""
    match value:
        case Column():
            return plain(value.name)
        case TypeEngine():
            return type_source(value, ctx)
        case ClauseElement():
            return text_source(sql_of(value, ctx), ctx)
        case list():
            return f"[{', '.join(value_source(item, ctx) for item in value)}]"
        case tuple():
            body = ", ".join(value_source(item, ctx) for item in value)
            return f"({body},)" if len(value) == 1 else f"({body})"
        case Mapping():
            pairs = (f"{value_source(k, ctx)}: {value_source(v, ctx)}" for k, v in value.items())
            return "{" + ", ".join(pairs) + "}"
        case quoted_name():
            return plain(value)
        case _:
            return repr(value)


def keywords(options: Mapping[str, Any], ctx: RenderContext) -> list[str]:
    """Print keyword arguments in the given order."""
    return [
        # a column that is used as a condition is SQL, otherwise it is a column name
        f"{key}={text_source(sql_of(value, ctx), ctx)}"
        if key.endswith("_where") and isinstance(value, Column)
        else f"{key}={value_source(value, ctx)}"
        for key, value in options.items()
    ]
