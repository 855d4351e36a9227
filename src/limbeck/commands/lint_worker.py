"""The worker process of `lint`: runs revisions and sends the results."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from limbeck.commands.lint_run import LintPlace, lint_revisions, quiet_logging
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import LimbeckError
from limbeck.history import Revision
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.verification import WorkerRequest


def lint_in_worker(
    project: Project,
    request: WorkerRequest,
    send: Callable[[dict[str, Any]], None],
    *,
    script: Script | None = None,
) -> None:
    """Lint revisions in this process, which is a worker process.

    Args:
        project: the project.
        request: the revisions and options.
        send: a function that sends messages to the parent process.
        script: the `context.script` of env.py.
    """
    from limbeck.commands.verify_command import revisions_to_verify
    from limbeck.verification import ProcessGuard

    def begin(revision: Revision) -> None:
        path = None if revision.path is None else str(revision.path)
        send({"begin": revision.id, "path": path})

    waiting = [
        one for one in revisions_to_verify(project, request.revisions) if one.id not in request.done
    ]
    place = LintPlace(
        request.kind,
        request.scratch_url,
        request.no_server,
        ProcessGuard(),
        begin,
        lambda phase: send({"phase": phase}),
        request.release,
    )
    with quiet_logging():
        for done in lint_revisions(project, waiting, place, script):
            send({"report": done.as_json()})
        if request.done and not request.no_server:
            _remove_leftovers(project, place, script)
    send({"end": True})


def _remove_leftovers(project: Project, place: LintPlace, script: Script | None) -> None:
    """Remove the scratch database of a worker process that was killed."""
    from limbeck.scratch import capture_source
    from limbeck.verification import VerifyOptions, removing_leftovers

    kind: Any = place.kind
    with suppress(LimbeckError):
        source = capture_source(lambda: run_env(project, lambda _rows, _context: [], script=script))
        with removing_leftovers(source, VerifyOptions(kind, place.scratch_url)):
            pass
