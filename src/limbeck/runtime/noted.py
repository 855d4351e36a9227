"""What an earlier run has noted of a step, beside the statement that stands in the file now.

Only rows and text are compared here; the database is asked elsewhere.
"""

from __future__ import annotations

from limbeck.errors import DatabaseError
from limbeck.runtime.journal_table import Row


class StepChanged(DatabaseError):
    """A step that an interrupted run has done reads otherwise now."""

    code = "LB350"


class StepUnknown(DatabaseError):
    """Nobody can tell whether an interrupted step took effect."""

    code = "LB351"


def fingerprint(statement: str) -> str:
    """Return what tells a statement from another; white space does not."""
    import hashlib

    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()


def expect_same(row: Row, statement: str, *, table: str) -> None:
    """Compare a step with what an earlier run did in its place.

    Args:
        row: what was noted.
        statement: what the file says now.
        table: where it was noted.

    Raises:
        StepChanged: it is another statement.
    """
    if row.fingerprint == fingerprint(statement):
        return
    raise StepChanged(
        f"Step {row.place + 1} of {row.revision} was done by an earlier run as\n  "
        f"{_short(row.sql)}\nbut reads now\n  {_short(statement)}",
        hint="Put the step back as it was, or undo it in the database by hand and delete the "
        f"rows of this revision from {table}. Then run the same command again.",
    )


def gone(row: Row, *, table: str) -> StepChanged:
    """Return the error for a step that was done and is in the file no more."""
    return StepChanged(
        f"Step {row.place + 1} of {row.revision}, done by an earlier run, is in the "
        f"file no more: {_short(row.sql)}",
        hint="Put the step back, or undo it in the database by hand and delete the rows of "
        f"this revision from {table}. Then run the same command again.",
    )


def unknown(row: Row, *, table: str) -> StepUnknown:
    """Return the error for a step that left no trace by which its effect can be seen."""
    return StepUnknown(
        f"An earlier run was interrupted at step {row.place + 1} of {row.revision}, and it "
        "cannot be seen from the database whether the step took effect",
        place=f"Statement: {row.sql}",
        hint=f"If it did, write 'done' into column state of its row in {table} "
        f"(revision {row.revision}, place {row.place}); if not, remove that row. Then run "
        "the same command again.",
    )


def _short(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 200 else text[:200] + " ..."  # noqa: PLR2004 - a line or two
