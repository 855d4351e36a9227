"""Several statements in one message, where the driver can: a far server answers once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection

_POINT = "limbeck_look"


def first_row(connection: Connection, statement: sa.TextClause, values: Mapping[str, Any]) -> Any:
    """Return the first row of a statement, sent together with the BEGIN that is still due.

    Args:
        connection: in a transaction, as far as SQLAlchemy knows.
        statement: what to send.
        values: its parameters.

    Raises:
        DBAPIError: as SQLAlchemy would raise it.
    """
    pipeline = _pipeline(connection)
    if pipeline is None:
        return connection.execute(statement, values).first()
    compiled = statement.compile(dialect=connection.dialect)
    cursor: Any = connection.connection.cursor()

    def send() -> Any:
        with pipeline():
            cursor.execute(str(compiled), compiled.construct_params(values))
        return cursor.fetchone()

    return _told(connection, cursor, str(compiled), send)


def peek(connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...] | None:
    """Return the rows of a query, None where its table is not there.

    A savepoint around it, in the same message, keeps the transaction if it is not.

    Raises:
        LookupError: this driver sends one statement at a time, or no transaction is open.
    """
    if not connection.in_transaction() or not _is_psycopg(connection):
        raise LookupError(sql)
    cursor: Any = connection.connection.cursor()
    absent = connection.dialect.loaded_dbapi.errors.UndefinedTable

    def read() -> tuple[tuple[Any, ...], ...] | None:
        try:
            cursor.execute(f"SAVEPOINT {_POINT}; {sql}; RELEASE SAVEPOINT {_POINT}", prepare=False)
        except absent:
            cursor.execute(
                f"ROLLBACK TO SAVEPOINT {_POINT}; RELEASE SAVEPOINT {_POINT}", prepare=False
            )
            return None
        cursor.nextset()
        return tuple(cursor.fetchall())

    rows: tuple[tuple[Any, ...], ...] | None = _told(connection, cursor, sql, read)
    return rows


def _told(connection: Connection, cursor: Any, sql: str, act: Callable[[], Any]) -> Any:
    base = connection.dialect.loaded_dbapi.Error
    try:
        return act()
    except base as error:
        raise sa.exc.DBAPIError.instance(sql, (), error, base) from error
    finally:
        cursor.close()


def _is_psycopg(connection: Connection) -> bool:
    dialect = connection.dialect
    return dialect.driver == "psycopg" and not dialect.is_async


def _pipeline(connection: Connection) -> Any:
    if not _is_psycopg(connection):
        return None
    if not connection.dialect.loaded_dbapi.Pipeline.is_supported():
        return None
    return getattr(connection.connection.driver_connection, "pipeline", None)
