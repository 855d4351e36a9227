"""The worker process of `verify`: run env.py on a scratch database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from limbeck.catalog import Key
from limbeck.commands.check_command import check, differences_as_text
from limbeck.commands.parent_schema import replayed, scripted
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.commands.verify_command import revisions_to_verify
from limbeck.errors import DraftError
from limbeck.history import Move, Revision
from limbeck.project import Project
from limbeck.runtime import Event, Failed, Finished, Started
from limbeck.verification import ProcessGuard, RevisionReport, WorkerRequest

_NO_MODELS = "LB401"


def start_of(project: Project, revision: Revision) -> tuple[str, ...]:
    """Return the version rows before a revision; for a head, all other heads are applied."""
    history = project.history()
    ids = set(history.below(revision.id))
    if history.is_head(revision.id):
        ids |= history.heads - {revision.id}
    tops = [
        one
        for one in ids
        if not any(one in history.ancestors((other,)) for other in ids if other != one)
    ]
    return tuple(sorted(tops))


class EnvironmentMoves:
    """Runs the moves of a verification with env.py.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        guard: the guard that watches the migration.
    """

    def __init__(self, project: Project, script: Script | None, guard: ProcessGuard) -> None:
        self._project = project
        self._script = script
        self._guard = guard
        self._version_table: Key | None = None

    def upgrade(self, revision: str) -> None:
        """Upgrade to a revision."""
        history = self._project.history()
        self._go(lambda rows: history.route(rows, revision, "up"), revision)

    def downgrade(self, revision: str, at: Sequence[str]) -> None:
        """Downgrade one revision."""
        found = self._project.history().get(revision)
        target = ",".join(at) or "base"
        self._go(lambda rows: [Move(found, "down", frozenset(rows), frozenset(at))], target)

    def stamp(self, revisions: Sequence[str]) -> None:
        """Set the version rows."""
        history = self._project.history()
        self._go(lambda rows: history.route(rows, revisions, "stamp"), ",".join(revisions))

    def replay(self, revisions: Sequence[str]) -> Any:
        """Return the replayed catalog at some revisions."""
        return replayed(self._project, self._script, revisions)

    def script(self, revisions: Sequence[str]) -> str:
        """Return the SQL that leads from an empty database to some revisions."""
        return scripted(self._project, self._script, revisions)

    def differences(self, filled: Collection[Key]) -> Sequence[str] | None:
        """Return the differences between models and database; None without models."""
        try:
            checked = check(self._project, script=self._script)
        except DraftError as error:
            if error.code == _NO_MODELS:
                return None
            raise
        return differences_as_text(
            one for one in checked.diffs if not _deletes_rows_of(one, filled)
        )

    def own_tables(self) -> Sequence[Key]:
        """Return the version table."""
        return () if self._version_table is None else (self._version_table,)

    def _go(self, plan: Callable[[tuple[str, ...]], Iterable[Move]], to: str) -> None:
        def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
            schema = context.version_table_schema
            if schema == context.dialect.default_schema_name:
                schema = None
            self._version_table = Key("table", (schema, context.version_table))
            moves = list(plan(rows))
            paths = [str(move.revision.path) for move in moves]
            with self._guard.watching(paths[-1] if paths else None):
                return load_moves(self._project, moves)

        run_env(
            self._project,
            job,
            script=self._script,
            destination_rev=to,
            listener=self._listen,
        )

    def _listen(self, event: Event) -> None:
        match event:
            case Started(move=move) if move.direction != "stamp":
                path = move.revision.path
                self._guard.begin(None if path is None else str(path))
            case Finished() | Failed():
                self._guard.end()
            case _:
                pass


def _deletes_rows_of(difference: Any, tables: Collection[Key]) -> bool:
    """Return whether a difference is the deletion of undeclared rows of one of the tables."""
    if difference[0] != "remove_rows":
        return False
    name = str(difference[1]).partition(": ")[0]
    return any(name == key.full_name for key in tables)


def verify_in_worker(
    project: Project,
    request: WorkerRequest,
    send: Callable[[dict[str, Any]], None],
    *,
    script: Script | None = None,
) -> None:
    """Verify revisions in this process, which is a worker process.

    Args:
        project: the project.
        request: the revisions and options.
        send: a function that sends messages to the parent process.
        script: the `context.script` of env.py.
    """
    from limbeck.scratch import capture_source
    from limbeck.verification import Verification, VerifyOptions, removing_leftovers

    guard = ProcessGuard()

    def nothing(_rows: object, _context: object) -> list[PreparedMove]:
        return []

    source = capture_source(lambda: run_env(project, nothing, script=script, dont_mutate=True))
    options = VerifyOptions(
        kind=request.kind,  # type: ignore[arg-type] # a choice of the command line
        scratch_url=request.scratch_url,
        build=request.build,
        rows=request.rows,
    )
    verification = Verification(
        EnvironmentMoves(project, script, guard),
        source,
        guard,
        options,
        lambda phase: send({"phase": phase}),
    )
    revisions = revisions_to_verify(project, request.revisions)
    waiting = [one for one in revisions if one.id not in request.done]
    heads = project.history().heads
    for revision in waiting:
        path = None if revision.path is None else str(revision.path)
        send({"begin": revision.id, "path": path})
        report: RevisionReport = verification.verify(
            revision, start_of(project, revision), compares_models=revision.id in heads
        )
        send({"report": report.as_json()})
    if request.done:
        # a process that was killed has left its database behind
        with removing_leftovers(source, options):
            pass
    send({"end": True})
