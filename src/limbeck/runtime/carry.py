"""The version row of a move that is done, sent with the first step of the next one.

Where DDL commits what stands before it, a COMMIT between two moves is one message and one wait
for the disk too many: the next step, written down ahead, takes the version row along. Until then
the database looks as if the run had died after the last step, which a second run recovers from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from limbeck.history import Heads, Move

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.runtime.journal_table import Ledger, Row
    from limbeck.runtime.sinks import Live, Script
    from limbeck.runtime.transactions import Transactions
    from limbeck.runtime.version_table import VersionTable

_log = logging.getLogger("alembic.runtime.migration")


class Carry:
    """Holds the version row of at most one move back.

    Args:
        versions: the version table.
        ledger: the journal's table.
        sink: where statements go.
        transactions: whose transaction it is.
        before: what else belongs to the move and is sent ahead of its version row.
    """

    def __init__(
        self,
        versions: VersionTable,
        ledger: Ledger,
        sink: Live | Script,
        transactions: Transactions,
        before: Callable[[], None],
    ) -> None:
        self._versions = versions
        self._ledger = ledger
        self._sink = sink
        self._transactions = transactions
        self._before = before
        self._move: Move | None = None
        self._steps = 0
        self._is_sent = False
        self._rows: Heads = frozenset()
        self.lost: Move | None = None
        self.committed: Callable[[Heads], None] | None = None

    @property
    def is_open(self) -> bool:
        """True while the version row of a move that is done may not be committed."""
        return self._move is not None

    def take(self, move: Move, rows: Heads, *, steps: int) -> Heads:
        """Hold a move's version row back; return the rows as they are to be.

        Args:
            move: what was just run.
            rows: the version rows before it.
            steps: how many of its steps the journal holds.
        """
        self._move, self._steps, self._is_sent = move, steps, False
        self._transactions.stays_open = True
        self._rows = (rows - move.before) | move.after
        return self._rows

    def send(self) -> None:
        """Send what is held back into the transaction that is open, which commits it."""
        move = self._move
        if move is None or self._is_sent:
            return
        self._before()
        ending = self._ledger.ending(move)
        self._versions.write(move, move.before, self._sink, ending=ending)
        if not ending.is_said and self._versions.connection is not None:
            self._ledger.forget(self._versions.connection, move, drop=False)
        self._is_sent = True

    def join(self, connection: Connection, move: Move, row: Row) -> None:
        """Send what is held back with the row of the next move's first step."""
        last = self._move
        if last is not None and not self._is_sent and self._steps == 1:
            self._before()
            pair = self._versions.pair(last)
            if pair is not None and self._ledger.step_over(
                connection,
                self._versions.table,
                pair,
                last,
                move,
                row,
                is_watched=self._versions.is_watched,
            ):
                self._is_sent = True
                return
        self.send()
        self._ledger.add(connection, move, row)

    def is_over(self) -> None:
        """Take note that a step has committed it."""
        if self._move is not None and self.committed is not None:
            self.committed(self._rows)
        self._move = None

    def goes_along(self) -> None:
        """Send it into the transaction that the move under way ends."""
        self.send()
        self._move = None

    def drop(self) -> None:
        """Forget what is held back: the run begins again from what the database says."""
        self._move = self.lost = None
        self._transactions.stays_open = False

    def settle(self) -> None:
        """Send and commit what is held back; what is open goes on in a transaction of its own."""
        move = self._move
        if move is None:
            return
        self.lost = move
        self.send()
        self._transactions.commit_between()
        self._move = self.lost = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Commit what is held back when a block breaks off, whatever the reason."""
        try:
            yield
        except BaseException:
            # the error that is under way is the one to tell; `lost` says what is not known
            if self.lost is None:
                with suppress(Exception):
                    self.settle()
            raise

    def state(self) -> str | None:
        """Say what is not known of the version rows, None where they are known."""
        if self.lost is None:
            return None
        before, after = (
            ", ".join(sorted(rows)) or "base" for rows in (self.lost.before, self.lost.after)
        )
        return (
            f"the version rows say {after}, unless the session was lost before that was committed; "
            f"then they say {before}, and the next run finds out what is done"
        )
