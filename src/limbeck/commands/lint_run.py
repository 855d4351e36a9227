"""Run revisions on scratch databases for `lint`, or examine their text."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from limbeck.commands.lint_texts import about_texts
from limbeck.commands.parent_schema import replayed
from limbeck.commands.release_tables import tables_of
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import LimbeckError, LintError, ScratchError
from limbeck.history import Revision
from limbeck.project import Project

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from limbeck.catalog import Catalog
    from limbeck.dialects import ReleaseTables
    from limbeck.lint import Finding, LintedStatement, Runs
    from limbeck.scratch import DatabaseSource, ScratchDatabase
    from limbeck.verification import ProcessGuard

# the options of `configure` that affect the statements of a revision
SCRATCH_OPTIONS = (
    "transaction_per_migration",
    "target_metadata",
    "render_as_batch",
    "include_object",
    "include_name",
    "version_table",
    "version_table_schema",
    "user_module_prefix",
)
NO_SERVER_NOTE = "no scratch database: statements are judged by their text"


@contextmanager
def quiet_logging() -> Iterator[None]:
    """Suppress the log messages of runs on scratch databases."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@dataclass(frozen=True, slots=True)
class LintPlace:
    """The place to measure statements.

    Attributes:
        kind: the kind of scratch database.
        scratch_url: another server for it.
        no_server: do not connect to a server.
        guard: stops a revision that acts outside its database; None outside the worker process.
        begin: a function called with each revision before it is run.
        announce: a function called with the phase that begins: "build" or "upgrade".
        release: the tables and columns that the running release uses; None for those of the
            schema before each revision.
    """

    kind: str = "auto"
    scratch_url: str | None = None
    no_server: bool = False
    guard: ProcessGuard | None = None
    begin: Callable[[Revision], object] = lambda _revision: None
    announce: Callable[[str], object] = lambda _phase: None
    release: ReleaseTables | None = None

    @contextmanager
    def running(self, path: str | None) -> Iterator[None]:
        """Within the block, watch the code of a revision.

        Args:
            path: the path of the revision file.
        """
        self.announce("upgrade")
        if self.guard is None:
            yield
            return
        with self.guard.watching(path):
            yield

    def stopped(self) -> list[str]:
        """Return descriptions of what the guard has stopped since the last call."""
        if self.guard is None:
            return []
        words = list(dict.fromkeys(words for _, words in self.guard.stopped))
        self.guard.stopped.clear()
        return words


@dataclass(frozen=True, slots=True)
class LintedRevision:
    """The result for one revision.

    Attributes:
        revision: its identifier.
        findings: the findings of its statements.
        statements: the measured statements.
        server: name and version of the server; None if nothing was measured.
        notes: the reasons why it was not measured.
    """

    revision: str
    findings: tuple[Finding, ...] = ()
    statements: tuple[LintedStatement, ...] = ()
    server: str | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        from dataclasses import asdict

        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> LintedRevision:
        """Create a result from JSON values."""
        from limbeck.lint import Finding, LintedStatement

        return cls(
            given["revision"],
            tuple(Finding.from_json(one) for one in given["findings"]),
            tuple(LintedStatement.from_json(one) for one in given["statements"]),
            given["server"],
            tuple(given["notes"]),
        )


def lint_revisions(
    project: Project, revisions: Sequence[Revision], place: LintPlace, script: Script | None
) -> Iterator[LintedRevision]:
    """Yield the result of each revision: measured, or derived from the text.

    Args:
        project: the project.
        revisions: the revisions, in the order in which they run.
        place: the place to measure statements.
        script: the `context.script` of env.py.

    Raises:
        LintError: statements cannot be measured on this kind of database.
    """
    by_id = {one.id: one for one in revisions}
    for found in _linted_revisions(project, revisions, place, script):
        about_file = _imported_models(by_id[found.revision])
        yield replace(found, findings=(*found.findings, *about_file))


def _imported_models(revision: Revision) -> list[Finding]:
    from limbeck.lint import imported_models_findings

    path = revision.path
    if path is None or path.suffix != ".py":
        return []
    source = path.read_text("utf-8", errors="replace")
    return imported_models_findings(source, revision=revision.id, path=str(path))


def _linted_revisions(
    project: Project, revisions: Sequence[Revision], place: LintPlace, script: Script | None
) -> Iterator[LintedRevision]:
    from limbeck.scratch import capture_source

    if not revisions:
        return
    if place.no_server:
        yield from _known(project, place, script, revisions, (NO_SERVER_NOTE,))
        return
    try:
        source = capture_source(lambda: run_env(project, lambda _rows, _context: [], script=script))
        databases = _ParentDatabases(project, source, place, script)
    except LintError:
        raise
    except LimbeckError as error:
        yield from _known(project, place, script, revisions, (_nothing_measured(error),))
        return
    for index, revision in enumerate(revisions):
        place.begin(revision)
        try:
            yield _measured(project, revision, databases)
        except LimbeckError as error:
            if databases.server is None:
                # no scratch database is available
                notes = (_nothing_measured(error),)
                yield from _known(project, place, script, revisions[index:], notes)
                return
            notes = (f"{revision.id} was not measured: {error.message}",)
            yield from _known(project, place, script, [revision], notes)


