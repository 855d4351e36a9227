"""The journal: records which statements of a move are done if a transaction cannot undo them.

A statement that commits implicitly, or that cannot run inside a transaction, is a checkpoint. Its
row is written before the statement runs. `Journal` listens to the connection, classifies each
statement and skips those that an earlier, interrupted run has executed. `Checkpoints` compares the
statements with the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from limbeck.dialects import StatementClass, classify, written_rows
from limbeck.history import Heads, Move
from limbeck.runtime.checkpoints import Checkpoint, Checkpoints
from limbeck.runtime.errors import LockLostError
from limbeck.runtime.events import BatchDone, Skipped, Stepped
from limbeck.runtime.journal_row import Row
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.lock import RunLock
from limbeck.runtime.session_names import SessionNames
from limbeck.runtime.target import Target
from limbeck.runtime.version_table import VersionTable, scope
from limbeck.sql import mask_secrets
from limbeck.text import visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import TablePath

_log = logging.getLogger("alembic.runtime.migration")
_NO_ROWS = "SELECT 1 FROM (SELECT 1 AS x) AS t WHERE x IS NULL"


class Journal:
    """Listens to the statements of a move, records checkpoints and skips those that are done.

    Args:
        target: what env.py configured.
        table: the journal's table.
        lock: the run lock, which must also be held after a COMMIT of the script.
        versions: the version table.
        names: the default schema of the session.
    """

    def __init__(
        self,
        target: Target,
        table: JournalTable,
        lock: RunLock,
        versions: VersionTable,
        names: SessionNames,
    ) -> None:
        self._target = target
        self._connection = target.connection
        self._table = table
        self._lock = lock
        self._versions = versions
        self._is_on = target.journal != "off" and self._connection is not None
        self._commits_ddl = not (
            target.dialect.capabilities.transactional_ddl
            or target.dialect.capabilities.lock_in_transaction
        )
        self._checkpoints = Checkpoints(target, table, names)
        self._move: Move | None = None
        self._rows: Heads = frozenset()
        self._is_paused = False
        self._expects_commit = False
        self._is_lock_released = False
        self._is_step_permanent = False
        self._had_transaction = False
        self._permanent_tables: dict[TablePath, bool] = {}
        self._names = names

    # ── runs and moves ────────────────────────────────────────────────────

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Listen to the connection during a run."""
        connection = self._connection
        if not self._is_on or connection is None:
            yield
            return
        event.listen(connection, "before_cursor_execute", self._before, retval=True)
        event.listen(connection, "after_cursor_execute", self._after)
        event.listen(connection, "commit", self._on_commit)
        event.listen(connection, "rollback", self._on_rollback)
        try:
            yield
        finally:
            event.remove(connection, "rollback", self._on_rollback)
            event.remove(connection, "before_cursor_execute", self._before)
            event.remove(connection, "after_cursor_execute", self._after)
            event.remove(connection, "commit", self._on_commit)

    @contextmanager
    def watch(self, move: Move, rows: Heads) -> Iterator[None]:
        """Process the statements of one move, before which the version rows are `rows`."""
        connection = self._connection
        self._checkpoints.clear()
        if not self._is_on or connection is None or move.direction == "stamp":
            yield
            return
        with self._pause():
            is_resumed = self._checkpoints.load(connection, move)
        if is_resumed:
            _log.info("Resuming %s, which an earlier run began", move.revision.id)
        self._move, self._rows = move, rows
        self._permanent_tables.clear()
        self._is_step_permanent = False
        self._had_transaction = self._has_transaction(connection) is True
        try:
            yield
            self._find_unseen_end(connection, move)
            self._reacquire_lock()
        except BaseException as error:
            # the server may roll back the transaction together with the failed statement
            if not isinstance(error, DBAPIError):
                self._find_unseen_end(connection, move)
            raise
        finally:
            self._move = None
            self._is_lock_released = False
        with self._pause():
            self._checkpoints.verify(connection)

    @property
    def steps(self) -> int:
        """The number of recorded steps of the move."""
        return self._checkpoints.steps

    @property
    def outcomes(self) -> tuple[int, int]:
        """After a failure, the number of steps that are done, and of those that are unknown."""
        return self.steps - self.is_step_running, self._checkpoints.unknown_rows

    @property
    def is_step_running(self) -> bool:
        """Whether the last recorded statement has not ended successfully."""
        return self._checkpoints.is_step_running

    def clear(self) -> None:
        """Forget the previous move."""
        self._checkpoints.clear()

    def restart(self) -> None:
        """Discard the rows that were read, because the run starts again."""
        self._table.forget_reads()

    def delete_steps(self, move: Move) -> None:
        """Delete the rows of the revisions that a move covers."""
        if self._is_on and self._connection is not None:
            passed = {move.revision.id, *(move.before ^ move.after), *move.passed}
            is_stamp = move.direction == "stamp"
            has_rows = self._table.delete_steps(self._connection, passed, is_stamp=is_stamp)
            here = {move.revision.id, *move.passed}
            has_rows = self._table.delete_skipped(self._connection, here) or has_rows
            self._drop_in_transaction(self._connection, has_rows=has_rows)

    def prepare_skip(self) -> None:
        """Create the table before a revision is skipped, because this may commit."""
        if self._is_on and self._connection is not None:
            with self._pause():
                self._table.create(self._connection)

    def record_skip(self, move: Move) -> None:
        """Record that a revision was stamped instead of run."""
        if self._is_on and self._connection is not None:
            with self._pause():
                self._table.create(self._connection)
                self._table.add_skipped(self._connection, move.revision.id)

    def delete_all_steps(self) -> None:
        """Delete the rows of all moves, because all version rows are deleted."""
        if self._is_on and self._connection is not None:
            has_rows = self._table.delete_all_steps(self._connection)
            self._drop_in_transaction(self._connection, has_rows=has_rows)

    def _drop_in_transaction(self, connection: Connection, *, has_rows: bool) -> None:
        if has_rows and self._target.journal != "keep" and not self._commits_ddl:
            self._table.drop_if_empty(connection, in_transaction=True)

    def close(self) -> None:
        """Drop the table at the end of a run, unless it has rows or `journal` is `keep`."""
        if not self._is_on or self._connection is None or self._target.journal == "keep":
            return
        # a run that was killed before it dropped the table has left it empty
        if self._commits_ddl or self._table.exists:
            self._table.drop_if_empty(self._connection)

    def record_failure(self, error: BaseException) -> None:
        """Record that a step failed, after its transaction was rolled back.

        Nothing is recorded if the connection is lost, because the server may finish the step.
        """
        connection = self._connection
        if connection is None or not self.is_step_running or not isinstance(error, DBAPIError):
            return
        if error.connection_invalidated or connection.closed or connection.invalidated:
            return
        rollback = self._target.dialect.rollback
        if self._is_step_permanent and rollback is not None and not rollback.had_no_effect(error):
            return  # it may have changed some rows
        with suppress(SQLAlchemyError), scope(connection):  # the first error is reported
            self._checkpoints.mark_failed(connection)

    def before_commit(self) -> None:
        """Record the statements of a transaction that is committed in the middle of a move."""
        self.record_commit()
        with self._pause():
            self._hold_lock()
        self._expects_commit = self._move is not None

    def begin_backfill(
        self, statement: str, parameters: Any, start: str
    ) -> tuple[Row | None, Checkpoints] | None:
        """Record a backfill before its first batch.

        Args:
            statement: the change of all rows in one statement.
            parameters: its parameters.
            start: the position before the first batch.

        Returns:
            Its row, None if an earlier run has finished it, and the object that records its
            batches. None if nothing is recorded.

        Raises:
            StepChangedError: an earlier run has begun it with another statement.
        """
        move, connection = self._move, self._connection
        if move is None or connection is None:
            return None
        self.rollback_failed_statement()
        self._find_unseen_end(connection, move)
        self._reacquire_lock()
        with self._pause():
            if self._checkpoints.is_step_running:
                self._checkpoints.mark_failed(connection)
                self._checkpoints.step_succeeded()
            self._table.create(connection)
            row = self._checkpoints.pass_backfill(connection, statement, parameters, start)
        if row is None:
            self._report_skip(move, statement)
        return row, self._checkpoints

    @contextmanager
    def batches(self, statement: str) -> Iterator[Callable[[], None]]:
        """Within the block, let the caller record the statements.

        Yields:
            A function to call in each batch's transaction, to renew a row that is the run lock.
        """
        connection = self._connection
        assert connection is not None  # noqa: S101 - `begin_backfill` comes first; for mypy
        with self._pause():
            yield lambda: self._table.lease.renew(connection, statement)

    def notify_batch(self, table: str, rows: int, share: float | None) -> None:
        """Send the progress of a backfill to the listener."""
        if self._move is not None and self._target.listener is not None:
            self._target.listener(BatchDone(self._move, table, rows, share))

    def rollback_failed_statement(self) -> None:
        """Roll back the transaction around a statement of an autocommit block that failed."""
        if self._checkpoints.in_bracket and self._connection is not None:
            with self._pause():
                self._checkpoints.end_bracket(self._connection, "ROLLBACK")

    # ── events of the connection ──────────────────────────────────────────

    @contextmanager
    def _pause(self) -> Iterator[None]:
        before, self._is_paused = self._is_paused, True
        try:
            yield
        finally:
            self._is_paused = before

    def _before(
        self, conn: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> tuple[str, Any]:
        move = self._move
        if self._is_paused or move is None:
            return statement, parameters
        self.rollback_failed_statement()
        self._find_unseen_end(conn, move)
        self._reacquire_lock()
        kind = self._classify(conn, statement)
        if kind is StatementClass.READ:
            self._checkpoints.pass_savepoint(statement)
            self._names.pass_statement(statement)
            hide = self._target.dialect.hide_table
            if hide is not None:  # a migration that lists the tables must not see the journal
                statement = hide(statement, self._table.table.name)
            return statement, parameters
        with self._pause():
            if self._checkpoints.is_step_running:
                # the script has caught the error of the previous step
                self._checkpoints.mark_failed(conn)
                self._checkpoints.step_succeeded()
            self._table.lease.renew(conn, statement)
            checkpoint = self._checkpoint(conn, statement, parameters, kind)
        if checkpoint is Checkpoint.SKIP:
            self._report_skip(move, statement)
            return self._no_operation(), () if not isinstance(parameters, dict) else {}
        if kind in {StatementClass.ENDS_TRANSACTION, StatementClass.ROLLS_BACK}:
            self._on_script_commit(move, " ".join(statement.split()))
        self._is_step_permanent = kind is StatementClass.PERMANENT
        if kind is not StatementClass.TRANSACTIONAL:
            self._had_transaction = False  # the server may commit, even if the statement fails
        if self._is_step_permanent:
            conn.connection.dbapi_connection.commit()  # type: ignore[union-attr]
        return statement, parameters

    def _no_operation(self) -> str:
        """Return the statement that is executed in place of a skipped one."""
        return _NO_ROWS if self._names.is_away else self._table.no_operation

    def _checkpoint(
        self, conn: Connection, statement: str, parameters: Any, kind: StatementClass
    ) -> Checkpoint:
        checkpoints = self._checkpoints
        match kind:
            case StatementClass.TRANSACTIONAL:
                if self._commits_ddl:
                    self._table.create(conn)  # later, this would commit an unfinished transaction
                return checkpoints.pass_transactional(conn, statement, parameters)
            case StatementClass.ENDS_TRANSACTION | StatementClass.LEAVES_TRANSACTION:
                checkpoints.pass_commit(conn)
                return Checkpoint.RUN
            case StatementClass.ROLLS_BACK:
                checkpoints.pass_rollback()
                return Checkpoint.RUN
            case _:
                self._permanent_tables.clear()  # the statement may change a storage engine
                if self._commits_ddl and kind is StatementClass.AUTOCOMMIT_BLOCK:
                    self._table.create(conn)  # later, this would commit the transaction of the step
                return checkpoints.pass_step(conn, statement, parameters, kind)

    def _classify(self, conn: Connection, statement: str) -> StatementClass:
        kind = classify(
            statement, self._target.dialect.transaction_rules, commits_ddl=self._commits_ddl
        )
        if _is_autocommit(conn):
            if kind is StatementClass.TRANSACTIONAL:
                return StatementClass.AUTOCOMMIT_BLOCK
            if kind is StatementClass.ENDS_TRANSACTION:
                return StatementClass.READ
        if kind is StatementClass.TRANSACTIONAL and self._is_permanent(conn, statement):
            return StatementClass.PERMANENT
        return kind

    def _is_permanent(self, conn: Connection, statement: str) -> bool:
        """Return whether a statement changes rows of a non-transactional table."""
        rollback = self._target.dialect.rollback
        written = written_rows(statement, conn.dialect.name) if rollback is not None else None
        if rollback is None or written is None:
            return False
        table = written[0]
        if table not in self._permanent_tables:
            self._permanent_tables[table] = rollback.is_permanent(conn, *table)
        return self._permanent_tables[table]

    def _find_unseen_end(self, conn: Connection, move: Move) -> None:
        """Detect that the transaction has ended without an event of SQLAlchemy.

        The driver's `executescript()` and `commit()` send no event. What they commit is unknown.
        """
        is_inside = self._had_transaction and self._target.locking and not _is_autocommit(conn)
        if not is_inside or self._has_transaction(conn) is not False:
            return
        _log.warning(
            "The driver has ended the transaction of this run in %s (as executescript() does). It "
            "is not known whether the statements before it were committed.",
            move.revision.id,
        )
        with self._pause():
            self._checkpoints.pass_unseen_end(conn)
            conn.connection.dbapi_connection.commit()  # type: ignore[union-attr]
            self.reacquire_lock()
            self._verify_lock(conn, move)
        self._had_transaction = False

    def _has_transaction(self, conn: Connection) -> bool | None:
        """Return whether the driver has a transaction open; None if it is not known."""
        has_transaction = self._target.dialect.has_transaction
        return None if has_transaction is None else has_transaction(conn)

    def _after(self, conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._is_paused or self._move is None:
            return
        checkpoints = self._checkpoints
        was_step = checkpoints.step_succeeded()
        if was_step and self._target.dialect.capabilities.lock_in_transaction:
            with self._pause():
                self._verify_lock(conn, self._move)
        if was_step and (self._is_step_permanent or self._names.is_away):
            # the catalog does not show the effect, or not in the schema of the next run
            self._is_step_permanent = False
            with self._pause():
                checkpoints.mark_done(conn)
                conn.connection.dbapi_connection.commit()  # type: ignore[union-attr]
        if checkpoints.in_bracket:
            with self._pause():
                checkpoints.end_bracket(conn, "COMMIT")
        self._had_transaction = self._has_transaction(conn) is True
        if self._target.listener is not None:
            self._target.listener(Stepped(self._move, statement, 0.0))

    def _on_commit(self, conn: Connection) -> None:
        self._had_transaction = False
        if self._is_paused or self._move is None or _is_autocommit(conn):
            return
        if not self._expects_commit:
            self.record_commit()
            self._on_script_commit(self._move, "commit()")
        self._expects_commit = False

    def _on_rollback(self, _conn: Connection) -> None:
        self._had_transaction = False
        if not self._is_paused and self._move is not None:
            self._checkpoints.pass_rollback()

    # ── transactions that the script ends, and the lock ───────────────────

    def record_commit(self) -> bool:
        """Record the statements before a COMMIT; return False for a statement of the journal."""
        if self._is_paused:
            return False
        if self._move is not None and self._connection is not None:
            with self._pause():
                self._checkpoints.pass_commit(self._connection)
        return True

    def _on_script_commit(self, move: Move, statement: str) -> None:
        """Warn that the script ends the transaction of the run, and keep the run lock."""
        _log.warning(
            "%s in %s ends the transaction of this run: the statements before it are not rolled "
            "back if a later one fails. Use `with op.get_context().autocommit_block():` instead.",
            statement, move.revision.id,
        )  # fmt: skip
        if not self._target.dialect.capabilities.lock_in_transaction:
            with self._pause():
                self._hold_lock()
            self._is_lock_released = True

    def _reacquire_lock(self) -> None:
        """Take the run lock again in the first transaction after the script has ended one."""
        if self._is_lock_released:
            self._is_lock_released = False
            with self._pause():
                self.reacquire_lock()

    def _hold_lock(self) -> None:
        """Hold the run lock beyond the next COMMIT, as a row if a session cannot hold it."""
        connection = self._connection
        if not self._lock.hold_across_commit() and connection is not None and self._is_on:
            self._table.create(connection)
            self._table.lease.take(connection)

    def reacquire_lock(self) -> None:
        """Take the run lock again after a COMMIT in the middle of a move.

        Raises:
            LockLostError: another runner has taken it in between.
        """
        with self._pause():  # waiting for the lock rolls back the empty transaction
            self._lock.reacquire()
            if self._connection is not None and not self._table.lease.release(self._connection):
                raise LockLostError

    def _verify_lock(self, conn: Connection, move: Move) -> None:
        """Raise an error if another runner ran while the lock was released for a statement.

        Raises:
            LockLostError: the version rows or the steps of the move have changed.
        """
        with self._names.at_home():
            rows = frozenset(self._versions.read())
        if rows != self._rows or self._table.count_steps(conn, move) != self._checkpoints.rows:
            raise LockLostError

    def _report_skip(self, move: Move, statement: str) -> None:
        text = visible(mask_secrets(" ".join(statement.split()))[:120])
        _log.info("Skipping a statement that an earlier run has executed: %s", text)
        if self._target.listener is not None:
            self._target.listener(Skipped(move, statement))


def _is_autocommit(conn: Connection) -> bool:
    # SQLAlchemy has no public name for "of the connection, else of the engine"
    return conn._is_autocommit_isolation()
