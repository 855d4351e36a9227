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

        @property
        def links(self) -> Mapping[str, tuple[str, ...]]:
            """What lies directly below each."""

        def above(self, id_: str) -> tuple[str, ...]:
            """Return what lies directly above."""


def newest_first(graph: Links, ids: Collection[str]) -> list[str]:
    """Return these identifiers, each before all it builds on."""
    links = graph.links
    left = set(ids)
    line = _one_line(links, left)
    if line is not None:
        return line
    waiting = _count_above(links, left)
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
        under = links[id_]
        if len(under) == 1 and under[0] in left and under[0] not in open_lines:
            # one line goes on: nothing else changes
            (lines[at],) = under
            waiting[under[0]] -= 1
            open_lines.add(under[0])
            continue
        fresh = []
        for below in dict.fromkeys(under):
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


def _one_line(links: Mapping[str, tuple[str, ...]], ids: set[str]) -> list[str] | None:
    """Return identifiers that form one line, as most histories do; None where there are others."""
    tops = ids.difference(*map(links.__getitem__, ids))
    if len(tops) != 1:
        return None
    line = list(tops)
    below = links[line[0]]
    while len(below) == 1 and below[0] in ids:
        line.append(below[0])
        below = links[below[0]]
    # what is left out, or comes twice, hangs on it at some other place
    return line if len(line) == len(ids) and not ids.intersection(below) else None


def _count_above(links: Mapping[str, tuple[str, ...]], ids: set[str]) -> dict[str, int]:
    counts = dict.fromkeys(ids, 0)
    for id_ in ids:
        below = links[id_]
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
