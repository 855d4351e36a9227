"""The statements that make and drop views."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.dialects import sqlite

from limbeck.catalog import Definition, Key
from limbeck.diff import Alter, Change, Create, Drop


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a view; nothing for other things known by their text."""
    match change:
        case Create(what=Definition() as view) if view.key.kind == "view":
            yield _created(view)
        case Drop(what=Definition() as view) if view.key.kind == "view":
            yield _dropped(view)
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind == "view":
            yield _dropped(old)
            yield _created(new)


def _created(view: Definition) -> str:
    return f"CREATE VIEW {_full(view.key)} AS {view.body.text}"


def _dropped(view: Definition) -> str:
    return f"DROP VIEW {_full(view.key)}"


def _full(key: Key) -> str:
    quote = sqlite.dialect().identifier_preparer.quote
    return ".".join(quote(word) for word in key.path if word)
