"""SQLAlchemy's objects by the keys of the values that were read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from limbeck.catalog import Key

T = TypeVar("T")


class Origins(Mapping[Key, Any]):
    """Finds SQLAlchemy's objects by key.

    Columns are looked up in their table. Keys for ten thousand columns would use as much memory as
    the columns, and only a few are ever looked up.

    Args:
        known: all objects except columns.
    """

    def __init__(self, known: dict[Key, Any] | None = None) -> None:
        self._known = known or {}

    def __getitem__(self, key: Key) -> Any:
        if key.kind != "column":
            return self._known[key]
        owner = Key("table", key.path[:-1])
        for column in _columns(owner, self._known.get(owner)):
            if column.name == key.name:
                return column
        raise KeyError(key)

    def __iter__(self) -> Iterator[Key]:
        for key, origin in self._known.items():
            yield key
            for column in _columns(key, origin):
                yield _column_key(key, column)

    def __len__(self) -> int:
        return sum(1 for _ in self.objects())

    def objects(self) -> Iterator[Any]:
        """Yield the objects without their keys."""
        for key, origin in self._known.items():
            yield origin
            yield from _columns(key, origin)

    def collect(self, ask: Callable[[Any], T | None]) -> dict[Key, T]:
        """Return the results of a function that are not None, by key.

        Args:
            ask: returns the value of an object, or None.
        """
        values: dict[Key, T] = {}
        for key, origin in self._known.items():
            answer = ask(origin)
            if answer is not None:
                values[key] = answer
            for column in _columns(key, origin):
                answer = ask(column)
                if answer is not None:
                    values[_column_key(key, column)] = answer
        return values


def _columns(key: Key, origin: Any) -> Iterator[Any]:
    if key.kind == "table" and origin is not None:
        for column in origin.columns:
            if not column.system:
                yield column


def _column_key(owner: Key, column: Any) -> Key:
    return Key("column", (*owner.path, column.name))
