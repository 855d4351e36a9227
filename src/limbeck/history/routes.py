"""Find the moves from one state of a database to another, with the version rows of each.

A state is a set of version rows. Their revisions and all ancestors are applied. A version row is
never an ancestor or dependency of another one.
"""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import HistoryError
from limbeck.history import identifiers
from limbeck.history.errors import (
    AmbiguousStepError,
    NotAppliedError,
    NotInRangeError,
    OverlappingRevisionsError,
    TooFewRevisionsError,
    UnknownRevisionError,
    listed,
)
from limbeck.history.graph import Graph
from limbeck.history.revision import Direction, Move, Revision


def route(
    graph: Graph,
    rows: tuple[str, ...],
    targets: tuple[str, ...],
    direction: Direction,
    *,
    first_of_several: bool = False,
) -> tuple[Move, ...]:
    """Return the moves from version rows to the targets; see `History.route`."""
    for id_ in rows:
        if id_ not in graph:
            raise UnknownRevisionError(
                id_,
                hint=f"The database is at {id_}, but no file has this revision. Restore the file, "
                "or set the version row with `stamp --purge <revision>`.",
            )
    match direction:
        case "up":
            return upgrade(graph, rows, targets)
        case "down":
            if len(targets) != 1:
                raise HistoryError(
                    f"A downgrade has one destination, not {len(targets)}",
                    hint="Name one revision, `base`, or `<branch>@base`.",
                )
            return downgrade(graph, rows, targets[0], first_of_several=first_of_several)
        case _:
            return stamp(graph, rows, targets)


def upgrade(graph: Graph, at: tuple[str, ...], targets: tuple[str, ...]) -> tuple[Move, ...]:
    """Return the upgrades to the targets, with their dependencies."""
    wanted: list[str] = []
    for text in targets:
        wanted += _destination(graph, text, at)
    refuse_overlap(graph, at)
    if len(targets) > 1:
        refuse_overlap(graph, tuple(wanted))
    applied = graph.ancestors(at)
    rows = frozenset(at)
    moves: list[Move] = []
    for revision in reversed(graph.newest_first(graph.ancestors(wanted) - applied)):
        after = rows.difference(graph.below(revision.id)) | {revision.id}
        moves.append(Move(revision, "up", rows, after))
        rows = after
    return tuple(moves)


def refuse_overlap(graph: Graph, ids: tuple[str, ...]) -> None:
    """Raise OverlappingRevisionsError if one of the revisions is an ancestor of another."""
    if len(ids) < 2:  # noqa: PLR2004 - a single one cannot overlap
        return
    implied = graph.ancestors(below for id_ in ids for below in graph.below(id_))
    for id_ in ids:
        if id_ in implied:
            above = [other for other in ids if other != id_ and id_ in graph.ancestors((other,))]
            raise OverlappingRevisionsError(above[0], (id_,))


def _destination(graph: Graph, text: str, at: tuple[str, ...]) -> Iterable[str]:
    symbol = identifiers.parse(text)
    if symbol.steps is not None and symbol.name is None:
        if symbol.steps <= 0:
            raise TooFewRevisionsError(text, symbol.steps)
        start = identifiers.current(graph, symbol, at)
        if len(start) > 1:
            raise AmbiguousStepError(
                text, start, message="Ambiguous upgrade from multiple current revisions"
            )
        top = identifiers.walk_up(graph, next(iter(start), None), symbol)
        return () if top is None else (top,)
    return [revision.id for revision in identifiers.resolve(graph, text, at)]


def downgrade(
    graph: Graph, at: tuple[str, ...], target: str, *, first_of_several: bool = False
) -> tuple[Move, ...]:
    """Return the downgrades of all revisions above the target, or of those in its branch."""
    symbol = identifiers.parse(target)
    goal, lane = _goal(graph, symbol, at, first_of_several=first_of_several)
    applied = graph.ancestors(at)
    roots = graph.in_file_order(graph.bases) if goal is None else graph.children(goal)
    if lane is not None:
        roots = tuple(id_ for id_ in roots if id_ in lane)
    leaving = graph.descendants(roots) & applied
    if not leaving and goal is not None and goal not in at:
        raise NotAppliedError(target, listed(at))
    return _leave(graph, at, applied, leaving)


def _goal(
    graph: Graph, symbol: identifiers.Symbol, at: tuple[str, ...], *, first_of_several: bool
) -> tuple[str | None, set[str] | None]:
    """Return the revision to stop at, None for the base, and the revisions of the branch."""
    lane = None if symbol.branch is None else identifiers.branch(graph, symbol.branch)
    if symbol.steps is None or symbol.name is not None:
        found = identifiers.one(graph, symbol.text, at)
        return (None if found is None else found.id), lane
    if symbol.steps >= 0:
        raise TooFewRevisionsError(symbol.text, symbol.steps)
    start = tuple(identifiers.current(graph, symbol, at))
    if not start:
        raise TooFewRevisionsError(symbol.text, symbol.steps)
    if len(start) > 1 and not first_of_several:
        raise AmbiguousStepError(
            symbol.text,
            start,
            message=f"downgrade {symbol.text} from multiple heads is ambiguous: {listed(start)}",
        )
    if lane is None:  # what only depends on it, or it on, is not counted
        lane = identifiers.branch(graph, start[0])
    return identifiers.walk_down(graph, start[0], symbol), lane


