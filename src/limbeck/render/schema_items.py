"""Render columns, defaults and constraints as Python source."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    DefaultClause,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, quoted_name
from sqlalchemy.sql.naming import _constraint_name_for_table
from sqlalchemy.sql.schema import Constraint

from limbeck.operations import dialect_keywords
from limbeck.render.context import Dispatcher
from limbeck.render.types import (
    escaped,
    keywords,
    name_source,
    names,
    plain,
    sql_of,
    text_source,
    type_source,
    value_source,
)

if TYPE_CHECKING:
    from limbeck.render.context import RenderContext

_IDENTITY_WORDS = (
    "always",
    "on_null",
    "start",
    "increment",
    "minvalue",
    "maxvalue",
    "nominvalue",
    "nomaxvalue",
    "cycle",
    "cache",
    "order",
)
_FOREIGN_KEY_WORDS = ("onupdate", "ondelete", "initially", "deferrable", "use_alter", "match")


# ── columns ───────────────────────────────────────────────────────────────


def column_source(column: Column[Any], ctx: RenderContext) -> str | None:
    """Print `sa.Column(...)`; None if the user's hook excludes the column."""
    by_user = ctx.rendered_by_user("column", column)
    if by_user is not False:
        return by_user if isinstance(by_user, str) else None
    arguments = [plain(column.name), type_source(column.type, ctx)]
    default = column.server_default
    if isinstance(default, (Computed, Identity)):
        arguments.append(server_default_source(default, ctx) or "")
    arguments += [
        constraint_source(check, ctx, None) or ""
        for check in column.constraints
        if isinstance(check, CheckConstraint) and not is_type_bound(check)
    ]
    if default is not None and not isinstance(default, (Computed, Identity)):
        text = server_default_source(default, ctx)
        if text:
            arguments.append(f"server_default={text}")
    if column.default is not None and _uses_sequence(column, ctx):
        arguments.append("autoincrement=False")
    elif column.autoincrement != "auto":
        arguments.append(f"autoincrement={column.autoincrement!r}")
    if column.nullable is not None:
        arguments.append(f"nullable={column.nullable!r}")
    if column.system:
        arguments.append("system=True")
    if column.comment is not None:
        arguments.append(f"comment={column.comment!r}")
    arguments += keywords(dict(sorted(dialect_keywords(column).items())), ctx)
    return f"{ctx.sa_prefix}Column({', '.join(filter(None, arguments))})"


def _uses_sequence(column: Column[Any], ctx: RenderContext) -> bool:
    """Return whether a key uses a separate sequence instead of autoincrement.

    The sequence is not rendered, and without it the column would become a serial column.
    """
    default = column.default
    if not isinstance(default, Sequence) or default.optional or ctx.opts.get("detect") != "all":
        return False
    return bool(ctx.migration_context.dialect.supports_sequences)


def is_type_bound(constraint: Constraint) -> bool:
    """Return whether a type (Boolean, Enum) creates the constraint."""
    return bool(getattr(constraint, "_type_bound", False))


def server_default_source(default: Any, ctx: RenderContext) -> str | None:  # noqa: PLR0911 -- a table of cases
    """Print a server default; None if there is none."""
    by_user = ctx.rendered_by_user("server_default", default)
    if by_user is not False:
        return by_user if isinstance(by_user, str) else None
    match default:
        case None:
            return None
        case str():
            return plain(default)
        case Computed():
            return _computed_source(default, ctx)
        case Identity():
            return _identity_source(default, ctx)
        case DefaultClause(arg=str() as text):
            return plain(text)
        case DefaultClause() | ClauseElement():
            return text_source(sql_of(default, ctx, server_default=True), ctx)
        case FetchedValue():
            return f"{ctx.sa_prefix}FetchedValue()"
        case _:
            return repr(default)


def _computed_source(computed: Computed, ctx: RenderContext) -> str:
    text = plain(escaped(sql_of(computed.sqltext, ctx)))
    stored = "" if computed.persisted is None else f"persisted={computed.persisted}"
    return f"{ctx.sa_prefix}Computed({text}, {stored})"


def _identity_source(identity: Identity, ctx: RenderContext) -> str:
    options: dict[str, Any] = {"always": identity.always}
    for word in _IDENTITY_WORDS[1:]:
        value = getattr(identity, word, None) if word not in {"on_null", "order"} else None
        if value is not None:
            options[word] = value
    extra = getattr(identity, "dialect_kwargs", None)
    if extra is None:
        for word in ("on_null", "order"):
            if getattr(identity, word, None) is not None:
                options[word] = getattr(identity, word)
        options = {word: options[word] for word in _IDENTITY_WORDS if word in options}
    else:
        options.update(sorted(extra.items()))
    return f"{ctx.sa_prefix}Identity({', '.join(keywords(options, ctx))})"


