"""SQLite: rows as literals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from limbeck.catalog import Table
from limbeck.dialects.row_literals import in_order, insert_text, order_by, stored_columns
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection


def row_literals(connection: Connection, table: Table) -> list[tuple[str, ...]]:
    """Return all rows of a table as literals.

    https://www.sqlite.org/lang_corefunc.html#quote
    """
    shown = ", ".join(f"quote({quote_identifier(one.name)})" for one in stored_columns(table))
    rows = connection.exec_driver_sql(
        f"SELECT {shown or 1} FROM {quote_path(*table.key.path)}{order_by(table)}",  # noqa: S608 - quoted names
        execution_options={"no_parameters": True},
    )
    return in_order(table, [tuple(map(str, row)) for row in rows])


def insert_literals(table: Table, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the statement that inserts rows."""
    return insert_text(table, columns, rows)


def around_rows(tables: Sequence[Table]) -> tuple[list[str], list[str]]:
    """Return the statement that leaves foreign keys to the end of the transaction.

    https://www.sqlite.org/pragma.html#pragma_defer_foreign_keys
    """
    has_keys = any(table.foreign_keys for table in tables)
    return (["PRAGMA defer_foreign_keys = ON"] if has_keys else []), []


def unread_objects(connection: Connection) -> list[str]:
    """Return the names of virtual tables, and of the tables that they keep."""
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%' ORDER BY name",
        execution_options={"no_parameters": True},
    )
    return [f"virtual table {name}" for (name,) in rows]
