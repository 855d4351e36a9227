"""The order in which Alembic's users know drafts: new tables, gone tables, then table by table."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.catalog import Column, ForeignKey, Key, Table
from limbeck.diff import Alter, Change, Create, Drop

_ADDED, _ALTERED, _KEY_GONE, _OTHER, _KEY_ADDED, _TABLE, _GONE = range(7)


def by_table(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Sort changes by table, except where one needs another that would come later.

    Args:
        changes: in an order in which they can run.
    """
    created = {c.key for c in changes if isinstance(c, Create) and c.owner is None}
    dropped = {c.key for c in changes if isinstance(c, Drop) and c.owner is None}
    grown: set[Key | None] = {
        c.owner for c in changes if isinstance(c, Create) and c.owner is not None
    }

    def place(change: Change) -> tuple[int, str, int]:
        owner = change.owner
        if owner is None and isinstance(change, Create):
            return (0, "", 0)
        if owner in created:
            return (1, "", 0)
        if owner in dropped or _leads_to(change, dropped):
            return (2, "", 0)
        if owner is None and isinstance(change, Drop):
            return (2, "", 0)
        if owner is not None and _waits(change, owner, grown):
            return (4, "", 0)
        key = change.key if owner is None else owner
        return (3, f"{key.namespace or ''}.{key.name}", _rank(change))

    return tuple(sorted(changes, key=place))


def _leads_to(change: Change, dropped: set[Key]) -> bool:
    match change:
        case Drop(what=ForeignKey() as key):
            return key.target in dropped
        case _:
            return False


def _waits(change: Change, owner: Key, grown: set[Key | None]) -> bool:
    match change:
        case Create(what=ForeignKey() as key):
            return key.target in grown and str(key.target.path) > str(owner.path)
        case _:
            return False


def _rank(change: Change) -> int:  # noqa: PLR0911 -- a table of cases
    match change:
        case Create(what=Column()):
            return _ADDED
        case Drop(what=Column()):
            return _GONE
        case Alter(new=Column()):
            return _ALTERED
        case Drop(what=ForeignKey()):
            return _KEY_GONE
        case Create(what=ForeignKey()):
            return _KEY_ADDED
        case Alter(new=Table()):
            return _TABLE
        case _:
            return _OTHER
