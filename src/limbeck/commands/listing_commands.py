"""The listings `branches`, `heads`, `history` and `show`."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import ProjectError
from limbeck.history import Heads, History, MultipleHeadsError, Revision
from limbeck.project import Project

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.run_env import Script


class ListedRevision:
    """One revision of a listing.

    Attributes:
        revision: its header.
        labels: the labels of the branches it lies on, sorted.
        children: the revisions that continue it.
        is_head: nothing continues it.
        is_effective_head: nothing continues it or depends on it.
        is_current: the database is here; None when nobody asked a database.
    """

    __slots__ = ("children", "is_current", "is_effective_head", "is_head", "labels", "revision")

    def __init__(
        self,
        revision: Revision,
        labels: tuple[str, ...] = (),
        children: tuple[str, ...] = (),
        *,
        is_head: bool = False,
        is_effective_head: bool = False,
        is_current: bool | None = None,
    ) -> None:
        self.revision = revision
        self.labels = labels
        self.children = children
        self.is_head = is_head
        self.is_effective_head = is_effective_head
        self.is_current = is_current

    @property
    def is_branch_point(self) -> bool:
        """Return whether several revisions continue it."""
        return len(self.children) > 1


class Listing:
    """Revisions in the order in which they are to be shown."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[ListedRevision, ...]) -> None:
        self.entries = entries


def entry(history: History, revision: Revision, at: Heads | None = None) -> ListedRevision:
    """Return a revision with its place in the graph.

    Args:
        history: the graph.
        revision: one of its revisions.
        at: the version rows of the database, None when they are not known.
    """
    id_ = revision.id
    labels = history.labels_of(id_)
    children = history.children(id_)
    return ListedRevision(
        revision,
        tuple(sorted(labels)) if labels else (),
        children,
        is_head=not children,
        is_effective_head=not children and history.is_effective_head(id_),
        is_current=None if at is None else id_ in at,
    )


def listing(history: History, revisions: Iterable[Revision], at: Heads | None = None) -> Listing:
    """Return revisions, in their order, with their places in the graph."""
    return Listing(tuple(entry(history, revision, at) for revision in revisions))


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
