"""A hook for third-party dialects, which is called before limbeck's dialects are looked up."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.dialects.dialect import Dialect

_lookups: list[Callable[[str], Dialect | None]] = []


def register_lookup(lookup: Callable[[str], Dialect | None]) -> None:
    """Register a function that is called first for every name.

    Args:
        lookup: returns the dialect with the name, or None to use limbeck's.
    """
    if lookup not in _lookups:
        _lookups.append(lookup)


def third_party_dialect(name: str) -> Dialect | None:
    """Return the third-party dialect with the name, or None."""
    for lookup in _lookups:
        dialect = lookup(name)
        if dialect is not None:
            return dialect
    return None
