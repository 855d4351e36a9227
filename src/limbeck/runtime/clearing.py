"""What becomes of the journal's rows when a move is over, and of its table when the run is."""

from __future__ import annotations

from limbeck.history import Move
from limbeck.runtime.checkpoints import Boundaries
from limbeck.runtime.journal_table import Ending, Ledger
from limbeck.runtime.target import Target


class Clearing:
    """Takes away what nobody needs any more.

    Args:
        target: what env.py configured.
        ledger: the journal's table.
        boundaries: what is noted of the move that goes on.
        commits_ddl: DDL commits by itself on this database.
    """

    def __init__(
        self, target: Target, ledger: Ledger, boundaries: Boundaries, *, commits_ddl: bool
    ) -> None:
        self._connection = target.connection
        self._ledger = ledger
        self._boundaries = boundaries
        self._commits_ddl = commits_ddl
        self._is_on = target.journal != "off"
        self._keeps = target.journal == "keep"
        self._can_end = target.dialect.capabilities.updates_two_tables
        self._ending: Ending | None = None

    def ending(self, move: Move) -> Ending | None:
        """Return what is to be said of a move's rows while its version row is moved.

        None where there are none, or where one statement cannot change two tables.
        """
        self._ending = None
        if self._can_end and self._boundaries.are_noted and self._connection is not None:
            self._ending = self._ledger.ending(move)
        return self._ending

    def forget(self, move: Move) -> None:
        """Remove the rows of a move that is done, unless its version row has said so of them."""
        if self._ending is not None and self._ending.is_said:
            return
        if self._boundaries.are_noted and self._connection is not None:
            drop = not self._keeps and not self._commits_ddl
            self._ledger.forget(self._connection, move, drop=drop)

    def close_down(self, *, is_looking: bool) -> None:
        """Remove the table at the end of a run that needs it no more.

        Args:
            is_looking: a look past SQLAlchemy goes on, whose transaction somebody ends.
        """
        if not self._is_on or self._connection is None:
            return
        if is_looking and self._ledger.is_there is None:
            self._ledger.peek(self._connection)
        # a run that died while it removed the table has left it empty
        if not self._keeps and (self._commits_ddl or self._ledger.is_there):
            self._ledger.drop_if_empty(self._connection)
        else:
            self._ledger.sweep(self._connection)
