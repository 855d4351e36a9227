"""`verify`: try revisions on a scratch database."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.catalog import Key
from limbeck.commands.check_command import check
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.errors import DraftError, ScratchError, VerificationFailedError
from limbeck.history import Move, Revision
from limbeck.project import Project, number, yes_or_no
from limbeck.runtime import Event, Failed, Finished, Started
from limbeck.verification import (
    STARTUP_SECONDS,
    ProcessGuard,
    RevisionReport,
    VerifyFinding,
    VerifyReport,
    WorkerRequest,
    run_worker,
)

DEFAULT_TIME_LIMIT = 60.0
DEFAULT_BUDGET = 20.0
_NO_MODELS = "LB401"


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """Which revisions, and how.

    Attributes:
        revisions: a revision, several with commas, or a range `start:end`; the heads by default.
        kind: the kind of scratch database; the setting `scratch` by default.
        scratch_url: another server for it; the setting `scratch_url` by default.
        build: "history" runs the revisions before it instead of replaying them.
        rows: the number of rows for each table.
        time_limit: seconds for each step; the setting `verify_time_limit` by default.
        startup_limit: seconds in addition, until the upgrade begins.
    """

    revisions: str | None = None
    kind: str | None = None
    scratch_url: str | None = None
    build: str = "auto"
    rows: int = 50
    time_limit: float | None = None
    startup_limit: float = STARTUP_SECONDS


def verify_new(
    project: Project, written: Sequence[Revision], worker: Sequence[str]
) -> VerifyReport | None:
    """Verify revisions that were just written, within the time that `verify_budget` gives.

    No schema is made in the project's database, unless the setting `scratch` says so.

    Args:
        project: the project.
        written: the new revisions.
        worker: the command that starts the process.

    Returns:
        The report; None where the settings say that new revisions are not verified.
    """
    value = project.option("verify")
    is_wanted = project.detect == "all" if value is None else yes_or_no(value, "verify")
    if not is_wanted or not written:
        return None
    budget = _seconds(project, "verify_budget", DEFAULT_BUDGET)
    kind = str(project.option("scratch") or "database")
    reports: list[RevisionReport] = []
    project.refresh()
    for revision in written:
        request = VerifyRequest(revision.id, kind=kind, time_limit=budget, startup_limit=0.0)
        try:
            reports += verify(project, request, worker).revisions
        except ScratchError as error:
            finding = VerifyFinding("not-verified", "warning", "build", error.message)
            path = None if revision.path is None else str(revision.path)
            reports.append(RevisionReport(revision.id, path, (finding,)))
    return VerifyReport(tuple(reports))


def verify(
    project: Project,
    request: VerifyRequest,
    worker: Sequence[str],
    *,
    listener: Callable[[str, str], None] | None = None,
) -> VerifyReport:
    """Verify revisions in a process of its own.

    Args:
        project: the project; its configuration has to be in files.
        request: which revisions, and how.
        worker: the command that starts the process.
        listener: called with a revision and the phase that begins.

    Raises:
        ScratchError: no scratch database can be had.
    """
    revisions_to_verify(project, request.revisions)
    config = project.config
    files = (
        tuple(
            str(Path(name).absolute())
            for name in (config.config_file_name, config.toml_file_name)
            if name is not None and Path(name).is_file()
        )
        if config is not None
        else ()
    )
    options = getattr(config, "cmd_opts", None)
    given = WorkerRequest(
        files=files,
        section="alembic" if config is None else config.config_ini_section,
        x=tuple(getattr(options, "x", None) or ()),
        revisions=request.revisions,
        kind=request.kind or str(project.option("scratch") or "auto"),
        scratch_url=request.scratch_url or project.option("scratch_url"),
        build=request.build,
        rows=request.rows,
        time_limit=request.time_limit
        if request.time_limit is not None
        else _seconds(project, "verify_time_limit", DEFAULT_TIME_LIMIT),
        startup_limit=request.startup_limit,
    )
    return run_worker(worker, given, listener=listener)


def _seconds(project: Project, name: str, default: float) -> float:
    value = project.option(name)
    return default if value is None else number(value, name)


def require_verified(report: VerifyReport) -> None:
    """Refuse when a revision has a fault or could not be verified.

    Raises:
        VerificationFailedError: one has.
    """
    faulty = [one.revision for one in report.revisions if not one.is_ok]
    unknown = [one.revision for one in report.revisions if not one.is_verified]
    if faulty:
        raise VerificationFailedError(
            f"Faults were found in {', '.join(faulty)}",
            hint="correct the revision and run the same command again",
        )
    if unknown:
        raise VerificationFailedError(
            f"Not verified: {', '.join(unknown)}",
            hint="the report states the reason",
            code="LB623",
        )


def revisions_to_verify(project: Project, given: str | None) -> tuple[Revision, ...]:
    """Return the revisions of a range, in the order in which they run.

    Args:
        project: the project.
        given: a revision, several with commas, a range `start:end` in which `start` is left out,
            or None for heads.
    """
    history = project.history()
    if given is None:
        ids = set(history.heads)
    elif ":" in given:
        start, _, end = given.partition(":")
        wanted = [one.id for one in history.resolve(end or "heads")]
        below = [one.id for one in history.resolve(start)] if start else []
        ids = history.ancestors(wanted) - history.ancestors(below)
    else:
        ids = {one.id for name in given.split(",") for one in history.resolve(name)}
    return tuple(reversed(history.newest_first(ids)))


def start_of(project: Project, revision: Revision) -> tuple[str, ...]:
    """Return the version rows before a revision: for a head, with all other heads applied."""
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
    """Moves of a verification, by running env.py.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        guard: watches the migration while it runs.
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
        """Return the catalog to which the revision files lead."""
        from limbeck.autogenerate import replay
        from limbeck.environment import MigrationContext
        from limbeck.operations import Operations

        results: list[Any] = []

        def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
            del rows
            offline = MigrationContext.configure(
                dialect=context.dialect,
                opts={**context.opts, "as_sql": True, "output_buffer": io.StringIO()},
            )
            with Operations.context(offline):
                results.append(replay(self._project, offline, revisions))
            return []

        run_env(self._project, job, script=self._script, dont_mutate=True)
        return results[0]

    def differences(self) -> Sequence[str] | None:
        """Return how models and database differ; None where there are no models."""
        try:
            return check(self._project, script=self._script).words
        except DraftError as error:
            if error.code == _NO_MODELS:
                return None
            raise

    def own_tables(self) -> Sequence[Key]:
        """Return the table of versions."""
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
                return list(load_moves(self._project, moves))

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


def verify_here(
    project: Project,
    request: WorkerRequest,
    send: Callable[[dict[str, Any]], None],
    *,
    script: Script | None = None,
) -> None:
    """Verify revisions in this process, which belongs to the verification.

    Args:
        project: the project.
        request: which revisions, and how.
        send: takes messages for the process that has started this one.
        script: the `context.script` of env.py.
    """
    from limbeck.scratch import capture_source
    from limbeck.verification import Verification, VerifyOptions, removing_leftovers

    guard = ProcessGuard()
    guard.install()

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
        # a process that was ended has left its database behind
        with removing_leftovers(source, options):
            pass
    send({"end": True})
