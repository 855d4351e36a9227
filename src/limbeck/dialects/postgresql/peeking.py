"""A small table that may be absent, read in one message where the driver can send several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck.dialects.raw import refused

if TYPE_CHECKING:
    from sqlalchemy import Connection

_POINT = "limbeck_look"


def peek(connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...] | None:
    """Return the rows of a query, None where its table is not there.

    A savepoint around it, in the same message, keeps the transaction if it is not.

    Raises:
        LookupError: this driver sends one statement at a time, or no transaction is open.
    """
    if not connection.in_transaction() or not _is_psycopg(connection):
        raise LookupError(sql)
    errors = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    try:
        try:
            cursor.execute(f"SAVEPOINT {_POINT}; {sql}; RELEASE SAVEPOINT {_POINT}", prepare=False)
        except errors.errors.UndefinedTable:
            back = f"ROLLBACK TO SAVEPOINT {_POINT}; RELEASE SAVEPOINT {_POINT}"
            cursor.execute(back, prepare=False)
            return None
        cursor.nextset()
        return tuple(cursor.fetchall())
    except errors.Error as error:
        raise refused(connection, sql, error) from error
    finally:
        cursor.close()


def _is_psycopg(connection: Connection) -> bool:
    dialect = connection.dialect
    return dialect.driver == "psycopg" and not dialect.is_async