def leave(graph: Graph, at: tuple[str, ...], id_: str) -> tuple[Move, ...]:
    """Return the downgrade of one revision; empty if it is not one of the version rows."""
    return _leave(graph, at, graph.ancestors(at), {id_}) if id_ in at else ()


def _leave(
    graph: Graph, at: tuple[str, ...], applied: set[str], leaving: set[str]
) -> tuple[Move, ...]:
    above = {
        below: sum(1 for child in graph.above(below) if child in applied)
        for id_ in leaving
        for below in graph.below(id_)
    }
    rows = frozenset(at)
    moves: list[Move] = []
    for revision in graph.newest_first(leaving):
        bared = []
        for below in dict.fromkeys(graph.below(revision.id)):
            above[below] -= 1
            if not above[below]:
                bared.append(below)
        after = (rows - {revision.id}).union(bared)
        moves.append(Move(revision, "down", rows, after))
        rows = after
    return tuple(moves)


def stamp(graph: Graph, at: tuple[str, ...], targets: tuple[str, ...]) -> tuple[Move, ...]:
    """Return the stamps to the targets: each replaces the rows of its ancestors and descendants."""
    rows = frozenset(at)
    moves: list[Move] = []
    meant = [[revision.id for revision in identifiers.resolve(graph, text)] for text in targets]
    wanted = {id_ for ids in meant for id_ in ids}
    implied = graph.ancestors(below for id_ in wanted for below in graph.below(id_))
    applied = graph.ancestors(rows)
    # the previous rows that no target names; only these can be replaced
    others = rows - (wanted - implied)
    for text, ids in zip(targets, meant, strict=True):
        for id_ in () if ids else _rows_of_branch(graph, text, at):
            if id_ in rows:
                after = rows - {id_}
                passed = applied ^ graph.ancestors(after)
                moves.append(Move(graph.get(id_), "stamp", rows, after, frozenset(passed)))
                rows, others, applied = after, others - {id_}, applied ^ passed
        for id_ in ids:
            if id_ in implied:
                continue
            below = graph.ancestors((id_,)) if others else set[str]()
            gone = others & (below | graph.descendants((id_,))) - {id_} if others else others
            after = (rows - gone) | {id_}
            if after == rows:
                continue
            # If no revision becomes unapplied, only the new revisions are visited, so that a stamp
            # of many heads takes linear time.
            if gone <= below:
                passed = _not_applied_below(graph, id_, applied)
            else:
                passed = applied ^ graph.ancestors(after)
            moves.append(Move(graph.get(id_), "stamp", rows, after, frozenset(passed)))
            applied ^= passed
            rows, others = after, others - gone
    return tuple(moves)


def _not_applied_below(graph: Graph, id_: str, applied: set[str]) -> set[str]:
    """Return a revision and those of its ancestors that are not applied."""
    found = set[str]()
    left = [id_]
    while left:
        one = left.pop()
        if one not in applied and one not in found:
            found.add(one)
            left.extend(graph.below(one))
    return found


def _rows_of_branch(graph: Graph, text: str, at: tuple[str, ...]) -> tuple[str, ...]:
    symbol = identifiers.parse(text)
    if symbol.branch is None:
        return at
    root = graph.identify(symbol.branch)
    lane = graph.ancestors((root,)) | graph.descendants((root,))
    return tuple(id_ for id_ in at if id_ in lane)


def between(
    graph: Graph, lower: str | None, upper: str | None, at: Iterable[str] | None = None
) -> tuple[Revision, ...]:
    """Return the revisions from `lower` to `upper`, both included, newest first.

    A relative end is relative to the other end: `-2:abc` starts two revisions below `abc`.

    Raises:
        NotInRangeError: `lower` is not an ancestor of `upper`.
    """
    state = None if at is None else tuple(at)
    low, high = identifiers.parse(lower or "base"), identifiers.parse(upper or "heads")
    if high.steps is not None and high.name is None:
        if high.steps < 0:  # it would be below the lower end
            raise NotInRangeError(lower or "base", upper or "heads")
        bottoms = _ids(graph, low, state)
        tops = _stepped(graph, high, bottoms)
    else:
        tops = _ids(graph, high, state)
        is_counted = low.steps is not None and low.name is None
        bottoms = _stepped(graph, low, tops) if is_counted else _ids(graph, low, state)
    reached = graph.ancestors(tops)
    if not bottoms:
        return graph.newest_first(reached)
    found = reached & graph.descendants(bottoms, dependencies=False)
    if not found:
        raise NotInRangeError(lower or "base", upper or "heads")
    return graph.newest_first(found)


def _ids(graph: Graph, symbol: identifiers.Symbol, at: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(revision.id for revision in identifiers.resolve(graph, symbol.text, at))


def _stepped(graph: Graph, symbol: identifiers.Symbol, start: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for id_ in identifiers.current(graph, symbol, start) or (() if start else (None,)):
        if (symbol.steps or 0) >= 0:
            found.append(identifiers.walk_up(graph, id_, symbol, exact=False))
        elif id_ is not None:
            found.append(identifiers.walk_down(graph, id_, symbol, exact=False))
    return tuple(id_ for id_ in found if id_ is not None)