# ── constraints ───────────────────────────────────────────────────────────

constraint_renderers = Dispatcher()
"""Renderers `(constraint, context, metadata of the models)` by class of constraint."""


def constraint_source(
    constraint: Constraint, ctx: RenderContext, metadata: MetaData | None
) -> str | None:
    """Print a constraint as an argument of create_table; None if it is omitted."""
    renderer = constraint_renderers.find(constraint)
    if renderer is None:
        renderer = constraint_renderers.find(str(getattr(constraint, "__visit_name__", "")))
    if renderer is None:
        warnings.warn(
            f"No renderer is established for object {constraint!r}",
            UserWarning,
            stacklevel=2,
        )
        return f"[Unknown Python object {constraint!r}]"
    text: str | None = renderer(constraint, ctx, metadata)
    return text


def constraint_name(constraint: Constraint) -> Any:
    """Return the name, generated by the naming convention if one applies, or None."""
    parent = getattr(constraint, "parent", None)
    table = getattr(parent, "table", None) if isinstance(parent, Column) else parent
    if isinstance(table, Table):
        by_convention = _constraint_name_for_table(constraint, table)  # type: ignore[no-untyped-call]
        if by_convention is not None:
            return by_convention
    return constraint.name if isinstance(constraint.name, str) else None


def _name_option(constraint: Constraint, ctx: RenderContext) -> list[str]:
    name = constraint_name(constraint)
    return [] if name is None else [f"name={name_source(name, ctx)}"]


def _rendered_by_user(
    kind: str, constraint: Constraint, ctx: RenderContext
) -> tuple[bool, str | None]:
    by_user = ctx.rendered_by_user(kind, constraint)
    return by_user is not False, by_user if isinstance(by_user, str) else None


def _timing(constraint: Constraint, ctx: RenderContext) -> list[str]:
    options = {"deferrable": constraint.deferrable, "initially": constraint.initially}
    return keywords({key: value for key, value in options.items() if value is not None}, ctx)


def _extras(constraint: Constraint, ctx: RenderContext) -> list[str]:
    comment = getattr(constraint, "comment", None)
    options = {"comment": comment} if comment is not None else {}
    return keywords({**options, **dict(sorted(dialect_keywords(constraint).items()))}, ctx)


def _column_constraint(
    kind: str, word: str, constraint: PrimaryKeyConstraint | UniqueConstraint, ctx: RenderContext
) -> str | None:
    answered, text = _rendered_by_user(kind, constraint, ctx)
    if answered:
        return text
    if not len(constraint.columns):
        return None
    arguments = [plain(column.name) for column in constraint.columns]
    arguments += _timing(constraint, ctx) + _name_option(constraint, ctx)
    arguments += _extras(constraint, ctx)
    return f"{ctx.sa_prefix}{word}({', '.join(arguments)})"


@constraint_renderers.dispatch_for(PrimaryKeyConstraint)
def primary_key_source(
    constraint: PrimaryKeyConstraint,
    ctx: RenderContext,
    metadata: MetaData | None,  # noqa: ARG001 -- every renderer is called with it
) -> str | None:
    """Print `sa.PrimaryKeyConstraint(...)`."""
    return _column_constraint("primary_key", "PrimaryKeyConstraint", constraint, ctx)


@constraint_renderers.dispatch_for(UniqueConstraint)
def unique_source(
    constraint: UniqueConstraint,
    ctx: RenderContext,
    metadata: MetaData | None,  # noqa: ARG001 -- every renderer is called with it
) -> str | None:
    """Print `sa.UniqueConstraint(...)`."""
    return _column_constraint("unique", "UniqueConstraint", constraint, ctx)


@constraint_renderers.dispatch_for(CheckConstraint)
def check_source(
    constraint: CheckConstraint,
    ctx: RenderContext,
    metadata: MetaData | None,  # noqa: ARG001 -- every renderer is called with it
) -> str | None:
    """Print `sa.CheckConstraint(...)`; None if a type creates the check."""
    answered, text = _rendered_by_user("check", constraint, ctx)
    if answered:
        return text
    if is_type_bound(constraint):
        return None
    arguments = [plain(escaped(sql_of(constraint.sqltext, ctx)))]
    arguments += _name_option(constraint, ctx) + _timing(constraint, ctx)
    arguments += _extras(constraint, ctx)
    return f"{ctx.sa_prefix}CheckConstraint({', '.join(arguments)})"


