"""`show`: revisions in full."""

from __future__ import annotations

from limbeck.commands.entries import Listing, listing
from limbeck.project import Project

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.run_env import Script


class ShowRequest:
    """The identifier to show; `current` asks the database."""

    __slots__ = ("revision",)

    def __init__(self, revision: str) -> None:
        self.revision = revision


def show(project: Project, ask: ShowRequest, *, script: Script | None = None) -> Listing:
    """Find the revisions that an identifier means."""
    at = None
    if ask.revision == "current":
        # only asking a database needs what speaks with one
        from limbeck.commands.current_command import standing

        at = standing(project, script=script)[0]
    history = project.history()
    return listing(history, history.resolve(ask.revision, at))
