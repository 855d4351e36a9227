"""`branches`: where the history forks."""

from __future__ import annotations

from limbeck.commands.entries import Entry, entry
from limbeck.project import Project


class Branch:
    """A revision that several others continue, with those."""

    __slots__ = ("children", "point")

    def __init__(self, point: Entry, children: tuple[Entry, ...]) -> None:
        self.point = point
        self.children = children


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
