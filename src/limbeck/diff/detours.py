"""Renames of constraints and indexes that exchange their names: one steps aside first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from limbeck.catalog import Key
from limbeck.diff.changes import Change, Rename
from limbeck.diff.toposort import ordered

_ROOM = 50
_ENDING = "__was"


def with_detours(changes: Sequence[Change]) -> list[Change]:
    """Return changes in which no names go round in a circle; each takes one that is free.

    Args:
        changes: in any order; the order between the renames is found later, by their names.
    """
    renames = {_place(change): change for change in changes if _is_of_part(change)}
    targets = {place: _place(change, is_new=True) for place, change in renames.items()}
    waits = {place: (target,) if target in targets else () for place, target in targets.items()}
    aside: dict[int, tuple[Change, Change]] = {}
    for circle in ordered(waits):
        if len(circle) > 1:
            first = renames[min(circle, key=_readable)]
            aside[id(first)] = _detour(first)
    if not aside:
        return list(changes)
    return [each for change in changes for each in aside.get(id(change), (change,))]


def is_between(name: str | None) -> bool:
    """Say whether a name is one for the time in which another part holds the wanted one."""
    return name is not None and name.endswith(_ENDING)


def _is_of_part(change: Change) -> bool:
    return isinstance(change, Rename) and change.owner is not None


def _place(change: Change, *, is_new: bool = False) -> Key:
    part = change.new if is_new else change.old  # type: ignore[union-attr]
    return Key("name", (change.owner.namespace, part.name))  # type: ignore[union-attr]


def _readable(key: Key) -> list[str]:
    return [str(word) for word in key.path]


def _detour(change: Change) -> tuple[Change, Change]:
    old, new = change.old, change.new  # type: ignore[union-attr]
    between = replace(old, name=f"{str(old.name)[:_ROOM]}{_ENDING}")  # type: ignore[type-var, union-attr]
    return Rename(old, between, change.owner), Rename(between, new, change.owner)
