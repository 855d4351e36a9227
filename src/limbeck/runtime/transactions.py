"""Whose transaction it is: ours, env.py's, one for each migration, or none for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from limbeck.errors import DatabaseError, LimbeckError
from limbeck.runtime.sinks import Script

if TYPE_CHECKING:
    from sqlalchemy import Connection, RootTransaction
    from typing_extensions import Self


# how the last transaction of ours ended
COMMITTED, ROLLED_BACK, UNANSWERED = "committed", "rolled back", "unanswered"


class Following(Protocol):
    """Who wants to know of each COMMIT."""

    def committed(self) -> None:
        """Hear of one that was answered."""


class TransactionNotOurs(DatabaseError):
    """A block outside transactions was asked for inside a transaction of env.py."""

    code = "LB315"


class Transactions:
    """Begins and ends transactions on the connection that env.py gave.

    Args:
        connection: None where a script is written.
        script: the script, None where there is a connection.
        transactional_ddl: a rolled-back transaction takes its DDL with it.
        per_migration: each migration has its own transaction, else the whole run has one.
    """

    def __init__(
        self,
        connection: Connection | None,
        *,
        script: Script | None,
        transactional_ddl: Callable[[], bool],
        per_migration: bool,
    ) -> None:
        self.connection = connection
        self._script = script
        self._transactional_ddl = transactional_ddl
        self._per_migration = per_migration
        self.is_external = connection is not None and connection.in_transaction()
        self.current: RootTransaction | None = None
        self._was_asked = False
        self.before_commit: Callable[[], None] | None = None
        self.after_begin: Callable[[], None] | None = None
        self.block_ends: Callable[[], None] | None = None
        self.stays_inside = False
        self.stays_open = False
        self.ended: str | None = None
        self.followed: Following | None = None

    def begin(self, *, per_migration: bool) -> AbstractContextManager[Transaction | None]:
        """Begin one where this level is the one that was configured to have it.

        Args:
            per_migration: True when asked for a single migration, False for the whole run.
        """
        self._was_asked = self._was_asked or not per_migration
        if self.is_external or (per_migration and self._is_theirs()):
            return nullcontext()
        transactional = self._transactional_ddl()
        level = self._per_migration if transactional else True
        if per_migration != level:
            return nullcontext()
        if self._script is not None:
            return self._scripted(self._script) if transactional else nullcontext()
        if self.stays_open and self.current is not None:
            self.stays_open = False
            return Transaction(self)
        if self.connection is None or (not transactional and self.current is not None):
            return nullcontext()
        self._start(self.connection)
        return Transaction(self)

    def _is_theirs(self) -> bool:
        """True inside a transaction that a program began after `configure()` and will end."""
        connection = self.connection
        if connection is None or self.current is not None or not connection.in_transaction():
            return False
        # SQLAlchemy has no public word for "inside `with connection.begin():`"
        is_managed = getattr(connection, "_trans_context_manager", None) is not None
        return is_managed or not self._was_asked

    def _start(self, connection: Connection) -> None:
        self.current = connection.get_transaction() or connection.begin()

    def give_up(self) -> bool:
        """Roll back the transaction of the whole run; say whether there was one."""
        current, self.current = self._now(), None
        if current is None:
            return False
        if self.ended != UNANSWERED:
            self.ended = ROLLED_BACK
        current.rollback()
        return True

    def begin_again(self) -> None:
        """Begin the transaction of the whole run anew."""
        if self.connection is not None:
            self._start(self.connection)

    def commit_between(self) -> None:
        """Commit; where a migration is under way, it goes on in a new transaction."""
        current, self.current = self._now(), None
        was_between, self.stays_open = self.stays_open, False
        if current is not None:
            self.commit(current)
        if not was_between and self.connection is not None:
            self._start(self.connection)

    def commit(self, transaction: RootTransaction) -> None:
        """Commit, and take note of how that ended: without an answer it may be done or not."""
        try:
            transaction.commit()
        except BaseException as error:
            self.ended = ROLLED_BACK if _is_answer(error) else UNANSWERED
            raise
        self.ended = COMMITTED
        if self.followed is not None:
            self.followed.committed()

    def _now(self) -> RootTransaction | None:
        """Return the transaction that is open; a script may have committed the one we began."""
        current = self.current
        if current is None or current.is_active or self.connection is None:
            return current
        return self.connection.get_transaction()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what a block did when it fails, where the database can, and nothing before it."""
        connection = self.connection
        if connection is None or not self._transactional_ddl():
            yield
            return
        point = connection.begin_nested()
        try:
            yield
        except BaseException:
            with suppress(Exception):  # the first error is the one to tell
                if point.is_active:
                    point.rollback()
            raise
        if point.is_active:
            point.commit()

    @contextmanager
    def _scripted(self, script: Script) -> Iterator[None]:
        script.begin()
        yield
        script.commit()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Commit what there is, run a block in autocommit, then begin anew.

        Where the run lock is the transaction's, and what needs to stand outside steps out by
        itself, the transaction goes on: between two of them another runner would slip in.

        Raises:
            TransactionNotOurs: the transaction was begun by env.py.
        """
        if self._script is not None:
            is_block = self._transactional_ddl()
            if is_block:
                self._script.commit()
            yield
            if is_block:
                self._script.begin()
            return
        if self.connection is None or self.stays_inside:
            yield
            return
        connection = self.connection
        was_inside = connection.in_transaction()
        if was_inside:
            self._end_for_a_while(connection)
        level = connection.get_isolation_level()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.begin()  # SQLAlchemy's word only: each statement commits by itself
            yield
        finally:
            self._back(connection, level, was_inside=was_inside)

    def _end_for_a_while(self, connection: Connection) -> None:
        if self.current is None and self.is_external:
            raise TransactionNotOurs(
                "autocommit_block() cannot leave a transaction that env.py has begun",
                hint="Let `context.begin_transaction()` begin the transaction, or end yours before "
                "`context.configure()`.",
            )
        if self.before_commit is not None:
            self.before_commit()
        transaction = self._now() or connection.get_transaction()
        if transaction is not None:
            self.commit(transaction)
        self.current = None

    def _back(self, connection: Connection, level: str, *, was_inside: bool) -> None:
        if connection.invalidated or connection.closed:
            return
        if self.block_ends is not None:
            self.block_ends()
        left = connection.get_transaction()
        if left is not None:
            self.commit(left)
        connection.execution_options(isolation_level=level)
        if was_inside:
            self.current = connection.begin()
            if self.after_begin is not None:
                self.after_begin()


def _is_answer(error: BaseException) -> bool:
    """Say whether an error of a COMMIT came from the server, or before anything was sent."""
    if isinstance(error, DBAPIError):
        return not error.connection_invalidated
    return isinstance(error, SQLAlchemyError | LimbeckError)


class Transaction:
    """What `context.begin_transaction()` returns: follows the transaction through blocks."""

    def __init__(self, owner: Transactions) -> None:
        self._owner = owner

    @property
    def is_active(self) -> bool:
        """True while it has neither been committed nor rolled back."""
        return self._owner.current is not None and self._owner.current.is_active

    def commit(self) -> None:
        """Commit."""
        current, self._owner.current = self._owner._now(), None
        if current is not None:
            self._owner.commit(current)

    def rollback(self) -> None:
        """Roll back."""
        self._owner.give_up()

    def close(self) -> None:
        """Roll back whatever was not committed."""
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
            if self._owner.stays_open:
                return
            try:
                self.commit()
            except BaseException:
                with suppress(Exception):
                    self._close_quietly()
                raise
            return
        with suppress(Exception):  # a lost connection: the first error is the one to tell
            self.rollback()

    def _close_quietly(self) -> None:
        connection = self._owner.connection
        if connection is not None and connection.in_transaction():
            connection.rollback()
