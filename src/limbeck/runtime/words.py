"""What the journal says: of what it skips, of what a script ends, of where a failure leaves all.

Nothing is decided here.
"""

from __future__ import annotations

import logging

from limbeck.history import Move
from limbeck.runtime.checkpoints import Boundaries
from limbeck.text import visible

_log = logging.getLogger("alembic.runtime.migration")


def say_skipped(statement: str) -> None:
    """Say of a statement that an earlier run has done it."""
    _log.info(
        "Skipping what an earlier run has done: %s", visible(" ".join(statement.split())[:120])
    )


def warn_of_end(move: Move, what: str) -> None:
    """Warn of a script that ends the transaction of the run.

    Args:
        move: whose script.
        what: by what it ends it.
    """
    _log.warning(
        "%s in %s ends the transaction of this run: what stands before it stays done when "
        "something after it fails. `with op.get_context().autocommit_block():` says so openly.",
        what, move.revision.id,
    )  # fmt: skip


def standing(move: Move, boundaries: Boundaries, *, table: str, done: int, whole: bool) -> str:
    """Say in a sentence in which state a failed move leaves the database.

    Args:
        move: the move that failed.
        boundaries: what is noted of it.
        table: where it is noted.
        done: how many moves of the run were done before.
        whole: one transaction holds them all.
    """
    before = ", ".join(sorted(move.before)) or "base (nothing applied)"
    steps = boundaries.written or len(boundaries.known)
    if boundaries.is_running and steps:
        steps -= 1
        if not steps:
            return (
                f"the version rows still say {before}; the statement that failed is noted in "
                f"{table}, where the next run goes on"
            )
    if steps:
        noun = "step of this migration is" if steps == 1 else "steps of this migration are"
        return (
            f"the version rows still say {before}; {steps} {noun} done and noted in "
            f"{table}, where the next run goes on"
        )
    if whole and done:
        noun = "migration" if done == 1 else f"{done} migrations"
        return f"everything was rolled back, the {noun} before this one as well"
    return f"this migration was rolled back; the database is at {before}"
