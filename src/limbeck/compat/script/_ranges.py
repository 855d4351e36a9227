"""Resolve the ends of an iteration over revisions from the identifiers that programs pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck import history as native
from limbeck.history import History


def ids_of(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return identifiers, given as one or several, as a tuple."""
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True)
class Ends:
    """The two ends of an iteration, and the branch to which it is restricted."""

    tops: tuple[str, ...]
    bottoms: tuple[str, ...]
    branch: str | None
    upper: str
    lower: str

    def between(self, history: History, *, implicit_base: bool, inclusive: bool) -> set[str]:
        """Return the revisions between the two ends."""
        reached = history.ancestors(self.tops)
        if not self.bottoms:
            return reached
        if not set(self.bottoms) <= reached:
            raise native.NotInRangeError(self.lower, self.upper)
        below = history.ancestors(self.bottoms)
        keep = reached - below if implicit_base else reached & history.descendants(self.bottoms)
        return keep | set(self.bottoms) if inclusive else keep - set(self.bottoms)

    def undone(self, history: History) -> set[str]:
        """Return the revisions that a downgrade to the base, or to that of a branch, would undo."""
        reached = history.ancestors(self.tops)
        if self.branch is None:
            return reached
        lane = history.ancestors((self.branch,), dependencies=False)
        return reached & history.descendants(lane & history.bases)


def ends_of(history: History, upper: Any, lower: Any, *, exact: bool) -> Ends:
    """Return the ends of an iteration between two identifiers.

    Args:
        history: the graph.
        upper: the start of the iteration.
        lower: the end of the iteration.
        exact: raise an error if the distance to a relative end is shorter than given.
    """
    low, high = identifier_text(lower), identifier_text(upper)
    branch = low.rpartition("@")[0] or None
    root = None if branch is None else history.resolve(branch)[0].id
    if is_relative(low) or is_relative(high):
        tops, bottoms = _counted(history, low, high, exact=exact)
    else:
        tops, bottoms = resolved(history, upper), resolved(history, lower)
        history.refuse_overlap(tops if len(_parts(upper)) > 1 else ())
        history.refuse_overlap(bottoms)
    if root is not None and len(tops) > 1:
        line = history.ancestors((root,), dependencies=False)
        line |= history.descendants((root,), dependencies=False)
        tops = [id_ for id_ in tops if id_ in line]
    return Ends(tuple(tops), tuple(bottoms), root, high or "base", low or "base")


def _counted(history: History, low: str, high: str, *, exact: bool) -> tuple[list[str], list[str]]:
    if is_relative(low):
        try:
            branch, at, steps = low.rpartition("@")
            top = f"{branch}{at}heads" if at and high in {"", "heads", "head"} else high or "heads"
            bottoms = [revision.id for revision in history.resolve(top + steps)]
        except native.TooFewRevisionsError:
            if exact:
                raise
            bottoms = []
        return resolved(history, high or "heads"), bottoms
    ids = [revision.id for revision in history.range(low or None, high or None)]
    chosen = set(ids)
    tops = [id_ for id_ in ids if not chosen & set(history.above(id_))]
    return tops, [revision.id for revision in history.resolve(low)] if low else []


def resolved(history: History, symbol: Any) -> list[str]:
    """Return the identifiers of the revisions that a symbol refers to."""
    return [revision.id for each in _parts(symbol) for revision in history.resolve(each)]


def _parts(symbol: Any) -> list[str]:
    return [part.strip() for each in ids_of(symbol) for part in each.split(",")]


def is_relative(symbol: str) -> bool:
    """Return whether a symbol is relative to another revision, such as `+1`."""
    bare = symbol.rpartition("@")[2]
    return bare[:1] in {"+", "-"}


def identifier_text(symbol: Any) -> str:
    """Return identifiers as one text, as on the command line."""
    return ", ".join(str(each) for each in ids_of(symbol))
