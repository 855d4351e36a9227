"""Log a line for each difference, with the logger names that ini files configure."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from limbeck.catalog import (
    Check,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Key,
    Table,
    Unique,
)
from limbeck.diff import Alter, Change, Create, Drop, Rename

if TYPE_CHECKING:
    from limbeck.autogenerate.sqlalchemy_objects import Objects

_ROOT = "alembic.autogenerate.compare"
Line = tuple[str, str]


def log_changes(changes: Iterable[Change], objects: Objects) -> None:
    """Log the detected changes."""
    if not logging.getLogger(_ROOT).isEnabledFor(logging.INFO):
        return
    for change in changes:
        for part, text in _lines(change, objects):
            logging.getLogger(f"{_ROOT}.{part}").info("%s", text)


def _lines(change: Change, objects: Objects) -> Iterator[Line]:
    if change.owner is not None:
        yield from _part_lines(change, change.owner, objects)
        return
    name = _full(change.key)
    match change:
        case Create(what=Table() as table):
            yield "tables", f"Detected added table {name!r}"
            for index in table.indexes:
                yield from _part_lines(Create(index, table.key), table.key, objects)
        case Drop(what=Table() as table):
            for index in table.indexes:
                yield from _part_lines(Drop(index, table.key), table.key, objects)
            yield "tables", f"Detected removed table {name!r}"
        case Alter(new=Table()) if "comment" in change.fields:
            yield "comments", f"Detected table comment change on {name!r}"
        case Rename():
            yield "tables", f"Detected rename of {_full(change.old.key)!r} to {name!r}"  # type: ignore[union-attr]
        case _:
            word = {Create: "added", Drop: "removed", Alter: "changed"}[type(change)]
            yield "schemas", f"Detected {word} {change.key.kind} {name!r}"


def _part_lines(change: Change, owner: Key, objects: Objects) -> Iterator[Line]:
    table = _full(owner)
    word = "added" if isinstance(change, Create) else "removed"
    match change:
        case Create(what=Column() as column) | Drop(what=Column() as column):
            yield "tables", f"Detected {word} column '{table}.{column.name}'"
        case Create(what=Index() as index):
            yield "constraints", f"Detected added index {index.name!r} on {index.columns!r}"
        case Drop(what=Index() as index):
            yield "constraints", f"Detected removed index {index.name!r} on {table!r}"
        case Create(what=Unique() as unique):
            text = f"Detected added unique constraint {unique.name!r} on {unique.columns!r}"
            yield "constraints", text
        case Drop(what=Unique() as unique):
            text = f"Detected removed unique constraint {unique.name!r} on {table!r}"
            yield "constraints", text
        case Create(what=ForeignKey() as key) | Drop(what=ForeignKey() as key):
            comparison = f"({','.join(key.columns)})({','.join(key.target_columns)})"
            yield "constraints", f"Detected {word} foreign key {comparison} on table {table}"
        case Create(what=Check() as check) | Drop(what=Check() as check):
            yield "constraints", f"Detected {word} check constraint {check.name!r} on {table!r}"
        case Alter(old=Column() as old, new=Column() as new):
            yield from _column_lines(change, f"{table}.{new.name}", old, new, objects, owner)
        case Rename():
            text = f"Detected rename of {change.old.name!r} to {change.new.name!r} on {table!r}"  # type: ignore[union-attr]
            yield "tables", text
        case _:
            yield "constraints", f"Detected {word} {change.key.kind} on {table!r}"


def _column_lines(
    change: Alter, column_name: str, old: Column, new: Column, objects: Objects, owner: Key
) -> Iterator[Line]:
    if "nullable" in change.fields:
        yield (
            "constraints",
            f"Detected {'NULL' if new.nullable else 'NOT NULL'} on column {column_name!r}",
        )
    if "type" in change.fields:
        before = objects.current_part(owner, old).type
        after = objects.target_part(owner, new).type
        yield "types", f"Detected type change from {before!r} to {after!r} on {column_name!r}"
    if "default" in change.fields:
        kinds = {type(column.default) for column in (old, new)}
        word = "server default"
        if Identity in kinds:
            word = "identity"
        elif Computed in kinds:
            word = "computed default"
        yield "defaults", f"Detected {word} change on column {column_name!r}"
    if "comment" in change.fields:
        yield "comments", f"Detected column comment {column_name!r}"


def _full(key: Key) -> str:
    return ".".join(part for part in key.path if part)
