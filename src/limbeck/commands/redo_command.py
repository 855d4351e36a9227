"""`revision --redo`: write the last draft again, to the same file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from limbeck.commands.drift import applied_sources
from limbeck.commands.revision_command import NewRevisions, Notify, RevisionRequest, revision
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import LimbeckError, RedoError
from limbeck.history import Revision
from limbeck.project import Project, find_last_draft

_log = logging.getLogger("alembic.runtime.migration")


def redo(
    project: Project,
    request: RevisionRequest,
    *,
    force: bool = False,
    script: Script | None = None,
    notify: Notify | None = None,
    hook: Callable[..., Any] | None = None,
) -> NewRevisions:
    """Draft the last drafted revision again, and replace its file.

    Args:
        project: the project.
        request: answers and options of the comparison; the identifier and the path do not change.
        force: replace the file even if it was edited.
        script: the `context.script` of env.py.
        notify: a function called before the file is written.
        hook: a `process_revision_directives` function in addition to that of env.py.

    Raises:
        RedoError: there is no draft, it was edited or applied, or other revisions follow it.
    """
    draft = find_last_draft(project)
    if draft is None or draft.revision not in project.history():
        raise RedoError(
            "There is no draft to write again",
            hint="`revision --autogenerate` writes one. The last draft is recorded in the working "
            "copy only.",
        )
    header = project.history().get(draft.revision)
    _require_free(project, header)
    if draft.is_edited and not force:
        raise RedoError(
            f"{draft.path} was edited after it had been drafted",
            hint="Nothing was written. --force drafts it again and discards the edits.",
            place=str(draft.path),
        )
    _refuse_applied(project, header, script)
    again = replace(
        request,
        autogenerate=True,
        message=request.message or draft.message,
        rev_id=header.id,
        head=header.down or "base",
        splice=True,
        branch_label=tuple(sorted(header.labels)) or None,
        version_path=str(draft.path.parent),
        depends_on=header.depends_on,
        overwrite=draft.path,
    )
    with project.leaving_out(header.id):
        return revision(project, again, script=script, notify=notify, hook=hook)


def _require_free(project: Project, header: Revision) -> None:
    above = project.history().above(header.id)
    if above:
        raise RedoError(
            f"{', '.join(above)} follows {header.id}, the last draft",
            hint="Nothing was written. Draft a new revision.",
        )


def _refuse_applied(project: Project, header: Revision, script: Script | None) -> None:
    """Raise an error if the revision is applied to a reachable database.

    Raises:
        RedoError: the revision is applied.
    """
    applied: list[bool] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        history, at = project.history().placed(rows)
        known = [one.id for row in at if row in history for one in history.resolve(row)]
        is_there = header.id in history.ancestors(known) or header.id in applied_sources(context)
        applied.append(is_there)
        return []

    try:
        run_env(project, job, script=script, dont_mutate=True)
    except Exception as error:  # noqa: BLE001 - env.py and drivers raise anything
        words = error.message if isinstance(error, LimbeckError) else type(error).__name__
        _log.warning("Could not check whether the draft is applied to a database: %s", words)
    if any(applied):
        parent = ", ".join(header.down) or "base"
        raise RedoError(
            f"{header.id} is already applied to the database",
            hint=f"Nothing was written. Run `downgrade {parent}` first, or draft a new revision.",
        )
