"""The state of a project's snapshot for a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.project import Project
from limbeck.snapshots.errors import SnapshotInvalidError
from limbeck.snapshots.restoring import unsuitable
from limbeck.snapshots.snapshot_file import database_kind, read_snapshot, snapshot_path


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """A snapshot, and whether an empty database can be created from it.

    Attributes:
        path: its file.
        revisions: the revisions that it is at; empty if the file is invalid.
        reason: why it is not used; None if it can be used.
    """

    path: Path
    revisions: tuple[str, ...] = ()
    reason: str | None = None


def snapshot_state(project: Project, context: Any) -> SnapshotState | None:
    """Return the state of the snapshot for a database, None if the project has no such file.

    Args:
        project: the project.
        context: the migration context of the database.
    """
    path = snapshot_path(project, database_kind(context.dialect))
    if not path.is_file():
        return None
    try:
        snapshot = read_snapshot(path)
    except SnapshotInvalidError as error:
        return SnapshotState(path, reason=error.message)
    moves = project.history().route((), "heads", "up")
    reason = unsuitable(project.history(), context, snapshot, moves)
    return SnapshotState(path, snapshot.revisions, reason)
