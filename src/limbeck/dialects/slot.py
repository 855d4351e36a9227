"""A hook for third-party dialects, which is called before limbeck's dialects are looked up."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.dialects.dialect import Dialect

_outside: list[Callable[[str], Dialect | None]] = []


def ask_outside(ask: Callable[[str], Dialect | None]) -> None:
    """Register a function that is called first for every name.

    Args:
        ask: returns the dialect with the name, or None to use limbeck's.
    """
    if ask not in _outside:
        _outside.append(ask)


def from_outside(name: str) -> Dialect | None:
    """Return the third-party dialect with the name, or None."""
    return next((dialect for ask in _outside if (dialect := ask(name)) is not None), None)
