"""Execute statements by the driver, without SQLAlchemy's transactions and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.compiler import SQLCompiler


def read_row(
    connection: Connection, sql: str, parameters: tuple[object, ...] = ()
) -> tuple[object, ...]:
    """Read one row directly from the driver, without SQLAlchemy's transactions and events.

    Raises:
        DBAPIError: the driver raised an error.
    """
    cursor = connection.connection.cursor()
    try:
        if parameters:
            cursor.execute(sql, parameters)
        else:
            cursor.execute(sql)
        row = cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _driver_error(connection, sql, error, parameters) from error
    finally:
        cursor.close()
    return tuple(row) if row is not None else ()


def execute_compiled(connection: Connection, compiled: SQLCompiler, values: dict[str, Any]) -> None:
    """Execute an INSERT, UPDATE or DELETE in the open transaction.

    This takes half the time of `Connection.execute`. The values must be strings, integers or
    None, which no SQLAlchemy type converts.

    Args:
        connection: the connection.
        compiled: the statement, compiled for the dialect of the connection.
        values: its values by name.

    Raises:
        DBAPIError: the driver raised an error.
    """
    found: Any = compiled.construct_params(values)
    if compiled.positiontup is not None:
        found = tuple(found[name] for name in compiled.positiontup)
    dialect, cursor = connection.dialect, connection.connection.cursor()
    try:
        dialect.do_execute(cursor, compiled.string, found)
    except dialect.loaded_dbapi.Error as error:
        raise _driver_error(connection, compiled.string, error, found) from error
    finally:
        cursor.close()


class ScriptResult(NamedTuple):
    """The result of one statement of a script.

    Args:
        rows: the returned rows.
        rowcount: the number of returned or changed rows.
    """

    rows: list[tuple[object, ...]]
    rowcount: int


def send_script(connection: Connection, script: str) -> list[ScriptResult]:
    """Send several statements in one message, without SQLAlchemy; return the result of each.

    Only for drivers that return the rows of each statement (see `Tenancy.script_drivers`).

    Raises:
        DBAPIError: the driver raised an error; a lost connection is invalidated.
    """
    answers = []
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(script)
        while True:
            # `description` would create an object for each column
            rows = [] if cursor.rownumber is None else cursor.fetchall()
            answers.append(ScriptResult(rows, cursor.rowcount))
            if not cursor.nextset():
                return answers
    except connection.dialect.loaded_dbapi.Error as error:
        raise _driver_error(connection, script, error) from error
    finally:
        cursor.close()


def _driver_error(
    connection: Connection, sql: str, error: BaseException, values: Any = ()
) -> sa.exc.DBAPIError:
    """Return the exception that SQLAlchemy would raise for an error of the driver.

    If the session is lost, the connection is invalidated. Otherwise SQLAlchemy would try to roll
    it back, and log that this failed.

    Args:
        connection: the connection on which the statement was sent.
        sql: the statement.
        error: the driver's exception, an instance of its `Error`.
        values: the values that were sent with it.
    """
    dialect = connection.dialect
    driver = None if connection.closed or connection.invalidated else connection.connection
    is_lost = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
    wrapped = sa.exc.DBAPIError.instance(
        sql,
        values,
        error,
        dialect.loaded_dbapi.Error,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    if is_lost and driver is not None:
        connection.invalidate(error)
    return wrapped  # type: ignore[return-value]
