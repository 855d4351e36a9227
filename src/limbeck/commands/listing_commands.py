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
    """The options of `heads`: `resolve_dependencies` treats `depends_on` like a down revision."""

    __slots__ = ("resolve_dependencies",)

    def __init__(self, *, resolve_dependencies: bool = False) -> None:
        self.resolve_dependencies = resolve_dependencies


def heads(project: Project, request: HeadsRequest) -> Listing:
    """List the heads of a project."""
    history = project.history()
    ids = history.effective_heads if request.resolve_dependencies else history.heads
    return listing(history, (history.get(id_) for id_ in history.in_file_order(ids)))


def require_one_head(project: Project, found: Listing) -> None:
    """Raise an error if the history has several heads or the head file differs.

    Raises:
        MultipleHeadsError: there are several heads.
        HeadFileError: the head file names other heads or has merge conflict markers.
    """
    if len(found.entries) > 1:
        raise MultipleHeadsError([one.revision.id for one in found.entries], "head")
    from limbeck.project import check_head_file

    check_head_file(project)


def write_head_file(project: Project) -> str:
    """Write the heads of the history to the head file, and create it if it is missing.

    Returns:
        The path of the file.
    """
    from limbeck.project import update_head_file

    return str(update_head_file(project, project.history().heads, create=True))


class Branch:
    """A branch point with the revisions that follow it."""

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
    """The options of `history`.

    Attributes:
        range: `start:end`, either end may be empty; None for all revisions.
        indicate_current: read the revision of the database, and mark it.
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
        # imported here, because only this option needs a database
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
            f"'{text}' is not a range of revisions",
            hint="Write start:end; either side may be empty. For one revision, use `show`.",
        )
    lower, _, upper = text.strip().partition(":")
    return lower or None, upper or None


def _is_relative(symbol: str | None) -> bool:
    return symbol is not None and "current" in symbol


class ShowRequest:
    """The identifier to show; `current` reads the database."""

    __slots__ = ("revision",)

    def __init__(self, revision: str) -> None:
        self.revision = revision


def show(project: Project, request: ShowRequest, *, script: Script | None = None) -> Listing:
    """Return the revisions of an identifier."""
    at = None
    if request.revision == "current":
        # imported here, because only this option needs a database
        from limbeck.commands.current_command import current_heads

        at = current_heads(project, script=script)[0]
    history = project.history()
    if history.inside_replaced(request.revision):
        history = history.along_old_files() or history
    return listing(history, history.resolve(request.revision, at))
