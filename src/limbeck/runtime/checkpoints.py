"""The boundaries of a move: each is written down ahead, passed, or found to be done already.

Which statement is a boundary, and when, is decided by the journal that listens; nothing here
listens, and all that is sent from here is to go unwatched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limbeck.history import Move
from limbeck.runtime.journal_table import Ledger, Row
from limbeck.runtime.noted import expect_same, fingerprint, gone, unknown
from limbeck.runtime.statement_class import Sort
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BLOCK = "-- commit"


class Boundaries:
    """Notes the boundaries of one move after the other, and finds those of an earlier run.

    Args:
        target: what env.py configured.
        ledger: the journal's table.

    Attributes:
        known: what an earlier run has noted of the move.
        place: how many boundaries of the move have been met.
        written: how many of them this run has noted, counted from the first of all.
        is_running: the last one that was noted has not been seen to end.
        is_bracketed: it has a transaction of its own, which is open.
    """

    def __init__(self, target: Target, ledger: Ledger) -> None:
        self._target = target
        self._ledger = ledger
        self._move: Move | None = None
        self.known: list[Row] = []
        self.place = 0
        self.written = 0
        self.is_running = False
        self.is_bracketed = False

    # ── around a move ─────────────────────────────────────────────────────

    def clear(self) -> None:
        """Forget the boundaries of the move before."""
        self.known = []
        self.place = self.written = 0
        self.is_running = False

    def begin(self, connection: Connection, move: Move) -> None:
        """Read what an earlier run has noted of a move."""
        self._move = move
        self.known = self._ledger.rows(connection, move)

    @property
    def _under_way(self) -> Move:
        assert self._move is not None  # noqa: S101 - only asked while a move is watched
        return self._move

    @property
    def are_noted(self) -> bool:
        """True where the journal has rows of the move."""
        return bool(self.known or self.written)

    @property
    def is_replaying(self) -> bool:
        """True while what comes was done by an earlier run."""
        return self.place < len(self.known)

    def expect_all_seen(self, connection: Connection) -> None:
        """Expect at the end of a move that all that was noted of it has come by.

        Raises:
            StepChanged: something is in the file no more.
            StepUnknown: the same, and nobody can tell whether it took effect.
        """
        if self.is_replaying and not self._was_mended_away(connection):
            raise gone(self.known[self.place], table=self._ledger.name)

    def _was_mended_away(self, connection: Connection) -> bool:
        """Say whether all that is left is a step that broke off without effect."""
        row = self.known[self.place]
        if row.is_done or self.place < len(self.known) - 1:
            return False
        if self._took_effect(connection, row, row.sql):
            return False
        self._ledger.remove(connection, self._under_way, row)
        self.known.pop()
        self.written = max(self.written, 1)  # what stood before it is still to be forgotten
        return True

    # ── one boundary ──────────────────────────────────────────────────────

    def cross(self, connection: Connection, statement: str, sort: Sort) -> bool:
        """Note a boundary; say whether it is done already.

        Args:
            connection: where it is about to be sent.
            statement: SQL text.
            sort: ALONE or OUTSIDE.

        Raises:
            StepChanged: an earlier run did something else in its place.
            StepUnknown: nobody can tell whether it took effect.
        """
        place = self.place
        self.place += 1
        if place < len(self.known):
            row = self.known[place]
            is_last = place == len(self.known) - 1
            if row.is_done or not is_last or self._took_effect(connection, row, statement):
                expect_same(row, statement, table=self._ledger.name)
                return True
            self._ledger.remove(connection, self._under_way, row)
            self.known.pop()
        self._ledger.make(connection)
        if sort is Sort.ALONE:
            self._begin_bracket(connection)
            self._write(connection, place, statement, None)
        else:
            trace = self._trace(connection, statement)
            self._write(connection, place, statement, trace, is_done=False)
            self.is_running = True
        return False

    def cross_commit(self, connection: Connection) -> None:
        """Note, in the transaction that ends in the middle of a move, that it was done.

        Raises:
            StepChanged: an earlier run did something else in its place.
        """
        place = self.place
        self.place += 1
        if place < len(self.known):
            expect_same(self.known[place], _BLOCK, table=self._ledger.name)
            return
        self._ledger.make(connection)
        self._write(connection, place, _BLOCK, None)

    def _begin_bracket(self, connection: Connection) -> None:
        """Put a statement of an autocommit block and its row into one transaction."""
        connection.exec_driver_sql("BEGIN")
        self.is_bracketed = True
        patience = self._target.dialect.patience
        if patience is not None and self._target.table_timeout > 0:
            patience.bound(connection, self._target.table_timeout)

    def end_bracket(self, connection: Connection, *, how: str) -> None:
        """End the transaction around a statement of an autocommit block.

        Args:
            connection: where.
            how: COMMIT or ROLLBACK.
        """
        self.is_bracketed = False
        connection.exec_driver_sql(how)

    def _write(
        self,
        connection: Connection,
        place: int,
        statement: str,
        trace: str | None,
        *,
        is_done: bool = True,
    ) -> None:
        row = Row(
            revision=self._under_way.revision.id,
            place=place,
            sql=statement,
            fingerprint=fingerprint(statement),
            trace=trace,
            is_done=is_done,
        )
        self._ledger.add(connection, self._under_way, row)
        self.written = place + 1

    # ── whether a step took effect ────────────────────────────────────────

    def _took_effect(self, connection: Connection, row: Row, statement: str) -> bool:
        if row.trace is None:
            raise unknown(row, table=self._ledger.name)
        if not row.trace:
            return False
        # the row may hold less than the whole statement
        same = statement if row.fingerprint == fingerprint(statement) else row.sql
        return self._trace(connection, same, clear=True) != row.trace

    def _trace(self, connection: Connection, statement: str, *, clear: bool = False) -> str | None:
        trace = self._target.dialect.trace
        return None if trace is None else trace(connection, statement, clear=clear)
