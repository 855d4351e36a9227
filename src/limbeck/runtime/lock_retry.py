"""Retry a migration that waited too long for a table, until `lock_timeout` has passed."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from limbeck.runtime.events import Waiting
from limbeck.runtime.target import Target
from limbeck.text import visible_line

_log = logging.getLogger("alembic.runtime.migration")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0


class LockRetry:
    """Decides whether to retry, and measures how long a run has waited for tables.

    Args:
        target: what env.py configured; its `lock_timeout` limits the total wait.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._table_lock_timeout = target.dialect.table_lock_timeout
        self._since: float | None = None
        self._pause = FIRST_PAUSE
        self._holders = ""

    def is_table_busy(self, error: BaseException) -> bool:
        """Return whether an error means that another session has locked a table."""
        connection = self._target.connection
        if (
            self._table_lock_timeout is None
            or connection is None
            or self._target.table_timeout <= 0
        ):
            return False
        return not connection.invalidated and self._table_lock_timeout.is_lock_error(error)

    def has_time(self) -> bool:
        """Return whether time is left for another attempt."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        waited = now - self._since + self._target.table_timeout
        return waited < self._target.lock_timeout

    @property
    def hint(self) -> str:
        """What to do after the timeout."""
        held = f" ({self._holders})" if self._holders else ""
        return (
            f"Another session has locked a table that this migration needs{held}. End that session "
            "or wait for it, then run the same command again; --lock-timeout limits the wait."
        )

    def report_holders(self, holder: str = "") -> None:
        """Log why the run waits, and send it to the listener.

        Args:
            holder: the holder of the run lock; "" to search for the sessions that lock tables.
        """
        connection = self._target.connection
        if holder:
            self._report(holder)
            return
        if self._table_lock_timeout is None or connection is None:
            return
        with suppress(SQLAlchemyError):  # reading the sessions may need a privilege
            self._holders = visible_line(self._table_lock_timeout.holders(connection))
        text = (
            f"Another session has locked a table{f': {self._holders}' if self._holders else ''}. "
            "The migration was rolled back, so that other sessions do not wait for it. It runs "
            f"again from the start, including its Python code, in {self._pause:.1f} s"
        )
        self._report(text)

    def _report(self, text: str) -> None:
        _log.warning(text)
        if self._target.listener is not None:
            self._target.listener(Waiting(text))

    def pause(self) -> None:
        """Sleep, each time for longer."""
        time.sleep(self._pause)
        self._pause = min(self._pause * 1.6, LONGEST_PAUSE)

    def reset(self) -> None:
        """Restart the measurement after a successful migration."""
        self._since = None
        self._pause = FIRST_PAUSE