@constraint_renderers.dispatch_for(ForeignKeyConstraint)
def foreign_key_source(
    constraint: ForeignKeyConstraint, ctx: RenderContext, metadata: MetaData | None
) -> str | None:
    """Print `sa.ForeignKeyConstraint(...)` with real column names, not keys."""
    answered, text = _rendered_by_user("foreign_key", constraint, ctx)
    if answered:
        return text
    metadata = _metadata_of(constraint, metadata)
    options = _name_option(constraint, ctx)
    words = {word: getattr(constraint, word) for word in _FOREIGN_KEY_WORDS}
    options += keywords({word: value for word, value in words.items() if value}, ctx)
    options += _extras(constraint, ctx)
    local = names(element.parent for element in constraint.elements)
    remote = ", ".join(plain(target_of(element, metadata)) for element in constraint.elements)
    return f"{ctx.sa_prefix}ForeignKeyConstraint({local}, [{remote}], {', '.join(options)})"


def _metadata_of(constraint: ForeignKeyConstraint, metadata: MetaData | None) -> MetaData | None:
    if metadata is not None:
        return metadata
    table = getattr(constraint, "parent", None)
    return table.metadata if isinstance(table, Table) else None


def target_of(element: ForeignKey, metadata: MetaData | None) -> str:
    """Return `table.column` with the names in the database, resolved through the models."""
    if not isinstance(element._colspec, str):
        column = element._colspec
        table = getattr(column, "table", None)
        return f"{_full(table)}.{column.name}" if table is not None else str(column.name)
    namespace, table_name, column_key = element._column_tokens
    if namespace is None and metadata is not None:
        namespace = metadata.schema
    full = f"{namespace}.{table_name}" if namespace else str(table_name)
    known = metadata.tables.get(full) if metadata is not None else None
    column_name = str(column_key or getattr(element.parent, "name", ""))
    if known is not None and not element.link_to_name and column_name in known.c:
        column_name = known.c[column_name].name
    return f"{full}.{column_name}"


def _full(table: Any) -> str:
    return f"{table.schema}.{table.name}" if table.schema else str(table.name)


@constraint_renderers.dispatch_for("exclude_constraint")
def exclude_source(
    constraint: Any,
    ctx: RenderContext,
    metadata: MetaData | None,  # noqa: ARG001 -- every renderer is called with it
) -> str | None:
    """Print the EXCLUDE constraint of a dialect that supports it."""
    answered, text = _rendered_by_user("exclude", constraint, ctx)
    if answered:
        return text
    dialect = type(constraint).__module__.split(".")[2]
    ctx.imports.add(f"from sqlalchemy.dialects import {dialect}")
    arguments = [
        f"({_exclude_member(element, name, ctx)}, {operator!r})"
        for element, name, operator in constraint._render_exprs
    ]
    if constraint.where is not None:
        arguments.append(f"where={text_source(sql_of(constraint.where, ctx), ctx)}")
    arguments.append(f"using={constraint.using!r}")
    arguments += _timing(constraint, ctx) + _name_option(constraint, ctx)
    if constraint.ops:
        arguments.append(f"ops={value_source(dict(constraint.ops), ctx)}")
    return f"{dialect}.ExcludeConstraint({', '.join(arguments)})"


def _exclude_member(element: Any, name: Any, ctx: RenderContext) -> str:
    # Quoted names must be quoted in the rendered text too, so a column is rendered as a column.
    if isinstance(element, Column) or (name is not None and isinstance(element, quoted_name)):
        return f"{ctx.sa_prefix}column({plain(getattr(element, 'name', name))})"
    if isinstance(element, ColumnClause) and not element.is_literal:
        return f"{ctx.sa_prefix}column({plain(element.name)})"
    if isinstance(element, ColumnClause):
        return f"{ctx.sa_prefix}literal_column({sql_of(element, ctx)!r})"
    if isinstance(element, ClauseElement):
        return text_source(sql_of(element, ctx), ctx)
    return f"{ctx.sa_prefix}column({plain(name)})"


def constraints_of(items: Iterable[Any]) -> list[Constraint]:
    """Return the constraints among the items of a table."""
    return [item for item in items if isinstance(item, Constraint)]
