"""A small table that may be absent, read in one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck.dialects.raw import refused

if TYPE_CHECKING:
    from sqlalchemy import Connection

# no such database, unknown table, no such table: as SQLAlchemy reads them in `has_table`
_ABSENT = frozenset({1049, 1051, 1146})


def peek(connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...] | None:
    """Return the rows of a query, None where its table is not there.

    A statement that fails here takes no transaction with it, so that asking first is not needed.
    The driver's transaction, which the server begins, is none that SQLAlchemy knows of.
    """
    base = connection.dialect.loaded_dbapi.Error
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(sql)
        return tuple(tuple(row) for row in cursor.fetchall())
    except base as error:
        if error.args and error.args[0] in _ABSENT:
            return None
        raise refused(connection, sql, error) from error
    finally:
        cursor.close()
