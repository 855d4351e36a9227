"""A route to the database: under the lock, move after move, with its version rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any, Protocol

from limbeck.errors import LimbeckError
from limbeck.history import Heads, Move
from limbeck.runtime import describe
from limbeck.runtime.aftermath import Aftermath
from limbeck.runtime.applied_sources import Archive
from limbeck.runtime.events import Event, Failed, Finished, Started
from limbeck.runtime.failure_report import (
    Failure,
    attach,
    find_next,
    find_origin,
    find_statement,
    find_words,
)
from limbeck.runtime.journal import Journal
from limbeck.runtime.lock import RunLock, Stale
from limbeck.runtime.lock_retry import Waits
from limbeck.runtime.sinks import Live, Script
from limbeck.runtime.target import Target
from limbeck.runtime.tcp_keepalive import heard_within
from limbeck.runtime.transactions import Transactions
from limbeck.runtime.version_table import VersionTable
from limbeck.text import visible

_log = logging.getLogger("alembic.runtime.migration")


class Stepping(Protocol):
    """One step of a route, as a job hands it over."""

    @property
    def move(self) -> Move:
        """What it is, with the version rows around it."""

    @property
    def program(self) -> Callable[..., None]:
        """What to run; called with the arguments of `run_migrations`."""

    @property
    def doc(self) -> str:
        """The first paragraph of the revision's docstring."""


class TableBusy(LimbeckError):
    """A table stayed in the hands of others; everything is rolled back and tried again."""

    code = "LB312"


