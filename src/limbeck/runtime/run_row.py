"""The run lock of an AUTOCOMMIT connection behind a pooler: a row of the journal.

Its sessions and transactions end after each statement, so it cannot hold a lock of the server. The
row is written in one transaction, while the run lock is held, before anything else is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from limbeck.dialects import wait_for
from limbeck.errors import JournalOffError, LockTimeoutError
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.lock import RunLock
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
