"""Draft operations for changed schemas, enum types, sequences and definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.draft_operations import DowngradeOnlyOp, NoteOp, StatementOp
from limbeck.catalog import Enum, Key, Namespace, Sequence
from limbeck.diff import Alter, Change, Create, Drop, Rename

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison

_SEQUENCE_WORDS = (
    ("type", "data_type"),
    ("start", "start"),
    ("increment", "increment"),
    ("minvalue", "minvalue"),
    ("maxvalue", "maxvalue"),
    ("cycle", "cycle"),
    ("cache", "cache"),
)


def object_ops(
    change: Change, comparison: Comparison, *, cascades_with_owner: bool = False
) -> Iterator[ops.Operation]:
    """Yield the operations for an object that is neither a table nor part of one.

    Args:
        change: the change of the object.
        comparison: what was compared.
        cascades_with_owner: the owner of the object is created or dropped with it.
    """
    what = change.what if isinstance(change, (Create, Drop)) else change.new
    match what:
        case Namespace():
            yield from _namespace(change, what)
        case Enum():
            yield from _enum(change, what, comparison)
        case Sequence():
            yield from _sequence(change, what, comparison)
        case _:
            yield from _by_statement(change, comparison, cascades_with_owner=cascades_with_owner)


def _namespace(change: Change, what: Namespace) -> Iterator[ops.Operation]:
    match change:
        case Create():
            yield ops.CreateSchemaOp(what.key.name)
        case Drop():
            yield ops.DropSchemaOp(what.key.name)


def _enum(change: Change, what: Enum, comparison: Comparison) -> Iterator[ops.Operation]:
    name, schema = what.key.name, what.key.namespace
    match change:
        case Create():
            yield ops.CreateEnumOp(name, what.values, schema=schema)
        case Drop():
            yield ops.DropEnumOp(name, what.values, schema=schema)
        case Alter(old=Enum() as old):
            if old.values != what.values:
                changes = comparison.answers.value_changes(old, what)
                yield ops.AlterEnumOp(
                    name, what.values, existing_values=old.values, schema=schema, **changes
                )
        case Rename(old=Enum() as old):
            yield ops.AlterEnumOp(
                old.key.name,
                old.values,
                existing_values=old.values,
                schema=old.key.namespace,
                new_name=name,
            )


def _sequence(change: Change, what: Sequence, comparison: Comparison) -> Iterator[ops.Operation]:
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
            before, new = _differing(old, what, comparison)
            if new:
                yield ops.AlterSequenceOp(name, schema=schema, existing=before, **new)


def _differing(
    old: Sequence, new: Sequence, comparison: Comparison
) -> tuple[dict[str, Any], dict[str, Any]]:
    whole = comparison.rules.sequence_options or _given_options
    before, after = whole(old), whole(new)
    names = [word for word in after if before[word] != after[word]]
    old_values = {word: before[word] for word in names}
    new_values = {word: after[word] for word in names}
    if _is_out_of_bounds(before, after) or _is_out_of_bounds(after, before):
        # the current value of the sequence may be outside of its new bounds
        old_values["restart"], new_values["restart"] = before["start"], after["start"]
    return old_values, new_values


def _is_out_of_bounds(one: dict[str, Any], other: dict[str, Any]) -> bool:
    low, high, start = other["minvalue"], other["maxvalue"], one["start"]
    if start is None:
        return False
    return (low is not None and start < low) or (high is not None and start > high)


def _given_options(what: Sequence) -> dict[str, Any]:
    return {option: getattr(what, field) for field, option in _SEQUENCE_WORDS}


def _sequence_options(what: Sequence) -> dict[str, Any]:
    options = {option: getattr(what, field) for field, option in _SEQUENCE_WORDS}
    return {
        option: value
        for option, value in options.items()
        if value is not None and value is not False
    }


def _by_statement(
    change: Change, comparison: Comparison, *, cascades_with_owner: bool
) -> Iterator[ops.Operation]:
    operation = comparison.dialect.definitions.operation
    drafted = None if operation is None else operation(change)
    if drafted is not None:
        yield drafted
        return
    statements = comparison.dialect.definitions.statements
    forward = [] if statements is None else [*statements(change)]
    back = [] if statements is None else [*statements(change.inverse())]
    if cascades_with_owner and isinstance(change, Create):
        yield from (StatementOp(sql, "") for sql in forward)
        return
    if cascades_with_owner and isinstance(change, Drop):
        yield from (DowngradeOnlyOp(StatementOp(sql, "")) for sql in reversed(back))
        return
    if not forward:
        yield NoteOp(
            f"{_described(change)}: limbeck has no statement for this change, write it by hand"
        )
        return
    last = max(len(forward), len(back)) - 1
    for index in range(last + 1):
        # the downgrade runs in reverse order, so its first statement reverses the last one
        undo = back[last - index] if last - index < len(back) else "" if back else None
        if index < len(forward):
            yield StatementOp(forward[index], undo)
        elif undo:
            yield DowngradeOnlyOp(StatementOp(undo, ""))


def _described(change: Change) -> str:
    key: Key = change.key
    name = key.full_name
    word = {"Create": "new", "Drop": "gone", "Alter": "changed", "Rename": "renamed"}
    return f"{word[type(change).__name__]} {key.kind} {name}"
