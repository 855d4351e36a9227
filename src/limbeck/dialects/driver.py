"""Execute statements by the driver, without SQLAlchemy's transactions and events.

The run locks of all databases use the functions for waiting, progress messages and release.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event

from limbeck.errors import LockTimeoutError
from limbeck.text import visible_line

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


FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


def wait_for(
    take: Callable[[], bool],
    *,
    timeout: float,
    waiting: Callable[[str], None],
    holder: Callable[[], str],
) -> None:
    """Try to take a lock until it succeeds or the time is up.

    Args:
        take: tries once, without blocking for long.
        timeout: in seconds.
        waiting: called once, with a description of the lock's holder.
        holder: returns that description.

    Raises:
        LockTimeoutError: the time is up.
    """
    end = time.monotonic() + timeout
    pause = FIRST_PAUSE
    is_reported = False
    while not take():
        if time.monotonic() >= end:
            raise LockTimeoutError(
                f"Another migration run holds the lock and did not end within {timeout:g} s: "
                f"{visible_line(holder())}",
                hint="Wait for it, or give --lock-timeout a longer time. The lock is released when "
                "the session that holds it ends; nothing needs to be cleaned up.",
            )
        if not is_reported:
            is_reported = True
            waiting(visible_line(holder()))
        time.sleep(min(pause, max(0.0, end - time.monotonic())))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def release_after_transaction(
    connection: Connection, release: Callable[[], None], *, may_fail: bool = True
) -> None:
    """Release a session's lock once its transaction has ended; immediately if there is none.

    If the lock were released earlier, the next run would read uncommitted version rows.

    Args:
        connection: the connection whose session holds the lock.
        release: releases the lock.
        may_fail: a transaction in which a statement failed accepts no further statements.
    """
    if connection.closed or connection.invalidated:
        return  # the session has ended, and the lock with it
    if not connection.in_transaction():
        _release(connection, release)
        return

    # listeners cannot be removed while their event is being dispatched, so they disable themselves
    pending = [release]

    def committing(conn: Connection) -> None:
        if pending:
            conn.connection.dbapi_connection.commit()  # type: ignore[union-attr]
            _release(conn, pending.pop())

    def rolling_back(conn: Connection) -> None:
        if pending:
            if may_fail:
                conn.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
            _release(conn, pending.pop())

    event.listen(connection, "commit", committing)
    event.listen(connection, "rollback", rolling_back)


def _release(connection: Connection, release: Callable[[], None]) -> None:
    try:
        release()
    except Exception:  # noqa: BLE001 - after any error, the session has to end together with its lock
        with contextlib.suppress(Exception):
            connection.invalidate()
