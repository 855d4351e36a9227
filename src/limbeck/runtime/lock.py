"""The run lock: one runner at a time, whatever their number."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from limbeck.errors import LimbeckError
from limbeck.runtime.events import Listener, Waiting
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from typing_extensions import Self

_log = logging.getLogger("alembic.runtime.migration")


class Stale(LimbeckError):
    """Another runner moved the database on; the route is worked out anew."""

    code = "LB311"


class RunLock:
    """Takes the lock of a target's version table.

    A lock that lasts only for a transaction is taken again in each.

    Attributes:
        lasts: the lock that is held is the session's.
        bounds: statements under the lock that is held wait for tables for a bounded time.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection = target.connection
        self._mutex = target.dialect.mutex
        self._stack = ExitStack()
        self._holds = ExitStack()
        self._over = ExitStack()
        self.lasts = False
        self.bounds = False
        self._is_held = False
        self._wanted = target.locking and self._connection is not None and self._mutex is not None

    @property
    def is_of_transactions(self) -> bool:
        """Say whether this database has no lock but that of a transaction."""
        return self._wanted and self._target.dialect.capabilities.lock_in_transaction

    @cached_property
    def name(self) -> str:
        """What distinguishes this lock on one database: the version table's full name."""
        namespace = self._target.version_table_schema
        if self._connection is not None:
            names = self._connection.get_execution_options().get("schema_translate_map") or {}
            namespace = names.get(namespace, namespace)
        return f"{namespace or ''}.{self._target.version_table}"

    def __enter__(self) -> Self:
        ready = self._target.dialect.ready_mutex
        if self._wanted and ready is not None and self._connection is not None:
            self._mutex = self._stack.enter_context(
                ready(self._connection, timeout=self._target.lock_timeout)
            )
        return self

    def __exit__(self, *_exception: object) -> None:
        self.end_transaction()
        self._over.close()
        self._stack.close()

    def take(self) -> None:
        """Take the lock for the rest of the run, as far as this database can.

        Raises:
            DatabaseError: somebody else kept it for longer than the target allows.
        """
        if self._wanted and not self._is_held and self._connection is not None:
            self._enter(self._connection, self._stack)
            self._is_held = self.lasts
            self.bounds = self.bounds and self.lasts

    def take_in_transaction(self) -> bool:
        """Take a lock that lasts for this transaction only, where no longer one is held.

        Returns:
            True when the version rows must be read again.
        """
        if not self._wanted or self._is_held or self._connection is None:
            return False
        self._enter(self._connection, self._holds)
        self._is_held = True
        return True

    def bridge(self) -> None:
        """Keep the lock over the end of a transaction, until it is taken again in the next."""
        if not self._wanted or self.lasts or self._connection is None or self._mutex is None:
            return
        self._over.enter_context(
            self._mutex(
                self._connection,
                self.name,
                timeout=self._target.lock_timeout,
                waiting=self._wait,
                lasting=True,
            )
        )

    def rejoin(self) -> None:
        """Take the lock in a transaction that goes on after a block outside transactions."""
        if self.lasts:
            return
        self.end_transaction()
        self.take_in_transaction()
        self._over.close()

    def end_transaction(self) -> None:
        """Let go of what was held for one transaction."""
        self._holds.close()
        self._is_held = self.lasts
        self.bounds = self.bounds and self.lasts

    def _enter(self, connection: Connection, stack: ExitStack) -> None:
        assert self._mutex is not None  # noqa: S101 - `_wanted` says so; this tells mypy
        patience = self._target.dialect.patience
        comes = patience is not None and patience.comes_with_lock
        limit = max(self._target.table_timeout, 0.0) if comes else 0.0
        self.lasts = stack.enter_context(
            self._mutex(
                connection,
                self.name,
                timeout=self._target.lock_timeout,
                waiting=self._wait,
                table_timeout=limit,
            )
        )
        # the limit of a transaction does not come with a lock that lasts for longer
        self.bounds = limit > 0 and patience is not None and patience.lasts == self.lasts

    def _wait(self, words: str) -> None:
        _log.info("Waiting for the run lock: %s", words)
        tell(self._target.listener, words)


def tell(listener: Listener | None, words: str) -> None:
    """Tell a listener that somebody else holds the lock."""
    if listener is not None:
        listener(Waiting(words))
