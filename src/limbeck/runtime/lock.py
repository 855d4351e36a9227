"""The run lock: only one runner at a time changes a version table. Also limits table waits.

A migration that has waited too long for a table is repeated until `lock_timeout` has passed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from limbeck.dialects import wait_for
from limbeck.errors import JournalOffError, LockTimeoutError
from limbeck.runtime.events import Waiting
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.target import Target
from limbeck.text import visible_line

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from typing_extensions import Self

_log = logging.getLogger("alembic.runtime.migration")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0


class RunLock:
    """Takes the lock for a version table, and limits how long statements wait for tables.

    If the database only has locks of transactions, the lock is taken again in each transaction.

    Args:
        target: what env.py configured.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection = target.connection
        self._mutex = target.dialect.mutex
        self._table_lock_timeout = target.dialect.table_lock_timeout
        self._session = ExitStack()
        self._transaction = ExitStack()
        self._across_commit = ExitStack()
        self._is_session_lock = False
        self._sets_table_timeout = False
        self._is_held = False
        self._was_tried = False
        self._is_wanted = (
            target.locking and self._connection is not None and self._mutex is not None
        )
        self._restore_table_timeout: Callable[[], None] | None = None
        self._other_commits: object = None

    @property
    def is_transaction_lock(self) -> bool:
        """Whether the database only has locks of transactions."""
        return self._is_wanted and self._target.dialect.capabilities.lock_in_transaction

    @property
    def is_missing(self) -> bool:
        """Whether no lock can be held: in AUTOCOMMIT behind a pooler.

        A lock of the session would remain in the pool, a lock of the transaction would end with its
        statement.
        """
        if not self._was_tried or self._is_session_lock or self._connection is None:
            return False
        # SQLAlchemy has no public name for "of the connection, else of the engine"
        commits_each = self._connection._is_autocommit_isolation()
        return commits_each and self._target.dialect.activity is not None

    def of_transaction(
        self, connection: Connection, timeout: float = 0.0
    ) -> AbstractContextManager[bool]:
        """Return a lock of the open transaction of the server, with at least one attempt.

        Raises:
            LockTimeoutError: another runner holds the lock.
        """
        assert self._mutex is not None  # noqa: S101 - `is_missing` requires it; for mypy
        return self._mutex(connection, self.name, timeout=timeout, waiting=_ignore_wait)

    @cached_property
    def name(self) -> str:
        """The name of the lock in its database: the full name of the version table."""
        namespace = self._target.version_table_schema
        if self._connection is not None:
            names = self._connection.get_execution_options().get("schema_translate_map") or {}
            namespace = names.get(namespace, namespace)
        return f"{namespace or ''}.{self._target.version_table}"

    def __enter__(self) -> Self:
        ready = self._target.dialect.ready_mutex
        if self._is_wanted and ready is not None and self._connection is not None:
            self._mutex = self._session.enter_context(
                ready(self._connection, timeout=self._target.lock_timeout)
            )
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._restore_table_timeout is not None:
            self._restore_table_timeout()
            self._restore_table_timeout = None
        self.end_transaction()
        self._across_commit.close()
        self._session.close()

    def take(self) -> None:
        """Take the lock for the rest of the run, if the database has session locks.

        Raises:
            DatabaseError: another runner held it for longer than `lock_timeout`.
        """
        if self._is_wanted and not self._is_held and self._connection is not None:
            self._enter(self._connection, self._session)
            self.end_transaction()

    def take_in_transaction(self) -> bool:
        """Take a lock in the open transaction, unless a lock is already held.

        Returns:
            True if the lock is new: other runners may have held it since the last transaction.
        """
        if not self._is_wanted or self._is_held or self._connection is None:
            return False
        self._enter(self._connection, self._transaction)
        self._is_held = True
        return True

    def is_changed(self) -> bool:
        """Return whether another connection may have committed since the last call.

        Call it while the lock is held, and read the version rows again if it returns True.
        """
        read = self._target.dialect.other_commits
        if read is None or self._connection is None or self._target.version_table_schema:
            return True
        before, self._other_commits = self._other_commits, read(self._connection)
        return self._other_commits != before

    def hold_across_commit(self) -> bool:
        """Keep the lock after the end of the transaction, until `reacquire` in the next one.

        Returns:
            False if the session cannot hold a lock.
        """
        if not self._is_wanted or self._is_session_lock:
            return True
        if self._connection is None or self._mutex is None:
            return True
        return self._across_commit.enter_context(
            self._mutex(
                self._connection,
                self.name,
                timeout=self._target.lock_timeout,
                waiting=self.report_wait,
                lasting=True,
            )
        )

    def reacquire(self) -> None:
        """Take the lock again in the transaction after a COMMIT in the middle of a move."""
        if not self._is_session_lock:
            self.end_transaction()
            self.take_in_transaction()
            self._across_commit.close()
        self.limit_table_waits()

    def release(self) -> None:
        """Release the session lock before the end of the run; `take` takes it again."""
        if self._is_session_lock:
            self._session.close()
            self._is_session_lock = self._is_held = False

    def end_transaction(self) -> None:
        """Release the lock of a transaction."""
        self._transaction.close()
        self._is_held = self._is_session_lock
        self._sets_table_timeout = self._sets_table_timeout and self._is_session_lock

    def limit_table_waits(self) -> None:
        """Limit how long each statement waits for a table, unless the lock has set the limit.

        The limit is set for the session or for the transaction, depending on the database.
        """
        table_lock_timeout, connection = self._table_lock_timeout, self._connection
        if table_lock_timeout is None or connection is None or self._target.table_timeout <= 0:
            return
        if self._sets_table_timeout:
            return
        if table_lock_timeout.is_per_session:
            if self._restore_table_timeout is None:
                self._restore_table_timeout = table_lock_timeout.limit(
                    connection, self._target.table_timeout
                )
        elif connection.in_transaction():
            table_lock_timeout.limit(connection, self._target.table_timeout)

    def _enter(self, connection: Connection, stack: ExitStack) -> None:
        assert self._mutex is not None  # noqa: S101 - `_is_wanted` requires it; for mypy
        self._was_tried = True
        comes = self._table_lock_timeout is not None and self._table_lock_timeout.set_with_run_lock
        limit = max(self._target.table_timeout, 0.0) if comes else 0.0
        self._is_session_lock = stack.enter_context(
            self._mutex(
                connection,
                self.name,
                timeout=self._target.lock_timeout,
                waiting=self.report_wait,
                table_timeout=limit,
            )
        )
        # a session lock does not set a limit of the transaction
        self._sets_table_timeout = (
            limit > 0
            and self._table_lock_timeout is not None
            and self._table_lock_timeout.is_per_session == self._is_session_lock
        )

    def report_wait(self, holder: str) -> None:
        """Log the holder of the lock, and send it to the listener."""
        _log.info("Waiting for the run lock: %s", holder)
        if self._target.listener is not None:
            self._target.listener(Waiting(holder))


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


