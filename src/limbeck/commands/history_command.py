"""`history`: revisions, newest first."""

from __future__ import annotations

from limbeck.commands.entries import Listing, listing
from limbeck.errors import ProjectError
from limbeck.history import Heads
from limbeck.project import Project

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.run_env import Script


class HistoryRequest:
    """Which revisions, and whether to mark the database's.

    Attributes:
        range: `start:end`, either end may be empty; None for all.
        indicate_current: ask the database where it is.
    """

    __slots__ = ("indicate_current", "range")

    def __init__(self, range: str | None = None, *, indicate_current: bool = False) -> None:
        self.range = range
        self.indicate_current = indicate_current


def history(project: Project, ask: HistoryRequest, *, script: Script | None = None) -> Listing:
    """List the revisions of a project, newest first.

    Raises:
        ProjectError: the range has no colon.
    """
    lower, upper = _ends(ask.range)
    at: Heads | None = None
    shown: Heads | None = None
    asks = ask.indicate_current or _is_relative(lower) or _is_relative(upper)
    if asks or project.revision_environment:
        # only asking a database needs what speaks with one
        from limbeck.commands.current_command import standing

        at, shown = standing(project, script=script)
    marked = shown if ask.indicate_current else None
    graph = project.history()
    if lower is None and upper is None:
        return listing(graph, graph, marked)
    return listing(graph, graph.range(lower, upper, at), marked)


def _ends(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    if text.count(":") != 1:
        raise ProjectError(
            f"'{text}' is no range of revisions",
            hint="write start:end, either side may be empty; for one revision use `show`",
        )
    lower, _, upper = text.strip().partition(":")
    return lower or None, upper or None


def _is_relative(symbol: str | None) -> bool:
    return symbol is not None and "current" in symbol
