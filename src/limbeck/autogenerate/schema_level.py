"""Things beside tables to operations: schemas, enum types, sequences, things known by text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.draft_operations import NoteOp, OnTheWayBackOp, StatementOp
from limbeck.catalog import Enum, Key, Namespace, Sequence
from limbeck.diff import Alter, Change, Create, Drop, Rename

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides

_SEQUENCE_WORDS = (
    ("type", "data_type"),
    ("start", "start"),
    ("increment", "increment"),
    ("minvalue", "minvalue"),
    ("maxvalue", "maxvalue"),
    ("cycle", "cycle"),
    ("cache", "cache"),
)


def thing_ops(change: Change, sides: Sides, *, goes_along: bool = False) -> Iterator[ops.Operation]:
    """Yield the operations for a thing that stands alone and is no table.

    Args:
        change: what happens to it.
        sides: what was compared.
        goes_along: what it belongs to goes at the same time, and takes it along.
    """
    what = change.what if isinstance(change, (Create, Drop)) else change.new
    match what:
        case Namespace():
            yield from _namespace(change, what)
        case Enum():
            yield from _enum(change, what, sides)
        case Sequence():
            yield from _sequence(change, what, sides)
        case _:
            yield from _by_statement(change, sides, goes_along=goes_along)


def _namespace(change: Change, what: Namespace) -> Iterator[ops.Operation]:
    match change:
        case Create():
            yield ops.CreateSchemaOp(what.key.name)
        case Drop():
            yield ops.DropSchemaOp(what.key.name)


def _enum(change: Change, what: Enum, sides: Sides) -> Iterator[ops.Operation]:
    name, schema = what.key.name, what.key.namespace
    match change:
        case Create():
            yield ops.CreateEnumOp(name, what.values, schema=schema)
        case Drop():
            yield ops.DropEnumOp(name, what.values, schema=schema)
        case Alter(old=Enum() as old):
            if old.values != what.values:
                told = sides.answers.value_changes(old, what) if sides.answers else {}
                yield ops.AlterEnumOp(
                    name, what.values, existing_values=old.values, schema=schema, **told
                )
        case Rename(old=Enum() as old):
            yield ops.AlterEnumOp(
                old.key.name,
                old.values,
                existing_values=old.values,
                schema=old.key.namespace,
                new_name=name,
            )


def _sequence(change: Change, what: Sequence, sides: Sides) -> Iterator[ops.Operation]:
    name, schema = what.key.name, what.key.namespace
    match change:
        case Create():
            yield ops.CreateSequenceOp(name, schema=schema, **_sequence_options(what))
        case Drop():
            created = ops.CreateSequenceOp(name, schema=schema, **_sequence_options(what))
            yield created.reverse()
        case Rename(old=Sequence() as old):
            yield ops.AlterSequenceOp(old.key.name, schema=old.key.namespace, new_name=name)
        case Alter(old=Sequence() as old):
            before, new = _differing(old, what, sides)
            if new:
                yield ops.AlterSequenceOp(name, schema=schema, existing=before, **new)


def _differing(old: Sequence, new: Sequence, sides: Sides) -> tuple[dict[str, Any], dict[str, Any]]:
    whole = sides.dialect.autogenerate.sequence_options or _as_said
    before, after = whole(old), whole(new)
    words = [word for word in after if before[word] != after[word]]
    here = {word: before[word] for word in words}
    there = {word: after[word] for word in words}
    if _is_outside(before, after) or _is_outside(after, before):
        # where the counter stands may lie outside of its new bounds
        here["restart"], there["restart"] = before["start"], after["start"]
    return here, there


def _is_outside(one: dict[str, Any], other: dict[str, Any]) -> bool:
    low, high, start = other["minvalue"], other["maxvalue"], one["start"]
    if start is None:
        return False
    return (low is not None and start < low) or (high is not None and start > high)


def _as_said(what: Sequence) -> dict[str, Any]:
    return {option: getattr(what, field) for field, option in _SEQUENCE_WORDS}


def _sequence_options(what: Sequence) -> dict[str, Any]:
    found = {option: getattr(what, field) for field, option in _SEQUENCE_WORDS}
    return {
        option: value for option, value in found.items() if value is not None and value is not False
    }


def _by_statement(change: Change, sides: Sides, *, goes_along: bool) -> Iterator[ops.Operation]:
    forward = sides.statements(change)
    back = sides.statements(change.inverse())
    if goes_along and isinstance(change, Create):
        yield from (StatementOp(sql, "") for sql in forward)
        return
    if goes_along and isinstance(change, Drop):
        yield from (OnTheWayBackOp(StatementOp(sql, "")) for sql in reversed(back))
        return
    if not forward:
        yield NoteOp(f"{_said(change)}: write this by hand, limbeck has no statement for it")
        return
    last = max(len(forward), len(back)) - 1
    for place in range(last + 1):
        # the way back runs from behind, so its first statement undoes the last one
        undo = back[last - place] if last - place < len(back) else "" if back else None
        if place < len(forward):
            yield StatementOp(forward[place], undo)
        elif undo:
            yield OnTheWayBackOp(StatementOp(undo, ""))


def _said(change: Change) -> str:
    key: Key = change.key
    name = ".".join(part for part in key.path if part)
    word = {"Create": "new", "Drop": "gone", "Alter": "changed", "Rename": "renamed"}
    return f"{word[type(change).__name__]} {key.kind} {name}"
