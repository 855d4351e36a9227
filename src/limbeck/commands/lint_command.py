"""`lint`: run revisions on a scratch database, and report what their statements do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from limbeck.commands.git_files import files_changed_since
from limbeck.commands.lint_run import (
    LintedRevision,
    LintPlace,
    lint_revisions,
    quiet_logging,
)
from limbeck.commands.lint_texts import enabled_rules, listed
from limbeck.commands.release_tables import released
from limbeck.commands.run_env import Script, run_env
from limbeck.commands.verify_command import worker_request
from limbeck.errors import InvalidValueError
from limbeck.history import Revision
from limbeck.project import Project
from limbeck.verification import BrokenOff, supervised

if TYPE_CHECKING:
    from limbeck.lint import Finding, LintReport


@dataclass(frozen=True, slots=True)
class LintRequest:
    """The revisions to lint, and the options.

    Attributes:
        revisions: a revision, several separated by commas, or a range `start:end`; None for the
            heads.
        since: a git reference; lint the revisions whose files differ from it.
        pending: lint the revisions that are not applied to the database.
        no_server: examine the text of statements only, without connecting to a server.
        scratch_url: another server for the scratch databases.
        baseline: a file with accepted findings; None for the project's setting.
        time_limit: seconds for each run of a revision; the setting `verify_time_limit` by default.
    """

    revisions: str | None = None
    since: str | None = None
    pending: bool = False
    no_server: bool = False
    scratch_url: str | None = None
    baseline: Path | None = None
    time_limit: float | None = None


def lint(
    project: Project,
    request: LintRequest,
    *,
    script: Script | None = None,
    worker: Sequence[str] | None = None,
) -> LintReport:
    """Lint revisions.

    Args:
        project: the project; for a worker, its configuration must be in files.
        request: the revisions and options.
        script: the `context.script` of env.py.
        worker: the command line of the worker process, which runs the revisions with a time limit;
            None to run them in this process.

    Raises:
        LintError: the revisions cannot be selected.
        ScratchError: the worker process could not be started.
    """
    from limbeck.lint import LintReport, findings_of_packages

    enabled_rules(project)  # an unknown name is refused before anything runs
    with quiet_logging():
        revisions = _selected(project, request, script)
        results = list(_results(project, request, revisions, script, worker))
    findings: list[Finding] = []
    ignored: list[Finding] = []
    by_id = {one.id: one for one in revisions}
    for result in results:
        revision = by_id[result.revision]
        path = None if revision.path is None else str(revision.path)
        of_packages = (
            one for each in result.statements for one in findings_of_packages(each, path)
        )
        accepted = _accept_by_comments(revision, [*result.findings, *of_packages])
        findings += accepted[0]
        ignored += accepted[1]
    reported, more = _accept_by_settings(project, request, findings)
    return LintReport(
        findings=tuple(reported),
        statements=tuple(one for result in results for one in result.statements),
        revisions=tuple(one.id for one in revisions),
        server=next((one.server for one in results if one.server is not None), None),
        notes=tuple(dict.fromkeys(note for one in results for note in one.notes)),
        ignored=(*ignored, *more),
    )


# ── the selection of revisions ────────────────────────────────────────────


def _selected(project: Project, request: LintRequest, script: Script | None) -> list[Revision]:
    history = project.history()
    if request.pending:
        history, applied = history.placed(_applied(project, script))
        done = history.ancestors({one.id for row in applied for one in history.resolve(row)})
        chosen = set(history.ids) - done
    elif request.since is not None:
        chosen = changed_since(project, request.since)
    elif request.revisions is None:
        chosen = set(history.heads)
    else:
        chosen = _range(history, request.revisions)
    return list(reversed(history.newest_first(chosen)))


def changed_since(project: Project, reference: str) -> set[str]:
    """Return the revisions whose files are new or differ from a git reference.

    Args:
        project: the project.
        reference: a branch, tag or commit.

    Raises:
        LintError: git cannot be run, or does not know the reference.
    """
    paths = {one.path: one.id for one in project.history() if one.path is not None}
    changed = files_changed_since(paths, reference, folder=project.location)
    return {paths[path] for path in changed}


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


# ── the runs ──────────────────────────────────────────────────────────────


def _results(
    project: Project,
    request: LintRequest,
    revisions: Sequence[Revision],
    script: Script | None,
    worker: Sequence[str] | None,
) -> Iterator[LintedRevision]:
    """Yield the result of each revision, in the order of the revisions."""
    if not revisions:
        return
    if worker is None:
        place = LintPlace(
            scratch_url=request.scratch_url or project.option("scratch_url"),
            no_server=request.no_server,
        )
        yield from lint_revisions(project, revisions, place, script)
        return
    given = worker_request(
        project,
        job="lint",
        revisions=",".join(one.id for one in revisions),
        scratch_url=request.scratch_url,
        time_limit=request.time_limit,
    )
    given = replace(given, no_server=request.no_server)
    notes: tuple[str, ...] = ()
    if request.since is not None and not request.no_server:
        release, reason = released(request.since, given, worker)
        given = replace(given, release=release)
        notes = () if reason is None else (reason,)
    found = {one.revision: one for one in map(_linted, supervised(worker, given))}
    for one in revisions:
        if one.id in found:
            yield replace(found[one.id], notes=(*notes, *found[one.id].notes))


def _linted(found: Mapping[str, Any] | BrokenOff) -> LintedRevision:
    from limbeck.lint import not_measured_finding

    if not isinstance(found, BrokenOff):
        return LintedRevision.from_json(found)
    words = f"The revision was not measured completely: {found.description}"
    finding = not_measured_finding(words, revision=found.revision, path=found.path)
    return LintedRevision(found.revision, (finding,))


# ── safe forms ────────────────────────────────────────────────────────────


def fix_new(
    project: Project,
    written: Sequence[Revision],
    *,
    script: Script | None = None,
    worker: Sequence[str] | None = None,
) -> list[tuple[Path, int]]:
    """Write safe forms into revisions that were just written.

    Args:
        project: the project.
        written: the new revisions.
        script: the `context.script` of env.py.
        worker: the command line of the worker process.

    Returns:
        The changed files, with the number of replaced statements.
    """
    if not written:
        return []
    project.refresh()
    request = LintRequest(",".join(one.id for one in written))
    return fix(lint(project, request, script=script, worker=worker))


def fix(report: LintReport) -> list[tuple[Path, int]]:
    """Replace statements in the revision files by the safe forms of findings.

    Returns:
        The changed files, with the number of replaced statements.
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


# ── accepted findings ─────────────────────────────────────────────────────


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

    codes = listed(project, "lint_ignore")
    by_file = list(_ignored_by_file(project))
    for name, named_codes in (
        ("lint_ignore", codes),
        *(("lint_ignore_files", one) for _, one in by_file),
    ):
        for code in named_codes:
            if rule_of_code(code) is None:
                raise InvalidValueError(
                    f"{name} names {code!r}, which is not a rule",
                    hint="`limbeck lint --help` and the documentation list the rules.",
                    code="LB634",
                )
    named = request.baseline or project.option("lint_baseline")
    accepted = read_baseline(Path(str(named))) if named else frozenset()
    reported: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        path = PurePath(finding.file or "")
        of_file = (code for pattern, some in by_file if path.match(pattern) for code in some)
        left = without_codes(finding, [*codes, *of_file])
        if left is None or fingerprint(finding) in accepted:
            ignored.append(finding)
        else:
            reported.append(left)
    return reported, ignored


def _ignored_by_file(project: Project) -> Iterator[tuple[str, list[str]]]:
    """Yield file patterns with the rules that are accepted there.

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
