"""The schema before a revision, replayed from the revision files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.commands.run_env import PreparedMove, Script, run_env
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.autogenerate import ReplayResult


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
    from limbeck.environment import MigrationContext
    from limbeck.operations import Operations

    results: list[ReplayResult] = []

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        del rows
        offline = MigrationContext.configure(
            dialect=context.dialect,
            opts={**context.opts, "as_sql": True, "output_buffer": io.StringIO()},
        )
        with Operations.context(offline):
            results.append(replay(project, offline, revisions))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    return results[0]
