"""The step journal: what of a move has been done where no transaction can undo it.

Its rows are boundaries: statements that commit by themselves or run outside transactions. What
was done between two boundaries was committed with the later one, so that a boundary's row says
that all before it is done. Here is what listens; `boundaries` writes the rows and compares them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from limbeck.history import Move
from limbeck.runtime.checkpoints import Boundaries
from limbeck.runtime.clearing import Clearing
from limbeck.runtime.events import Skipped, Stepped
from limbeck.runtime.journal_table import Ledger
from limbeck.runtime.lock import Stale
from limbeck.runtime.statement_class import Sort, sort_of
from limbeck.runtime.target import Target
from limbeck.runtime.words import say_skipped, standing, warn_of_end

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger("alembic.runtime.migration")


class Journal:
    """Watches the statements of a move; has its steps written down, skipped and verified.

    Args:
        target: what env.py configured.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection = target.connection
        self._is_on = target.journal != "off" and self._connection is not None
        self._commits_ddl = not (
            target.dialect.capabilities.transactional_ddl
            or target.dialect.capabilities.lock_in_transaction
        )
        self.ledger = Ledger(target)
        self._move: Move | None = None
        self._is_quiet = False
        self._commit_is_ours = False
        self.leave: Callable[[], None] | None = None
        self.rejoin: Callable[[], None] | None = None
        self.still: Callable[[], bool] | None = None
        self._boundaries = Boundaries(target, self.ledger)
        self._clearing = Clearing(
            target, self.ledger, self._boundaries, commits_ddl=self._commits_ddl
        )
        self._is_away = False

    # ── around a run, around a move ───────────────────────────────────────

    @contextmanager
    def run(self) -> Iterator[None]:
        """Listen to the connection for the length of a run."""
        connection = self._connection
        if not self._is_on or connection is None:
            yield
            return
        self._listen(connection)
        try:
            yield
        finally:
            self._unlisten(connection)

    @contextmanager
    def move(self, move: Move) -> Iterator[None]:
        """Watch the statements of one move."""
        connection = self._connection
        self._boundaries.clear()
        if not self._is_on or connection is None or move.direction == "stamp":
            yield
            return
        self._boundaries.begin(connection, move)
        if self._boundaries.known:
            _log.info("Going on with %s, which an earlier run began", move.revision.id)
        self._move = move
        try:
            yield
            self._return()
        finally:
            self._move = None
            self._is_away = False
        self._boundaries.expect_all_seen(connection)

    @property
    def is_at_boundary(self) -> bool:
        """True after a statement failed that had been noted, and all before it was committed."""
        return self._boundaries.is_running

    def start_anew(self) -> None:
        """Forget what was read: the run begins again."""
        self.ledger.start_anew()

    def clear(self) -> None:
        """Forget the move before: what fails from now on is none of its."""
        self._boundaries.clear()

    def forget(self, move: Move) -> None:
        """Remove the rows of a move that is done, in the transaction of its version rows."""
        self._clearing.forget(move)

    def close_down(self) -> None:
        """Remove the table at the end of a run that needs it no more."""
        self._clearing.close_down()

    def before_commit(self) -> None:
        """Write down, in the transaction that ends in the middle of a move, that it was done."""
        self._note_commit()
        self._commit_is_ours = self._move is not None

    def _note_commit(self) -> None:
        if self._move is None or self._connection is None:
            return
        with self._unwatched():
            self._boundaries.cross_commit(self._connection)

    def state(self, move: Move, *, done: int, whole: bool) -> str:
        """Say in a sentence in which state a failed move leaves the database."""
        if self._target.as_sql:
            return "nothing was run; the script ends here"
        return standing(move, self._boundaries, table=self.ledger.name, done=done, whole=whole)

    # ── events of the connection ──────────────────────────────────────────

    def _listen(self, connection: Connection) -> None:
        # before all others, so that a row is written ahead of a COMMIT that another one sends
        event.listen(connection, "before_cursor_execute", self._before, retval=True, insert=True)
        event.listen(connection, "after_cursor_execute", self._after)
        event.listen(connection, "commit", self._committing)

    def _unlisten(self, connection: Connection) -> None:
        event.remove(connection, "before_cursor_execute", self._before)
        event.remove(connection, "after_cursor_execute", self._after)
        event.remove(connection, "commit", self._committing)

    @contextmanager
    def _unwatched(self) -> Iterator[None]:
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def _before(
        self, conn: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> tuple[str, Any]:
        if self._is_quiet or self._move is None:
            return statement, parameters
        self.mend()
        self._return()
        sort = self._sort(conn, statement)
        if sort is Sort.READ:
            return self._veiled(statement), parameters
        if sort is Sort.ENDS:
            return self._ended(self._move, statement), parameters
        with self._unwatched():
            if sort is Sort.INSIDE:
                if not self._boundaries.is_replaying:
                    if self._commits_ddl and self._boundaries.place == 0:
                        self.ledger.make(conn)  # creating it later would commit half a segment
                    return statement, parameters
                is_done = True
            else:
                is_done = self._boundaries.cross(conn, statement, sort)
        if not is_done:
            return statement, parameters
        self._skip(statement)
        return self.ledger.nothing, _no_parameters(parameters)

    def _veiled(self, statement: str) -> str:
        """Keep the journal out of what a migration sees when it looks at all tables."""
        hide = self._target.dialect.hide_table
        return statement if hide is None else hide(statement, self.ledger.table.name)

    def _sort(self, conn: Connection, statement: str) -> Sort:
        sort = sort_of(
            statement, self._target.dialect.transaction_rules, commits_ddl=self._commits_ddl
        )
        if _is_autocommit(conn):
            return {Sort.INSIDE: Sort.ALONE, Sort.ENDS: Sort.READ}.get(sort, sort)
        return sort

    def _ended(self, move: Move, statement: str) -> str:
        """Note a COMMIT of the script itself; one that an earlier run has done is left out."""
        was_done = self._boundaries.is_replaying
        self._note_commit()
        if was_done:
            self._skip(statement)
            return self.ledger.nothing
        warn_of_end(move, " ".join(statement.split()))
        self._go_away()
        return statement

    def _go_away(self) -> None:
        """Keep the run lock over the end of a transaction that the script ends."""
        if self.leave is not None and not self._target.dialect.capabilities.lock_in_transaction:
            with self._unwatched():
                self.leave()
            self._is_away = True

    def _return(self) -> None:
        """Take the run lock again in the transaction that follows."""
        if self._is_away and self.rejoin is not None:
            self._is_away = False
            with self._unwatched():
                self.rejoin()

    def _after(self, conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._is_quiet or self._move is None:
            return
        boundaries = self._boundaries
        was_outside, boundaries.is_running = boundaries.is_running, False
        if was_outside and self._target.dialect.capabilities.lock_in_transaction:
            with self._unwatched():
                self._expect_alone(conn)
        if boundaries.is_bracketed:
            with self._unwatched():
                boundaries.end_bracket(conn, how="COMMIT")
        if self._target.listener is not None:
            self._target.listener(Stepped(self._move, statement, 0.0))

    def _committing(self, conn: Connection) -> None:
        if self._is_quiet or self._move is None or _is_autocommit(conn):
            return
        if not self._commit_is_ours:
            self._note_commit()  # the script commits by itself
            warn_of_end(self._move, "commit()")
            self._go_away()
        self._commit_is_ours = False

    def mend(self) -> None:
        """End the transaction around a statement of an autocommit block that failed."""
        if self._boundaries.is_bracketed and self._connection is not None:
            with self._unwatched():
                self._boundaries.end_bracket(self._connection, how="ROLLBACK")

    def _expect_alone(self, conn: Connection) -> None:
        """Begin again where another runner slipped in while the lock had to be let go."""
        move = self._move
        if move is None or self.still is None:
            return
        if not self.still() or self.ledger.count(conn, move) != self._boundaries.written:
            raise Stale("Another runner went on with this migration")

    def _skip(self, statement: str) -> None:
        say_skipped(statement)
        if self._move is not None and self._target.listener is not None:
            self._target.listener(Skipped(self._move, statement))


def _is_autocommit(conn: Connection) -> bool:
    return conn.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _no_parameters(parameters: Any) -> Any:
    return () if not isinstance(parameters, dict) else {}
