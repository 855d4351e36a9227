"""`merge`: a new revision with several parents."""

from __future__ import annotations

from dataclasses import dataclass

from limbeck.commands.revision_command import NewRevisions, Notify, RevisionRequest, revision
from limbeck.commands.run_env import Script
from limbeck.project import Project


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """What to join, and the new file.

    Attributes:
        revisions: the parents, or `heads`.
        message: what it is about.
        branch_label: the label it gets.
        rev_id: its identifier.
        splice: the parents need not be heads.
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
    """Write a revision that joins several."""
    parents = RevisionRequest(
        message=request.message,
        head=request.revisions,
        splice=request.splice,
        branch_label=request.branch_label,
        rev_id=request.rev_id,
    )
    return revision(project, parents, script=script, notify=notify)
