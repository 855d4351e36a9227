"""A move in the words of the log: `upgrade a -> b, doc`."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.history import Move

_NAMES = {"up": "upgrade", "down": "downgrade", "stamp": "stamp_revision"}


def ends(move: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the identifiers a move leads from and to."""
    match move.direction:
        case "up":
            return move.revision.down, (move.revision.id,)
        case "down":
            return (move.revision.id,), move.revision.down
        case _:
            return tuple(sorted(move.before - move.after)), tuple(sorted(move.after - move.before))


def short(move: Move) -> str:
    """Return the move as a script's comment names it."""
    before, after = ends(move)
    return f"{_NAMES[move.direction]} {_listed(before)} -> {_listed(after)}"


def full(move: Move, doc: str) -> str:
    """Return the move as the log names it, with the first paragraph of its docstring."""
    return f"{short(move)}, {doc}" if doc else short(move)


def _listed(ids: Iterable[str]) -> str:
    return ", ".join(ids)