def _ignore_wait(_holder: str) -> None:
    """Report no wait."""


_PATIENCE = 10.0  # seconds to wait for runs that check whether the row exists


class RunRow:
    """Holds the row during a run, if no other lock is held.

    Args:
        target: what env.py configured.
        table: the journal's table.
        lock: the run lock.
    """

    def __init__(self, target: Target, table: JournalTable, lock: RunLock) -> None:
        self._target = target
        self._connection = target.connection
        self._table = table
        self._lock = lock
        self._holder = ""

    def take(self) -> None:
        """Write the row, unless the row or another lock is held.

        Raises:
            LockTimeoutError: another run held the lock for longer than `lock_timeout`.
            JournalOffError: the journal is off.
        """
        connection = self._connection
        if connection is None or self._table.lease.is_held or not self._lock.is_missing:
            return
        if self._target.journal == "off":
            raise JournalOffError(
                "A connection in AUTOCOMMIT behind a pooler holds the run lock by a row of the "
                "journal, which is off",
                hint="Nothing was run. Set `journal = auto`, or connect without the pooler.",
            )
        wait_for(
            lambda: self._try(connection),
            timeout=self._target.lock_timeout,
            waiting=self._lock.report_wait,
            holder=lambda: self._holder,
        )

    def _try(self, connection: Connection) -> bool:
        connection.exec_driver_sql("BEGIN")
        try:
            with self._lock.of_transaction(connection):
                is_had = self._write(connection)
        except LockTimeoutError as error:
            is_had, self._holder = False, error.message
        except BaseException:
            with suppress(SQLAlchemyError):  # the first error is the one to report
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT" if is_had else "ROLLBACK")
        return is_had

    def _write(self, connection: Connection) -> bool:
        """Write the row, unless another run has one."""
        self._table.forget_reads()
        lease = self._table.lease
        if self._table.find_table(connection) and (holder := lease.find_other(connection)):
            self._holder = holder
            return False
        self._table.create(connection)
        lease.take(connection, lasts=True)
        return True

    def release(self) -> None:
        """Delete the row if it is held, and drop the table if it is empty."""
        connection = self._connection
        if connection is None or not self._table.lease.is_held:
            return
        connection.exec_driver_sql("BEGIN")
        try:
            # other runs read the table while they hold the run lock
            with suppress(LockTimeoutError), self._lock.of_transaction(connection, _PATIENCE):
                self._table.lease.release(connection, at_end=True)
                if self._target.journal != "keep":
                    self._table.drop_if_empty(connection, in_transaction=True)
            # if the lock was not free: the row is deleted anyway, and the empty table is left
            self._table.lease.release(connection, at_end=True)
        except BaseException:
            with suppress(SQLAlchemyError):  # the first error is the one to report
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    @contextmanager
    def released(self) -> Iterator[None]:
        """Delete the row at the end of a block, also after an error."""
        try:
            yield
        finally:
            connection = self._connection
            if connection is not None and not (connection.closed or connection.invalidated):
                with suppress(SQLAlchemyError):  # the first error is the one to report
                    self._end_failed_statement(connection)
                    self.release()

    def _end_failed_statement(self, connection: Connection) -> None:
        """Roll back the transaction that the journal has begun for a failed statement."""
        has_transaction = self._target.dialect.has_transaction
        if not self._table.lease.is_held or has_transaction is None:
            return
        if has_transaction(connection):
            connection.exec_driver_sql("ROLLBACK")
