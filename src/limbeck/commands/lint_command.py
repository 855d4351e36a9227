"""`lint`: run revisions on a scratch database, and report what their statements do."""

from __future__ import annotations

import io
import logging
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from limbeck.commands.run_env import Script, run_env
from limbeck.errors import InvalidValueError, LimbeckError, LintError
from limbeck.history import Revision
from limbeck.project import Project

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from limbeck.lint import Finding, LintedStatement, LintReport
    from limbeck.scratch import DatabaseSource, ScratchDatabase

# options of `configure` that decide how the statements of a revision run
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


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What to lint, and how.

    Attributes:
        revisions: a revision, several with commas, or a range `start:end`; None for the heads.
        since: a git reference: revisions whose files differ from it.
        pending: the revisions that the database does not have yet.
        no_server: judge by what is known of the statements; connect to nothing.
        scratch_url: another server for the scratch databases.
        baseline: a file of accepted findings; None for the project's setting.
    """

    revisions: str | None = None
    since: str | None = None
    pending: bool = False
    no_server: bool = False
    scratch_url: str | None = None
    baseline: Path | None = None


def lint(project: Project, request: LintRequest, *, script: Script | None = None) -> LintReport:
    """Lint revisions.

    Raises:
        LintError: the revisions cannot be selected.
    """
    from limbeck.lint import LintReport, findings_of_packages

    with quiet_logging():
        revisions = _selected(project, request, script)
        results, server, notes = _results(project, request, revisions, script)
    findings: list[Finding] = []
    ignored: list[Finding] = []
    statements: list[LintedStatement] = []
    for revision, (own, linted) in results:
        statements += linted
        path = None if revision.path is None else str(revision.path)
        found = [*own, *(one for each in linted for one in findings_of_packages(each, path))]
        accepted = _accept_by_comments(revision, found)
        findings += accepted[0]
        ignored += accepted[1]
    reported, more = _accept_by_settings(project, request, findings)
    return LintReport(
        findings=tuple(reported),
        statements=tuple(statements),
        revisions=tuple(one.id for one in revisions),
        server=server,
        notes=tuple(notes),
        ignored=(*ignored, *more),
    )


@contextmanager
def quiet_logging() -> Iterator[None]:
    """Leave out what the runs on scratch databases log."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


# ── which revisions ───────────────────────────────────────────────────────


def _selected(project: Project, request: LintRequest, script: Script | None) -> list[Revision]:
    history = project.history()
    if request.pending:
        history, applied = history.placed(_applied(project, script))
        done = history.ancestors({one.id for row in applied for one in history.resolve(row)})
        chosen = set(history.ids) - done
    elif request.since is not None:
        chosen = changed_since(history, request.since)
    elif request.revisions is None:
        chosen = set(history.heads)
    else:
        chosen = _range(history, request.revisions)
    return list(reversed(history.newest_first(chosen)))


def changed_since(history: Any, reference: str) -> set[str]:
    """Return the ids of the revisions whose files are new or differ from a git reference.

    Args:
        history: the revisions.
        reference: a branch, tag or commit.

    Raises:
        LintError: git cannot be run, or does not know the reference.
    """
    return {one.id for one in history if _is_changed(one, reference)}


def _range(history: Any, text: str) -> set[str]:
    start, colon, end = text.partition(":")
    if not colon:
        return {one.id for name in text.split(",") for one in history.resolve(name)}
    upper = history.ancestors({one.id for one in history.resolve(end or "heads")})
    if not start or start == "base":
        return set(upper)
    lower = history.ancestors({one.id for one in history.resolve(start)})
    return set(upper) - set(lower)


def _applied(project: Project, script: Script | None) -> tuple[str, ...]:
    found: list[str] = []

    def job(rows: tuple[str, ...], _context: Any) -> list[Any]:
        found.extend(rows)
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return tuple(found)


