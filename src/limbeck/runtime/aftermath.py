"""What a run has left behind when something fails after its migrations, or at their COMMIT."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from limbeck.history import Heads, Move
from limbeck.runtime.failure_report import (
    Failure,
    attach,
    failure_of,
    find_next,
    find_origin,
    find_statement,
    find_words,
)
from limbeck.runtime.transactions import COMMITTED, ROLLED_BACK, UNANSWERED, Transactions

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Aftermath:
    """Follows the version rows of a run: as they are for this run, as they were last committed.

    Args:
        transactions: whose ends are followed.

    Attributes:
        last: the last move that has written its version rows.
        text: that move, as the log names it.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._committed: Heads = frozenset()
        self._now: Heads = frozenset()
        self.text = ""
        self.last: Move | None = None
        transactions.followed = self

    def begins(self, rows: Iterable[str]) -> None:
        """Take note of the rows that a run, or its next attempt, finds."""
        self._committed = self._now = frozenset(rows)

    def moved(self, move: Move, text: str, rows: Heads) -> None:
        """Take note of the rows that a move has written."""
        self._now, self.last, self.text = rows, move, text

    def committed(self) -> None:
        """Take note that all of it was committed."""
        self._committed = self._now

    def committed_at(self, rows: Heads) -> None:
        """Take note that a statement has committed what stood before it: these rows."""
        self._committed = rows

    def doubt(self, move: Move | None = None) -> str | None:
        """Say what is not known because a COMMIT had no answer; None where all is known.

        Args:
            move: the one that is under way, if any.
        """
        if self._transactions.ended != UNANSWERED:
            return None
        if move is not None and move is not self.last:
            at = _listed(self._committed)
            if self._now != self._committed:
                at = f"{_listed(self._now)} or still {at}"
            return (
                "a COMMIT in the middle of this migration had no answer; the version rows say "
                f"{at}, and the next run finds out what is done"
            )
        return (
            f"the COMMIT had no answer: the database is at {_listed(self._now)}, or still at "
            f"{_listed(self._committed)}; `current` tells"
        )

    def state(self) -> str:
        """Say where the database stands, after the last move has ended without an error."""
        doubt = self.doubt()
        if doubt is not None:
            return doubt
        if self._transactions.is_external:
            return (
                f"the migrations up to {_listed(self._now)} were run in a transaction that env.py "
                "had begun, and stand or fall with it; `current` tells"
            )
        if self._transactions.ended == COMMITTED:
            return f"the migrations are done and committed; the database is at {_listed(self._now)}"
        if self._transactions.ended == ROLLED_BACK:
            return f"everything was rolled back; the database is at {_listed(self._committed)}"
        return f"the database was at {_listed(self._committed)} before; `current` tells"

    @property
    def has_database(self) -> bool:
        """True unless a script was written."""
        return self._transactions.connection is not None

    @property
    def name(self) -> str:
        """Which database it is."""
        connection: Connection | None = self._transactions.connection
        return "" if connection is None else str(connection.engine.url.database or "")


def tell(error: BaseException, runs: Iterable[Aftermath], env_path: str | None) -> None:
    """Let an error that follows migrations carry their story.

    Args:
        error: what went wrong after them; an exit that was asked for is none.
        runs: of one execution of env.py.
        env_path: where env.py lies.
    """
    done = [run for run in runs if run.last is not None and run.has_database]
    if not done or failure_of(error) is not None or isinstance(error, SystemExit):
        return
    last = done[-1]
    assert last.last is not None  # noqa: S101 - chosen so; this tells mypy
    states = [run.state() if len(done) == 1 else f"{run.name}: {run.state()}" for run in done]
    attach(
        error,
        Failure(
            move=last.last,
            text=f"the end of the run (after {last.text})",
            origin=find_origin(error, env_path),
            statement=find_statement(error),
            words=find_words(error),
            state=". ".join(states),
            hint=find_next(error),
        ),
    )


def _listed(rows: Heads) -> str:
    return ", ".join(sorted(rows)) or "base (nothing applied)"
