"""`stats`: read the version rows and table sizes of the database."""

from __future__ import annotations

from typing import Any

from limbeck.commands.run_env import Script, run_env
from limbeck.errors import PlanError
from limbeck.planning import DEFAULT_TIME_LIMIT, Statistics, read_state
from limbeck.project import Project


def stats(
    project: Project,
    *,
    time_limit: float = DEFAULT_TIME_LIMIT,
    script: Script | None = None,
) -> Statistics:
    """Read version rows and sizes of the database that env.py configures.

    Args:
        project: the project.
        time_limit: seconds for each query.
        script: the `context.script` of env.py.

    Raises:
        PlanError: env.py has no or several databases, or limbeck cannot read this kind.
    """
    found: list[Statistics] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        state = read_state(context, time_limit)
        found.append(Statistics(system_of(context), tuple(rows), state.sizes))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    if len(found) != 1:
        raise PlanError(
            f"env.py configures {len(found)} databases; a statistics file describes one",
            hint="Select one of them, for example with -x.",
            code="LB675",
        )
    return found[0]


def system_of(context: Any) -> str:
    """Return the name of the database system of a migration context."""
    is_mariadb = getattr(context.dialect, "is_mariadb", False)
    return "mariadb" if is_mariadb else str(context.dialect.name)
