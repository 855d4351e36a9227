"""Apply changes to a catalog."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from limbeck.catalog import (
    Catalog,
    Column,
    Key,
    Part,
    PrimaryKey,
    SchemaObject,
    Table,
)
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename
from limbeck.diff.rename_apply import FIELDS, rename_object, rename_part, with_part
from limbeck.errors import DraftError


def apply(catalog: Catalog, changes: Iterable[Change]) -> Catalog:
    """Return the catalog after the changes.

    Args:
        catalog: the catalog before the changes.
        changes: the changes in the order in which they run.

    Raises:
        DraftError: an object to create already exists, or an object to change does not exist.
    """
    objects = dict(catalog.objects)
    for change in changes:
        if change.owner is None:
            objects = _with_object(objects, change)
        elif isinstance(change, Rename):
            renamed = rename_part(
                Catalog(objects),
                change.owner,
                change.old,  # type: ignore[arg-type]
                change.new.name,  # type: ignore[union-attr]
            )
            objects = dict(renamed.objects)
        else:
            table = _table(objects, change.owner)
            objects[change.owner] = _with_part_changed(table, change)
    return Catalog.of(objects.values())


def _table(objects: dict[Key, SchemaObject], key: Key) -> Table:
    table = objects.get(key)
    if not isinstance(table, Table):
        raise DraftError(
            f"There is no table {key.name!r}.",
            hint="An earlier step should have created it, or a later one dropped it.",
            code="LB421",
        )
    return table


def _with_object(objects: dict[Key, SchemaObject], change: Change) -> dict[Key, SchemaObject]:
    if isinstance(change, Create):
        if change.key in objects:
            raise DraftError(
                f"The {change.key.kind} {change.key.name!r} already exists.", code="LB422"
            )
        objects[change.key] = change.what  # type: ignore[assignment]
        return objects
    old: SchemaObject = change.what if isinstance(change, Drop) else change.old  # type: ignore[assignment]
    if old.key not in objects:
        raise DraftError(f"There is no {old.key.kind} {old.key.name!r}.", code="LB421")
    if isinstance(change, Drop):
        del objects[old.key]
    elif isinstance(change, Rename):
        return dict(rename_object(Catalog(objects), old.key, change.key).objects)
    elif isinstance(change.new, Table):
        table = _table(objects, old.key)
        new = change.new
        objects[old.key] = replace(table, comment=new.comment, extras=new.extras, needs=new.needs)
    else:
        objects[old.key] = change.new  # type: ignore[assignment]
    return objects


def _with_part_changed(table: Table, change: Create | Drop | Alter) -> Table:
    match change:
        case Create():
            return _with_part_added(table, change.what)  # type: ignore[arg-type]
        case Drop():
            return with_part(table, change.what, None)  # type: ignore[arg-type]
        case Alter():
            return with_part(table, change.old, change.new)  # type: ignore[arg-type]


def _with_part_added(table: Table, part: Part) -> Table:
    if isinstance(part, PrimaryKey):
        return replace(table, primary_key=part)
    if isinstance(part, Column) and table.column(part.name) is not None:
        raise DraftError(
            f"Table {table.key.name!r} already has a column {part.name!r}.", code="LB422"
        )
    field = FIELDS[part.kind]
    return replace(table, **{field: (*getattr(table, field), part)})  # type: ignore[arg-type]
