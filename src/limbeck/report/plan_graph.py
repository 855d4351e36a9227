"""The graph of revisions of a plan, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from limbeck.report.text import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.planning import GraphRevision

AROUND = 12  # revisions shown below and above those of the plan
_ROW, _LANE, _RADIUS, _LEFT, _TOP = 28, 22, 6, 16, 18
_LETTER = 7.3  # width of a letter, in pixels
_LONGEST = 70


@dataclass(frozen=True, slots=True)
class PlacedRevision:
    """A revision with its position in the graph.

    Args:
        revision: the revision.
        row: the row; 0 is the newest revision.
        lane: the column.
    """

    revision: GraphRevision
    row: int
    lane: int


def placed_revisions(history: Sequence[GraphRevision]) -> list[PlacedRevision]:
    """Return a position for each revision: parents below their children, branches side by side.

    Args:
        history: the revisions, parents before children.
    """
    waiting: list[str | None] = []  # for each lane, the next revision below
    placed = []
    for row, one in enumerate(reversed(history)):
        lanes = [lane for lane, id_ in enumerate(waiting) if id_ == one.id]
        lane = lanes[0] if lanes else _free(waiting)
        for other in lanes:
            waiting[other] = None
        for parent in one.down:
            if waiting[lane] is None:
                waiting[lane] = parent
            elif parent not in waiting:
                waiting[_free(waiting)] = parent
        placed.append(PlacedRevision(one, row, lane))
    return placed


def _free(lanes: list[str | None]) -> int:
    """Return the first free lane; add one if necessary."""
    if None not in lanes:
        lanes.append(None)
    return lanes.index(None)


def shown_part(history: Sequence[GraphRevision]) -> tuple[Sequence[GraphRevision], int]:
    """Return the revisions to show, near those of the plan, and the number of the others."""
    planned = [place for place, one in enumerate(history) if one.state == "planned"]
    applied = [place for place, one in enumerate(history) if one.state == "applied"]
    about = planned or applied[-1:] or [0]
    start, end = max(0, about[0] - AROUND), about[-1] + AROUND + 1
    part = history[start:end]
    return part, len(history) - len(part)


def graph_svg(history: Sequence[GraphRevision]) -> str:
    """Return the graph of revisions as an SVG element, newest first.

    Args:
        history: the revisions, parents before children.
    """
    part, hidden = shown_part(history)
    placed = placed_revisions(part)
    places = {one.revision.id: one for one in placed}
    lanes = max((one.lane for one in placed), default=0) + 1
    left = _LEFT + lanes * _LANE
    widest = max((len(_label(one.revision)) for one in placed), default=0)
    width, height = int(left + widest * _LETTER + _LEFT), _TOP + len(placed) * _ROW
    lines = [line for one in placed for line in _edges(one, places, height)]
    nodes = [node for one in placed for node in _node(one, left)]
    more = f'<p class="quiet">{hidden} more revisions are not shown.</p>' if hidden else ""
    return (
        f'<svg class="graph" role="img" aria-label="Graph of revisions" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}">'
        f"{''.join(lines)}{''.join(nodes)}</svg>{more}"
    )


def _point(one: PlacedRevision) -> tuple[int, int]:
    return _LEFT + one.lane * _LANE, _TOP + one.row * _ROW


def _edges(one: PlacedRevision, places: dict[str, PlacedRevision], height: int) -> Iterator[str]:
    x, y = _point(one)
    for parent in one.revision.down:
        if parent not in places:
            yield f'<path class="edge outside" d="M{x} {y}V{height}"/>'
            continue
        to_x, to_y = _point(places[parent])
        # between the two rows, the lane of the parent is free, but not that of the child
        if to_x > x:
            yield f'<path class="edge" d="M{x} {y}L{to_x} {y + _ROW}V{to_y}"/>'
        elif to_x < x:
            yield f'<path class="edge" d="M{x} {y}V{to_y - _ROW}L{to_x} {to_y}"/>'
        else:
            yield f'<path class="edge" d="M{x} {y}V{to_y}"/>'


def _node(one: PlacedRevision, left: int) -> Iterator[str]:
    x, y = _point(one)
    state = one.revision.state
    yield f'<circle class="{state}" cx="{x}" cy="{y}" r="{_RADIUS}"/>'
    yield (
        f'<text class="{state}" x="{left}" y="{y + 4}">{escape(_label(one.revision))}'
        f"<title>{escape(clean(one.revision.message))}</title></text>"
    )


def _label(one: GraphRevision) -> str:
    text = clean(f"{one.id}  {one.message}").replace("\n", " ").strip()
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return f"{text} ({one.state})"
