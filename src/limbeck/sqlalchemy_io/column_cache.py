"""A cache for definitions that many columns of the models share.

A thousand tables have ten thousand columns but only a few dozen different defaults. Compiling
each of them would double the time to read the models.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import DefaultClause
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import TextClause

from limbeck.catalog import Column, Computed, Expr, Extras, Identity, Type
from limbeck.operations import dialect_keywords


class Repeated:
    """Shares one value among equal columns."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Column] = {}

    def column(
        self,
        name: str,
        type_: Type,
        nullable: bool,  # noqa: FBT001 - the fields of a column in their order
        default: Expr | Identity | Computed | None,
        comment: str | None,
        extras: Extras,
    ) -> Column:
        """Return a column; an existing value if type, default and name are the same."""
        # the cached column keeps the objects alive whose ids are used here
        key = (name, id(type_), nullable, id(default), comment, extras)
        column = self._known.get(key)
        if column is None:
            column = self._known[key] = Column(name, type_, nullable, default, comment, extras)
        return column


def plain_default_key(default: Any, compiler: DDLCompiler) -> object:
    """Return the content of a server default that does not depend on other objects.

    Args:
        default: the value of `Column.server_default`.
        compiler: the dialect's DDL compiler.

    Returns:
        A key that is equal for equal defaults; None for anything but strings, texts and
        functions without arguments.
    """
    usual = type(compiler).get_column_default_string is DDLCompiler.get_column_default_string
    if not usual or type(default) is not DefaultClause:
        return None
    value: Any = default.arg
    if isinstance(value, str):
        return value
    if type(value) is TextClause:
        return None if value._bindparams else (TextClause, value.text)
    own = type(value).__module__ == "sqlalchemy.sql.functions" and "clause_expr" in vars(value)
    if own and not len(value.clauses):
        quote = getattr(value.name, "quote", None)
        return (type(value), value.name, quote, tuple(value.packagenames))
    return None


def numbered_key(origin: SqlColumn[Any], type_: Type) -> object:
    """Return a key for whether a column is generated; None if options or defaults decide it."""
    table = origin.table
    if origin.default is not None or origin.server_default is not None:
        return None
    if dialect_keywords(origin) or dialect_keywords(table):
        return None
    is_foreign = bool(origin.foreign_keys)
    return (id(type_), origin.autoincrement, origin.nullable, len(table.primary_key), is_foreign)
