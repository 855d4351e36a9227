"""The differences between two states of one database, by object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from limbeck.catalog import Catalog, Column, Key, Part, SchemaObject, Table, part_key

_PARTS = ("columns", "uniques", "checks", "foreign_keys", "excludes", "indexes")
_TABLE_FIELDS = ("comment", "extras")


@dataclass(frozen=True, slots=True)
class SchemaTrace:
    """One difference.

    Args:
        object: the object or part, as "column account.email".
        difference: what differs: "is still there", "is gone" or "is another one: ...".
    """

    object: str
    difference: str


def schema_traces(before: Catalog, after: Catalog) -> list[SchemaTrace]:
    """Return what differs between two catalogs that were read from the same database.

    The order of columns does not count: no database can put a column back in its place.

    Args:
        before: the state that was to be restored.
        after: the state that was reached.
    """
    found: list[SchemaTrace] = []
    for key in sorted({*before.objects, *after.objects}, key=str):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        if one is None:
            found.append(SchemaTrace(_name(key), "is still there"))
        elif other is None:
            found.append(SchemaTrace(_name(key), "is gone"))
        elif isinstance(one, Table) and isinstance(other, Table):
            found += _table_traces(one, other)
        else:
            found.append(SchemaTrace(_name(key), _changed(one, other)))
    return found


def property_traces(before: Mapping[str, str], after: Mapping[str, str]) -> list[SchemaTrace]:
    """Return what differs between the properties that catalogs do not hold.

    Args:
        before: the state that was to be restored: values by description.
        after: the state that was reached.
    """
    found: list[SchemaTrace] = []
    for words in sorted({*before, *after}):
        one, other = before.get(words), after.get(words)
        if one == other:
            continue
        if one is None:
            found.append(SchemaTrace(words, "is still there"))
        elif other is None:
            found.append(SchemaTrace(words, "is gone"))
        else:
            found.append(SchemaTrace(words, f"was {one}, is {other}"))
    return found


def _table_traces(one: Table, other: Table) -> Iterator[SchemaTrace]:
    for name in _TABLE_FIELDS:
        if getattr(one, name) != getattr(other, name):
            yield SchemaTrace(
                f"{name} of {_name(one.key)}",
                f"was {_shown(getattr(one, name))}, is {_shown(getattr(other, name))}",
            )
    left, right = _parts(one), _parts(other)
    for key in sorted({*left, *right}, key=str):
        mine, theirs = left.get(key), right.get(key)
        if mine == theirs:
            continue
        name = _part_name(one.key, key)
        if mine is None:
            yield SchemaTrace(name, "is still there")
        elif theirs is None:
            yield SchemaTrace(name, "is gone")
        else:
            yield SchemaTrace(name, _changed(mine, theirs))


def _parts(table: Table) -> dict[Key, Part]:
    parts: list[Any] = [part for name in _PARTS for part in getattr(table, name)]
    if table.primary_key is not None:
        parts.append(table.primary_key)
    return {part_key(table.key, part): part for part in parts}


def _changed(one: SchemaObject | Part, other: SchemaObject | Part) -> str:
    if type(one) is not type(other):
        return "is of another kind"
    differing = [
        field.name
        for field in fields(one)  # type: ignore[arg-type]
        if field.compare and getattr(one, field.name) != getattr(other, field.name)
    ]
    if not differing:
        return "differs"
    words = (
        f"{name.replace('_', ' ')} was {_shown(getattr(one, name))}, is "
        f"{_shown(getattr(other, name))}"
        for name in differing
    )
    return "; ".join(words)


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_shown, value)) + ")"
    return str(value)


def _name(key: Key) -> str:
    return f"{key.kind.replace('_', ' ')} {key.full_name}"


def _part_name(table: Key, key: Key) -> str:
    owner = table.full_name
    kind = key.kind.replace("_", " ")
    if key.kind == Column.kind:
        return f"{kind} {owner}.{key.name}"
    return f"{kind} {key.name.removeprefix('?')} of {owner}"


def comparable(catalog: Catalog) -> Catalog:
    """Return a catalog in which columns and parts of tables stand in one order."""
    objects: list[SchemaObject] = []
    for thing in catalog:
        if isinstance(thing, Table):
            ordered = tuple(sorted(thing.columns, key=lambda column: column.name))
            parts: dict[str, Any] = {
                name: tuple(sorted(getattr(thing, name), key=repr)) for name in _PARTS[1:]
            }
            objects.append(replace(thing, columns=ordered, **parts))
        else:
            objects.append(thing)
    return Catalog.of(objects)
