"""What the driver refuses of statements sent past SQLAlchemy, as SQLAlchemy would raise it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection


def refused(
    connection: Connection, sql: str, error: BaseException, values: Any = ()
) -> sa.exc.DBAPIError:
    """Return the exception to raise for an error of the driver's own.

    Where it means that the session is lost, the connection is told: otherwise SQLAlchemy would try
    to roll it back, and log that this failed.

    Args:
        connection: where the statement was sent.
        sql: the statement.
        error: what the driver raised, one of its `Error`.
        values: what was sent with it.
    """
    dialect = connection.dialect
    driver = None if connection.closed or connection.invalidated else connection.connection
    is_lost = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
    found = sa.exc.DBAPIError.instance(
        sql,
        values,
        error,
        dialect.loaded_dbapi.Error,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    if is_lost and driver is not None:
        connection.invalidate(error)
    return found  # type: ignore[return-value]
