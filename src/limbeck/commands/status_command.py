"""`status`: the state of each database: revisions, migrations, drift, snapshot and head file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from limbeck.commands.current_command import DatabaseState, database_state
from limbeck.commands.drift import Drift, explain_missing, read_drift
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import HistoryError
from limbeck.history import History, Revision
from limbeck.project import HeadFileState, Project, head_file_state
from limbeck.runtime import InterruptedMove, read_interrupted, read_skipped

if TYPE_CHECKING:
    from limbeck.snapshots import SnapshotState


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """A database with its pending and interrupted migrations.

    Attributes:
        state: its URL and revisions.
        pending: the revisions that `upgrade heads` would run, oldest first.
        interrupted: the partly executed migrations.
        skipped: the data migrations that were skipped.
        drift: the applied revisions, and those whose files were edited or inserted; empty unless
            the journal is kept.
        snapshot: the snapshot for this database; None without one.
        head_file: the head file; None without one.
    """

    state: DatabaseState
    pending: tuple[Revision, ...]
    interrupted: tuple[InterruptedMove, ...]
    skipped: tuple[str, ...] = ()
    drift: Drift = field(default_factory=Drift)
    snapshot: SnapshotState | None = None
    head_file: HeadFileState | None = None


def status(project: Project, *, script: Script | None = None) -> tuple[DatabaseStatus, ...]:
    """Read the state of each database that env.py configures."""
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
        drift = _newest_first(read_drift(project, state.rows, context), history)
        found.append(
            DatabaseStatus(
                state, pending, interrupted, skipped, drift,
                _snapshot(project, context), head_file_state(project),
            )
        )  # fmt: skip
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return tuple(found)


def _newest_first(drift: Drift, history: History) -> Drift:
    """Return the applied revisions in the order of their times, the newest first."""
    known = [id_ for id_ in drift.kept if id_ in history]
    order = {one.id: place for place, one in enumerate(reversed(history.newest_first(known)))}
    kept = sorted(
        drift.kept.values(), key=lambda one: (one.at, order.get(one.revision, -1)), reverse=True
    )
    return replace(drift, kept={one.revision: one for one in kept})


def _snapshot(project: Project, context: Any) -> SnapshotState | None:
    if not project.has_snapshots:
        return None
    from limbeck.snapshots import snapshot_state

    return snapshot_state(project, context)
