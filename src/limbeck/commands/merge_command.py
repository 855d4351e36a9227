"""`merge`: write a revision with several down revisions."""

from __future__ import annotations

from dataclasses import dataclass

from limbeck.commands.revision_command import NewRevisions, Notify, RevisionRequest, revision
from limbeck.commands.run_env import Script
from limbeck.errors import HistoryError
from limbeck.project import Project


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """The revisions to join, and the new revision.

    Attributes:
        revisions: the down revisions, or `heads`.
        message: its message.
        branch_label: its branch label.
        rev_id: its identifier.
        splice: allow down revisions that are not heads.
    """

    revisions: tuple[str, ...]
    message: str | None = None
    branch_label: str | tuple[str, ...] | None = None
    rev_id: str | None = None
    splice: bool = False


def merge(
    project: Project,
    request: MergeRequest,
    *,
    script: Script | None = None,
    notify: Notify | None = None,
) -> NewRevisions:
    """Write a revision that joins several.

    Raises:
        HistoryError: there is only one, in a project that detects everything.
    """
    require_several(project, request.revisions)
    parents = RevisionRequest(
        message=request.message,
        head=request.revisions,
        splice=request.splice,
        branch_label=request.branch_label,
        rev_id=request.rev_id,
    )
    return revision(project, parents, script=script, notify=notify)


def require_several(project: Project, revisions: tuple[str, ...]) -> None:
    """Raise an error for a single revision, except in a project of Alembic.

    Raises:
        HistoryError: there is only one revision.
    """
    if project.detect != "all":
        return
    history = project.history()
    named = {one.id for text in revisions for one in history.resolve(text)}
    if len(named) == 1:
        raise HistoryError(
            f"There is nothing to merge: only {named.pop()} is named",
            hint="`heads` lists the newest revisions; `revision` writes one that follows the last.",
            code="LB217",
        )
