"""The listings `branches`, `heads`, `history` and `show`."""

from __future__ import annotations

from limbeck.commands.listed_revisions import ListedRevision, Listing, entry, listing
from limbeck.errors import ProjectError
from limbeck.history import Heads, MultipleHeadsError
from limbeck.project import Project

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.run_env import Script


class HeadsRequest:
    """Which heads: with `resolve_dependencies`, `depends_on` counts as a parent."""

    __slots__ = ("resolve_dependencies",)

    def __init__(self, *, resolve_dependencies: bool = False) -> None:
        self.resolve_dependencies = resolve_dependencies


def heads(project: Project, request: HeadsRequest) -> Listing:
    """List the newest revisions of a project."""
    history = project.history()
    ids = history.effective_heads if request.resolve_dependencies else history.heads
    return listing(history, (history.get(id_) for id_ in history.in_file_order(ids)))


def require_one_head(project: Project, found: Listing) -> None:
    """Refuse a history with several heads, and a head file that says something else.

    Raises:
        MultipleHeadsError: there are several heads.
        HeadFileError: the head file names others or is in conflict.
    """
    if len(found.entries) > 1:
        raise MultipleHeadsError([one.revision.id for one in found.entries], "head")
    from limbeck.project import check_head_file

    check_head_file(project)


def write_head_file(project: Project) -> str:
    """Write the heads of the history into the head file, and create it where there is none.

    Returns:
        The path of the file.
    """
    from limbeck.project import update_head_file

    return str(update_head_file(project, project.history().heads, create=True))


class Branch:
    """A revision that several others continue, with those."""

    __slots__ = ("children", "point")

    def __init__(self, point: ListedRevision, children: tuple[ListedRevision, ...]) -> None:
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


def history(project: Project, request: HistoryRequest, *, script: Script | None = None) -> Listing:
    """List the revisions of a project, newest first.

    Raises:
        ProjectError: the range has no colon.
    """
    lower, upper = _ends(request.range)
    at: Heads | None = None
    shown: Heads | None = None
    asks = request.indicate_current or _is_relative(lower) or _is_relative(upper)
    if asks or project.revision_environment:
        # only asking a database needs what speaks with one
        from limbeck.commands.current_command import current_heads

        at, shown = current_heads(project, script=script)
    marked = shown if request.indicate_current else None
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


class ShowRequest:
    """The identifier to show; `current` asks the database."""

    __slots__ = ("revision",)

    def __init__(self, revision: str) -> None:
        self.revision = revision


def show(project: Project, request: ShowRequest, *, script: Script | None = None) -> Listing:
    """Find the revisions that an identifier means."""
    at = None
    if request.revision == "current":
        # only asking a database needs what speaks with one
        from limbeck.commands.current_command import current_heads

        at = current_heads(project, script=script)[0]
    history = project.history()
    if history.inside_replaced(request.revision):
        history = history.along_old_files() or history
    return listing(history, history.resolve(request.revision, at))
