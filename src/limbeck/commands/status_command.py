"""`status`: where each database is, what is pending, and what was interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck.commands.current_command import DatabaseState, database_state
from limbeck.commands.drift import explain_missing
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import HistoryError
from limbeck.history import Revision
from limbeck.project import Project
from limbeck.runtime import InterruptedMove, read_interrupted, read_skipped


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """A database, what is pending there, and what was interrupted.

    Attributes:
        state: its address and the revisions it is at.
        pending: the revisions that `upgrade heads` would run, oldest first.
        interrupted: the migrations of which an interrupted run has done a part.
        skipped: the data migrations that are applied by their version row alone.
    """

    state: DatabaseState
    pending: tuple[Revision, ...]
    interrupted: tuple[InterruptedMove, ...]
    skipped: tuple[str, ...] = ()


def status(project: Project, *, script: Script | None = None) -> tuple[DatabaseStatus, ...]:
    """Read the state of each database that env.py configures. Nothing is written."""
    found: list[DatabaseStatus] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        try:
            state = database_state(project, rows, context)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        history, _ = project.history().placed(rows)
        missing = history.ancestors(history.heads) - history.ancestors(state.rows)
        pending = tuple(reversed(history.newest_first(missing)))
        interrupted = read_interrupted(context.target)
        skipped = read_skipped(context.target)
        found.append(DatabaseStatus(state, pending, interrupted, skipped))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return tuple(found)
