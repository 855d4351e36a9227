"""A neutral value for existing rows, for a new column that is not nullable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.catalog import Catalog, Column

# the first word that a type's name contains is used, as for SQLite's affinities
_FILLS = (
    (("json",), "'{}'"),
    (("datetime", "timestamp"), "'1970-01-01 00:00:00'"),
    (("date",), "'1970-01-01'"),
    (("time",), "'00:00:00'"),
    (("int", "real", "floa", "doub", "num", "dec", "bool"), "0"),
    (("char", "clob", "text"), "''"),
    (("blob", "binary"), "x''"),
)


def fill(column: Column, _catalog: Catalog) -> str | None:
    """Return a neutral value of a column's type as SQL; None if there is none."""
    name = column.type.name.lower()
    return next(
        (sql for type_words, sql in _FILLS if any(word in name for word in type_words)), None
    )
