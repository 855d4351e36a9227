"""What the declaration of a column promises about its values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from limbeck.catalog import Catalog, Column, Enum, Key, Table
from limbeck.diff import mentioned

_LISTED = re.compile(r"\b(?:IN\s*\(|ANY\s*\(+\s*ARRAY\s*\[)([^)\]]*)", re.IGNORECASE)
_VALUE = re.compile(r"'((?:[^']|'')*)'|(-?\d+)")


@dataclass(frozen=True, slots=True)
class Promise:
    """What is said of the values of a column.

    Attributes:
        type: the name of its type.
        nullable: NULL may be in it.
        is_unique: no value is in it twice.
        length: letters that fit in; None where there is no limit.
        values: all that may be in it; None where anything may.
        target: the table in which each value is a key; None where it leads nowhere.
        target_column: the column of that key.
    """

    type: str
    nullable: bool
    is_unique: bool
    length: int | None
    values: frozenset[str] | None
    target: Key | None
    target_column: str


def promise_of(catalog: Catalog, table: Table, column: Column) -> Promise:
    """Return what a column's declaration promises.

    Args:
        catalog: what the table belongs to, with its enum types.
        table: the table.
        column: one of its columns.
    """
    lone = (column.name,)
    keys = [one.columns for one in table.uniques]
    keys += [one.columns for one in table.indexes if one.unique and one.where is None]
    keys += [table.primary_key.columns] if table.primary_key is not None else []
    key = next((one for one in table.foreign_keys if one.columns == lone), None)
    name = column.type.name.lower()
    first = column.type.args[0] if column.type.args else ""
    return Promise(
        name,
        column.nullable,
        lone in keys,
        int(first) if "char" in name and first.isdigit() else None,
        _values(catalog, table, column),
        key.target if key is not None else None,
        key.target_columns[0] if key is not None else "",
    )


def listed(table: Table, name: str) -> tuple[str, ...]:
    """Return the values in the list that a check allows a column, as SQL has them."""
    for check in table.checks:
        found = _LISTED.search(check.expr.text)
        if found and mentioned(check) & {one.name for one in table.columns} == {name}:
            return tuple(match[0] for match in _VALUE.finditer(found[1]))
    return ()


def _values(catalog: Catalog, table: Table, column: Column) -> frozenset[str] | None:
    named = catalog.get(column.type.ref) if column.type.ref is not None else None
    if isinstance(named, Enum):
        return None if column.type.dimensions else frozenset(named.values)
    if column.type.name.lower() == "enum":
        return frozenset(_bare(word) for word in column.type.args)
    found = listed(table, column.name)
    return frozenset(_bare(word) for word in found) if found else None


def _bare(word: str) -> str:
    is_quoted = len(word) > 1 and word[0] == word[-1] == "'"
    return word[1:-1].replace("''", "'") if is_quoted else word
