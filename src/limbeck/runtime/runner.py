"""Run the moves of a command on one database.

The phases of a run, in order, as `Runner.run` and `Runner._run_step` implement them:

1.  `Journal` and `RunLock` start to listen to the connection before the first statement.
2.  The run lock is taken: for the session if the database has session locks, else in each
    transaction. Unless a transaction is open, no transaction remains open after this.
3.  The version rows are read while the lock is held. If the version table does not exist, it is
    created, unless the command only reads.
4.  The command's plan is called with the rows and returns the steps.
5.  For each step:
    a.  A transaction begins, if each migration has its own. In a transaction of env.py, a
        savepoint is used instead.
    b.  A lock of the transaction is taken, if there is no session lock. The version rows are
        read again. If another runner has changed them, `LockLostError` restarts the run at 4.
    c.  The migration runs. The journal decides for each statement whether to RUN or to SKIP it.
        A statement that a transaction cannot undo is recorded before it runs.
    d.  An autocommit block commits the transaction, keeps the lock during the block, and begins
        a new transaction at its end.
    e.  The version rows are written. The journal's rows of the move are deleted and the source
        of the revision is stored, all in the same transaction.
    f.  `on_version_apply` callbacks are called. The transaction commits and the lock is released.
6.  A step that waited too long for a table is rolled back. All locks are released, and the run
    pauses and restarts at 2, until `lock_timeout` has passed.
7.  A step that fails is rolled back, and a report is attached to its error: the place of the
    failure, the state of the database, and what to do next. The journal keeps its records, and
    the next run continues from there.
8.  At the end, an empty journal is dropped, the lock is released, and the listeners are removed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from limbeck.history import Heads, Move
from limbeck.runtime.applied_sources import AppliedSources
from limbeck.runtime.ddl_commits import DdlCommits
from limbeck.runtime.errors import ForeignJournalError, LockHeldError, LockLostError, TableBusyError
from limbeck.runtime.events import Event, Failed, Finished, RolledBack, Started
from limbeck.runtime.failure_report import (
    Failure,
    RunRecord,
    ServerState,
    attach_report,
    describe_move,
    error_text,
    failed_move_state,
    find_origin,
    find_statement,
    next_step,
)
from limbeck.runtime.journal import Journal
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.lock import LockRetry, RunLock, RunRow
from limbeck.runtime.session_names import SessionNames
from limbeck.runtime.sinks import Live, ScriptSink
from limbeck.runtime.target import Target
from limbeck.runtime.tcp_keepalive import limited_silence
from limbeck.runtime.transactions import Transactions
from limbeck.runtime.version_table import VersionTable, reading
from limbeck.text import visible

if TYPE_CHECKING:
    from limbeck.operations import BackfillOp

_log = logging.getLogger("alembic.runtime.migration")


class Stepping(Protocol):
    """One step of a route."""

    @property
    def move(self) -> Move:
        """The move, with the version rows before and after it."""

    @property
    def program(self) -> Callable[..., None]:
        """The function to run, with the arguments of `run_migrations`."""

    @property
    def doc(self) -> str:
        """The first paragraph of the revision's docstring."""


