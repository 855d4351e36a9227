"""The rows of listings: revisions with their position in the graph."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.history import Heads, History, Revision


class ListedRevision:
    """One revision of a listing.

    Attributes:
        revision: its header.
        labels: the sorted labels of the branches that it belongs to.
        children: the revisions that follow it.
        is_head: whether no revision follows it.
        is_effective_head: whether no revision follows it or depends on it.
        is_current: whether the database is at this revision; None if no database was read.
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
        """Return whether several revisions follow it."""
        return len(self.children) > 1


class Listing:
    """Revisions in the order in which they are listed."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[ListedRevision, ...]) -> None:
        self.entries = entries


def entry(history: History, revision: Revision, at: Heads | None = None) -> ListedRevision:
    """Return a revision with its position in the graph.

    Args:
        history: the graph.
        revision: one of its revisions.
        at: the version rows of the database, None if they are not known.
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
    """Return revisions, in their order, with their positions in the graph."""
    return Listing(tuple(entry(history, revision, at) for revision in revisions))