def _is_changed(revision: Revision, reference: str) -> bool:
    """Return whether the file of a revision differs from a git reference, or is new."""
    path = revision.path
    if path is None:
        return False
    folder = path.resolve().parent
    shown = _git(folder, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    if shown is None:
        raise LintError(
            f"git does not know the reference '{reference}'",
            hint="Name a branch, tag or commit, such as `--since origin/main`.",
            code="LB631",
        )
    is_tracked = _git(folder, "ls-files", "--error-unmatch", path.name) is not None
    return not is_tracked or bool(_git(folder, "diff", "--name-only", reference, "--", path.name))


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the words are no shell's
            ["git", *words],  # noqa: S607 - the user's git
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise LintError(
            f"git cannot be run: {error}",
            hint="Install git, or name the revisions instead of --since.",
            code="LB632",
        ) from error
    return done.stdout if done.returncode == 0 else None


# ── measuring ─────────────────────────────────────────────────────────────

_Result = tuple[Revision, "tuple[list[Finding], list[LintedStatement]]"]


def _results(
    project: Project, request: LintRequest, revisions: list[Revision], script: Script | None
) -> tuple[list[_Result], str | None, list[str]]:
    if not revisions:
        return [], None, []
    known = partial(_known, project, script)
    if request.no_server:
        return known(revisions), None, ["no server was asked: judged by what is known"]
    try:
        return _measured(project, request, revisions, script)
    except LintError:
        raise
    except LimbeckError as error:
        return known(revisions), None, [f"nothing was measured: {error.message}"]


def _measured(
    project: Project, request: LintRequest, revisions: list[Revision], script: Script | None
) -> tuple[list[_Result], str | None, list[str]]:
    from limbeck.lint import (
        failed_run_finding,
        finding_of,
        judge,
        linted_statement,
        run_revision,
        safe_form,
    )
    from limbeck.scratch import capture_source, open_scratch, redirected

    source = capture_source(lambda: run_env(project, lambda _rows, _context: [], script=script))
    found: list[_Result] = []
    notes: list[str] = []
    with open_scratch(source, scratch_url=request.scratch_url) as scratch:
        server, record = scratch.server, scratch.record
        measurement = record.measurement
        if measurement is None:
            raise LimbeckError(f"statements cannot be measured on {record.name}")
        with redirected(scratch, source):
            options = _options(project, script)
        # the first revision is run on this database, too
        spare = [scratch]
        found = []
        for revision in revisions:
            path = None if revision.path is None else str(revision.path)
            opened = partial(_at_parent, project, source, request, revision, script, options, spare)
            try:
                runs = run_revision(
                    project.program(revision).upgrade, record, opened, path=path, options=options
                )
            except LimbeckError as error:
                notes.append(f"{revision.id} was not measured: {error.message}")
                found += _known(project, script, [revision])
                continue
            verdicts = list(judge(runs, measurement))
            findings = []
            for index, verdict in enumerate(verdicts):
                one = finding_of(verdict, measurement, revision=revision.id, path=path)
                if one is not None:
                    form = safe_form(verdicts, index, record, opened)
                    findings.append(replace(one, safe_form=form))
            findings += failed_run_finding(runs, revision=revision.id, path=path)
            found.append(
                (revision, (findings, [linted_statement(v, revision.id) for v in verdicts]))
            )
    return found, server, notes


def _options(project: Project, script: Script | None) -> Mapping[str, Any]:
    """Return what env.py gives to `configure`."""
    found: dict[str, Any] = {}

    def job(_rows: Any, context: Any) -> list[Any]:
        found.update({name: context.opts[name] for name in SCRATCH_OPTIONS if name in context.opts})
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return {**found, "script": script or project}


@contextmanager
def _at_parent(
    project: Project,
    source: DatabaseSource,
    request: LintRequest,
    revision: Revision,
    script: Script | None,
    options: Mapping[str, Any],
    spare: list[ScratchDatabase],
) -> Iterator[Engine]:
    """Open a scratch database with the schema before a revision; a spare one if there is one."""
    from limbeck.commands.upgrade_command import MoveRequest, upgrade
    from limbeck.scratch import open_scratch, redirected

    with ExitStack() as stack:
        if spare:
            scratch = spare.pop()
        else:
            scratch = stack.enter_context(open_scratch(source, scratch_url=request.scratch_url))
        # the program may open connections of its own: they lead to the scratch database
        stack.enter_context(redirected(scratch, source))
        for parent in project.history().below(revision.id):
            upgrade(project, MoveRequest(parent, confirmed=True), script=script)
        _drop_own_tables(scratch.engine, options)
        yield scratch.engine


def _drop_own_tables(engine: Engine, options: Mapping[str, Any]) -> None:
    """Drop the version table and the journal, which are not what the revision is about."""
    import sqlalchemy as sa

    from limbeck.runtime import journal_name

    version = str(options.get("version_table") or "alembic_version")
    schema = options.get("version_table_schema")
    with engine.begin() as connection:
        for name in (version, journal_name(version)):
            sa.Table(name, sa.MetaData(), schema=schema).drop(connection, checkfirst=True)


def _known(project: Project, script: Script | None, revisions: list[Revision]) -> list[_Result]:
    """Judge revisions by what is known of their statements."""
    from limbeck.dialects import Measurement
    from limbeck.lint import finding_of, judge_without_server, linted_statement, not_judged_finding

    found: list[_Result] = []

    def job(_rows: Any, context: Any) -> list[Any]:
        measurement: Measurement | None = context.sink.record.measurement
        for revision in revisions:
            path = None if revision.path is None else str(revision.path)
            program: Callable[..., None] = project.program(revision).upgrade
            try:
                verdicts = list(judge_without_server(program, context, path=path))
            except Exception as error:  # noqa: BLE001 - a program may raise anything
                failed = not_judged_finding(error, revision=revision.id, path=path)
                found.append((revision, ([failed], [])))
                continue
            silent = measurement or Measurement(_no_probe, _no_probe)
            findings = [
                replace(one, source="known")
                for verdict in verdicts
                if (one := finding_of(verdict, silent, revision=revision.id, path=path))
            ]
            linted = [linted_statement(verdict, revision.id) for verdict in verdicts]
            found.append((revision, (findings, linted)))
        return []

    run_env(project, job, script=script, as_sql=True, output_buffer=io.StringIO())
    return found


def _no_probe(*_arguments: Any, **_options: Any) -> Any:
    raise LintError("statements cannot be measured on this database", code="LB630")


# ── safe forms ────────────────────────────────────────────────────────────


def fix(report: LintReport) -> list[tuple[Path, int]]:
    """Write the safe forms of findings into the revision files.

    Returns:
        The files that changed, with the number of statements that were replaced.
    """
    from limbeck.lint import apply_safe_forms

    by_file: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.file is not None and finding.safe_form is not None:
            by_file.setdefault(finding.file, []).append(finding)
    changed = []
    for name, findings in by_file.items():
        path = Path(name)
        text, number = apply_safe_forms(path.read_text("utf-8"), findings)
        if number:
            path.write_text(text, "utf-8")
            changed.append((path, number))
    return changed


# ── what is accepted ──────────────────────────────────────────────────────


def _accept_by_comments(
    revision: Revision, found: list[Finding]
) -> tuple[list[Finding], list[Finding]]:
    from limbeck.lint import apply_comments, sorted_findings

    path = revision.path
    if path is None or path.suffix != ".py":
        return list(sorted_findings(found)), []
    source = path.read_text("utf-8", errors="replace")
    done = apply_comments(found, str(path), revision.id, source)
    return list(sorted_findings(done.findings)), list(done.ignored)


def _accept_by_settings(
    project: Project, request: LintRequest, findings: list[Finding]
) -> tuple[list[Finding], list[Finding]]:
    from limbeck.lint import fingerprint, read_baseline, rule_of_code, without_codes

    codes = _listed(project, "lint_ignore")
    by_file = list(_ignored_by_file(project))
    for name, listed in (
        ("lint_ignore", codes),
        *(("lint_ignore_files", one) for _, one in by_file),
    ):
        for code in listed:
            if rule_of_code(code) is None:
                raise InvalidValueError(
                    f"{name} names {code!r}, which is no rule",
                    hint="`limbeck lint --help` and the documentation list the rules.",
                    code="LB634",
                )
    named = request.baseline or project.option("lint_baseline")
    accepted = read_baseline(Path(str(named))) if named else frozenset()
    reported: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        path = PurePath(finding.file or "")
        of_file = (code for pattern, listed in by_file if path.match(pattern) for code in listed)
        left = without_codes(finding, [*codes, *of_file])
        if left is None or fingerprint(finding) in accepted:
            ignored.append(finding)
        else:
            reported.append(left)
    return reported, ignored


def _listed(project: Project, name: str) -> list[str]:
    """Return the words of a setting that is a list, or text with spaces or commas."""
    setting = project.option(name) or ()
    return setting.replace(",", " ").split() if isinstance(setting, str) else list(setting)


def _ignored_by_file(project: Project) -> Iterator[tuple[str, list[str]]]:
    """Yield the patterns of files with the rules that they may break.

    Raises:
        InvalidValueError: an entry is not `pattern: rules`.
    """
    setting = project.option("lint_ignore_files") or ()
    for entry in setting.splitlines() if isinstance(setting, str) else setting:
        if not entry.strip():
            continue
        pattern, colon, codes = entry.rpartition(":")
        if not colon:
            raise InvalidValueError(
                f"lint_ignore_files has {entry!r}, which is not `pattern: rules`",
                hint="Write entries such as `0001_*.py: LM118, LM302`.",
                code="LB634",
            )
        yield pattern.strip(), codes.replace(",", " ").split()