class Runner:
    """Runs the steps of a command on one target.

    Args:
        target: what env.py configured.
        versions: the version table.
        sink: the sink for statements.
        transactions: the transactions of the run.
        record: the record of the version rows.
        heads: a function that returns the version rows to start from.
        plan: a function that returns the steps for version rows; `fn` of an environment.
        applied: a function called after each move with the step and the version rows.
        purge: empty the version table first.
        read_only: do not create the version table.

    Attributes:
        journal_table: the journal's table.
    """

    def __init__(
        self,
        target: Target,
        *,
        versions: VersionTable,
        sink: Live | ScriptSink,
        transactions: Transactions,
        record: RunRecord,
        heads: Callable[[], tuple[str, ...]],
        plan: Callable[[tuple[str, ...]], Iterable[Any]],
        applied: Callable[[Stepping, Heads], None],
        purge: bool = False,
        read_only: bool = False,
    ) -> None:
        self._target = target
        self._versions = versions
        self._sink = sink
        self._transactions = transactions
        self._record = record
        self._heads = heads
        self._plan = plan
        self._applied = applied
        self._purge = purge
        self._read_only = read_only
        self._is_stamp = False
        self._names = SessionNames(target)
        self.journal_table = JournalTable(target, self._names)
        self._lock = RunLock(target)
        self._row = RunRow(target, self.journal_table, self._lock)
        self._retry = LockRetry(target)
        self._journal = Journal(target, self.journal_table, self._lock, versions, self._names)
        self._ddl_commits = DdlCommits(target, self._journal)
        self._sources = AppliedSources(target, self.journal_table)

    # ── the run ───────────────────────────────────────────────────────────

    def run(self, arguments: dict[str, Any]) -> None:
        """Run every step; `arguments` are passed to each migration function."""
        target = self._target
        with (
            limited_silence(target.connection, target.silence_timeout),
            self._ddl_commits.listen(),
            # before the lock, because the journal writes a row before a COMMIT that the lock sends
            self._journal.listen(),
            self._lock,
            self._row.released(),
        ):
            if target.as_sql:
                self._run_steps(self._heads(), arguments)
                return
            rows = self._start()
            while True:
                try:
                    self._run_steps(rows, arguments)
                    break
                except LockLostError:
                    rows = self._start_from_new_rows()
                except TableBusyError as busy:
                    rows = self._start_after_pause(busy.__cause__)
            self._sources.flush()
            self._sources.close()
            with reading(target.connection):
                self._row.release()
            if not self._read_only:
                self._journal.close()

    def _start(self) -> tuple[str, ...]:
        """Take the lock, read the version rows, and create the version table if it is missing."""
        connection = self._target.connection
        if self._transactions.current is not None or self._transactions.is_external:
            self._lock.take_in_transaction()
        elif not self._target.dialect.capabilities.lock_in_transaction:
            with reading(connection):
                self._lock.take()
        with reading(connection):
            self._row.take()
        if self._target.locking:
            self._lock.limit_table_waits()
        with reading(connection):
            self._versions.verify(is_strict=self._target.is_strict)
            rows = self._heads()
        self._record.start(rows)
        if self._purge:
            self._versions.purge()
            self._journal.delete_all_steps()
            return ()
        if not (rows or self._read_only or self._versions.is_there):
            self._create_version_table()
        return rows

    def _create_version_table(self) -> None:
        connection = self._target.connection
        with ExitStack() as stack:
            if connection is not None and not connection.in_transaction():
                stack.callback(self._release_transaction_lock)
                stack.enter_context(connection.begin())
            is_new = self._lock.take_in_transaction()
            is_absent = self._versions.is_there is False and self._target.locking and not is_new
            self._versions.ensure(is_absent=is_absent)

    def _start_from_new_rows(self) -> tuple[str, ...]:
        """Read the rows again after another runner has changed them."""
        self._journal.restart()
        with reading(self._target.connection):
            self._row.take()
        with reading(self._target.connection):
            rows = self._heads()
        self._record.start(rows)
        return rows

    def _start_after_pause(self, cause: BaseException | None) -> tuple[str, ...]:
        """Release all locks, pause, and restart from the current version rows.

        Args:
            cause: the error of the run lock or of a locked table.
        """
        holder = str(cause) if isinstance(cause, LockHeldError) else ""
        uncommitted = self._record.uncommitted_moves
        was_single_transaction = self._transactions.roll_back()
        if not self._transactions.is_external:
            self._sources.discard()
        if was_single_transaction:
            self._notify(RolledBack(uncommitted))
        if holder:
            self._lock.release()  # the holder needs it to continue
        self._lock.end_transaction()
        with reading(self._target.connection):
            self._retry.report_holders(holder)
        self._retry.pause()
        self._journal.restart()
        if was_single_transaction:
            self._transactions.begin_again()
        return self._start()

    # ── one step ──────────────────────────────────────────────────────────

    def _run_steps(self, rows: tuple[str, ...], arguments: dict[str, Any]) -> None:
        heads: Heads = frozenset(rows)
        steps = iter(self._plan(rows) or ())
        first = next(steps, None)
        if first is None:
            return
        with self._stamp_transaction(first, heads):
            for step in chain((first,), steps):
                # a step that a program has built does not know the version rows before it runs
                move = step.move_at(heads) if hasattr(step, "move_at") else step.move
                heads = self._run_step(step, move, heads, arguments)

    @contextmanager
    def _stamp_transaction(self, first: Any, rows: Heads) -> Iterator[None]:
        """Write the rows of a stamp in one transaction: with many heads, reading them is slow."""
        is_stamp = not hasattr(first, "move_at") and first.move.direction == "stamp"
        if not is_stamp or self._target.as_sql or self._is_single_transaction:
            yield
            return
        with self._transactions.begin(per_migration=True):
            self._verify_rows(rows)
            self._is_stamp = True
            try:
                yield
                self._sources.flush()
            finally:
                self._is_stamp = False
        self._release_transaction_lock()

    def _run_step(
        self, step: Stepping, move: Move, rows: Heads, arguments: dict[str, Any]
    ) -> Heads:
        text = visible(describe_move(move, step.doc))
        started = time.monotonic()
        self._journal.clear()
        self._sink.begin_move(move)
        try:
            with self._savepoint(), self._transactions.begin(per_migration=True):
                self._verify_rows(rows)
                self._announce(move, step.doc, text, rows)
                self._sources.prepare(move)
                program = step.program
                with self._journal.watch(move, rows), self._ddl_commits.watch():
                    program(**arguments)
                is_skipped = bool(getattr(step, "is_skipped", False))
                if is_skipped:
                    self._journal.prepare_skip()
                rows = self._write_rows(move, rows, time.monotonic() - started)
                if is_skipped:
                    self._journal.record_skip(move)
                    _log.info("Skipped %s, a data migration", move.revision.id)
                self._record.move_done(move, text, rows)
                self._applied(step, rows)
        except LockLostError:
            self._release_transaction_lock()
            raise
        except BaseException as error:
            is_held = isinstance(error, LockHeldError)
            is_busy = is_held or self._retry.is_table_busy(error)
            if is_busy and self._retry.has_time() and self._can_repeat():
                self._journal.record_failure(error)
                raise TableBusyError from error
            has_left_rows = self._has_left_rows()
            self._journal.record_failure(error)
            self._report_failure(
                error,
                move,
                text,
                started,
                hint=self._retry.hint if is_busy and not is_held else None,
                has_left_rows=has_left_rows,
            )
            raise
        self._sink.begin_move(None)
        self._release_transaction_lock()
        self._retry.reset()
        self._notify(Finished(move, time.monotonic() - started))
        return rows

    def _savepoint(self) -> AbstractContextManager[None]:
        """Return a savepoint for retrying a move in a transaction of env.py."""
        if self._transactions.is_external and self._target.dialect.table_lock_timeout is not None:
            return self._transactions.savepoint()
        return nullcontext()

    def _verify_rows(self, rows: Heads) -> None:
        """Take the lock in the move's transaction, and read the version rows again if it is new.

        Raises:
            LockLostError: another runner has changed the rows.
        """
        if self._transactions.is_external or self._is_single_transaction:
            return
        is_new = self._lock.take_in_transaction()
        self._lock.limit_table_waits()
        if is_new and self._lock.is_changed():
            # between two transactions another runner may have begun this move, and failed
            self.journal_table.forget_reads()
            with self._names.at_home():
                found = frozenset(self._versions.reread())
            if found != rows:
                raise LockLostError

    def _announce(self, move: Move, doc: str, text: str, rows: Heads) -> None:
        if self._target.as_sql and not rows:
            self._versions.create_in(self._sink)
        _log.info("Running %s", text)
        self._notify(Started(move, doc, text))
        if isinstance(self._sink, ScriptSink):
            self._sink.comment(f"Running {describe_move(move)}")

    def _write_rows(self, move: Move, rows: Heads, seconds: float) -> Heads:
        """Write the version rows, and the other rows of the same transaction."""
        with self._transactions.explicit():
            with self._names.at_home():
                rows = self._versions.write(move, rows, self._sink)
            self._journal.delete_steps(move)
            self._sources.add(move, seconds)
            if not self._is_single_transaction:
                self._sources.flush()
        return rows

    def _can_repeat(self) -> bool:
        """Return whether the effects of the failed move are rolled back or recorded."""
        if self._transactions.is_external and not self._target.transactional_ddl:
            return self._journal.is_step_running
        return True

    @property
    def _is_single_transaction(self) -> bool:
        """Whether the whole run is one transaction, which also holds the lock."""
        is_run = self._target.transactional_ddl and not self._target.transaction_per_migration
        return is_run or self._is_stamp

    def _release_transaction_lock(self) -> None:
        if not (self._transactions.is_external or self._is_single_transaction):
            self._lock.end_transaction()

    # ── autocommit blocks; see `RunEvents` ────────────────────────────────

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Return an autocommit block.

        If the run lock belongs to the transaction, the transaction stays open: a statement that
        cannot run inside it commits implicitly, and no other runner can start in between.
        """
        if self._lock.is_transaction_lock:
            return nullcontext()
        return self._transactions.autocommit_block(self)

    def backfill(self, operation: BackfillOp) -> int:
        """Run a backfill, each batch in its own transaction; return the number of changed rows."""
        from limbeck.runtime.backfill import run_backfill

        return run_backfill(operation, self._target, self._transactions, self._journal, self)

    def before_commit(self) -> None:
        """Write the rows of the transaction before the block, and keep the lock."""
        self._sources.flush()
        self._journal.before_commit()

    def block_ends(self) -> None:
        """Roll back a failed statement of the block."""
        self._journal.rollback_failed_statement()

    def after_begin(self) -> None:
        """Take the lock in the transaction after the block."""
        self._journal.reacquire_lock()

    # ── reports ───────────────────────────────────────────────────────────

    def _notify(self, event: Event) -> None:
        if self._target.listener is not None:
            self._target.listener(event)

    def _report_failure(
        self,
        error: BaseException,
        move: Move,
        text: str,
        started: float,
        *,
        hint: str | None,
        has_left_rows: bool,
    ) -> None:
        state = self._read_state(move, has_left_rows=has_left_rows)
        path = str(move.revision.path) if move.revision.path is not None else None
        attach_report(
            error,
            Failure(
                move=move,
                text=text,
                origin=find_origin(error, path),
                statement=find_statement(error, self._record.dialect),
                message=error_text(error),
                state=self._describe_state(move, state),
                hint=hint or next_step(error, is_partly_done=state.done > 0),
            ),
        )
        self._notify(Failed(move, time.monotonic() - started, error))

    def _has_left_rows(self) -> bool:
        """Return whether the rollback of a failed move did not undo all changes of rows."""
        connection, rollback = self._target.connection, self._target.dialect.rollback
        if rollback is None or not self._can_read():
            return False
        assert connection is not None  # noqa: S101 - `_can_read` requires it; for mypy
        with suppress(SQLAlchemyError):
            return rollback.left_rows(connection)
        return False

    def _can_read(self) -> bool:
        """Return whether the connection is usable after a failure."""
        connection = self._target.connection
        if connection is None or connection.closed or connection.invalidated:
            return False
        return not (self._transactions.is_external or connection.in_transaction())

    def _read_state(self, move: Move, *, has_left_rows: bool) -> ServerState:
        """Read the state after a failure from the server, or else use the last recorded state."""
        connection = self._target.connection
        if connection is not None and self._can_read():
            from limbeck.runtime.recovery import DONE, NOT_DONE, PARTIAL, count_outcomes

            with suppress(SQLAlchemyError, ForeignJournalError), self._names.at_home():
                with reading(connection):
                    rows = frozenset(self._versions.read())
                key = move.revision.id, move.direction
                with reading(connection):
                    counts = count_outcomes(self._target, self.journal_table, connection, key)
                done, failed = counts[DONE] + counts[PARTIAL], counts[NOT_DONE]
                unknown = counts.total() - done - failed
                return ServerState(rows, done, unknown, failed, has_left_rows)
        return ServerState(move.before, *self._journal.outcomes)

    def _describe_state(self, move: Move, state: ServerState) -> str:
        uncertain = self._record.uncertain_state(move)
        if uncertain is not None:
            return uncertain
        if self._target.as_sql:
            return "nothing was run; the script ends here"
        return failed_move_state(
            state,
            table=self.journal_table.name,
            done=self._record.uncommitted_moves,
            single_transaction=self._is_single_transaction,
        )
