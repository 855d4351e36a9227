"""What becomes of the journal's rows when a move is over, and of its table when the run is."""

from __future__ import annotations

from limbeck.history import Move
from limbeck.runtime.checkpoints import Boundaries
from limbeck.runtime.journal_table import Ledger
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

    def forget(self, move: Move) -> None:
        """Remove the rows of a move that is done."""
        if self._boundaries.are_noted and self._connection is not None:
            drop = not self._keeps and not self._commits_ddl
            self._ledger.forget(self._connection, move, drop=drop)

    def close_down(self) -> None:
        """Remove the table at the end of a run that needs it no more."""
        if not self._is_on or self._connection is None:
            return
        # a run that died while it removed the table has left it empty
        if not self._keeps and (self._commits_ddl or self._ledger.is_there):
            self._ledger.drop_if_empty(self._connection)
