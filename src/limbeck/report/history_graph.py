"""Draw the history as a graph: one column for each line of revisions, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.report.text import line

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands import ListedRevision, Listing


class GraphCharacters:
    """The characters of a graph.

    Args:
        characters: node, head, down, across, cross, fork, split and join, in this order.
    """

    __slots__ = ("across", "cross", "down", "fork", "head", "join", "node", "split")

    def __init__(self, characters: str) -> None:
        self.node, self.head, self.down, self.across, *others = list(characters)
        self.cross, self.fork, self.split, self.join = others


FINE = GraphCharacters("●◉│─┼├╮╯")
PLAIN = GraphCharacters("*@|-+|.'")


def graph_lines(listing: Listing, characters: GraphCharacters = FINE) -> list[str]:
    """Draw a history.

    Args:
        listing: revisions, each before its ancestors.
        characters: the characters of the graph.
    """
    shown = {entry.revision.id for entry in listing.entries}
    columns: list[str | None] = []
    lines: list[str] = []
    for entry in listing.entries:
        place = _place(columns, entry.revision.id)
        others = [at for at, id_ in enumerate(columns) if id_ == entry.revision.id and at != place]
        if others:
            lines.append(_link(columns, place, others, characters, characters.join))
            for at in others:
                columns[at] = None
        _trim(columns)
        lines.append(_node(columns, place, entry, characters))
        parents = [id_ for id_ in entry.revision.down if id_ in shown]
        new = _continue(columns, place, parents)
        if new:
            lines.append(_link(columns, place, new, characters, characters.split))
        _trim(columns)
    return lines


def _place(columns: list[str | None], id_: str) -> int:
    if id_ in columns:
        return columns.index(id_)
    if None in columns:
        free = columns.index(None)
        columns[free] = id_
        return free
    columns.append(id_)
    return len(columns) - 1


def _continue(columns: list[str | None], place: int, parents: Sequence[str]) -> list[int]:
    columns[place] = parents[0] if parents else None
    new = []
    for parent in parents[1:]:
        right = [at for at in range(place + 1, len(columns)) if columns[at] is None]
        at = right[0] if right else len(columns)
        if right:
            columns[at] = parent
        else:
            columns.append(parent)
        new.append(at)
    return new


def _trim(columns: list[str | None]) -> None:
    while columns and columns[-1] is None:
        columns.pop()


def _node(
    columns: Sequence[str | None], place: int, entry: ListedRevision, characters: GraphCharacters
) -> str:
    mark = characters.head if entry.is_head else characters.node
    cells = [
        mark if at == place else characters.down if id_ is not None else " "
        for at, id_ in enumerate(columns)
    ]
    return f"{' '.join(cells)}  {line(entry, with_labels=True, with_doc=True)}".rstrip()


def _link(
    columns: Sequence[str | None],
    place: int,
    ends: Sequence[int],
    characters: GraphCharacters,
    end: str,
) -> str:
    cells = []
    left, right = min(place, *ends), max(place, *ends)
    for at, id_ in enumerate(columns):
        inside = left < at < right
        if at == place:
            cell = characters.fork
        elif at in ends:
            cell = end
        elif inside:
            cell = characters.cross if id_ is not None else characters.across
        else:
            cell = characters.down if id_ is not None else " "
        cells.append(cell + (characters.across if left <= at < right else " "))
    return "".join(cells).rstrip()
