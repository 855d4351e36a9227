"""`test`: run the checks of a build: heads, verify, models, lint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from limbeck.commands.lint_command import LintRequest, changed_since, lint
from limbeck.commands.run_env import Script
from limbeck.commands.verify_command import VerifyRequest, verify
from limbeck.errors import ProjectTestFailedError
from limbeck.history import Revision
from limbeck.project import Project

SINGLE_HEAD, VERIFIED, MODELS_AGREE, LINT_CLEAN = "single-head", "verified", "models-agree", "lint"
_MODELS_DIFFER, _NO_MODELS = "models-differ", "no-models"
_NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class ProjectTestRequest:
    """The revisions to test, and the options.

    Attributes:
        since: a git reference; test the heads and the revisions whose files differ from it. None
            for the heads only.
        scratch_url: another server for the scratch databases.
        time_limit: seconds for each step of a revision; the setting `verify_time_limit` by default.
    """

    since: str | None = None
    scratch_url: str | None = None
    time_limit: float | None = None


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The outcome of one check.

    Attributes:
        check: "single-head", "verified", "models-agree" or "lint".
        revision: the checked revision; None for the project.
        problems: the reasons for a failure; empty if it passed.
        notes: further information.
    """

    check: str
    revision: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    @property
    def name(self) -> str:
        """The check and its revision, as in `verified a1b2`."""
        return self.check if self.revision is None else f"{self.check} {self.revision}"


@dataclass(frozen=True, slots=True)
class ProjectTestReport:
    """The outcomes of all checks, in the order in which they ran."""

    outcomes: tuple[CheckOutcome, ...] = ()

    @property
    def failed(self) -> tuple[CheckOutcome, ...]:
        """The failed checks."""
        return tuple(one for one in self.outcomes if not one.passed)


def run_tests(
    project: Project,
    request: ProjectTestRequest,
    worker: Sequence[str],
    *,
    script: Script | None = None,
) -> ProjectTestReport:
    """Run all checks of a project.

    Args:
        project: the project; its configuration must be in files.
        request: the revisions and options.
        worker: the command line of the worker process that verifies revisions.
        script: the `context.script` of env.py.

    Raises:
        LintError: git does not know the reference.
        ScratchError: a scratch database cannot be created.
    """
    revisions = tested_revisions(project, request.since)
    return ProjectTestReport(
        (
            single_head(project),
            *verified(project, revisions, request, worker),
            *lint_clean(project, revisions, request, script=script, worker=worker),
        )
    )


def require_passed(report: ProjectTestReport) -> None:
    """Raise an error if a check failed.

    Raises:
        ProjectTestFailedError: a check failed.
    """
    if report.failed:
        raise ProjectTestFailedError(
            f"{len(report.failed)} of {len(report.outcomes)} checks failed: "
            + ", ".join(one.name for one in report.failed),
            hint="Correct the revisions and run the same command again.",
        )


def tested_revisions(project: Project, since: str | None) -> tuple[Revision, ...]:
    """Return the heads, and the revisions whose files differ from a git reference.

    Args:
        project: the project.
        since: the reference; None for the heads only.

    Raises:
        LintError: git does not know the reference.
    """
    history = project.history()
    ids = set(history.heads)
    if since is not None:
        ids |= changed_since(project, since)
    return tuple(reversed(history.newest_first(ids)))


def single_head(project: Project) -> CheckOutcome:
    """Check that the history has one head."""
    heads = sorted(project.history().heads)
    if len(heads) > 1:
        words = f"the history has {len(heads)} heads: {', '.join(heads)}"
        return CheckOutcome(SINGLE_HEAD, problems=(words,))
    return CheckOutcome(SINGLE_HEAD)


def verified(
    project: Project,
    revisions: Sequence[Revision],
    request: ProjectTestRequest,
    worker: Sequence[str],
) -> Iterator[CheckOutcome]:
    """Verify each revision, and compare the heads with the models."""
    if not revisions:
        return
    found = verify(
        project,
        VerifyRequest(
            ",".join(one.id for one in revisions),
            scratch_url=request.scratch_url,
            time_limit=request.time_limit,
        ),
        worker,
    )
    heads = project.history().heads
    for one in found.revisions:
        words = {finding: f"{finding.code}: {finding.message}" for finding in one.findings}
        errors = [finding for finding in one.findings if finding.severity == "error"]
        problems = [words[each] for each in errors if each.code != _MODELS_DIFFER]
        if not one.is_verified:
            problems += [words[each] for each in one.findings if each.code == "not-verified"]
        notes = tuple(
            words[each]
            for each in one.findings
            if each.severity != "error" and each.code not in {"not-verified", _NO_MODELS}
        )
        yield CheckOutcome(VERIFIED, one.revision, tuple(problems), notes)
        if one.revision in heads and one.is_verified:
            yield CheckOutcome(
                MODELS_AGREE,
                one.revision,
                tuple(words[each] for each in errors if each.code == _MODELS_DIFFER),
                tuple(words[each] for each in one.findings if each.code == _NO_MODELS),
            )


def lint_clean(
    project: Project,
    revisions: Sequence[Revision],
    request: ProjectTestRequest,
    *,
    script: Script | None = None,
    worker: Sequence[str] | None = None,
) -> Iterator[CheckOutcome]:
    """Check that lint reports no warning and no error for each revision."""
    if not revisions:
        return
    report = lint(
        project,
        LintRequest(
            ",".join(one.id for one in revisions),
            scratch_url=request.scratch_url,
            time_limit=request.time_limit,
        ),
        script=script,
        worker=worker,
    )
    for one in revisions:
        problems = tuple(
            f"{finding.code}: {finding.message}"
            + ("" if finding.line is None else f" ({finding.place}:{finding.line})")
            for finding in report.findings
            if finding.revision == one.id and finding.severity != _NOTICE
        )
        yield CheckOutcome(LINT_CLEAN, one.id, problems, report.notes)
