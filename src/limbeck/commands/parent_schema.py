"""The schema before a revision, replayed from the revision files."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from limbeck.commands.run_env import PreparedMove, Script, run_env
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.autogenerate import ReplayResult

T = TypeVar("T")


def replayed(project: Project, script: Script | None, revisions: Sequence[str]) -> ReplayResult:
    """Return the replayed catalog at some revisions.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        revisions: the destination.

    Raises:
        DraftError: a revision cannot run without a database.
    """
    from limbeck.autogenerate import replay

    return _offline(project, script, lambda context: replay(project, context, revisions))


def scripted(project: Project, script: Script | None, revisions: Sequence[str]) -> str:
    """Return the SQL that leads from an empty database to some revisions.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        revisions: the destination.

    Raises:
        DraftError: the history is long, or does more than operations on the schema.
    """
    from limbeck.autogenerate import history_script

    return _offline(project, script, lambda context: history_script(project, context, revisions))


def _offline(project: Project, script: Script | None, work: Callable[[Any], T]) -> T:
    """Execute env.py and do some work with a context that has no connection."""
    from limbeck.environment import MigrationContext
    from limbeck.operations import Operations

    results: list[T] = []

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        del rows
        offline = MigrationContext.configure(
            dialect=context.dialect,
            opts={**context.opts, "as_sql": True, "output_buffer": io.StringIO()},
        )
        with Operations.context(offline):
            results.append(work(offline))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return results[0]
