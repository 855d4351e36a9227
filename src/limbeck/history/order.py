"""Put revisions in order, each before everything it builds on.

Where several orders are possible, one line is followed as long as nothing else waits for it,
and lines are taken up in the order of the files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Protocol

    class Links(Protocol):
        """What ordering asks of a graph."""

        @property
        def position(self) -> Mapping[str, int]:
            """The place of each identifier in the order of the files."""

        def below(self, id_: str) -> tuple[str, ...]:
            """Return what lies directly below."""

        def above(self, id_: str) -> tuple[str, ...]:
            """Return what lies directly above."""


def newest_first(graph: Links, ids: Collection[str]) -> list[str]:
    """Return these identifiers, each before all it builds on."""
    left = set(ids)
    waiting = _count_above(graph, left)
    lines = sorted((id_ for id_ in left if not waiting[id_]), key=graph.position.__getitem__)
    open_lines = set(lines)
    shades: dict[str, set[str]] = {}
    ordered: list[str] = []
    at = 0
    while lines:
        id_ = lines[at]
        if waiting[id_]:
            if id_ not in shades:
                shades[id_] = _above_within(graph, id_, left)
            shade = shades[id_]
            at = next(place for place, other in enumerate(lines) if place != at and other in shade)
            continue
        ordered.append(id_)
        left.discard(id_)
        fresh = []
        for below in dict.fromkeys(graph.below(id_)):
            if below in left:
                waiting[below] -= 1
                if below not in open_lines:
                    fresh.append(below)
        open_lines.update(fresh)
        if fresh:
            lines[at] = fresh[0]
            lines.extend(fresh[1:])
        else:
            del lines[at]
            at = max(at - 1, 0)
    return ordered


def _count_above(graph: Links, ids: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(ids, 0)
    for id_ in ids:
        below = graph.below(id_)
        for one in below if len(below) < 2 else dict.fromkeys(below):  # noqa: PLR2004 - one cannot repeat
            if one in counts:
                counts[one] += 1
    return counts


def _above_within(graph: Links, id_: str, ids: set[str]) -> set[str]:
    found: set[str] = set()
    todo = [id_]
    while todo:
        for above in graph.above(todo.pop()):
            if above in ids and above not in found:
                found.add(above)
                todo.append(above)
    return found
