"""`heads`: the newest revisions."""

from __future__ import annotations

from limbeck.commands.entries import Listing, listing
from limbeck.project import Project
from limbeck.values import dataclass


@dataclass(frozen=True, slots=True)
class HeadsRequest:
    """Which heads: with `resolve_dependencies`, `depends_on` counts as a parent."""

    resolve_dependencies: bool = False


def heads(project: Project, ask: HeadsRequest) -> Listing:
    """List the newest revisions of a project."""
    history = project.history()
    ids = history.effective_heads if ask.resolve_dependencies else history.heads
    return listing(history, (history.get(id_) for id_ in history.in_file_order(ids)))
