"""Declarations of reference rows. They are stored in the `info` dictionary of a MetaData.

Public as `limbeck.declare.rows`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ClauseElement

from limbeck.errors import DeclaredRowsError
from limbeck.sqlalchemy_io.declared_objects import line_of_caller

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table

_INFO_KEY = "limbeck_rows"


@dataclass(frozen=True, slots=True)
class DeclaredRows:
    """The rows that a table must contain.

    Args:
        rows: the values of each row, by column.
        key: the columns that identify a row.
        undeclared: what happens to other rows of the table.
    """

    rows: tuple[Mapping[str, Any], ...]
    key: tuple[str, ...]
    undeclared: Literal["delete", "keep"] = "delete"


def rows(
    table: Any,
    rows: Iterable[Mapping[str, Any]],
    *,
    key: str | Sequence[str] | None = None,
    undeclared: Literal["delete", "keep"] = "delete",
) -> DeclaredRows:
    """Declare the reference rows of a table: autogenerate drafts missing and different rows.

    Args:
        table: the `sqlalchemy.Table`, or a class that is mapped to it.
        rows: one dictionary for each row, from column names to plain values. Columns that are
            missing in a row are not compared.
        key: the column or columns that identify a row; by default the primary key.
        undeclared: `delete` drafts the deletion of undeclared rows, `keep` keeps them.

    Returns:
        The declaration.

    Raises:
        DeclaredRowsError: the rows cannot be compared.
    """
    sa_table: Table = getattr(table, "__table__", table)
    names = [key] if isinstance(key, str) else key
    if names is None:
        names = [column.name for column in sa_table.primary_key]
    declaration = DeclaredRows(tuple(dict(row) for row in rows), tuple(names), undeclared)
    reason = _reason(sa_table, declaration)
    others = rows_declared_in(sa_table.metadata)
    if reason is None and sa_table.fullname in others:
        reason = "they are declared twice"
    if reason is not None:
        raise DeclaredRowsError(
            f"declare.rows() of {sa_table.fullname}: {reason}",
            hint="Correct the declaration.",
            place=line_of_caller(),
        )
    sa_table.metadata.info[_INFO_KEY] = {**others, sa_table.fullname: declaration}
    return declaration


def rows_declared_in(metadata: MetaData) -> Mapping[str, DeclaredRows]:
    """Return the declarations of a MetaData by the full names of their tables."""
    declarations: Mapping[str, DeclaredRows] = metadata.info.get(_INFO_KEY, {})
    return declarations


def _reason(table: Table, declared: DeclaredRows) -> str | None:
    """Return why rows cannot be compared; None if they can."""
    if declared.undeclared not in {"delete", "keep"}:
        return f"undeclared is {declared.undeclared!r}, and has to be 'delete' or 'keep'"
    if not declared.key:
        return "the table has no primary key, and no key is given"
    columns = {column.name for column in table.c}
    seen: set[Hashable] = set()
    unknown = [name for name in declared.key if name not in columns]
    for row in declared.rows:
        unknown += [name for name in row if name not in columns]
        missing = [name for name in declared.key if row.get(name) is None]
        if missing:
            return f"the row {dict(row)!r} has no {missing[0]}, a column of the key"
        for name, value in row.items():
            if isinstance(value, ClauseElement):
                return f"{name} of {dict(row)!r} is SQL, which cannot be compared"
        values = tuple(repr(row[name]) for name in declared.key)
        if values in seen:
            return f"the key {', '.join(values)} occurs twice"
        seen.add(values)
    return f"the table has no column {unknown[0]}" if unknown else None
