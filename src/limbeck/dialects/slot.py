"""The slot for dialects from outside: who is asked before limbeck's own are looked up."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.dialects.dialect import Dialect

_outside: list[Callable[[str], Dialect | None]] = []


def ask_outside(ask: Callable[[str], Dialect | None]) -> None:
    """Fill the slot: let `ask` be asked first for every name.

    Args:
        ask: returns the dialect of a name, None to leave the name to limbeck.
    """
    if ask not in _outside:
        _outside.append(ask)


def from_outside(name: str) -> Dialect | None:
    """Return the dialect of that name which somebody from outside has, None when nobody has."""
    return next((found for ask in _outside if (found := ask(name)) is not None), None)
