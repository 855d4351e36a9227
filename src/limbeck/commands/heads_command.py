"""`heads`: the newest revisions."""

from __future__ import annotations

from limbeck.commands.entries import Listing, listing
from limbeck.project import Project


class HeadsRequest:
    """Which heads: with `resolve_dependencies`, `depends_on` counts as a parent."""

    __slots__ = ("resolve_dependencies",)

    def __init__(self, *, resolve_dependencies: bool = False) -> None:
        self.resolve_dependencies = resolve_dependencies


def heads(project: Project, ask: HeadsRequest) -> Listing:
    """List the newest revisions of a project."""
    history = project.history()
    ids = history.effective_heads if ask.resolve_dependencies else history.heads
    return listing(history, (history.get(id_) for id_ in history.in_file_order(ids)))
