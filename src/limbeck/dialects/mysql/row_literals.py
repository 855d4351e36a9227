"""Write rows of MySQL and MariaDB as literals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import Column, Table
from limbeck.dialects.row_literals import in_order, insert_text, order_by, stored_columns
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MARK = "`"
_BINARY = ("binary", "varbinary", "bit", "geometry", "point", "polygon", "vector")
_NUMBER = re.compile(r"-?\d*\.?\d+(?:e[-+]?\d+)?", re.IGNORECASE)
_UNREAD = """
SELECT CONCAT('event ', EVENT_NAME), CONCAT_WS(' ', EVENT_DEFINITION, EXECUTE_AT, INTERVAL_VALUE,
  INTERVAL_FIELD, ENDS, STATUS, ON_COMPLETION, EVENT_COMMENT)
FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
"""
_NUMBERS = ("int", "decimal", "numeric", "year")


def row_literals(connection: Connection, table: Table) -> list[tuple[str, ...]]:
    """Return all rows of a table as literals."""
    columns = stored_columns(table)
    shown = ", ".join(map(_shown, columns))
    order = order_by(table, _MARK)
    connection.exec_driver_sql("SET time_zone = '+00:00'")
    rows = connection.exec_driver_sql(
        f"SELECT {shown or 1} FROM {quote_path(*table.key.path, mark=_MARK)}{order}",  # noqa: S608 - quoted names
        execution_options={"no_parameters": True},
    )
    literals = [
        tuple(_literal(column, value) for column, value in zip(columns, row, strict=True))
        for row in rows
    ]
    return in_order(table, literals)


def insert_literals(table: Table, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the statement that inserts rows."""
    return insert_text(table, columns, rows, mark=_MARK)


def around_rows(tables: Sequence[Table]) -> tuple[list[str], list[str]]:
    """Return statements that fix the time zone of timestamps, and preserve zero in keys.

    https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html#sqlmode_no_auto_value_on_zero
    """
    if not tables:
        return [], []
    before = (
        "SET @limbeck_time_zone = @@time_zone, @limbeck_sql_mode = @@sql_mode,"
        " time_zone = '+00:00', sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"
    )
    return [before], ["SET time_zone = @limbeck_time_zone, sql_mode = @limbeck_sql_mode"]


def unread_objects(connection: Connection) -> list[str]:
    """Return the names of events."""
    rows = connection.execute(
        sa.text(
            "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"
            " ORDER BY 1"
        )
    )
    return [f"event {name}" for (name,) in rows]


def unread_properties(connection: Connection) -> Mapping[str, str]:
    """Return the definitions of events, by description."""
    rows = connection.execute(sa.text(_UNREAD))
    return {str(words): str(value) for words, value in rows}


def as_literal(default: str) -> str:
    """Return a default in a form that SQLAlchemy does not put in parentheses.

    In parentheses it would be an expression, which MySQL treats as another kind of default:
    https://dev.mysql.com/doc/refman/8.4/en/data-type-defaults.html
    """
    return f"'{default}'" if _NUMBER.fullmatch(default) else default


def _shown(column: Column) -> str:
    name = quote_identifier(column.name, _MARK)
    if _is_binary(column):
        return f"HEX({name})"
    if column.type.name == "float":
        # as text, a float has only six digits
        return f"CAST(CAST({name} AS DOUBLE) AS CHAR)"
    return f"CAST({name} AS CHAR)"


def _is_binary(column: Column) -> bool:
    return column.type.name in _BINARY or column.type.name.endswith("blob")


def _literal(column: Column, value: object) -> str:
    if value is None:
        return "NULL"
    text = value.decode() if isinstance(value, bytes) else str(value)
    if _is_binary(column):
        return f"X'{text}'"
    if column.type.name.endswith(_NUMBERS):
        return text
    if "\\" in text or "\0" in text:
        # the meaning of a backslash depends on the SQL mode
        return f"_utf8mb4 X'{text.encode().hex()}'"
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
