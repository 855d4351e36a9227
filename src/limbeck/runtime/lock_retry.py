"""Waiting for tables that others hold: short waits, told, tried again, and given up in time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from limbeck.runtime.events import Waiting
from limbeck.runtime.lock import RunLock
from limbeck.runtime.target import Target

_log = logging.getLogger("alembic.runtime.migration")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0


class Waits:
    """Counts the time that a run has waited for tables.

    Args:
        target: what env.py configured; its `lock_timeout` is the longest wait in all.
        lock: the run lock, which may limit the waits already.
    """

    def __init__(self, target: Target, lock: RunLock) -> None:
        self._target = target
        self._lock = lock
        self._patience = target.dialect.patience
        self._since: float | None = None
        self._pause = FIRST_PAUSE
        self._holders = ""
        self.hint: str | None = None
        self._back: Callable[[], None] | None = None

    def bound(self) -> None:
        """Limit the wait of each statement, for this transaction or once for the session."""
        patience, connection = self._patience, self._target.connection
        if patience is None or connection is None or self._target.table_timeout <= 0:
            return
        if self._lock.bounds:
            return
        if patience.lasts:
            if self._back is None:
                self._back = patience.bound(connection, self._target.table_timeout)
        elif connection.in_transaction():
            patience.bound(connection, self._target.table_timeout)

    def unbound(self) -> None:
        """Take the session's limit back."""
        if self._back is not None:
            self._back()
            self._back = None

    def may_go_on(self, error: BaseException) -> bool:
        """Say whether an error means that a table was held by others, and time is left."""
        self.hint = None
        connection = self._target.connection
        if self._patience is None or connection is None or self._target.table_timeout <= 0:
            return False
        if connection.invalidated or not self._patience.refused(error):
            return False
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        waited = now - self._since + self._target.table_timeout
        if waited < self._target.lock_timeout:
            return True
        held = f" ({self._holders})" if self._holders else ""
        self.hint = (
            f"Another session kept a table that this migration needs{held}. End that session or "
            "wait for it, then run the same command again; --lock-timeout says how long to try."
        )
        return False

    def find_holders(self) -> None:
        """Find out who holds tables, and tell."""
        connection = self._target.connection
        if self._patience is None or connection is None:
            return
        with suppress(SQLAlchemyError):  # telling more is a courtesy; not every user may look
            self._holders = self._patience.holders(connection)
        words = (
            f"A table is held by others{f': {self._holders}' if self._holders else ''}. Rolled "
            f"back, so that nobody waits behind this run; trying again in {self._pause:.1f} s"
        )
        _log.warning(words)
        if self._target.listener is not None:
            self._target.listener(Waiting(words))

    def pause(self) -> None:
        """Wait, longer each time."""
        time.sleep(self._pause)
        self._pause = min(self._pause * 1.6, LONGEST_PAUSE)

    def is_over(self) -> None:
        """Take note that a migration got through."""
        self._since = None
        self._pause = FIRST_PAUSE
