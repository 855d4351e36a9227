"""Find revisions that lead back to themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from limbeck.history.errors import Cycle, DependencyCycle, DependencyLoop, Loop

Links = Mapping[str, tuple[str, ...]]


def refuse_cycles(ids: Collection[str], below: Links, *, dependencies: bool) -> None:
    """Raise when some revision is its own ancestor.

    Args:
        ids: all identifiers.
        below: the links that count.
        dependencies: whether the links hold dependencies; it chooses the error's class.

    Raises:
        Cycle: with the revisions concerned.
    """
    above, open_links = _turned(ids, below)
    ready = [id_ for id_ in ids if not open_links[id_]]
    seen = 0
    while ready:
        seen += 1
        for id_ in above.get(ready.pop(), ()):
            open_links[id_] -= 1
            if not open_links[id_]:
                ready.append(id_)
    if seen == len(ids):
        return
    for id_ in ids:
        if id_ in below[id_]:
            raise DependencyLoop(id_) if dependencies else Loop(id_)
    stuck = {id_ for id_ in ids if open_links[id_]}
    found = _without_loose_ends(stuck, above)
    raise DependencyCycle(found) if dependencies else Cycle(found)


def _turned(ids: Collection[str], below: Links) -> tuple[dict[str, list[str]], dict[str, int]]:
    above: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for id_ in ids:
        down = set(below[id_]) if len(below[id_]) > 1 else below[id_]
        counts[id_] = len(down)
        for parent in down:
            above.setdefault(parent, []).append(id_)
    return above, counts


def _without_loose_ends(stuck: set[str], above: Mapping[str, list[str]]) -> set[str]:
    """Drop what merely builds on a cycle, from the top down."""
    below: dict[str, list[str]] = {id_: [] for id_ in stuck}
    weight: dict[str, int] = dict.fromkeys(stuck, 0)
    for id_ in stuck:
        for child in above.get(id_, ()):
            weight[id_] += 1
            below[child].append(id_)
    loose = [id_ for id_ in stuck if not weight[id_]]
    left = set(stuck)
    while loose:
        id_ = loose.pop()
        left.discard(id_)
        for parent in below[id_]:
            weight[parent] -= 1
            if not weight[parent]:
                loose.append(parent)
    return left
