"""`snapshot`: write the schema at a revision to the project, for new databases."""

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
    """The revision of a snapshot, and the options.

    Attributes:
        revision: the revision; the heads by default.
        kind: the kind of scratch database; the setting `scratch` by default.
        scratch_url: another server for it; the setting `scratch_url` by default.
        max_rows: the maximum number of rows in the snapshot.
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
        database: the kind of database.
        revisions: its revisions.
        objects: the number of its objects.
        rows: the number of its rows.
        opaque: the statements whose effect is known only from the scratch database.
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
    """Run the history on a scratch database and write the result to the project.

    The project's database is not used. Before the file is written, it is restored on a second
    scratch database, which must be equal to the first.

    Args:
        project: the project.
        request: the revision and options.
        script: the `context.script` of env.py.

    Raises:
        SnapshotError: there is nothing to write, there are too many rows, or the restored
            snapshot differs from the result of the revisions.
        ScratchError: a scratch database cannot be created.
    """
    from limbeck.project import write_text
    from limbeck.scratch import capture_source
    from limbeck.snapshots import SnapshotMaker, snapshot_path

    rows = version_rows(project, request.revision)
    if not rows:
        raise SnapshotError(
            "There is no revision to create a snapshot of",
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
    """Return the statements whose effect is known only from the scratch database."""
    try:
        context = contexts[0]
        return opaque_steps(project, replay_to(project, rows, context.dialect, context.opts))
    except DraftError as error:
        return (OpaqueStep(None, error.place, None, error.message),)


def check_snapshots(project: Project) -> tuple[Path, ...]:
    """Compare the snapshots of a project with its revision files, without a database.

    Args:
        project: the project.

    Returns:
        The files, which are all valid.

    Raises:
        SnapshotError: there is no snapshot.
        SnapshotInvalidError: a file was edited or is incomplete.
        SnapshotStaleError: revision files were changed after a snapshot was written.
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
                f"{path} does not match the current revision files",
                hint="Revision files were changed, added or removed after it was written. Run "
                "`snapshot` again.",
                place=str(path),
            )
    return tuple(paths)
