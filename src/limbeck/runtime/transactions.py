"""The transactions of a run: of limbeck or env.py, for the run or for each migration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from limbeck.errors import LimbeckError
from limbeck.runtime.errors import ExternalTransactionError
from limbeck.runtime.failure_report import COMMITTED, ROLLED_BACK, UNANSWERED, RunRecord
from limbeck.runtime.sinks import ScriptSink

if TYPE_CHECKING:
    from sqlalchemy import Connection, RootTransaction
    from typing_extensions import Self


class RunEvents(Protocol):
    """The calls to a run before and after an autocommit block."""

    def before_commit(self) -> None:
        """Prepare for the COMMIT that ends the transaction before the block."""

    def block_ends(self) -> None:
        """Roll back the transaction that a failed statement of the block has left open."""

    def after_begin(self) -> None:
        """Continue in the transaction that begins after the block."""


class Transactions:
    """Begins and ends transactions on the connection that env.py passed.

    Args:
        connection: the connection; None in offline mode.
        script: the script in offline mode, else None.
        transactional_ddl: a function that returns whether the database can roll back DDL.
        per_migration: whether each migration has its own transaction, or the whole run has one.
        record: the record of the outcome of each transaction.
    """

    def __init__(
        self,
        connection: Connection | None,
        *,
        script: ScriptSink | None,
        transactional_ddl: Callable[[], bool],
        per_migration: bool,
        record: RunRecord | None = None,
    ) -> None:
        self.connection = connection
        self._script = script
        self._transactional_ddl = transactional_ddl
        self._per_migration = per_migration
        self._record = RunRecord(connection) if record is None else record
        self.is_external = connection is not None and connection.in_transaction()
        self.current: RootTransaction | None = None
        self._run_level_requested = False
        self._blocks = 0

    @property
    def is_outside(self) -> bool:
        """Whether an autocommit block is active."""
        return self._blocks > 0

    @property
    def commits_each_statement(self) -> bool:
        """Whether each statement is committed, by an autocommit block or by the engine."""
        return self._blocks > 0 or self._commits_each_statement()

    def begin(self, *, per_migration: bool) -> AbstractContextManager[Transaction | None]:
        """Begin a transaction if the options require one at this level.

        Args:
            per_migration: True for a single migration, False for the whole run.
        """
        self._run_level_requested = self._run_level_requested or not per_migration
        if self.is_external or (per_migration and self._belongs_to_program()):
            return nullcontext()
        transactional = self._transactional_ddl()
        level = self._per_migration if transactional else True
        if per_migration != level:
            return nullcontext()
        if self._script is not None:
            return self._script_transaction(self._script) if transactional else nullcontext()
        if self.connection is None or (not transactional and self.current is not None):
            return nullcontext()
        if self.current is not None and self.current.is_active:
            return nullcontext()  # a migration script has called begin_transaction()
        self._start(self.connection)
        return Transaction(self)

    def _belongs_to_program(self) -> bool:
        """Return whether a program began a transaction after `configure()` and will end it."""
        connection = self.connection
        if connection is None or self.current is not None or not connection.in_transaction():
            return False
        # SQLAlchemy has no public attribute for "inside `with connection.begin():`"
        is_managed = getattr(connection, "_trans_context_manager", None) is not None
        return is_managed or not self._run_level_requested

    def _start(self, connection: Connection) -> None:
        self.current = connection.get_transaction() or connection.begin()

    def roll_back(self) -> bool:
        """Roll back the transaction of the run; return whether there was one."""
        current, self.current = self.open_transaction(), None
        if current is None:
            return False
        if self._record.ended != UNANSWERED:
            self._record.transaction_ended(ROLLED_BACK)
        current.rollback()
        return True

    def begin_again(self) -> None:
        """Begin the transaction of the whole run once more."""
        if self.connection is not None:
            self._start(self.connection)

    def commit(self, transaction: RootTransaction) -> None:
        """Commit, and record the outcome, which is unknown if the server did not answer."""
        try:
            transaction.commit()
        except BaseException as error:
            how = ROLLED_BACK if _is_answer(error) else UNANSWERED
            self._record.transaction_ended(how)
            raise
        self._record.transaction_ended(COMMITTED)

    def open_transaction(self) -> RootTransaction | None:
        """Return the open transaction, because a script may have committed the first one."""
        current = self.current
        if current is None or current.is_active or self.connection is None:
            return current
        return self.connection.get_transaction()

    def _commits_each_statement(self) -> bool:
        # SQLAlchemy has no public name for "of the connection, else of the engine"
        return self.connection is not None and self.connection._is_autocommit_isolation()

    @contextmanager
    def explicit(self) -> Iterator[None]:
        """Run a block in one transaction, also in autocommit mode."""
        connection = self.connection
        if connection is None or not self._commits_each_statement():
            yield
            return
        connection.exec_driver_sql("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(Exception):  # the first error is reported
                connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll a failed block back to a savepoint, if the database has transactional DDL."""
        connection = self.connection
        is_savable = self._transactional_ddl() and not self._commits_each_statement()
        if connection is None or not is_savable:
            yield
            return
        point = connection.begin_nested()
        try:
            yield
        except BaseException:
            with suppress(Exception):  # the first error is reported
                if point.is_active:
                    point.rollback()
            raise
        if point.is_active:
            point.commit()

    @contextmanager
    def _script_transaction(self, script: ScriptSink) -> Iterator[None]:
        script.begin()
        yield
        script.commit()

    @contextmanager
    def autocommit_block(self, events: RunEvents | None = None) -> Iterator[None]:
        """Commit the open transaction, run a block in autocommit, then begin a new transaction.

        Args:
            events: the current run, if any.

        Raises:
            ExternalTransactionError: the transaction was begun by env.py.
        """
        self._blocks += 1
        try:
            with self._autocommit_block(events):
                yield
        finally:
            self._blocks -= 1

    @contextmanager
    def _autocommit_block(self, events: RunEvents | None) -> Iterator[None]:
        if self._script is not None:
            is_block = self._transactional_ddl()
            if is_block:
                self._script.commit()
            yield
            if is_block:
                self._script.begin()
            return
        if self.connection is None:
            yield
            return
        connection = self.connection
        was_inside = connection.in_transaction()
        if was_inside:
            self._commit_before_block(connection, events)
        level = _isolation_level(connection)
        if level is None:
            with self._block_in_transaction(connection, events, was_inside=was_inside):
                yield
            return
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.begin()  # only for SQLAlchemy: each statement is committed immediately
            yield
        finally:
            self._leave_autocommit(connection, level, events, was_inside=was_inside)

    @contextmanager
    def _block_in_transaction(
        self, connection: Connection, events: RunEvents | None, *, was_inside: bool
    ) -> Iterator[None]:
        """Run a block in its own transaction, because the driver has no autocommit mode."""
        self.current = connection.begin()
        if events is not None:
            events.after_begin()
        try:
            yield
        except BaseException:
            if not was_inside:
                self.roll_back()
            raise
        self._commit_before_block(connection, events)
        if was_inside:
            self.current = connection.begin()
            if events is not None:
                events.after_begin()

    @contextmanager
    def own_transactions(self, events: RunEvents, name: str) -> Iterator[None]:
        """Commit the open transaction, run a block with its own transactions, then begin a new one.

        Args:
            events: the current run.
            name: the name of the operation in error messages.

        Raises:
            ExternalTransactionError: the transaction was begun by env.py.
        """
        connection = self.connection
        assert connection is not None  # noqa: S101 - not called in offline mode; for mypy
        was_inside = connection.in_transaction()
        if was_inside:
            self._commit_before_block(connection, events, name)
        try:
            yield
        finally:
            if was_inside and not (connection.invalidated or connection.closed):
                if connection.in_transaction():
                    connection.rollback()
                self.current = connection.begin()
                events.after_begin()

    def _commit_before_block(
        self, connection: Connection, events: RunEvents | None, name: str = "autocommit_block()"
    ) -> None:
        if self.current is None and self.is_external:
            raise ExternalTransactionError(
                f"{name} cannot leave a transaction that env.py has begun",
                hint="Begin the transaction with `context.begin_transaction()`, or end yours "
                "before `context.configure()`.",
            )
        if events is not None:
            events.before_commit()
        transaction = self.open_transaction() or connection.get_transaction()
        if transaction is not None:
            self.commit(transaction)
        self.current = None

    def _leave_autocommit(
        self, connection: Connection, level: str, events: RunEvents | None, *, was_inside: bool
    ) -> None:
        if connection.invalidated or connection.closed:
            return
        if events is not None:
            events.block_ends()
        left = connection.get_transaction()
        if left is not None:
            self.commit(left)
        connection.execution_options(isolation_level=level)
        if was_inside:
            self.current = connection.begin()
            if events is not None:
                events.after_begin()


