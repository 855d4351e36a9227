"""`status`: the state of each database: revisions, migrations, drift, snapshot and head file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from limbeck.commands.current_command import DatabaseState, database_state
from limbeck.commands.drift import Drift, explain_missing, kept_sources, read_drift
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
        pending: the revisions that `upgrade heads` would run, oldest first; empty if a revision
            of the database has no file, because then they are not known.
        interrupted: the partly executed migrations.
        skipped: the data migrations that were skipped.
        drift: the applied revisions, and those whose files were edited or inserted; empty unless
            the journal is kept.
        snapshot: the snapshot for this database; None without one.
        head_file: the head file; None without one.
        missing: the version rows that no revision file has.
        problem: the error that migrations of this database fail with because of these rows.
    """

    state: DatabaseState
    pending: tuple[Revision, ...]
    interrupted: tuple[InterruptedMove, ...]
    skipped: tuple[str, ...] = ()
    drift: Drift = field(default_factory=Drift)
    snapshot: SnapshotState | None = None
    head_file: HeadFileState | None = None
    missing: tuple[str, ...] = ()
    problem: HistoryError | None = None


def status(project: Project, *, script: Script | None = None) -> tuple[DatabaseStatus, ...]:
    """Read the state of each database that env.py configures."""
    found: list[DatabaseStatus] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        state, missing, problem = _known_state(project, rows, context)
        history, _ = project.history().placed(state.rows)
        below = history.ancestors(state.rows)
        ahead = frozenset() if missing else history.ancestors(history.heads) - below
        drift = read_drift(project, state.rows, context)
        if missing and not drift.kept:
            drift = Drift(kept=kept_sources(project, context))
        found.append(
            DatabaseStatus(
                state=state,
                pending=tuple(reversed(history.newest_first(ahead))),
                interrupted=read_interrupted(context.target),
                skipped=read_skipped(context.target),
                drift=_newest_first(drift, history),
                snapshot=_snapshot(project, context),
                head_file=head_file_state(project),
                missing=missing,
                problem=problem,
            )
        )
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return tuple(found)


def require_files(found: Iterable[DatabaseStatus]) -> None:
    """Raise the error of a database whose revision has no file.

    Raises:
        HistoryError: a database has such a revision.
    """
    for one in found:
        if one.problem is not None:
            raise one.problem


def _known_state(
    project: Project, rows: tuple[str, ...], context: Any
) -> tuple[DatabaseState, tuple[str, ...], HistoryError | None]:
    """Return the state at the rows that have a file, the other rows, and the error about them.

    Raises:
        HistoryError: the revision files are inconsistent.
    """
    known = rows
    problem: HistoryError | None = None
    while True:
        try:
            state = database_state(project, known, context)
        except HistoryError as error:
            symbol = getattr(error, "symbol", None)
            explained = explain_missing(error, rows, context)
            if symbol not in known:
                raise explained from error.__cause__
            problem = problem or explained
            known = tuple(row for row in known if row != symbol)
            continue
        missing = tuple(row for row in rows if row not in known)
        is_at_head = state.is_at_head and not missing
        return replace(state, is_at_head=is_at_head), missing, problem


def _newest_first(drift: Drift, history: History) -> Drift:
    """Return the applied revisions in the order of their times, the newest first."""
    known = [id_ for id_ in drift.kept if id_ in history]
    order = {one.id: place for place, one in enumerate(reversed(history.newest_first(known)))}
    kept = sorted(
        drift.kept.values(),
        key=lambda one: (one.at, order.get(one.revision, len(order))),
        reverse=True,
    )
    return replace(drift, kept={one.revision: one for one in kept})


def _snapshot(project: Project, context: Any) -> SnapshotState | None:
    if not project.has_snapshots:
        return None
    from limbeck.snapshots import snapshot_state

    return snapshot_state(project, context)
