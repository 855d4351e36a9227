"""Resolve identifiers of revisions.

abc123, abc1, label, label@head, head, heads, base, current
+2, -1, label@-1            relative to the revision of the database
abc+1, label@head-2         relative to a named revision
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from limbeck.history.errors import (
    AmbiguousStepError,
    MultipleHeadsError,
    NotInBranchError,
    TooFewRevisionsError,
    UnknownRevisionError,
)
from limbeck.history.graph import Graph
from limbeck.history.revision import Revision

_RELATIVE = r"(?:(?P<branch>.+?)@)?(?P<name>\w+)?(?P<steps>[+-]\d+)"


class Symbol:
    """A parsed identifier: `branch@name+steps`."""

    __slots__ = ("branch", "name", "steps", "text")

    def __init__(self, text: str, branch: str | None, name: str | None, steps: int | None) -> None:
        self.text = text
        self.branch = branch
        self.name = name
        self.steps = steps


def parse(text: str) -> Symbol:
    """Parse an identifier."""
    if "+" in text or "-" in text:
        import re  # imported here, because most identifiers do not need it

        match = re.fullmatch(_RELATIVE, text, re.ASCII)
        if match is not None:
            return Symbol(text, match["branch"], match["name"], int(match["steps"]))
    branch, at, name = text.partition("@")
    return Symbol(text, branch or None, name, None) if at else Symbol(text, None, text, None)


def resolve(graph: Graph, text: str, at: Iterable[str] | None = None) -> tuple[Revision, ...]:
    """Return the revisions that an identifier stands for, in the order of their files.

    Args:
        graph: the revisions.
        text: the identifier.
        at: the version rows of the database; without them, `-N` is relative to the head, and
            `current` and `+N` are errors.

    Raises:
        HistoryError: the identifier is unknown or ambiguous.
    """
    symbol = parse(text)
    if symbol.steps is not None:
        return _from(graph, symbol, at)
    return tuple(map(graph.get, _named(graph, symbol, at)))


def one(graph: Graph, text: str, at: Iterable[str] | None = None) -> Revision | None:
    """Return the only revision of an identifier, or None for `base`."""
    found = resolve(graph, text, at)
    if len(found) > 1:
        raise MultipleHeadsError((each.id for each in found), text)
    return found[0] if found else None


def written_out(graph: Graph, text: str) -> str | tuple[str, ...] | None:
    """Replace `head`, `heads` and `base` by identifiers; other symbols are unchanged.

    Raises:
        HistoryError: `head` is given and there are several heads, or the branch does not exist.
    """
    symbol = parse(text)
    if symbol.steps is not None:
        return text
    if symbol.name not in {"head", "heads", "base"}:
        return symbol.name
    found = tuple(_named(graph, symbol, None))
    if symbol.name == "heads":
        return found
    return found[0] if found else None


def branch(graph: Graph, name: str) -> set[str]:
    """Return the ancestors and descendants of the revision that names the branch."""
    root = graph.identify(name)
    return graph.ancestors((root,), dependencies=False) | graph.descendants(
        (root,), dependencies=False
    )


def walk_up(graph: Graph, start: str | None, symbol: Symbol, *, exact: bool = True) -> str | None:
    """Follow the children for the given number of steps; `start` None is the base.

    Raises:
        AmbiguousStepError: a revision has several children.
        TooFewRevisionsError: there are too few revisions, and `exact` is set.
    """
    steps = symbol.steps or 0
    lane = None if symbol.branch is None else branch(graph, symbol.branch)
    here = start
    for _ in range(steps):
        if here is None:
            choices: Collection[str] = graph.in_file_order(graph.bases)
        else:
            choices = graph.children(here)
        if lane is not None:
            choices = [id_ for id_ in choices if id_ in lane]
        if not choices and not exact:
            break
        if not choices:
            raise TooFewRevisionsError(_symbol_text(symbol), steps)
        if len(choices) > 1:
            raise AmbiguousStepError(symbol.text, choices)
        (here,) = choices
    return here


def walk_down(graph: Graph, start: str, symbol: Symbol, *, exact: bool = True) -> str | None:
    """Follow the parents for the given number of steps; None is the base.

    Raises:
        AmbiguousStepError: a revision is a merge.
        TooFewRevisionsError: there are too few revisions, and `exact` is set.
    """
    steps = -(symbol.steps or 0)
    lane = None if symbol.branch is None else branch(graph, symbol.branch)
    here: str | None = start
    for _ in range(steps):
        if here is None and not exact:
            break
        if here is None:
            raise TooFewRevisionsError(_symbol_text(symbol), -steps)
        choices: Collection[str] = dict.fromkeys(graph.parents(here))
        if lane is not None and len(choices) > 1:
            choices = [id_ for id_ in choices if id_ in lane]
        if len(choices) > 1:
            raise AmbiguousStepError(symbol.text, choices)
        here = next(iter(choices), None)
    return here


def _symbol_text(symbol: Symbol) -> str:
    return symbol.text if symbol.steps is None else f"{symbol.steps:+d}"


def _named(graph: Graph, symbol: Symbol, at: Iterable[str] | None) -> Iterable[str]:
    name = symbol.name or ""
    lane = None if symbol.branch is None else branch(graph, symbol.branch)
    match name:
        case "base":
            return ()
        case "head" | "heads":
            heads = graph.heads
            if symbol.branch is not None:
                root = graph.identify(symbol.branch)
                heads = heads & graph.descendants((root,), dependencies=False)
            if name == "head" and len(heads) > 1:
                raise MultipleHeadsError(heads, symbol.text)
            return graph.in_file_order(heads)
        case "current" if at is not None:
            rows = [graph.get(id_).id for id_ in at]
            return graph.in_file_order(id_ for id_ in rows if lane is None or id_ in lane)
    found = graph.identify(name, lane)
    if lane is not None and found not in lane:
        raise NotInBranchError(symbol.text, found, symbol.branch or "")
    return (found,)


def _from(graph: Graph, symbol: Symbol, at: Iterable[str] | None) -> tuple[Revision, ...]:
    steps = symbol.steps or 0
    start: str | None
    if symbol.name is not None:
        named = Symbol(symbol.text, symbol.branch, symbol.name, None)
        start = next(iter(_single(_named(graph, named, at), symbol.text)), None)
        below_named = Symbol(symbol.text, None if steps < 0 else symbol.branch, symbol.name, steps)
        symbol = below_named
    elif at is not None:
        start = next(iter(_single(current(graph, symbol, at), symbol.text)), None)
    elif steps < 0:
        tops = _named(graph, Symbol(symbol.text, symbol.branch, "heads", None), None)
        start = next(iter(_single(tops, symbol.text)), None)
    else:
        raise UnknownRevisionError(
            symbol.text, hint="Name the revision to start from: `<revision>+1`."
        )
    if steps < 0 and start is None:
        raise TooFewRevisionsError(_symbol_text(symbol), steps)
    found = (
        walk_up(graph, start, symbol)
        if start is None or steps >= 0
        else walk_down(graph, start, symbol)
    )
    return () if found is None else (graph.get(found),)


def current(graph: Graph, symbol: Symbol, at: Iterable[str]) -> Collection[str]:
    """Return the version rows that a relative step starts from, of its branch if it names one."""
    rows = [graph.get(id_).id for id_ in at]
    if symbol.branch is None:
        return rows
    lane = branch(graph, symbol.branch)
    within = [id_ for id_ in rows if id_ in lane]
    if within:
        return within
    if (symbol.steps or 0) < 0:
        # The branch may be applied only as a dependency: start from its newest applied revision.
        reached = graph.ancestors(rows)
        tips = {id_ for id_ in reached & lane if reached.isdisjoint(graph.children(id_))}
        return graph.in_file_order(tips)
    # The branch has no version row: start from its newest applied revision.
    applied = graph.ancestors(rows) & lane
    covered = {below for id_ in applied for below in graph.below(id_)}
    return graph.in_file_order(applied - covered)


def _single(ids: Iterable[str], text: str) -> Collection[str]:
    found = tuple(dict.fromkeys(ids))
    if len(found) > 1:
        raise AmbiguousStepError(text, found)
    return found