class Runner:
    """Runs the steps of a job on one target.

    Args:
        target: what env.py configured.
        versions: its version table.
        sink: where statements go.
        transactions: whose transaction it is.
        heads: gives the version rows to start from.
        plan: gives the steps for rows; what `fn` of an environment is.
        applied: called after each move with the step and the rows now.
        purge: empty the version table first.
        keep: leave the database as it is when it has no version table.
    """

    def __init__(
        self,
        target: Target,
        *,
        versions: VersionTable,
        sink: Live | Script,
        transactions: Transactions,
        heads: Callable[[], tuple[str, ...]],
        plan: Callable[[tuple[str, ...]], Iterable[Any]],
        applied: Callable[[Stepping, Heads], None],
        purge: bool = False,
        keep: bool = False,
    ) -> None:
        self._target = target
        self._versions = versions
        self._sink = sink
        self._transactions = transactions
        self._read = heads
        self._plan = plan
        self._applied = applied
        self._purge = purge
        self._keep = keep
        self._done = 0
        self._move: Move | None = None
        self._lock = RunLock(target)
        self._journal = Journal(target)
        self._archive = Archive(target, self._journal.ledger)
        self._waits = Waits(target, self._lock)
        self.aftermath = Aftermath(transactions)

    def run(self, arguments: dict[str, Any]) -> None:
        """Run every step; `arguments` go to each program."""
        connection = self._target.connection
        with (
            heard_within(connection, self._target.silence_timeout),
            self._lock,
            self._journal.run(),
            self._blocks(),
        ):
            if self._target.as_sql:
                self._go(frozenset(self._read()), self._plan(self._read()), arguments)
                return
            rows = self._start()
            while True:
                try:
                    self._go(frozenset(rows), self._plan(rows), arguments)
                except Stale:
                    self._journal.start_anew()
                    rows = self._quietly(self._read)
                    self.aftermath.begins(rows)
                    continue
                except TableBusy:
                    rows = self._wait_for_table()
                    continue
                break
            self._archive.flush()
            self._archive.close_down()
            self._journal.close_down()

    @contextmanager
    def _blocks(self) -> Iterator[None]:
        """Keep journal and lock over blocks outside transactions."""
        transactions = self._transactions
        transactions.before_commit, transactions.after_begin = self._leave, self._rejoin
        transactions.block_ends = self._journal.mend
        transactions.stays_inside = self._lock.is_of_transactions
        self._journal.leave, self._journal.rejoin = self._lock.bridge, self._rejoin
        try:
            yield
        finally:
            transactions.before_commit = transactions.after_begin = None
            transactions.block_ends = None
            transactions.stays_inside = False
            self._waits.unbound()

    def _rejoin(self) -> None:
        self._lock.rejoin()
        self._waits.bound()

    def _leave(self) -> None:
        self._archive.flush()
        self._journal.before_commit()
        self._lock.bridge()

    def _wait_for_table(self) -> tuple[str, ...]:
        """Let go of everything, wait, and begin again from where the database stands."""
        had_all = self._transactions.give_up()
        if not self._transactions.is_external:
            self._archive.forget()
        if had_all:
            self._done = 0
        self._lock_ended(always=True)
        self._quietly(self._waits.find_holders)
        self._waits.pause()
        self._journal.start_anew()
        if had_all:
            self._transactions.begin_again()
        return self._start()

    def _start(self) -> tuple[str, ...]:
        """Take the lock, read the rows; make the table where there is none."""
        if self._transactions.current is not None or self._transactions.is_external:
            self._lock.take_in_transaction()
        else:
            self._quietly(self._take_if_lasting)
        if self._target.locking:
            self._waits.bound()
        if self._purge:
            self.aftermath.begins(self._quietly(self._read))
            self._versions.purge()
            return ()
        rows: tuple[str, ...] = self._quietly(self._read)
        self.aftermath.begins(rows)
        if not (rows or self._keep or self._versions.is_there):
            self._make_table()
        return rows

    def _take_if_lasting(self) -> None:
        if not self._target.dialect.capabilities.lock_in_transaction:
            self._lock.take()

    def _make_table(self) -> None:
        connection = self._target.connection
        with ExitStack() as stack:
            if connection is not None and not connection.in_transaction():
                stack.callback(self._lock_ended)
                stack.enter_context(connection.begin())
            is_new = self._lock.take_in_transaction()
            is_absent = self._versions.is_there is False and self._target.locking and not is_new
            self._versions.ensure(is_absent=is_absent)

    def _quietly(self, read: Callable[[], Any]) -> Any:
        """Read, and leave no transaction behind that was not there."""
        connection = self._target.connection
        if connection is None or connection.in_transaction():
            return read()
        try:
            return read()
        finally:
            if connection.in_transaction() and not connection.invalidated:
                connection.rollback()

    def _go(self, rows: Heads, steps: Iterable[Any], arguments: dict[str, Any]) -> None:
        for step in steps or ():
            rows = self._one(step, rows, arguments)

    # long: the whole life of a move, in the order in which it happens
    def _one(self, step: Stepping, rows: Heads, arguments: dict[str, Any]) -> Heads:
        self._journal.clear()
        # a step built by hand does not know the rows around it until it is run
        move = step.move_at(rows) if hasattr(step, "move_at") else step.move
        text = visible(describe.full(move, step.doc))
        started = time.monotonic()
        try:
            with self._alone(), self._transactions.begin(per_migration=True):
                self._hold(rows)
                if self._target.as_sql and not rows:
                    self._versions.create_in(self._sink)
                _log.info("Running %s", text)
                self._tell(Started(move, step.doc, text))
                if isinstance(self._sink, Script):
                    self._sink.comment(f"Running {describe.short(move)}")
                self._archive.prepare(move)
                self._journal.still = lambda: frozenset(self._versions.read()) == rows
                program = step.program
                with self._journal.move(move):
                    program(**arguments)
                rows = self._write(move, rows)
                self.aftermath.moved(move, text, rows)
                self._applied(step, rows)
        except Stale:
            self._lock_ended()
            raise
        except BaseException as error:
            if self._waits.may_go_on(error) and self._may_repeat():
                raise TableBusy("A table is held by others") from error
            self._tell_failure(error, move, text, started)
            raise
        self._lock_ended()
        self._done += 1
        self._waits.is_over()
        self._tell(Finished(move, time.monotonic() - started))
        return rows

    def _write(self, move: Move, rows: Heads) -> Heads:
        rows = self._versions.write(move, rows, self._sink)
        self._journal.forget(move)
        self._archive.note(move)
        if not self._done_outside():
            self._archive.flush()
        return rows

    def _alone(self) -> AbstractContextManager[None]:
        """Let a move that finds a table held be taken back alone from a transaction of others."""
        if self._transactions.is_external and self._target.dialect.patience is not None:
            return self._transactions.savepoint()
        return nullcontext()

    def _may_repeat(self) -> bool:
        """Say whether what the move did before it broke off is undone, or noted as done."""
        if self._transactions.is_external and not self._target.transactional_ddl:
            return self._journal.is_at_boundary
        return True

    def _hold(self, rows: Heads) -> None:
        if self._transactions.is_external or self._done_outside():
            return
        is_new = self._lock.take_in_transaction()
        self._waits.bound()
        if is_new and frozenset(self._versions.reread()) != rows:
            raise Stale("Another runner moved the database on")

    def _done_outside(self) -> bool:
        """Say whether one transaction holds the whole run, and the lock with it."""
        target = self._target
        return target.transactional_ddl and not target.transaction_per_migration

    def _lock_ended(self, *, always: bool = False) -> None:
        if always or not (self._transactions.is_external or self._done_outside()):
            self._lock.end_transaction()

    def _tell(self, event: Event) -> None:
        if self._target.listener is not None:
            self._target.listener(event)

    def _tell_failure(self, error: BaseException, move: Move, text: str, started: float) -> None:
        path = str(move.revision.path) if move.revision.path is not None else None
        attach(
            error,
            Failure(
                move=move,
                text=text,
                origin=find_origin(error, path),
                statement=find_statement(error),
                words=find_words(error),
                state=self._state(move),
                hint=self._waits.hint or find_next(error),
            ),
        )
        self._tell(Failed(move, time.monotonic() - started, error))

    def _state(self, move: Move) -> str:
        doubt = self.aftermath.doubt(move)
        if doubt is not None:
            return doubt
        return self._journal.state(move, done=self._done, whole=self._done_outside())
