"""The effects of operations on schemas, sequences and enum types on a catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from limbeck.catalog import Catalog, Enum, Key, Namespace, SchemaObject, Sequence
from limbeck.diff import Rename, apply
from limbeck.errors import DraftError
from limbeck.operations import (
    AlterEnumOp,
    AlterSequenceOp,
    CreateEnumOp,
    CreateSchemaOp,
    CreateSequenceOp,
    DropEnumOp,
    DropSchemaOp,
    DropSequenceOp,
    Operation,
)

Work = Callable[[Any, Catalog, Callable[[str, str, Any], Key]], Catalog]
_FIELDS = {
    "data_type": "type", "start": "start", "increment": "increment", "minvalue": "minvalue",
    "maxvalue": "maxvalue", "cycle": "cycle", "cache": "cache",
}  # fmt: skip


def _create_schema(op: Any, catalog: Catalog, _key: Any) -> Catalog:
    return catalog.merge([Namespace(Key("namespace", (None, op.schema_name)))])


def _drop_schema(op: Any, catalog: Catalog, _key: Any) -> Catalog:
    return catalog.without([Key("namespace", (None, op.schema_name))])


def _create_sequence(op: Any, catalog: Catalog, key: Any) -> Catalog:
    fields = _fields(op.options)
    return catalog.merge([Sequence(key("sequence", op.sequence_name, op.schema), **fields)])


def _drop_sequence(op: Any, catalog: Catalog, key: Any) -> Catalog:
    return catalog.without([key("sequence", op.sequence_name, op.schema)])


def _alter_sequence(op: Any, catalog: Catalog, key: Any) -> Catalog:
    sequence_key = key("sequence", op.sequence_name, op.schema)
    old = _existing(catalog, sequence_key, Sequence)
    changed = catalog.merge([replace(old, **_fields(op.options))])
    if op.new_name is None:
        return changed
    return _renamed(changed, sequence_key, key("sequence", op.new_name, op.schema))


def _fields(options: Any) -> dict[str, Any]:
    return {_FIELDS[word]: value for word, value in options.items() if word in _FIELDS}


def _create_enum(op: Any, catalog: Catalog, key: Any) -> Catalog:
    return catalog.merge([Enum(key("enum", op.enum_name, op.schema), tuple(op.values))])


def _drop_enum(op: Any, catalog: Catalog, key: Any) -> Catalog:
    return catalog.without([key("enum", op.enum_name, op.schema)])


def _alter_enum(op: Any, catalog: Catalog, key: Any) -> Catalog:
    enum_key = key("enum", op.enum_name, op.schema)
    old = _existing(catalog, enum_key, Enum)
    changed = catalog.merge([replace(old, values=tuple(op.values))])
    if op.new_name is None:
        return changed
    return _renamed(changed, enum_key, key("enum", op.new_name, op.schema))


def _renamed(catalog: Catalog, old: Key, new: Key) -> Catalog:
    obj = catalog.objects[old]
    return apply(catalog, [Rename(obj, replace(obj, key=new))])  # type: ignore[type-var]


def _existing(catalog: Catalog, key: Key, kind: type) -> Any:
    obj: SchemaObject | None = catalog.get(key)
    if not isinstance(obj, kind):
        raise DraftError(
            f"There is no {key.kind} {key.name!r} at this point of the history",
            hint="An earlier step should have created it.",
            code="LB421",
        )
    return obj


EFFECTS: dict[type[Operation], Work] = {
    CreateSchemaOp: _create_schema,
    DropSchemaOp: _drop_schema,
    CreateSequenceOp: _create_sequence,
    DropSequenceOp: _drop_sequence,
    AlterSequenceOp: _alter_sequence,
    CreateEnumOp: _create_enum,
    DropEnumOp: _drop_enum,
    AlterEnumOp: _alter_enum,
}


def difference(before: Catalog, after: Catalog) -> tuple[tuple[SchemaObject, ...], frozenset[Key]]:
    """Return the objects of `after` that are new or different, and the keys that were removed."""
    put: Iterable[SchemaObject] = (t for t in after if before.get(t.key) != t)
    return tuple(put), frozenset(key for key in before.objects if key not in after)
