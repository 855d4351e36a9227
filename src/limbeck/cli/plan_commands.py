"""Commands that show what a run would do: plan."""

from __future__ import annotations

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session
    from limbeck.planning import Plan

# the exit code of a plan that will fail on existing rows; a command that fails has another
_FOUND = 1


def plan(session: Session) -> int | None:
    """Plan, and print what was found.

    Returns:
        1 where existing rows will make a statement fail.
    """
    options = session.options
    request = commands.PlanRequest(
        options.planned,
        measures=not options.no_scratch,
        checks=not options.no_checks,
        scratch_url=options.scratch_url,
        time_limit=options.query_limit,
    )
    plans = commands.plan(session.project, request, script=session.script)
    if options.json:
        session.config.stdout.write(f"{report.plans_json(plans)}\n")
    else:
        for one in plans:
            _print_plan(session, one)
    return _FOUND if any(one.failing_checks for one in plans) else None


def _print_plan(session: Session, found: Plan) -> None:
    is_verbose = session.options.verbose
    if session.is_terminal and not session.options.quiet:
        from limbeck.cli.progress import has_rich, print_renderables

        if has_rich():
            shown = report.plan_renderables(found, is_verbose=is_verbose)
            print_renderables(shown, session.config.stdout)
            return
    session.say(report.plan_lines(found, is_verbose=is_verbose))
