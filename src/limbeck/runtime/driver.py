"""Statements of limbeck's own, by the driver alone: nothing of them is SQLAlchemy's to settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck.dialects import refused

if TYPE_CHECKING:
    from sqlalchemy import Connection


def send(connection: Connection, text: str, values: Any = None) -> int:
    """Send a statement inside the transaction that is open; return how many rows it matched.

    Args:
        connection: where.
        text: the statement, in the driver's words.
        values: its values, as the driver takes them.

    Raises:
        DBAPIError: as SQLAlchemy would raise it.
    """
    dialect = connection.dialect
    if values is None:
        values = () if dialect.positional else {}  # so that the driver halves percent signs
    base = dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        dialect.do_execute(cursor, text, values)
        return int(cursor.rowcount)
    except base as error:
        raise refused(connection, text, error, values) from error
    finally:
        cursor.close()


def is_watched(connection: Connection) -> bool:
    """Say whether somebody listens to what goes through SQLAlchemy, or reads its log."""
    heard = (
        listeners
        for owner in (connection, connection.engine)
        for listeners in (
            owner.dispatch.before_cursor_execute,
            owner.dispatch.after_cursor_execute,
        )
    )
    return bool(connection.engine.echo) or any(heard)
