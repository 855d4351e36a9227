"""The commands `plan` and `stats`."""

from __future__ import annotations

from pathlib import Path

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session
    from limbeck.planning import Plan

# the exit code of a plan that will fail on existing rows, different from that of a failed command
_FOUND = 1


def plan(session: Session) -> int | None:
    """Create a plan and print it.

    Returns:
        1 if a statement will fail on existing rows.
    """
    options = session.options
    request = commands.PlanRequest(
        options.planned,
        measures=not options.no_scratch,
        checks=not options.no_checks,
        scratch_url=options.scratch_url,
        time_limit=options.query_limit,
        statistics=None if options.stats is None else Path(options.stats),
    )
    plans = commands.plan(session.project, request, script=session.script)
    if options.html is not None:
        _write_file(options.html, report.plans_html(plans))
    if options.json:
        session.print_json(report.plans_json(plans))
    else:
        for one in plans:
            _print_plan(session, one)
    return _FOUND if any(one.failing_checks for one in plans) else None


def stats(session: Session) -> None:
    """Print statistics, or write them to a file."""
    from limbeck.planning import statistics_text

    options = session.options
    found = commands.stats(session.project, time_limit=options.query_limit, script=session.script)
    text = statistics_text(found)
    if options.output is not None:
        _write_file(options.output, text)
    if options.json or options.output is None:
        session.print_json(text.removesuffix("\n"))
    else:
        number = len(found.tables)
        tables = "1 table" if number == 1 else f"{number} tables"
        session.print_lines([f"sizes of {tables} written to {options.output}"])


def _write_file(name: str, text: str) -> None:
    """Write a file.

    Raises:
        PlanError: the file cannot be written.
    """
    from limbeck.errors import PlanError

    try:
        Path(name).write_text(text, "utf-8")
    except OSError as error:
        raise PlanError(
            f"The file cannot be written: {error.strerror or error}",
            hint="Name a file in a folder that exists and is writable.",
            place=name,
            code="LB672",
        ) from error


def _print_plan(session: Session, found: Plan) -> None:
    is_verbose = session.options.verbose
    if session.is_terminal and not session.options.quiet:
        from limbeck.cli.progress import has_rich, print_renderables

        if has_rich():
            shown = report.plan_renderables(found, is_verbose=is_verbose)
            print_renderables(shown, session.config.stdout)
            return
    session.print_lines(report.plan_lines(found, is_verbose=is_verbose))
