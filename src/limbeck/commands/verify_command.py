"""`verify`: start the worker process that verifies revisions, and check its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from limbeck.errors import ScratchError, VerificationFailedError
from limbeck.history import Revision
from limbeck.project import Project, number, yes_or_no
from limbeck.verification import (
    STARTUP_SECONDS,
    RevisionReport,
    VerifyFinding,
    VerifyReport,
    WorkerRequest,
    run_worker,
)

DEFAULT_TIME_LIMIT = 60.0
DEFAULT_BUDGET = 20.0


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """The revisions to verify, and the options.

    Attributes:
        revisions: a revision, several separated by commas, or a range `start:end`; the heads by
            default.
        kind: the kind of scratch database; the setting `scratch` by default.
        scratch_url: another server for it; the setting `scratch_url` by default.
        build: "history" runs the previous revisions instead of replaying them.
        rows: the number of rows for each table.
        time_limit: seconds for each step; the setting `verify_time_limit` by default.
        startup_limit: additional seconds until the upgrade begins.
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
    """Verify revisions that were just written, within the time limit `verify_budget`.

    No schema is created in the project's database, unless the setting `scratch` allows it.

    Args:
        project: the project.
        written: the new revisions.
        worker: the command line of the worker process.

    Returns:
        The report; None if new revisions are not verified.
    """
    value = project.option("verify")
    is_wanted = project.detect == "all" if value is None else yes_or_no(value, "verify")
    if not is_wanted or not written or len(project.databases) > 1:
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
    """Verify revisions in a worker process.

    Args:
        project: the project; its configuration must be in files.
        request: the revisions and options.
        worker: the command line of the worker process.
        listener: a function called with a revision and the phase that begins.

    Raises:
        ScratchError: a scratch database cannot be created.
    """
    if len(project.databases) > 1:
        raise ScratchError(
            "The revisions of a project with several databases cannot be verified: "
            + ", ".join(project.databases),
            hint="limbeck works on one scratch database at a time.",
            code="LB607",
        )
    revisions_to_verify(project, request.revisions)
    given = worker_request(
        project,
        job="verify",
        revisions=request.revisions,
        scratch_url=request.scratch_url,
        kind=request.kind,
        time_limit=request.time_limit,
    )
    given = replace(
        given, build=request.build, rows=request.rows, startup_limit=request.startup_limit
    )
    return run_worker(worker, given, listener=listener)


def worker_request(
    project: Project,
    *,
    job: str,
    revisions: str | None,
    scratch_url: str | None = None,
    kind: str | None = None,
    time_limit: float | None = None,
) -> WorkerRequest:
    """Return a request for the worker process, with the settings of the project.

    Args:
        project: the project; its configuration must be in files.
        job: "verify" or "lint".
        revisions: a revision, several separated by commas, or a range; None for the heads.
        scratch_url: another server for the scratch database; the setting `scratch_url` by default.
        kind: the kind of scratch database; the setting `scratch` by default.
        time_limit: seconds for each step; the setting `verify_time_limit` by default.
    """
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
    return WorkerRequest(
        job=job,
        files=files,
        section="alembic" if config is None else config.config_ini_section,
        x=tuple(getattr(options, "x", None) or ()),
        revisions=revisions,
        kind=kind or str(project.option("scratch") or "auto"),
        scratch_url=scratch_url or project.option("scratch_url"),
        time_limit=time_limit
        if time_limit is not None
        else _seconds(project, "verify_time_limit", DEFAULT_TIME_LIMIT),
    )


def _seconds(project: Project, name: str, default: float) -> float:
    value = project.option(name)
    return default if value is None else number(value, name)


def require_verified(report: VerifyReport) -> None:
    """Raise an error if a revision has a fault or could not be verified.

    Raises:
        VerificationFailedError: a revision has a fault or was not verified.
    """
    faulty = [one.revision for one in report.revisions if not one.is_ok]
    unknown = [one.revision for one in report.revisions if not one.is_verified]
    if faulty:
        raise VerificationFailedError(
            f"Faults were found in {', '.join(faulty)}",
            hint="Correct the revision and run the same command again.",
        )
    if unknown:
        raise VerificationFailedError(
            f"Not verified: {', '.join(unknown)}",
            hint="The report states the reason.",
            code="LB623",
        )


def revisions_to_verify(project: Project, given: str | None) -> tuple[Revision, ...]:
    """Return the revisions of a range, in the order in which they run.

    Args:
        project: the project.
        given: a revision, several separated by commas, a range `start:end` without its start, or
            None for the heads.
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
