"""`snapshot`: write the schema at a revision into the project, for new databases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.commands.run_env import Script, run_env
from limbeck.commands.schema_command import OpaqueStep, opaque_steps, replay_to, version_rows
from limbeck.commands.upgrade_command import MoveRequest, upgrade
from limbeck.errors import DraftError
from limbeck.project import Project
from limbeck.snapshots import SnapshotError, SnapshotStaleError

DEFAULT_MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """Which snapshot, and how it is made.

    Attributes:
        revision: the revision; the heads by default.
        kind: the kind of scratch database; the setting `scratch` by default.
        scratch_url: another server for it; the setting `scratch_url` by default.
        max_rows: the greatest number of rows in the snapshot.
        tag: the value of `--tag`, for env.py.
    """

    revision: str = "heads"
    kind: str | None = None
    scratch_url: str | None = None
    max_rows: int = DEFAULT_MAX_ROWS
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """A snapshot that was written.

    Attributes:
        path: its file.
        database: the kind of database it is for.
        revisions: the revisions at which it is.
        objects: the number of objects in it.
        rows: the number of rows in it.
        opaque: the steps whose effect was seen on the scratch database only.
    """

    path: Path
    database: str
    revisions: tuple[str, ...]
    objects: int
    rows: int
    opaque: tuple[OpaqueStep, ...]


def snapshot(
    project: Project, request: SnapshotRequest, *, script: Script | None = None
) -> SnapshotResult:
    """Run the history on a scratch database and write what it leads to into the project.

    The project's database is not touched. Before the file is written, it is restored on a second
    scratch database, which has to be equal to the first.

    Args:
        project: the project.
        request: which snapshot.
        script: the `context.script` of env.py.

    Raises:
        SnapshotError: there is nothing to write, there are too many rows, or the restored
            snapshot is not what the revisions lead to.
        ScratchError: there can be no scratch database.
    """
    from limbeck.project import write_text
    from limbeck.scratch import capture_source
    from limbeck.snapshots import SnapshotMaker, snapshot_path

    rows = version_rows(project, request.revision)
    if not rows:
        raise SnapshotError(
            "There is no revision of which a snapshot could be made",
            hint="Write a revision first.",
        )
    found: list[Any] = []

    def note(_rows: tuple[str, ...], context: Any) -> list[Any]:
        found.append(context)
        return []

    def run() -> str:
        run_env(project, note, script=script, dont_mutate=True, tag=request.tag)
        for id_ in rows:
            moves = MoveRequest(id_, tag=request.tag, confirmed=True, use_snapshot=False)
            upgrade(project, moves, script=script)
        return str(found[0].version_table)

    source = capture_source(lambda: run_env(project, note, script=script, dont_mutate=True))
    found.clear()
    maker = SnapshotMaker(
        project.history(),
        source,
        kind=request.kind or str(project.option("scratch") or "auto"),  # type: ignore[arg-type] # a choice
        scratch_url=request.scratch_url or project.option("scratch_url"),
        max_rows=request.max_rows,
    )
    made = maker.make(rows, run)
    path = snapshot_path(project, made.snapshot.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, made.snapshot.text)
    return SnapshotResult(
        path, made.snapshot.database, rows, made.objects, made.rows, _opaque(project, rows, found)
    )


def _opaque(project: Project, rows: tuple[str, ...], contexts: list[Any]) -> tuple[OpaqueStep, ...]:
    """Return the steps that only the scratch database has shown."""
    try:
        context = contexts[0]
        return opaque_steps(project, replay_to(project, rows, context.dialect, context.opts))
    except DraftError as error:
        return (OpaqueStep(None, error.place, None, error.message),)


def check_snapshots(project: Project) -> tuple[Path, ...]:
    """Compare the snapshots of a project with its revision files. No database is opened.

    Args:
        project: the project.

    Returns:
        The files, all of which can be used.

    Raises:
        SnapshotError: there is none.
        SnapshotInvalidError: a file was edited or is not complete.
        SnapshotStaleError: revision files were changed since a snapshot was written.
    """
    from limbeck.snapshots import history_hash, read_snapshot, snapshot_paths

    history = project.history()
    paths = snapshot_paths(project)
    if not paths:
        raise SnapshotError("The project has no snapshot", hint="`snapshot` writes one.")
    for path in paths:
        found = read_snapshot(path)
        is_known = all(one in history for one in found.revisions)
        if not is_known or history_hash(history, found.revisions) != found.history:
            raise SnapshotStaleError(
                f"{path} does not belong to the revision files as they are",
                hint="Revision files were changed, added or removed since it was written. "
                "`snapshot` writes it again.",
                place=str(path),
            )
    return tuple(paths)
