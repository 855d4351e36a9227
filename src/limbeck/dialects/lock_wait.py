"""Functions for the run locks of all databases: waiting, progress messages and release."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import event

from limbeck.errors import LockTimeoutError
from limbeck.text import visible_line

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
