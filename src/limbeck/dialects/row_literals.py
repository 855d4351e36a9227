"""Write the rows of a table as SQL literals: columns, order, and the INSERT."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.catalog import Column, Computed, Table
from limbeck.sql import quote_identifier, quote_path


def stored_columns(table: Table) -> list[Column]:
    """Return the columns of a table that an INSERT may name: all that are not computed."""
    return [column for column in table.columns if not isinstance(column.default, Computed)]


def order_by(table: Table, mark: str = '"') -> str:
    """Return the clause that orders rows by the primary key; empty without one.

    Args:
        table: the table.
        mark: the quote of identifiers.
    """
    if table.primary_key is None:
        return ""
    names = (quote_identifier(name, mark) for name in table.primary_key.columns)
    return f" ORDER BY {', '.join(names)}"


def in_order(table: Table, rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return rows in the order of the primary key; without one, in the order of their literals."""
    ordered = [tuple(row) for row in rows]
    return ordered if table.primary_key is not None else sorted(ordered)


def insert_text(
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    mark: str = '"',
    words: str = "",
) -> str:
    """Return an INSERT with one row on each line.

    Args:
        table: the table.
        columns: the columns of the table.
        rows: the rows as literals.
        mark: the quote of identifiers.
        words: the text between the columns and VALUES.
    """
    names = ", ".join(quote_identifier(name, mark) for name in columns)
    values = ",\n".join(f"    ({', '.join(row)})" for row in rows)
    into = quote_path(*table.key.path, mark=mark)
    return f"INSERT INTO {into} ({names}){words} VALUES\n{values}"
