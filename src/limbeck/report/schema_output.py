"""The results of `schema`, `snapshot` and `adopt` as JSON and text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass

from limbeck.catalog import Catalog, Computed, Expr, Identity, Key, Type

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands import AdoptResult, SchemaResult, SnapshotResult
    from limbeck.report.json_output import Json


def schema_json(found: SchemaResult) -> str:
    """Return a schema as a JSON document."""
    document: Json = {
        "revisions": list(found.revisions),
        "dialect": found.dialect,
        "complete": not found.opaque,
        "opaque": [
            {"revision": one.revision, "path": one.path, "line": one.line, "reason": one.reason}
            for one in found.opaque
        ],
        "objects": catalog_values(found.catalog),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def snapshot_json(made: SnapshotResult) -> str:
    """Return the result of `snapshot` as a JSON document."""
    document: Json = {
        "path": str(made.path),
        "database": made.database,
        "revisions": list(made.revisions),
        "objects": made.objects,
        "rows": made.rows,
        "opaque": [
            {"revision": one.revision, "path": one.path, "line": one.line, "reason": one.reason}
            for one in made.opaque
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def snapshot_lines(made: SnapshotResult) -> list[str]:
    """Return the result of `snapshot` as lines."""
    opaque = len(made.opaque)
    at = ", ".join(made.revisions)
    size = f"{_counted(made.objects, 'object')}, {_counted(made.rows, 'row')}"
    lines = [f"{made.path}: {made.database}, at {at}, {size}; equal to the result of the revisions"]
    if opaque:
        lines.append(f"{_counted(opaque, 'step')} of raw SQL: `limbeck schema` lists them")
    return lines


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def adopted_json(found: AdoptResult) -> str:
    """Return the result of `adopt` as a JSON document."""
    document: Json = {
        "revisions": list(found.revisions),
        "exact": found.is_exact,
        "stamped": found.is_stamped,
        "differences": list(found.differences),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def adopted_lines(found: AdoptResult) -> list[str]:
    """Return the result of `adopt` as lines."""
    at = ", ".join(found.revisions)
    if found.is_stamped:
        return [f"The database has the schema of {at}; its version is set"]
    if found.is_exact:
        return [f"The database has the schema of {at}"]
    return [f"Compared with {at}:", *(f"  {one}" for one in found.differences)]


def values_json(values: Json) -> str:
    """Return plain values as a JSON document."""
    return json.dumps(values, indent=2, ensure_ascii=False)


def catalog_values(catalog: Catalog) -> list[Json]:
    """Return the objects of a catalog as plain values, sorted by kind and name."""
    ordered = sorted(catalog, key=lambda one: (one.key.kind, [word or "" for word in one.key.path]))
    found: list[Json] = []
    for thing in ordered:
        values = _fields(thing)
        values.pop("key")
        values.pop("needs", None)
        values.pop("reads", None)
        schema, *rest = thing.key.path
        name = ".".join(word for word in rest if word)
        found.append({"kind": thing.key.kind, "schema": schema, "name": name, **values})
    return found


def schema_comments(found: SchemaResult) -> list[str]:
    """Return the comment lines above the SQL of a schema."""
    at = ", ".join(found.revisions) or "base"
    lines = [f"-- The schema at {at}, for {found.dialect}"]
    if found.opaque:
        lines.append("-- INCOMPLETE: the effect of these steps is unknown without a database:")
        lines += [f"--   {' '.join(one.text.split())}" for one in found.opaque]
    return lines


def _fields(value: object) -> dict[str, Json]:
    return {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)  # type: ignore[arg-type]
        if field.name != "extras" or getattr(value, field.name)
    }


def _plain(value: object) -> Json:  # noqa: PLR0911 - one line for each kind of value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Key):
        return value.full_name
    if isinstance(value, (Expr, Type)):
        return str(value)
    if isinstance(value, Identity):
        return {"identity": _fields(value)}
    if isinstance(value, Computed):
        return {"computed": str(value.expr), "stored": value.stored}
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, tuple) and value and all(_is_pair(one) for one in value):
        return {str(name): _plain(one) for name, one in value}
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    return str(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and not isinstance(value, Key) and len(value) == 2  # noqa: PLR2004