def _nothing_measured(error: LimbeckError) -> str:
    return f"nothing was measured: {error.message}"


def _measured(project: Project, revision: Revision, databases: _ParentDatabases) -> LintedRevision:
    from limbeck.lint import (
        failed_run_finding,
        finding_of,
        judge,
        linted_statement,
        not_measured_finding,
        run_revision,
        safe_form,
    )

    path = None if revision.path is None else str(revision.path)
    guard = databases.place.guard
    with _database_errors(), databases.before(revision) as opened:
        record = databases.record
        measurement = record.measurement
        if measurement is None:
            raise LimbeckError(f"statements cannot be measured on {record.name}")
        run = partial(
            run_revision,
            project.program(revision).upgrade,
            record,
            opened,
            path=path,
            options=databases.options,
            running=databases.place.running,
            pausing=None if guard is None else guard.paused,
            release=databases.release(revision),
        )
        runs = run()
        if databases.add_extensions(runs):
            runs = run()
        _require_environment(runs)
        verdicts = list(judge(runs, measurement))
        findings = []
        for index, verdict in enumerate(verdicts):
            one = finding_of(verdict, measurement, revision=revision.id, path=path)
            if one is not None:
                form = safe_form(verdicts, index, record, opened)
                findings.append(replace(one, safe_form=form))
    findings += about_texts(project, revision, verdicts, record.name, databases.server)
    findings += failed_run_finding(runs, revision=revision.id, path=path) or [
        not_measured_finding(f"The revision {words}", revision=revision.id, path=path)
        for words in databases.place.stopped()
    ]
    linted = tuple(linted_statement(verdict, revision.id) for verdict in verdicts)
    return LintedRevision(revision.id, tuple(findings), linted, databases.server)


@contextmanager
def _database_errors() -> Iterator[None]:
    """Convert errors of the scratch database to a ScratchError.

    Raises:
        ScratchError: the scratch database failed.
    """
    from sqlalchemy.exc import DBAPIError

    from limbeck.dialects import is_of_environment

    try:
        yield
    except LimbeckError:
        raise
    except Exception as error:
        # probes and rows use the driver directly
        if isinstance(error, DBAPIError) or is_of_environment(error):
            words = " ".join(str(getattr(error, "orig", None) or error).split())
            raise ScratchError(f"the scratch database is no longer usable: {words}") from error
        raise


def _require_environment(runs: Runs) -> None:
    """Raise an error if a statement failed because of the server or the disk.

    Raises:
        ScratchError: such a failure occurred.
    """
    from limbeck.dialects import is_of_environment

    for run in filter(None, (runs.empty, runs.filled, runs.spoiled, runs.committing)):
        for error in (run.error, *(one.error for one in run.statements)):
            if error is not None and is_of_environment(error):
                words = " ".join(str(getattr(error, "orig", None) or error).split())
                raise ScratchError(f"the scratch database is no longer usable: {words}")


