"""Commands that compare models and database, and commands that check revisions."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from limbeck import commands, report
from limbeck.project import yes_or_no

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import Namespace

    from limbeck.cli.session import Session
    from limbeck.lint import LintReport
    from limbeck.operations import MigrationScript

# the exit code of lint for errors and warnings, different from that of a failed command
_FOUND = 1
# https://docs.github.com/actions/reference/workflows-and-actions/variables
_REPOSITORY = "GITHUB_WORKSPACE"


def worker_command() -> Sequence[str]:
    """Return the command line of the process that runs revisions on a scratch database."""
    return (sys.executable, "-c", "from limbeck.cli.verify_worker import main; main()")


def revision(session: Session) -> None:
    """Write a new revision file."""
    options = session.options
    request = commands.RevisionRequest(
        message=options.message,
        autogenerate=options.autogenerate,
        sql=options.sql,
        head=options.head,
        splice=options.splice,
        branch_label=options.branch_label,
        version_path=options.version_path,
        rev_id=options.rev_id,
        depends_on=tuple(options.depends_on or ()),
        answers=_answers(options),
        offline=options.offline,
        allow_drops=options.allow_drops,
        file_type=options.file_type or "py",
        kind=options.kind,
        phase=options.phase,
        skip_empty=not options.empty,
    )
    if options.redo:
        new = commands.redo(
            session.project,
            request,
            force=options.force,
            script=session.script,
            notify=session.notify,
        )
        _finished(session, new)
        return
    # an empty new file needs no database connection
    runs_env = options.autogenerate or session.project.revision_environment
    script = session.script if runs_env else None
    scripts: list[MigrationScript] = []
    shows = options.autogenerate and session.is_terminal and not (options.quiet or options.json)

    def collect(_context: object, _heads: object, drafted: list[MigrationScript]) -> None:
        scripts[:] = drafted

    new = commands.revision(
        session.project,
        request,
        script=script,
        notify=session.notify,
        hook=collect if shows else None,
    )
    for drafted in scripts:
        for up in drafted.upgrade_ops_list:
            session.print_lines(report.draft_summary(up.ops))
    _finished(session, new)


def _finished(session: Session, new: commands.NewRevisions) -> None:
    options = session.options
    if options.json:
        session.print_json(written_json(session, new))
    if not (options.autogenerate or options.redo):
        return
    if new.nothing_differs and not options.json:
        session.print_lines(
            ["Models and database do not differ: no file was written (--empty writes one)"]
        )
        return
    if not options.offline and yes_or_no(session.project.option("safe") or False, "safe"):
        _fix_new(session, new)
    if not (options.offline or options.no_verify or options.quiet):
        _verify_new(session, new)


def _fix_new(session: Session, new: commands.NewRevisions) -> None:
    """Write safe forms into new revisions."""
    changed = commands.fix_new(
        session.project, new.revisions, script=session.script, worker=worker_command()
    )
    if not session.options.json:
        session.print_lines(
            f"{path}: {number} statement{'s' * (number != 1)} replaced by safe forms"
            for path, number in changed
        )


def written_json(session: Session, new: commands.NewRevisions) -> str:
    """Return new revisions, with their positions in the history, as JSON."""
    session.project.refresh()
    history = session.project.history()
    return report.listing_json(
        commands.listing(history, (history.get(one.id) for one in new.revisions))
    )


def _verify_new(session: Session, new: commands.NewRevisions) -> None:
    """Verify new revisions and print the result; the files are kept in any case."""
    if os.environ.get("LIMBECK_VERIFY") == "off":
        return
    found = commands.verify_new(session.project, new.revisions, worker_command())
    if found is not None:
        session.print_lines([] if session.options.json else report.verification_lines(found))


def _answers(options: Namespace) -> commands.UserAnswers:
    answers = commands.UserAnswers(
        renames=(
            *(options.rename or ()),
            *(f"{name}=" for name in options.no_rename or ()),
        ),
        policy=options.renames,
        fills=tuple(options.fill or ()),
        casts=tuple(options.using or ()),
        values=tuple(options.replace or ()),
    )
    if options.json or not (options.autogenerate or options.redo):
        return answers
    from limbeck.cli.session import is_interactive

    if not is_interactive():
        return answers
    from dataclasses import replace

    from limbeck.cli.prompts import ask_rename, ask_value

    return replace(answers, ask=ask_rename, ask_value=ask_value)


def check(session: Session) -> None:
    """Fail if the models and the database differ."""
    checked = commands.check(
        session.project, script=session.script, offline=session.options.offline
    )
    if session.options.json:
        session.print_json(report.check_json(checked))
    elif checked.is_empty:
        session.print_lines(report.check_lines(checked))
    commands.require_agreement(checked)


def verify(session: Session) -> None:
    """Verify revisions on a scratch database."""
    options = session.options
    request = commands.VerifyRequest(
        options.verified,
        kind=options.scratch,
        scratch_url=options.scratch_url,
        build=options.build,
        rows=options.rows,
        time_limit=options.time_limit,
    )
    found = commands.verify(session.project, request, worker_command())
    if options.json:
        session.print_json(report.verification_json(found))
    else:
        session.print_lines(report.verification_lines(found))
    commands.require_verified(found)


def test(session: Session) -> None:
    """Run the checks of a build."""
    options = session.options
    request = commands.ProjectTestRequest(
        since=options.since, scratch_url=options.scratch_url, time_limit=options.time_limit
    )
    found = commands.run_tests(session.project, request, worker_command(), script=session.script)
    if options.json:
        session.print_json(report.project_test_json(found))
    else:
        session.print_lines(report.project_test_lines(found))
    commands.require_passed(found)


def lint(session: Session) -> None:
    """Lint, and print the findings.

    Raises:
        SystemExit: there are errors or warnings.
        LintError: options contradict each other.
    """
    from pathlib import Path

    from limbeck.errors import LintError

    options = session.options
    ways = [options.lint_range is not None, options.since is not None, options.pending]
    if sum(ways) > 1:
        raise LintError(
            "Several of a range, --since and --pending were given",
            hint="Name the revisions in one of these ways.",
            code="LB635",
        )
    request = commands.LintRequest(
        revisions=options.lint_range,
        since=options.since,
        pending=options.pending,
        no_server=options.no_server,
        scratch_url=options.scratch_url,
        baseline=None if options.baseline is None else Path(options.baseline),
        time_limit=options.time_limit,
    )
    found = commands.lint(session.project, request, script=session.script, worker=worker_command())
    if options.write_baseline is not None:
        from limbeck.lint import baseline_text

        path = Path(options.write_baseline)
        path.write_text(baseline_text(found.findings), "utf-8")
        session.print_lines([f"{len(found.findings)} findings written to {path}"])
        return
    _print_findings(session, found)
    if options.fix:
        for path, number in commands.fix(found):
            session.print_lines(
                [f"{path}: {number} statement{'s' * (number != 1)} replaced; lint it again"]
            )
    if found.has_errors:
        raise SystemExit(_FOUND)


def _print_findings(session: Session, found: LintReport) -> None:
    options = session.options
    chosen = "json" if options.json else options.lint_format
    if chosen == "text":
        session.print_lines(report.lint_text(found, is_verbose=options.verbose))
        return
    if chosen == "github":
        text = "\n".join(report.lint_github(found, os.environ.get(_REPOSITORY)))
    elif chosen == "json":
        text = report.lint_json(found)
    elif chosen == "sarif":
        text = report.lint_sarif(found, os.environ.get(_REPOSITORY))
    else:
        text = report.lint_junit(found)
    session.config.stdout.write(f"{text}\n")
