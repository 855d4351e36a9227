"""Helpers that programs import from `alembic.util`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import TypeVar, cast, overload

from limbeck.autogenerate import DispatchPriority, PriorityDispatcher, PriorityDispatchResult
from limbeck.render import Dispatcher

T = TypeVar("T")


def rev_id() -> str:
    """Return a new random revision identifier of twelve hex digits."""
    return uuid.uuid4().hex[-12:]


@overload
def to_tuple(x: None, default: tuple[T, ...]) -> tuple[T, ...]: ...
@overload
def to_tuple(x: None, default: None = None) -> None: ...
@overload
def to_tuple(x: object, default: tuple[T, ...] | None = None) -> tuple[T, ...]: ...


def to_tuple(x: object, default: tuple[T, ...] | None = None) -> tuple[T, ...] | None:
    """Return a tuple of one value or several, or the default for None."""
    if x is None:
        return default
    if isinstance(x, str) or not isinstance(x, Iterable):
        return (cast("T", x),)
    return tuple(x)


def to_list(x: object, default: list[T] | None = None) -> list[T] | None:
    """Return a list of one value or several, or the default for None."""
    several: tuple[object, ...] | None = to_tuple(x)
    return default if several is None else cast("list[T]", list(several))


def not_none(value: T | None) -> T:
    """Return the value, which must not be None."""
    if value is None:
        raise ValueError("a value is required, but it is None")
    return value


def dedupe_tuple(tup: Sequence[str]) -> tuple[str, ...]:
    """Return the values in their order, without duplicates."""
    return tuple(dict.fromkeys(tup))


__all__ = [
    "DispatchPriority",
    "Dispatcher",
    "PriorityDispatchResult",
    "PriorityDispatcher",
    "dedupe_tuple",
    "not_none",
    "rev_id",
    "to_list",
    "to_tuple",
]
