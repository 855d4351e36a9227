"""Render operations as Python source, with one function per class of operation."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Computed, Identity, TextClause
from sqlalchemy.sql.elements import ColumnClause, ColumnElement, Label, UnaryExpression

from limbeck import operations as ops
from limbeck.render.context import renderers
from limbeck.render.schema_items import (
    column_source,
    constraint_source,
    constraints_of,
    server_default_source,
)
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

MAX_PYTHON_ARGS = 255
"""The number of arguments above which they are written as one starred list."""

_FOREIGN_KEY_ORDER = (
    "source_schema",
    "referent_schema",
    "onupdate",
    "ondelete",
    "initially",
    "deferrable",
    "use_alter",
    "match",
)
_NOT_OPTIONS = frozenset({"unique", "info"})
_INDENT = " " * 4
_ALTER_INDENT = " " * 11


def _call(ctx: RenderContext, word: str, arguments: list[str]) -> str:
    return f"{ctx.op_prefix}{word}({', '.join(arguments)})"


def _table_arguments(ctx: RenderContext, table_name: str) -> list[str]:
    return [] if ctx.in_batch else [plain(table_name)]


def _schema(ctx: RenderContext, schema: str | None) -> list[str]:
    return [] if ctx.in_batch or not schema else [f"schema={plain(schema)}"]


def _flag(word: str, value: bool | None) -> list[str]:  # noqa: FBT001 -- three-valued, printed as is
    return [] if value is None else [f"{word}={value!r}"]


# ── tables ────────────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.CreateTableOp)
def create_table(ctx: RenderContext, op: ops.CreateTableOp) -> str:
    """Print `op.create_table(...)`, one line per column and constraint."""
    included = getattr(op, "_constraints_included", False)
    items = op.columns if included else [*(table := op.to_table()).columns, *table.constraints]
    metadata = getattr(op, "_namespace_metadata", None)
    columns = [column_source(c, ctx) for c in items if isinstance(c, Column)]
    constraints = (constraint_source(c, ctx, metadata) for c in constraints_of(items))
    body = [text for text in columns if text] + sorted(text for text in constraints if text)
    lines = ",\n".join(body)
    if len(body) > MAX_PYTHON_ARGS:
        lines = f"*[{lines}]"
    options = [f"schema={plain(op.schema)}"] if op.schema else []
    options += [f"comment={op.comment!r}"] if op.comment is not None else []
    options += [f"info={op.info!r}"] if op.info else []
    options += keywords(dict(sorted(op.kw.items())), ctx)
    options += [f"prefixes={op.prefixes!r}"] if op.prefixes else []
    options += _flag("if_not_exists", op.if_not_exists)
    text = f"{ctx.op_prefix}create_table({plain(op.table_name)}"
    text += f",\n{lines}" if lines else ""
    text += "".join(f",\n{option}" for option in options)
    return f"{text}\n)"


@renderers.dispatch_for(ops.DropTableOp)
def drop_table(ctx: RenderContext, op: ops.DropTableOp) -> str:
    """Print `op.drop_table(...)`."""
    arguments = [plain(op.table_name), *_schema(ctx, op.schema)]
    return _call(ctx, "drop_table", arguments + _flag("if_exists", op.if_exists))


@renderers.dispatch_for(ops.RenameTableOp)
def rename_table(ctx: RenderContext, op: ops.RenameTableOp) -> str:
    """Print `op.rename_table(...)`."""
    arguments = [plain(op.table_name), plain(op.new_table_name), *_schema(ctx, op.schema)]
    return _call(ctx, "rename_table", arguments)


def _comment_call(ctx: RenderContext, word: str, table: str, rest: list[str], schema: Any) -> str:
    arguments = [*_table_arguments(ctx, table), *rest]
    if not ctx.in_batch:
        arguments.append(f"schema={plain(schema)}")
    lines = ",\n".join(_INDENT + argument for argument in arguments)
    return f"{ctx.op_prefix}{word}(\n{lines}\n)"


@renderers.dispatch_for(ops.CreateTableCommentOp)
def create_table_comment(ctx: RenderContext, op: ops.CreateTableCommentOp) -> str:
    """Print `op.create_table_comment(...)`."""
    rest = [repr(op.comment), f"existing_comment={op.existing_comment!r}"]
    return _comment_call(ctx, "create_table_comment", op.table_name, rest, op.schema)


@renderers.dispatch_for(ops.DropTableCommentOp)
def drop_table_comment(ctx: RenderContext, op: ops.DropTableCommentOp) -> str:
    """Print `op.drop_table_comment(...)`."""
    rest = [f"existing_comment={op.existing_comment!r}"]
    return _comment_call(ctx, "drop_table_comment", op.table_name, rest, op.schema)


# ── columns ───────────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.AddColumnOp)
def add_column(ctx: RenderContext, op: ops.AddColumnOp) -> str:
    """Print `op.add_column(...)`."""
    column = column_source(op.column, ctx)
    if column is None:
        return ""
    arguments = [*_table_arguments(ctx, op.table_name), column, *_schema(ctx, op.schema)]
    for word in ("if_not_exists", "inline_references", "inline_primary_key"):
        arguments += _flag(word, getattr(op, word, None))
    arguments += keywords(getattr(op, "kw", None) or {}, ctx)
    return _call(ctx, "add_column", arguments)


@renderers.dispatch_for(ops.DropColumnOp)
def drop_column(ctx: RenderContext, op: ops.DropColumnOp) -> str:
    """Print `op.drop_column(...)`."""
    arguments = [*_table_arguments(ctx, op.table_name), plain(op.column_name)]
    arguments += _schema(ctx, op.schema) + keywords(op.kw, ctx)
    return _call(ctx, "drop_column", arguments + _flag("if_exists", op.if_exists))


@renderers.dispatch_for(ops.AlterColumnOp)
def alter_column(ctx: RenderContext, op: ops.AlterColumnOp) -> str:
    """Render `op.alter_column(...)`: the existing properties and the new ones."""
    options: list[str] = []
    if op.existing_type is not None:
        options.append(f"existing_type={type_source(op.existing_type, ctx)}")
    if op.modify_server_default is not False:
        options.append(f"server_default={server_default_source(op.modify_server_default, ctx)}")
    if op.modify_name is not None:
        options.append(f"new_column_name={plain(op.modify_name)}")
    if op.modify_type is not None:
        options.append(f"type_={type_source(op.modify_type, ctx)}")
    if op.modify_nullable is not None:
        options.append(f"nullable={op.modify_nullable!r}")
    if op.modify_comment is not False:
        options.append(f"comment={op.modify_comment!r}")
    if op.existing_comment is not None:
        options.append(f"existing_comment={op.existing_comment!r}")
    if op.modify_nullable is None and op.existing_nullable is not None:
        options.append(f"existing_nullable={op.existing_nullable!r}")
    options += _alter_extras(ctx, op)
    before = op.existing_server_default
    if _has_existing_default(ctx, op) and before is not False and before is not None:
        options.append(f"existing_server_default={server_default_source(before, ctx)}")
    options += _schema(ctx, op.schema)
    head = [*_table_arguments(ctx, op.table_name), plain(op.column_name)]
    lines = [", ".join(head), *(_ALTER_INDENT + option for option in options)]
    return f"{ctx.op_prefix}alter_column({(',' + chr(10)).join(lines)})"


def _has_existing_default(ctx: RenderContext, op: ops.AlterColumnOp) -> bool:
    # Computed defaults and identities are added and dropped with different clauses.
    new, generated = op.modify_server_default, (Identity, Computed)
    if new is False:
        return True
    ends = (new, op.existing_server_default)
    return ctx.opts.get("detect") == "all" and any(isinstance(end, generated) for end in ends)


def _alter_extras(ctx: RenderContext, op: ops.AlterColumnOp) -> list[str]:
    options = {key: value for key, value in op.kw.items() if value is not None}
    if options.get("existing_autoincrement") is False:
        del options["existing_autoincrement"]
    return keywords(options, ctx)


# ── constraints ───────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.CreateUniqueConstraintOp)
def create_unique_constraint(ctx: RenderContext, op: ops.CreateUniqueConstraintOp) -> str:
    """Print `op.create_unique_constraint(...)`."""
    return _column_constraint(ctx, "create_unique_constraint", op)


@renderers.dispatch_for(ops.CreatePrimaryKeyOp)
def create_primary_key(ctx: RenderContext, op: ops.CreatePrimaryKeyOp) -> str:
    """Print `op.create_primary_key(...)`."""
    return _column_constraint(ctx, "create_primary_key", op)


def _column_constraint(
    ctx: RenderContext, word: str, op: ops.CreateUniqueConstraintOp | ops.CreatePrimaryKeyOp
) -> str:
    arguments = [name_source(op.constraint_name, ctx), *_table_arguments(ctx, op.table_name)]
    arguments += [names(op.columns), *_schema(ctx, op.schema)]
    options = {key: value for key, value in op.kw.items() if value is not None}
    if isinstance(op, ops.CreatePrimaryKeyOp):
        options.pop("comment", None)
    first: dict[str, Any] = {
        key: options.pop(key) for key in ("deferrable", "initially") if key in options
    }
    return _call(ctx, word, arguments + keywords({**first, **dict(sorted(options.items()))}, ctx))


@renderers.dispatch_for(ops.CreateForeignKeyOp)
def create_foreign_key(ctx: RenderContext, op: ops.CreateForeignKeyOp) -> str:
    """Print `op.create_foreign_key(...)`."""
    arguments = [name_source(op.constraint_name, ctx), *_table_arguments(ctx, op.source_table)]
    arguments += [plain(op.referent_table), names(op.local_cols), names(op.remote_cols)]
    options = {key: value for key, value in op.kw.items() if value}
    if ctx.in_batch:
        options.pop("source_schema", None)
    ordered = {key: options.pop(key) for key in _FOREIGN_KEY_ORDER if key in options}
    arguments += keywords({**ordered, **dict(sorted(options.items()))}, ctx)
    return _call(ctx, "create_foreign_key", arguments)


@renderers.dispatch_for(ops.CreateCheckConstraintOp)
def create_check_constraint(ctx: RenderContext, op: ops.CreateCheckConstraintOp) -> str:
    """Print `op.create_check_constraint(...)`."""
    arguments = [name_source(op.constraint_name, ctx), *_table_arguments(ctx, op.table_name)]
    arguments += [plain(escaped(sql_of(op.condition, ctx))), *_schema(ctx, op.schema)]
    options = {key: value for key, value in sorted(op.kw.items()) if value is not None}
    return _call(ctx, "create_check_constraint", arguments + keywords(options, ctx))


@renderers.dispatch_for(ops.DropConstraintOp)
def drop_constraint(ctx: RenderContext, op: ops.DropConstraintOp) -> str:
    """Print `op.drop_constraint(...)`; without a name, a comment says that it cannot run."""
    arguments = [name_source(op.constraint_name, ctx), *_table_arguments(ctx, op.table_name)]
    arguments += _schema(ctx, op.schema)
    if op.constraint_type:
        arguments.append(f"type_={op.constraint_type!r}")
    if op.says is not None:
        arguments.append(f"says={op.says!r}")
    text = _call(ctx, "drop_constraint", arguments + _flag("if_exists", op.if_exists))
    if op.constraint_name is not None or op.says is not None:
        return text
    warnings.warn(
        f"A drop_constraint() of table {op.table_name!r} was written without the constraint's "
        "name and fails when it runs; add the name, or use a naming convention",
        UserWarning,
        stacklevel=2,
    )
    return f"# This constraint has no name: add it, or the next line fails.\n{text}"


@renderers.dispatch_for(ops.RenameConstraintOp)
def rename_constraint(ctx: RenderContext, op: ops.RenameConstraintOp) -> str:
    """Print `op.rename_constraint(...)`."""
    arguments = [plain(op.old_name), plain(op.new_name), *_table_arguments(ctx, op.table_name)]
    return _call(ctx, "rename_constraint", arguments + _schema(ctx, op.schema))


# ── indexes ───────────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.CreateIndexOp)
def create_index(ctx: RenderContext, op: ops.CreateIndexOp) -> str:
    """Print `op.create_index(...)`, with expressions as literal columns."""
    members = ", ".join(_index_member(expression, ctx) for expression in op.columns)
    arguments = [name_source(op.index_name, ctx), *_table_arguments(ctx, op.table_name)]
    arguments += [f"[{members}]", f"unique={bool(op.unique)}", *_schema(ctx, op.schema)]
    arguments += keywords(_index_options(op), ctx)
    return _call(ctx, "create_index", arguments + _flag("if_not_exists", op.if_not_exists))


def _index_options(op: Any) -> dict[str, Any]:
    return {k: v for k, v in op.kw.items() if v is not None and k not in _NOT_OPTIONS}


def _index_member(expression: Any, ctx: RenderContext) -> str:
    match expression:
        case str():
            return plain(expression)
        case ColumnClause(is_literal=False):
            return plain(expression.name)
        case Label():
            body = f"{ctx.sa_prefix}literal_column({sql_of(expression.element, ctx, index=True)!r})"
            return f"{body}.label({plain(expression.name)})"
        case TextClause() | UnaryExpression() | ColumnElement():
            return f"{ctx.sa_prefix}literal_column({sql_of(expression, ctx, index=True)!r})"
        case _:
            return value_source(expression, ctx)


@renderers.dispatch_for(ops.DropIndexOp)
def drop_index(ctx: RenderContext, op: ops.DropIndexOp) -> str:
    """Print `op.drop_index(...)`."""
    arguments = [name_source(op.index_name, ctx)]
    if not ctx.in_batch and op.table_name:
        arguments.append(f"table_name={plain(op.table_name)}")
    arguments += _schema(ctx, op.schema) + _flag("if_exists", op.if_exists)
    return _call(ctx, "drop_index", arguments + keywords(_index_options(op), ctx))


# ── SQL and rows ──────────────────────────────────────────────────────────


@renderers.dispatch_for(ops.ExecuteSQLOp)
def execute(ctx: RenderContext, op: ops.ExecuteSQLOp) -> str:
    """Print `op.execute(...)` of a text."""
    if isinstance(op.sqltext, str):
        arguments = [repr(op.sqltext)]
    elif isinstance(op.sqltext, TextClause) and not op.sqltext._bindparams:
        arguments = [text_source(sql_of(op.sqltext, ctx), ctx)]
    else:
        raise NotImplementedError(
            "Only SQL text can be written into a revision file, not an SQL expression"
        )
    if op.execution_options:
        arguments.append(f"execution_options={value_source(dict(op.execution_options), ctx)}")
    return _call(ctx, "execute", arguments)
