"""The return values of the API: frozen, with the same names as the keys of the JSON output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from limbeck.commands import DatabaseState, DatabaseStatus, ListedRevision, MoveResult
    from limbeck.history import Direction, Move


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionEntry:
    """A revision and its position in the history.

    Attributes:
        revision: the identifier.
        down_revision: the identifiers of the down revisions.
        depends_on: the other revisions that it depends on, as in the file.
        branch_labels: the sorted labels of the branches that it belongs to.
        children: the revisions that follow it.
        message: the first paragraph of the docstring.
        path: the absolute path of the file, None if there is no file.
        is_base: whether it has no down revision.
        is_head: whether no revision follows it.
        is_effective_head: whether no revision follows it or depends on it.
        is_branch_point: whether several revisions follow it.
        is_merge_point: whether it has several down revisions.
        is_current: whether the database is at this revision; None if no database was read.
    """

    revision: str
    down_revision: tuple[str, ...]
    depends_on: tuple[str, ...]
    branch_labels: tuple[str, ...]
    children: tuple[str, ...]
    message: str
    path: str | None
    is_base: bool
    is_head: bool
    is_effective_head: bool
    is_branch_point: bool
    is_merge_point: bool
    is_current: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRevisions:
    """A database and the revisions that it is at.

    Attributes:
        database: the URL without its password.
        is_at_head: whether every head of the history is applied.
        revisions: the revisions that the database is at; empty before the first migration.
    """

    database: str
    is_at_head: bool
    revisions: tuple[RevisionEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedStatement:
    """A statement of an interrupted migration.

    Attributes:
        statement: its text, shortened if it is long.
        outcome: whether it took effect: `done`, `not done` or `unknown`.
    """

    statement: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptedMigration:
    """A migration that an interrupted run has partly executed.

    Attributes:
        revision: its identifier.
        direction: `upgrade` or `downgrade`.
        steps: the statements in the journal, in order.
    """

    revision: str
    direction: Literal["upgrade", "downgrade"]
    steps: tuple[InterruptedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRevision:
    """A revision as the journal of a database knows it.

    Attributes:
        revision: its identifier.
        at: the time of the migration, in UTC.
        by: the user and the host.
        seconds: the duration of the migration, None if it is not known.
        file: the name of its file.
    """

    revision: str
    at: str
    by: str
    seconds: float | None
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSummary:
    """The snapshot of a project for a kind of database.

    Attributes:
        path: its file.
        revisions: the identifiers of the revisions that it is at.
        reason: why it is not used, None if it can be used.
    """

    path: str
    revisions: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFileSummary:
    """The head file of a project.

    Attributes:
        path: the file.
        fault: how it differs from the history, None if it agrees.
    """

    path: str
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSummary:
    """The state of a database: its revisions, and pending, interrupted and applied migrations.

    Attributes:
        database: the URL without its password.
        is_at_head: whether every head of the history is applied.
        revisions: the identifiers of the revisions that the database is at.
        missing: the version rows that no revision file has.
        pending: the identifiers that `upgrade("heads")` would run, oldest first; empty if they are
            not known, because a version row has no file.
        interrupted: the interrupted migrations.
        skipped: the identifiers of data migrations that were skipped.
        applied: the applied revisions in the journal, newest first; empty unless `journal` is
            `keep`.
        edited: the identifiers of applied revisions whose files were edited.
        inserted: the identifiers of revisions below the version rows that never ran.
        snapshot: the snapshot for this database, None without one.
        head_file: the head file, None without one.
    """

    database: str
    is_at_head: bool
    revisions: tuple[str, ...]
    missing: tuple[str, ...]
    pending: tuple[str, ...]
    interrupted: tuple[InterruptedMigration, ...]
    skipped: tuple[str, ...]
    applied: tuple[AppliedRevision, ...]
    edited: tuple[str, ...]
    inserted: tuple[str, ...]
    snapshot: SnapshotSummary | None
    head_file: HeadFileSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedMove:
    """One revision that was upgraded, downgraded or stamped.

    Attributes:
        revision: the identifier.
        direction: `upgrade`, `downgrade` or `stamp`.
        message: the first paragraph of the docstring.
        path: the absolute path of the file, None if there is no file.
    """

    revision: str
    direction: Literal["upgrade", "downgrade", "stamp"]
    message: str
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """The result of a run.

    Attributes:
        moves: the revisions of all databases, in the order in which they were run.
        data_loss: descriptions of the rows and values that the run would lose or fail on, from the
            check before the run.
        sql: the script of a run with `sql=True`, else None.
    """

    moves: tuple[FinishedMove, ...]
    data_loss: tuple[str, ...] = ()
    sql: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaDifferences:
    """The differences between the models and a database.

    Attributes:
        is_empty: whether there are none.
        differences: a description of each difference.
    """

    is_empty: bool
    differences: tuple[str, ...]


_DIRECTIONS: dict[Direction, Literal["upgrade", "downgrade", "stamp"]] = {
    "up": "upgrade",
    "down": "downgrade",
    "stamp": "stamp",
}


def revision_entry(listed: ListedRevision) -> RevisionEntry:
    """Return a listed revision as a value of the API."""
    revision = listed.revision
    return RevisionEntry(
        revision=revision.id,
        down_revision=tuple(revision.down),
        depends_on=tuple(revision.depends_on),
        branch_labels=tuple(listed.labels),
        children=tuple(listed.children),
        message=revision.doc,
        path=_path(revision.file),
        is_base=revision.is_base,
        is_head=listed.is_head,
        is_effective_head=listed.is_effective_head,
        is_branch_point=listed.is_branch_point,
        is_merge_point=revision.is_merge_point,
        is_current=listed.is_current,
    )


def database_revisions(state: DatabaseState) -> DatabaseRevisions:
    """Return the state of a database as a value of the API."""
    return DatabaseRevisions(
        database=state.url,
        is_at_head=state.is_at_head,
        revisions=tuple(revision_entry(one) for one in state.entries),
    )


def database_summary(found: DatabaseStatus) -> DatabaseSummary:
    """Return the status of a database as a value of the API."""
    return DatabaseSummary(
        database=found.state.url,
        is_at_head=found.state.is_at_head,
        revisions=tuple(one.revision.id for one in found.state.entries),
        missing=found.missing,
        pending=tuple(one.id for one in found.pending),
        interrupted=tuple(
            InterruptedMigration(
                revision=move.revision,
                direction="upgrade" if move.direction == "up" else "downgrade",
                steps=tuple(
                    InterruptedStatement(statement=step.text, outcome=step.outcome)
                    for step in move.steps
                ),
            )
            for move in found.interrupted
        ),
        skipped=found.skipped,
        applied=tuple(
            AppliedRevision(
                revision=one.revision, at=one.at, by=one.by, seconds=one.seconds, file=one.file
            )
            for one in found.drift.kept.values()
        ),
        edited=tuple(one.id for one in found.drift.edited),
        inserted=tuple(one.id for one in found.drift.inserted),
        snapshot=_snapshot(found),
        head_file=None
        if found.head_file is None
        else HeadFileSummary(path=str(found.head_file.path), fault=found.head_file.fault),
    )


def _snapshot(found: DatabaseStatus) -> SnapshotSummary | None:
    state = found.snapshot
    if state is None:
        return None
    return SnapshotSummary(path=str(state.path), revisions=state.revisions, reason=state.reason)


def run_report(result: MoveResult, sql: str | None = None) -> RunReport:
    """Return the result of a run as a value of the API."""
    return RunReport(
        moves=tuple(finished_move(one) for one in result.moves),
        data_loss=result.losses,
        sql=sql,
    )


def finished_move(move: Move) -> FinishedMove:
    """Return a move as a value of the API."""
    return FinishedMove(
        revision=move.revision.id,
        direction=_DIRECTIONS[move.direction],
        message=move.revision.doc,
        path=_path(move.revision.file),
    )


def _path(file: str | None) -> str | None:
    import os

    return None if file is None else os.path.realpath(file)
