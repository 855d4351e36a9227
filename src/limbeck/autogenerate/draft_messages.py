"""Messages about a draft: a line of the log for each difference, and warnings in the draft."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from limbeck.autogenerate.draft_operations import NoteOp, UpgradeOnlyNoteOp
from limbeck.autogenerate.questioner import rename_option
from limbeck.catalog import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Identity,
    Index,
    Key,
    Table,
    Unique,
)
from limbeck.diff import Alter, Change, Create, Drop, Rename, columns_read

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.history_replay import ReplayResult, UnknownEffect
    from limbeck.autogenerate.sqlalchemy_objects import Objects
    from limbeck.diff import Guess

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
    name = change.key.full_name
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
            yield "tables", f"Detected rename of {change.old.key.full_name!r} to {name!r}"  # type: ignore[union-attr]
        case _:
            word = {Create: "added", Drop: "removed", Alter: "changed"}[type(change)]
            yield "schemas", f"Detected {word} {change.key.kind} {name!r}"


def _part_lines(change: Change, owner: Key, objects: Objects) -> Iterator[Line]:
    table = owner.full_name
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


_LOG = "alembic.autogenerate.compare.tables"


def rename_warnings(comparison: Comparison) -> Iterator[NoteOp]:
    """Yield and log a warning for each likely rename that is drafted as drop and create."""
    for guess in comparison.answers.unresolved:
        if guess in comparison.answers.refused:
            continue
        text = _rename_warning(guess)
        logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
        yield UpgradeOnlyNoteOp(text)


def view_warnings(comparison: Comparison, changes: Sequence[Change]) -> Iterator[NoteOp]:
    """Yield and log a warning for each view that stays and uses a column that is dropped."""
    dropped = [
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Drop) and isinstance(change.what, Column) and change.owner is not None
    ]
    if not dropped:
        return
    created = {
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Create) and isinstance(change.what, Column)
    }
    gone = [column for column in dropped if column not in created]
    changed = [
        change.old if isinstance(change, Alter) else change.what
        for change in changes
        if isinstance(change, Alter | Drop)
    ]
    for obj in comparison.current:
        if not isinstance(obj, Definition) or obj in changed:
            continue
        for key in columns_read(obj, gone):
            text = (
                f"{obj.key.kind.replace('_', ' ')} {obj.key.name} uses {key.full_name}, which "
                "this draft drops.\nThe server refuses that as long as the view is there: change "
                "or drop it first"
            )
            logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
            yield UpgradeOnlyNoteOp(text)


def replay_warnings(replayed: ReplayResult) -> Iterator[NoteOp]:
    """Yield and log a warning that lists the statements of a replay whose effect is unknown."""
    if not replayed.unknown:
        return
    lines = [f"  {_location(effect)}: {effect.reason}" for effect in replayed.unknown]
    text = "Compared without a database. The effect of these statements is unknown:\n" + "\n".join(
        lines
    )
    logging.getLogger(_LOG).warning("%s", text)
    yield UpgradeOnlyNoteOp(text)


def _location(unknown: UnknownEffect) -> str:
    origin = unknown.origin
    if origin is None:
        return "unknown place"
    return f"{Path(origin.path).name}:{origin.line}"


def _rename_warning(guess: Guess) -> str:
    lost = "values" if guess.kind == "enum" else "data"
    return (
        f"{guess.old.full_name} may have become {guess.new.full_name}: "
        f"{'; '.join(guess.evidence)}.\n"
        f"This draft loses its {lost}. If it was renamed, draft again with {rename_option(guess)}"
    )
