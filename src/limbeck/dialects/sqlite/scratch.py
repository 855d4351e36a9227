"""SQLite: rows and digests of scratch databases, which are files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from limbeck.catalog import Key, Table
from limbeck.dialects.row_literals import in_order, insert_text, order_by, stored_columns
from limbeck.dialects.scratch_rules import error_state
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OUTSIDE = re.compile(r"\s*(ATTACH\b|VACUUM\s+(?:\w+\s+)?INTO\b)", re.IGNORECASE)
_VIOLATIONS = (
    ("NOT NULL constraint failed", "null"),
    ("UNIQUE constraint failed", "unique"),
    ("FOREIGN KEY constraint failed", "foreign key"),
    ("CHECK constraint failed", "check"),
    ("datatype mismatch", "value"),
    ("cannot store", "value"),
)


def effect_outside(sql: str, _name: str) -> str | None:
    """Return what a statement does outside the file, or None."""
    match = _OUTSIDE.match(sql)
    if match is None:
        return None
    # https://www.sqlite.org/lang_attach.html, https://www.sqlite.org/lang_vacuum.html
    return "opens another file" if match[1].upper().startswith("ATTACH") else "writes another file"


def insert_rows(table: Key, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return statements that insert the rows which violate no constraint."""
    into = f"INSERT OR IGNORE INTO {quote_path(*table.path)}"
    if not columns:
        return [f"{into} DEFAULT VALUES"] * len(rows)
    names = ", ".join(map(quote_identifier, columns))
    values = ",\n".join(f"({', '.join(row)})" for row in rows)
    return [f"{into} ({names}) VALUES\n{values}"]


def defer_checks(off: bool) -> list[str]:  # noqa: FBT001 - the record's signature
    """Return the statement that disables or enables foreign keys."""
    # https://www.sqlite.org/pragma.html#pragma_foreign_keys
    return [f"PRAGMA foreign_keys = {'OFF' if off else 'ON'}"]


def row_violation(error: BaseException) -> str | None:
    """Return which constraint existing rows violate; None for other errors."""
    _, _, message = error_state(error)
    return next((kind for phrase, kind in _VIOLATIONS if phrase in message), None)


def select_text(table: Key, columns: Sequence[str]) -> str:
    """Return a SELECT of the values of all rows as text."""
    shown = ", ".join(quote_identifier(column) for column in columns) or "1"
    return f"SELECT {shown} FROM {quote_path(*table.path)}"


def clear(connection: Connection) -> list[str]:
    """Return the SQL that drops all tables and views."""
    rows = connection.exec_driver_sql(
        "SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return [f"DROP {kind.upper()} IF EXISTS {quote_identifier(name)}" for kind, name in rows]


def row_literals(connection: Connection, table: Table) -> list[tuple[str, ...]]:
    """Return all rows of a table as literals.

    https://www.sqlite.org/lang_corefunc.html#quote
    """
    shown = ", ".join(f"quote({quote_identifier(column.name)})" for column in stored_columns(table))
    rows = connection.exec_driver_sql(
        f"SELECT {shown or 1} FROM {quote_path(*table.key.path)}{order_by(table)}",
        execution_options={"no_parameters": True},
    )
    return in_order(table, [tuple(map(str, row)) for row in rows])


def insert_literals(table: Table, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the statement that inserts rows."""
    return insert_text(table, columns, rows)


def around_rows(tables: Sequence[Table]) -> tuple[list[str], list[str]]:
    """Return the statement that defers foreign keys to the end of the transaction.

    https://www.sqlite.org/pragma.html#pragma_defer_foreign_keys
    """
    has_keys = any(table.foreign_keys for table in tables)
    return (["PRAGMA defer_foreign_keys = ON"] if has_keys else []), []


def unread_objects(connection: Connection) -> list[str]:
    """Return the names of virtual tables and their shadow tables."""
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%' ORDER BY name",
        execution_options={"no_parameters": True},
    )
    return [f"virtual table {name}" for (name,) in rows]
