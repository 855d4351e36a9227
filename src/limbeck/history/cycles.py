"""Find revisions that lead back to themselves."""

from __future__ import annotations

from collections.abc import Mapping

from limbeck.history.errors import (
    CycleError,
    DependencyCycleError,
    DependencySelfReferenceError,
    SelfReferenceError,
)

Links = Mapping[str, tuple[str, ...]]


def refuse_cycles(below: Links, *, dependencies: bool) -> None:
    """Raise when some revision is its own ancestor.

    Args:
        below: the links that count, for every identifier.
        dependencies: whether the links hold dependencies; it chooses the error's class.

    Raises:
        CycleError: with the revisions concerned.
    """
    stuck = _never_bared(below)
    if not stuck:
        return
    for id_, down in below.items():
        if id_ in down:
            raise DependencySelfReferenceError(id_) if dependencies else SelfReferenceError(id_)
    found = _without_loose_ends(stuck, below)
    raise DependencyCycleError(found) if dependencies else CycleError(found)


def _never_bared(below: Links) -> set[str]:
    """Take away what nothing builds on, again and again; return what is left."""
    above = dict.fromkeys(below, 0)
    for down in below.values():
        for id_ in down if len(down) < 2 else set(down):  # noqa: PLR2004 - one cannot repeat
            above[id_] += 1
    bare = [id_ for id_, count in above.items() if not count]
    seen = 0
    for id_ in bare:
        here: str | None = id_
        while here is not None:
            # a line is followed down; what else it bares waits
            seen += 1
            down = below[here]
            here = None
            for under in down if len(down) < 2 else set(down):  # noqa: PLR2004 - one cannot repeat
                above[under] -= 1
                if above[under]:
                    continue
                if here is None:
                    here = under
                else:
                    bare.append(under)
    return set() if seen == len(below) else {id_ for id_, count in above.items() if count}


def _without_loose_ends(stuck: set[str], below: Links) -> set[str]:
    """Drop what a cycle merely builds on, from the bottom up."""
    above: dict[str, list[str]] = {id_: [] for id_ in stuck}
    weight: dict[str, int] = dict.fromkeys(stuck, 0)
    for id_ in stuck:
        for under in set(below[id_]):
            if under in stuck:
                weight[id_] += 1
                above[under].append(id_)
    loose = [id_ for id_ in stuck if not weight[id_]]
    left = set(stuck)
    while loose:
        id_ = loose.pop()
        left.discard(id_)
        for over in above[id_]:
            weight[over] -= 1
            if not weight[over]:
                loose.append(over)
    return left
