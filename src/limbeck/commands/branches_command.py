"""`branches`: where the history forks."""

from __future__ import annotations

from limbeck.commands.entries import Entry, entry
from limbeck.project import Project
from limbeck.values import dataclass


@dataclass(frozen=True, slots=True)
class Branch:
    """A revision that several others continue, with those."""

    point: Entry
    children: tuple[Entry, ...]


def branches(project: Project) -> tuple[Branch, ...]:
    """List the branch points of a project, newest first."""
    history = project.history()
    if not history.branch_points:
        return ()
    return tuple(
        Branch(
            entry(history, revision),
            tuple(entry(history, history.get(id_)) for id_ in history.children(revision.id)),
        )
        for revision in history
        if history.is_branch_point(revision.id)
    )
