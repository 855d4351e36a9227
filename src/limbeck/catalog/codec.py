"""Catalogs as JSON and back, with a version number that a reader checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from limbeck.catalog import objects as _things
from limbeck.catalog import types as _types
from limbeck.catalog.catalog import Catalog
from limbeck.catalog.types import Key
from limbeck.errors import DraftError

if TYPE_CHECKING:
    from limbeck.catalog.objects import Thing

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

VERSION = 1

_CLASSES: Mapping[str, type[object]] = {
    cls.__name__: cls
    for cls in (
        _things.Check,
        _things.Column,
        _things.Definition,
        _things.Domain,
        _things.Enum,
        _things.Exclude,
        _things.ForeignKey,
        _things.Index,
        _things.IndexElement,
        _things.Namespace,
        _things.PrimaryKey,
        _things.Sequence,
        _things.Table,
        _things.Unique,
        _types.Computed,
        _types.Expr,
        _types.Identity,
        _types.Type,
    )
}


def encode(catalog: Catalog) -> dict[str, Json]:
    """Return a catalog as what `json.dumps` takes; defaults are left out, things are sorted."""
    ordered = sorted(catalog, key=lambda thing: _readable(thing.key))
    return {"version": VERSION, "things": [_written(thing) for thing in ordered]}


def decode(document: Mapping[str, Json]) -> Catalog:
    """Return the catalog that `encode` wrote down.

    Args:
        document: what `json.loads` gave.

    Raises:
        DraftError: the document was written by another version, or is none of ours.
    """
    version = document.get("version")
    if version != VERSION:
        raise DraftError(
            f"This snapshot has format {version!r}; this limbeck reads format {VERSION}.",
            hint="Write it anew, or use the limbeck that wrote it.",
            code="LB430",
        )
    things = document.get("things")
    try:
        return Catalog.of(cast("Thing", _read(thing)) for thing in cast("list[Json]", things))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DraftError(
            f"This snapshot is damaged: {error!r}", hint="Write it anew.", code="LB431"
        ) from error


def dumps(catalog: Catalog) -> str:
    """Return a catalog as JSON text, the same for the same content."""
    return json.dumps(encode(catalog), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def loads(text: str) -> Catalog:
    """Return the catalog of a JSON text.

    Raises:
        DraftError: the text is no JSON, or no snapshot that this limbeck reads.
    """
    try:
        document: object = json.loads(text)
    except ValueError as error:
        raise DraftError(
            f"This snapshot is no JSON: {error}", hint="Write it anew.", code="LB431"
        ) from error
    return decode(cast("dict[str, Json]", document) if isinstance(document, dict) else {})


def _readable(key: Key) -> tuple[str, ...]:
    return (key.kind, *("" if word is None else f".{word}" for word in key.path))


# ── writing ───────────────────────────────────────────────────────────────


def _written(value: object) -> Json:
    if isinstance(value, Key):
        return [value.kind, *value.path]
    if isinstance(value, frozenset):
        return [_written(key) for key in sorted(cast("frozenset[Key]", value), key=_readable)]
    if isinstance(value, tuple):
        return [_written(one) for one in value]
    if not is_dataclass(value):
        return cast("Json", value)
    found: dict[str, Json] = {"is": type(value).__name__}
    for field in fields(value):
        given = getattr(value, field.name)
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        # equal expressions may differ in their text: only None and empty values are left out
        if default is MISSING or (given is not default and given != default):
            found[field.name] = _written(given)
    return found


# ── reading ───────────────────────────────────────────────────────────────


def _key(value: Json) -> Key | None:
    if value is None:
        return None
    kind, *path = cast("list[str]", value)
    return Key(kind, tuple(path))


def _keys(value: Json) -> frozenset[Key]:
    return frozenset(key for key in map(_key, cast("list[Json]", value)) if key is not None)


def _extras(value: Json) -> tuple[tuple[object, object], ...]:
    pairs = cast("list[list[Json]]", value)
    return tuple((key, tuple(val) if isinstance(val, list) else val) for key, val in pairs)


_FIELDS: Mapping[str, Callable[[Json], object]] = {
    "key": _key,
    "target": _key,
    "ref": _key,
    "owner": _key,
    "on": _key,
    "needs": _keys,
    "extras": _extras,
}


def _read(value: Json) -> object:
    if isinstance(value, list):
        return tuple(_read(one) for one in value)
    if not isinstance(value, dict):
        return value
    cls = _CLASSES[str(value["is"])]
    return cls(
        **{name: _FIELDS.get(name, _read)(given) for name, given in value.items() if name != "is"}
    )
