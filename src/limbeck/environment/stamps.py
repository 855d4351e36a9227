"""Resolve symbolic revision names, and create the steps of a stamp."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any


def resolve(script: Any, symbol: str | Collection[str]) -> tuple[str, ...]:
    """Return the full identifiers that a symbol such as `head` stands for."""
    project = getattr(script, "project", None)
    if project is not None and isinstance(symbol, str):
        # a script may start at a revision that another one replaces
        old = project.history().inside_replaced(symbol)
        if old is not None:
            return (old,)
    if hasattr(script, "get_revisions"):
        return tuple(one.revision for one in script.get_revisions(symbol))
    symbols = (symbol,) if isinstance(symbol, str) else tuple(symbol)
    history = script.history()
    return tuple(
        id_
        for each in symbols
        for id_ in (
            (history.inside_replaced(each),)
            if history.inside_replaced(each)
            else (rev.id for rev in history.resolve(each))
        )
    )


class _Stamp:
    """A step that changes the version rows without running a migration."""

    doc = ""

    def __init__(self, move: Any) -> None:
        self.move = move

    def program(self, **_arguments: Any) -> None:
        """Do nothing."""


def stamps(script: Any, revision: Any, rows: tuple[str, ...]) -> Iterable[Any]:
    """Return the stamp steps from the current version rows to a revision."""
    if hasattr(script, "_stamp_revs"):
        steps: Iterable[Any] = script._stamp_revs(revision, rows)
        return steps
    targets = (revision,) if isinstance(revision, str) else tuple(revision)
    return [_Stamp(move) for move in script.history().route(rows, targets, "stamp")]