@dataclass
class _ParentDatabases:
    """Scratch databases with the schema before a revision.

    Args:
        project: the project.
        source: the project's database.
        place: the place of the scratch databases.
        script: the `context.script` of env.py.

    Attributes:
        server: name and version of the server; None until a scratch database was created.
    """

    project: Project
    source: DatabaseSource
    place: LintPlace
    script: Script | None
    server: str | None = None
    _record: Any = None
    _options: Mapping[str, Any] | None = None
    _spare: list[ScratchDatabase] = field(default_factory=list)
    _catalog: Catalog | None = None
    _has_extensions: bool = False

    def add_extensions(self, runs: Runs) -> bool:
        """Add the project's extensions to later scratch databases if a run lacked an object.

        Returns:
            Whether they are added now: the runs must be repeated.
        """
        from limbeck.scratch import is_missing_object

        errors = (runs.empty.error, *(one.error for one in runs.empty.statements))
        rules = self._record.scratch
        if self._has_extensions or not any(is_missing_object(rules, error) for error in errors):
            return False
        self._has_extensions = True
        return True

    @property
    def record(self) -> Any:
        """The dialect of limbeck."""
        return self._record

    @property
    def options(self) -> Mapping[str, Any]:
        """The options that env.py passes to `configure`."""
        return self._options or {}

    def release(self, revision: Revision) -> ReleaseTables | None:
        """Return the tables and columns of the release that runs while a revision is applied.

        After a release, these are the models.
        """
        if revision.phase == "after" and (models := tables_of(self.options.get("target_metadata"))):
            return models
        return self.place.release

    @contextmanager
    def before(self, revision: Revision) -> Iterator[Callable[[], Any]]:
        """Yield a function that opens a scratch database with the schema before a revision.

        The schema is replayed once for all databases.
        """
        from limbeck.scratch import redirected

        with ExitStack() as stack:
            scratch = stack.enter_context(self._new())
            self.server, self._record = scratch.server, scratch.record
            with redirected(scratch, self.source):
                if self._options is None:
                    self._options = _options(self.project, self.script)
                self._catalog = self._replayed(revision)
            self._spare = [scratch]
            yield partial(self._opened, revision)

    def _new(self) -> Any:
        from limbeck.scratch import open_scratch

        kind: Any = self.place.kind
        return open_scratch(self.source, kind=kind, scratch_url=self.place.scratch_url)

    def _replayed(self, revision: Revision) -> Catalog | None:
        """Return the schema before a revision; None if the revisions must be run to know it."""
        import sqlalchemy as sa

        parents = self.project.history().below(revision.id)
        if not parents:
            return None
        with suppress(LimbeckError, sa.exc.SQLAlchemyError, NotImplementedError):
            result = replayed(self.project, self.script, parents)
            if not result.unknown:
                return result.catalog
        return None

    @contextmanager
    def _opened(self, revision: Revision) -> Iterator[Engine]:
        from limbeck.scratch import redirected

        self.place.announce("build")
        with ExitStack() as stack:
            # the first one was created for replaying the schema
            scratch = self._spare.pop() if self._spare else stack.enter_context(self._new())
            # connections that the migration opens are redirected to the scratch database
            stack.enter_context(redirected(scratch, self.source))
            self._build(scratch, revision)
            if self._has_extensions:
                scratch.create_extensions()
            # a separate engine, whose statements are checked
            engine = scratch.source.engine()
            stack.callback(engine.dispose)
            yield engine

    def _build(self, scratch: ScratchDatabase, revision: Revision) -> None:
        from limbeck.commands.upgrade_command import MoveRequest, upgrade

        if self._catalog is not None:
            try:
                scratch.build_schema(self._catalog)
            except LimbeckError:
                # the replayed schema is not valid: run the revisions
                scratch.clear()
                self._catalog = None
            else:
                return
        parents = self.project.history().below(revision.id)
        for parent in parents:
            request = MoveRequest(parent, confirmed=True)
            scratch.run_with_extensions(partial(upgrade, self.project, request, script=self.script))
        if parents:
            _drop_own_tables(scratch.engine, self.options)


def _options(project: Project, script: Script | None) -> Mapping[str, Any]:
    """Return the options that env.py passes to `configure`."""
    found: dict[str, Any] = {}

    def job(_rows: Any, context: Any) -> list[Any]:
        found.update({name: context.opts[name] for name in SCRATCH_OPTIONS if name in context.opts})
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return {**found, "script": script or project}


def _drop_own_tables(engine: Engine, options: Mapping[str, Any]) -> None:
    """Drop the version table and the journal, which do not belong to the revision."""
    import sqlalchemy as sa

    from limbeck.runtime import journal_name

    version = str(options.get("version_table") or "alembic_version")
    schema = options.get("version_table_schema")
    with engine.begin() as connection:
        for name in (version, journal_name(version)):
            sa.Table(name, sa.MetaData(), schema=schema).drop(connection, checkfirst=True)


def _known(
    project: Project,
    place: LintPlace,
    script: Script | None,
    revisions: Sequence[Revision],
    notes: tuple[str, ...],
) -> Iterator[LintedRevision]:
    """Yield the results from the text of the statements."""
    from limbeck.dialects import Measurement
    from limbeck.lint import finding_of, judge_without_server, linted_statement, not_judged_finding

    found: list[LintedRevision] = []

    def job(_rows: Any, context: Any) -> list[Any]:
        measurement: Measurement | None = context.sink.record.measurement
        for revision in revisions:
            place.begin(revision)
            path = None if revision.path is None else str(revision.path)
            program: Callable[..., None] = project.program(revision).upgrade
            try:
                verdicts = list(judge_without_server(program, context, path=path))
            except Exception as error:  # noqa: BLE001 - a migration may raise anything
                failed = not_judged_finding(error, revision=revision.id, path=path)
                found.append(LintedRevision(revision.id, (failed,), notes=notes))
                continue
            silent = measurement or Measurement(_no_probe, _no_probe)
            findings = tuple(
                replace(one, source="known")
                for verdict in verdicts
                if (one := finding_of(verdict, silent, revision=revision.id, path=path))
            )
            of_text = about_texts(project, revision, verdicts, context.sink.record.name)
            linted = tuple(linted_statement(verdict, revision.id) for verdict in verdicts)
            found.append(LintedRevision(revision.id, (*findings, *of_text), linted, notes=notes))
        return []

    run_env(project, job, script=script, as_sql=True, output_buffer=io.StringIO())
    yield from found


def _no_probe(*_arguments: Any, **_options: Any) -> Any:
    raise LintError("statements cannot be measured on this database", code="LB630")
