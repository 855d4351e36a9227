"""The statements that make and drop views and triggers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.dialects import sqlite

from limbeck.catalog import Definition, Key
from limbeck.diff import Alter, Change, Create, Drop

_KINDS = frozenset({"view", "trigger"})


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for a view or a trigger; nothing for anything else."""
    match change:
        case Create(what=Definition() as thing) if thing.key.kind in _KINDS:
            yield _created(thing)
        case Drop(what=Definition() as thing) if thing.key.kind in _KINDS:
            yield _dropped(thing)
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind in _KINDS:
            yield _dropped(old)
            yield _created(new)


def _created(thing: Definition) -> str:
    if thing.key.kind == "trigger":
        return thing.body.text
    return f"CREATE VIEW {_full(thing.key)} AS {thing.body.text}"


def _dropped(thing: Definition) -> str:
    return f"DROP {thing.key.kind.upper()} {_full(thing.key)}"


def _full(key: Key) -> str:
    quote = sqlite.dialect().identifier_preparer.quote
    # a trigger lies in the schema of its table, not in the table
    return ".".join(quote(word) for word in (key.namespace, key.name) if word)
