"""The step journal: what of a move has been done where no transaction can undo it.

Its rows are boundaries: statements that commit by themselves or run outside transactions. What
was done between two boundaries was committed with the later one, so that a boundary's row says
that all before it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from limbeck.errors import DatabaseError
from limbeck.history import Move
from limbeck.naming import visible
from limbeck.run.events import Skipped, Stepped
from limbeck.run.known import Known, is_glanced
from limbeck.run.lock import Stale
from limbeck.run.rows import Ending, Ledger, Row
from limbeck.run.sorts import Sort, sort_of
from limbeck.run.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Glance
    from limbeck.run.carry import Carry

_log = logging.getLogger("alembic.runtime.migration")
_BLOCK = "-- commit"


class StepChanged(DatabaseError):
    """A step that an interrupted run has done reads otherwise now."""

    code = "LB350"


class StepUnknown(DatabaseError):
    """Nobody can tell whether an interrupted step took effect."""

    code = "LB351"


class Journal:
    """Watches the statements of a move; writes down, skips and verifies steps.

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
        self.may_carry = (
            self._is_on
            and self._commits_ddl
            and target.dialect.capabilities.updates_two_tables
            and target.dialect.outline is not None
        )
        self._ledger = self.ledger = Ledger(target)
        self._move: Move | None = None
        self._known: list[Row] = []
        self._ending: Ending | None = None
        self._place = 0
        self._written = 0
        self._is_quiet = False
        self._bracket = False
        self._commit_is_ours = False
        self.last: str | None = None
        self.leave: Callable[[], None] | None = None
        self.rejoin: Callable[[], None] | None = None
        self.still: Callable[[], bool] | None = None
        self.carry: Carry | None = None
        self._knowing = Known(target.dialect.outline)
        self._seen: Glance | None = None
        self._is_straight = False
        self._is_plain = False
        self._is_away = False
        self._is_running = False

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
    def move(self, move: Move, *, is_straight: bool = False) -> Iterator[None]:
        """Watch the statements of one move.

        Args:
            move: the move.
            is_straight: its program acts by the statements that are seen here, and only by them.
        """
        connection = self._connection
        self._place = self._written = 0
        self._is_running = self._is_plain = False
        if not is_straight:
            self._knowing.forget()
        self._is_straight = is_straight
        self._known = []
        if not self._is_on or connection is None or move.direction == "stamp":
            yield
            return
        self._known = self._ledger.rows(connection, move)
        if self._known:
            _log.info("Going on with %s, which an earlier run began", move.revision.id)
        self._move = move
        try:
            yield
            self._return()
        finally:
            self._move = None
            self._is_away = False
        self._expect_all_seen(move)

    @property
    def carried(self) -> int:
        """How many steps a move has noted whose version row may wait for the next; 0 where not.

        All that such a move did is committed: its last statement was a step.
        """
        return self._written if self._is_plain and self.may_carry and not self._known else 0

    @property
    def is_at_boundary(self) -> bool:
        """True after a statement failed that had been noted, and all before it was committed."""
        return self._is_running

    def start_anew(self) -> None:
        """Forget what was read: the run begins again."""
        self._ledger.start_anew()

    def ending(self, move: Move) -> Ending | None:
        """Return what is to be said of a move's rows while its version row is moved.

        None where there are none, or where one statement cannot change two tables.
        """
        self._ending = None
        can = self._target.dialect.capabilities.updates_two_tables
        if can and (self._known or self._written) and self._connection is not None:
            self._ending = self._ledger.ending(move)
        return self._ending

    def forget(self, move: Move) -> None:
        """Remove the rows of a move that is done, in the transaction of its version rows."""
        if self._ending is not None and self._ending.is_said:
            return
        if (self._known or self._written) and self._connection is not None:
            drop = self._target.journal != "keep" and not self._commits_ddl
            self._ledger.forget(self._connection, move, drop=drop)

    def close_down(self, *, is_glanced: bool = False) -> None:
        """Remove the table at the end of a run that needs it no more.

        Args:
            is_glanced: a look past SQLAlchemy goes on, whose transaction somebody ends.
        """
        if not self._is_on or self._connection is None:
            return
        if is_glanced and self._ledger.is_there is None:
            self._ledger.glance(self._connection)
        # a run that died while it removed the table has left it empty
        if self._target.journal != "keep" and (self._commits_ddl or self._ledger.is_there):
            self._ledger.drop_if_empty(self._connection)
        else:
            self._ledger.sweep(self._connection)

    def before_commit(self) -> None:
        """Write down, in the transaction that ends in the middle of a move, that it was done."""
        self._note_commit()
        self._commit_is_ours = self._move is not None

    def _note_commit(self) -> None:
        connection = self._connection
        if self._move is None or connection is None:
            return
        if self.carry is not None:
            with self._unwatched():
                self.carry.send()
        place = self._place
        self._place += 1
        if place < len(self._known):
            self._expect_same(self._known[place], _BLOCK)
            return
        with self._unwatched():
            self._ledger.make(connection)
            self._write(connection, place, _BLOCK, None)

    def state(self, move: Move, *, done: int, whole: bool) -> str:
        """Say in a sentence in which state a failed move leaves the database."""
        unknown = None if self.carry is None else self.carry.state()
        if unknown is not None:
            return unknown
        if self._target.as_sql:
            return "nothing was run; the script ends here"
        before = ", ".join(sorted(move.before)) or "base (nothing applied)"
        steps = self._written or len(self._known)
        if self._is_running and steps:
            steps -= 1
            if not steps:
                return (
                    f"the version rows still say {before}; the statement that failed is noted in "
                    f"{self._ledger.name}, where the next run goes on"
                )
        if steps:
            noun = "step of this migration is" if steps == 1 else "steps of this migration are"
            return (
                f"the version rows still say {before}; {steps} {noun} done and noted in "
                f"{self._ledger.name}, where the next run goes on"
            )
        if whole and done:
            noun = "migration" if done == 1 else f"{done} migrations"
            return f"everything was rolled back, the {noun} before this one as well"
        return f"this migration was rolled back; the database is at {before}"

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

    @property
    def _is_replaying(self) -> bool:
        return self._place < len(self._known)

    def _before(
        self, conn: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> tuple[str, Any]:
        if self._is_quiet or self._move is None:
            return statement, parameters
        self.mend()
        self._return()
        self.last = statement
        sort = self._sort(conn, statement)
        self._look_at(statement, sort)
        if sort is Sort.READ:
            return self._veiled(statement), parameters
        if sort is Sort.ENDS:
            return self._ended(statement), parameters
        with self._unwatched():
            if sort is Sort.INSIDE:
                if not self._is_replaying:
                    if self._commits_ddl and self._place == 0:
                        self._ledger.make(conn)  # creating it later would commit half a segment
                    return statement, parameters
                is_done = True
            else:
                is_done = self._boundary(conn, statement, sort)
        if not is_done:
            return statement, parameters
        self._skip(statement)
        return self._ledger.nothing, _no_parameters(parameters)

    def _look_at(self, statement: str, sort: Sort) -> None:
        """See whether a statement is a step that takes the version row of the last move along."""
        self._is_plain = False
        is_step = sort is Sort.OUTSIDE and self.may_carry and not self._known
        self._seen = self._knowing.glance(statement) if is_step else None
        if self._seen is None:
            self._knowing.forget()
            if self.carry is not None and self.carry.is_open:
                with self._unwatched():
                    self.carry.settle()

    def _veiled(self, statement: str) -> str:
        """Keep the journal out of what a migration sees when it looks at all tables."""
        without = self._target.dialect.options.get("without_table")
        return statement if without is None else without(statement, self._ledger.table.name)

    def _sort(self, conn: Connection, statement: str) -> Sort:
        sort = sort_of(statement, self._target.dialect.cost, commits_ddl=self._commits_ddl)
        if _is_autocommit(conn):
            return {Sort.INSIDE: Sort.ALONE, Sort.ENDS: Sort.READ}.get(sort, sort)
        return sort

    def _ended(self, statement: str) -> str:
        """Note a COMMIT of the script itself; one that an earlier run has done is left out."""
        was_done = self._is_replaying
        self._note_commit()
        if was_done:
            self._skip(statement)
            return self._ledger.nothing
        self._warn_of(" ".join(statement.split()))
        self._go_away()
        return statement

    def _warn_of(self, what: str) -> None:
        revision = self._move.revision.id if self._move is not None else ""
        _log.warning(
            "%s in %s ends the transaction of this run: what stands before it stays done when "
            "something after it fails. `with op.get_context().autocommit_block():` says so openly.",
            what, revision,
        )  # fmt: skip

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
        was_outside, self._is_running = self._is_running, False
        if was_outside and self._seen is not None:
            self._learn(self._seen)
        if was_outside and self._target.dialect.capabilities.lock_in_transaction:
            with self._unwatched():
                self._expect_alone(conn)
        if self._bracket:
            self._bracket = False
            with self._unwatched():
                conn.exec_driver_sql("COMMIT")
        if self._target.listener is not None:
            self._target.listener(Stepped(self._move, statement, 0.0))

    def _learn(self, seen: Glance) -> None:
        """Take note that a step went well, and that it has committed what stood before it."""
        self._knowing.learn(seen)
        self._is_plain = True
        if self.carry is not None:
            self.carry.is_over()

    def _committing(self, conn: Connection) -> None:
        if self._is_quiet or self._move is None or _is_autocommit(conn):
            return
        if not self._commit_is_ours:
            self._note_commit()  # the script commits by itself
            self._warn_of("commit()")
            self._go_away()
        self._commit_is_ours = False

    def mend(self) -> None:
        """End the transaction around a statement of an autocommit block that failed."""
        if self._bracket and self._connection is not None:
            self._bracket = False
            with self._unwatched():
                self._connection.exec_driver_sql("ROLLBACK")

    def _expect_alone(self, conn: Connection) -> None:
        """Begin again where another runner slipped in while the lock had to be let go."""
        move = self._move
        if move is None or self.still is None:
            return
        if not self.still() or self._ledger.count(conn, move) != self._written:
            raise Stale("Another runner went on with this migration")

    def _skip(self, statement: str) -> None:
        _log.info(
            "Skipping what an earlier run has done: %s", visible(" ".join(statement.split())[:120])
        )
        if self._move is not None and self._target.listener is not None:
            self._target.listener(Skipped(self._move, statement))

    # ── boundaries ────────────────────────────────────────────────────────

    def _boundary(self, conn: Connection, statement: str, sort: Sort) -> bool:
        """Note a boundary; say whether it is done already."""
        place = self._place
        self._place += 1
        if place < len(self._known):
            row = self._known[place]
            is_last = place == len(self._known) - 1
            if row.is_done or not is_last or self._took_effect(conn, row, statement):
                self._expect_same(row, statement)
                return True
            self._ledger.remove(conn, row)
            self._known.pop()
        self._ledger.make(conn)
        if sort is Sort.ALONE:
            conn.exec_driver_sql("BEGIN")
            self._bracket = True
            patience = self._target.dialect.patience
            if patience is not None and self._target.table_timeout > 0:
                patience.bound(conn, self._target.table_timeout)
            self._write(conn, place, statement, None)
        else:
            self._write(conn, place, statement, self._before_step(conn, statement), is_done=False)
            self._is_running = True
        return False

    def _before_step(self, conn: Connection, statement: str) -> str | None:
        if not self._is_straight:
            self._knowing.forget()
        found = None if self._seen is None else self._knowing.look(conn, self._seen)
        return self._trace(conn, statement) if found is None else found

    def _trace(self, conn: Connection, statement: str, *, clear: bool = False) -> str | None:
        trace = self._target.dialect.trace
        return None if trace is None else trace(conn, statement, clear=clear)

    def _took_effect(self, conn: Connection, row: Row, statement: str) -> bool:
        if row.trace is None:
            raise StepUnknown(
                f"An earlier run was interrupted at step {row.place + 1} of {row.revision}, and it "
                "cannot be seen from the database whether the step took effect",
                place=f"Statement: {row.sql}",
                hint=f"If it did, write 'done' into column state of its row in {self._ledger.name} "
                f"(revision {row.revision}, place {row.place}); if not, remove that row. Then run "
                "the same command again.",
            )
        if not row.trace:
            return False
        # the row may hold less than the whole statement
        same = statement if row.fingerprint == fingerprint(statement) else row.sql
        if is_glanced(row.trace):
            seen, fresh = self._knowing.glance(same), Known(self._target.dialect.outline)
            return seen is not None and fresh.look(conn, seen) not in {None, row.trace}
        return self._trace(conn, same, clear=True) != row.trace

    def _write(
        self,
        conn: Connection,
        place: int,
        statement: str,
        trace: str | None,
        *,
        is_done: bool = True,
    ) -> None:
        assert self._move is not None  # noqa: S101 - only asked while a move is watched
        row = Row(
            revision=self._move.revision.id,
            place=place,
            sql=statement,
            fingerprint=fingerprint(statement),
            trace=trace,
            is_done=is_done,
        )
        if self.carry is not None and self.carry.is_open:
            self.carry.join(conn, self._move, row)
        else:
            self._ledger.add(conn, self._move, row)
        self._written = place + 1

    def _expect_same(self, row: Row, statement: str) -> None:
        if row.fingerprint == fingerprint(statement):
            return
        raise StepChanged(
            f"Step {row.place + 1} of {row.revision} was done by an earlier run as\n  "
            f"{_short(row.sql)}\nbut reads now\n  {_short(statement)}",
            hint="Put the step back as it was, or undo it in the database by hand and delete the "
            f"rows of this revision from {self._ledger.name}. Then run the same command again.",
        )

    def _was_mended_away(self) -> bool:
        """Say whether all that is left is a step that broke off without effect."""
        row, conn = self._known[self._place], self._connection
        if row.is_done or self._place < len(self._known) - 1 or conn is None:
            return False
        with self._unwatched():
            if self._took_effect(conn, row, row.sql):
                return False
            self._ledger.remove(conn, row)
        self._known.pop()
        self._written = max(self._written, 1)  # what stood before it is still to be forgotten
        return True

    def _expect_all_seen(self, move: Move) -> None:
        if self._place < len(self._known) and not self._was_mended_away():
            row = self._known[self._place]
            raise StepChanged(
                f"Step {row.place + 1} of {move.revision.id}, done by an earlier run, is in the "
                f"file no more: {_short(row.sql)}",
                hint="Put the step back, or undo it in the database by hand and delete the rows of "
                f"this revision from {self._ledger.name}. Then run the same command again.",
            )


def fingerprint(statement: str) -> str:
    """Return what tells a statement from another; white space does not."""
    import hashlib

    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 200 else text[:200] + " ..."  # noqa: PLR2004 - a line or two


def _is_autocommit(conn: Connection) -> bool:
    return conn.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _no_parameters(parameters: Any) -> Any:
    return () if not isinstance(parameters, dict) else {}
