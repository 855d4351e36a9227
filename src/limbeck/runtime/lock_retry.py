"""Retry a migration that waited too long for a table, until `lock_timeout` has passed."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from limbeck.runtime.events import Waiting
from limbeck.runtime.target import Target
from limbeck.text import visible

_log = logging.getLogger("alembic.runtime.migration")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0


class LockRetry:
    """Decides whether to retry, and measures the time that a run has waited for tables.

    Args:
        target: what env.py configured; its `lock_timeout` is the longest wait in all.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._patience = target.dialect.patience
        self._since: float | None = None
        self._pause = FIRST_PAUSE
        self._holders = ""

    def is_table_busy(self, error: BaseException) -> bool:
        """Return whether an error means that another session holds a table."""
        connection = self._target.connection
        if self._patience is None or connection is None or self._target.table_timeout <= 0:
            return False
        return not connection.invalidated and self._patience.refused(error)

    def has_time(self) -> bool:
        """Return whether time is left for another attempt."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        waited = now - self._since + self._target.table_timeout
        return waited < self._target.lock_timeout

    @property
    def hint(self) -> str:
        """What to do when no time is left."""
        held = f" ({self._holders})" if self._holders else ""
        return (
            f"Another session kept a table that this migration needs{held}. End that session or "
            "wait for it, then run the same command again; --lock-timeout says how long to try."
        )

    def report_holders(self, holder: str = "") -> None:
        """Log why the run waits, and send it to the listener.

        Args:
            holder: who holds the run lock; "" to find out which sessions hold tables.
        """
        connection = self._target.connection
        if holder:
            self._report(holder)
            return
        if self._patience is None or connection is None:
            return
        with suppress(SQLAlchemyError):  # not every user may read the list of sessions
            self._holders = visible(self._patience.holders(connection))
        text = (
            f"A table is held by others{f': {self._holders}' if self._holders else ''}. Rolled "
            "back, so that nobody waits behind this run; the migration, its Python code too, runs "
            f"again from its first statement in {self._pause:.1f} s"
        )
        self._report(text)

    def _report(self, text: str) -> None:
        _log.warning(text)
        if self._target.listener is not None:
            self._target.listener(Waiting(text))

    def pause(self) -> None:
        """Sleep, longer each time."""
        time.sleep(self._pause)
        self._pause = min(self._pause * 1.6, LONGEST_PAUSE)

    def reset(self) -> None:
        """Start the measurement again after a migration that succeeded."""
        self._since = None
        self._pause = FIRST_PAUSE