def _isolation_level(connection: Connection) -> str | None:
    """Return the isolation level of the session, None if its driver has no autocommit mode."""
    try:
        return connection.get_isolation_level()
    except NotImplementedError:  # such as sqlalchemy-firebird, which has no such level either
        return None


def _is_answer(error: BaseException) -> bool:
    """Return whether an error of a COMMIT is an answer of the server, or occurred before it."""
    if isinstance(error, DBAPIError):
        return not error.connection_invalidated
    return isinstance(error, SQLAlchemyError | LimbeckError)


class Transaction:
    """The result of `context.begin_transaction()`, which remains valid after autocommit blocks."""

    def __init__(self, owner: Transactions) -> None:
        self._owner = owner

    @property
    def is_active(self) -> bool:
        """Whether it has been neither committed nor rolled back."""
        return self._owner.current is not None and self._owner.current.is_active

    def commit(self) -> None:
        """Commit."""
        current, self._owner.current = self._owner.open_transaction(), None
        if current is not None:
            self._owner.commit(current)

    def rollback(self) -> None:
        """Roll back."""
        self._owner.roll_back()

    def close(self) -> None:
        """Roll back, unless it was committed."""
        self.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            try:
                self.commit()
            except BaseException:
                with suppress(Exception):
                    self._close_quietly()
                raise
            return
        with suppress(Exception):  # if the connection is lost, the first error is reported
            self.rollback()

    def _close_quietly(self) -> None:
        connection = self._owner.connection
        if connection is not None and connection.in_transaction():
            connection.rollback()
