"""Filters by name: the user's `include_name`, schemas to read, and names to ignore."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog, ForeignKey, Index, Key, Table
from limbeck.dialects import inspector
from limbeck.errors import DuplicateTableError

if TYPE_CHECKING:
    from limbeck.autogenerate.options import Detections
    from limbeck.render import RenderContext


def namespaces_to_read(
    ctx: RenderContext, target: Catalog, default: str | None, *, all_schemas: bool
) -> tuple[str | None, ...] | None:
    """Return the schemas to read, None among them for the default schema; None for all schemas."""
    if ctx.opts.get("include_schemas"):
        if not ctx.has_name_filters:
            return None
        found = _schema_names(ctx)
        names = [None if name == default else name for name in found]
        internal = {"information_schema"}
        chosen = [n for n in dict.fromkeys([None, *names]) if n not in internal]
        return tuple(name for name in chosen if ctx.run_name_filters(name, "schema", {}))
    spaces: set[str | None] = {None}
    if all_schemas:
        spaces |= {key.namespace for key in target.objects if key.kind != "namespace"}
    ordered = sorted(spaces, key=lambda name: name or "")
    return tuple(name for name in ordered if ctx.run_name_filters(name, "schema", {}))


def is_ignored(key: Key, patterns: Iterable[str]) -> bool:
    """Return whether the user's patterns exclude an object of the database.

    Args:
        key: the key of the object.
        patterns: names with `*`, `?` and `[...]`, optionally with a schema (`audit.*`) or a kind
            (`view:report_*`). `table:` and `view:` are kinds, `any:` matches all kinds.
    """
    names = {key.name, key.full_name}
    for pattern in patterns:
        kind, colon, name_pattern = pattern.partition(":")
        if not colon:
            kind, name_pattern = "any", pattern
        if kind in {"any", key.kind} and any(fnmatchcase(name, name_pattern) for name in names):
            return True
    return False


def _schema_names(ctx: RenderContext) -> list[str | None]:
    if ctx.replayed is not None:
        return sorted({key.namespace for key in ctx.replayed.objects}, key=str)
    names = ctx.inspector if ctx.connection is None else inspector(ctx.connection)
    return list(names.get_schema_names())


def without_unnamed(
    current: Catalog, target: Catalog, ctx: RenderContext, detections: Detections
) -> Catalog:
    """Return the current catalog without what the user's `include_name` excludes.

    The function is called for every table. It is called for the parts of a table if the models
    have the table too, and for checks if these are compared.
    """
    if not ctx.has_name_filters:
        return current
    objects = []
    for obj in current:
        if not isinstance(obj, Table):
            objects.append(obj)
        elif ctx.run_name_filters(obj.key.name, "table", {"schema_name": obj.key.namespace}):
            other = target.get(obj.key)
            if isinstance(other, Table):
                objects.append(_with_wanted_parts(obj, other, ctx, detections))
            else:
                objects.append(obj)
    return Catalog.of(objects)


def _with_wanted_parts(
    table: Table, wanted: Table, ctx: RenderContext, detections: Detections
) -> Table:
    parents = {"schema_name": table.key.namespace, "table_name": table.key.name}

    def keep(parts: Iterable[Any], word: str) -> tuple[Any, ...]:
        return tuple(p for p in parts if ctx.run_name_filters(p.name, word, dict(parents)))

    keys = keep(table.foreign_keys, "foreign_key_constraint")
    hidden = [key for key in table.foreign_keys if key not in keys]
    names = {index.name for index in wanted.indexes}
    indexes = (i for i in table.indexes if i.name in names or not _is_index_of_key(i, hidden))
    has_checks = "checks" in detections or "checks_by_name" in detections
    return replace(
        table,
        columns=keep(table.columns, "column"),
        uniques=keep(table.uniques, "unique_constraint"),
        indexes=keep(indexes, "index"),
        foreign_keys=keys,
        checks=keep(table.checks, "check_constraint") if has_checks else table.checks,
    )


def _is_index_of_key(index: Index, keys: Iterable[ForeignKey]) -> bool:
    """Return whether the server created an index for a foreign key: by its columns and name."""
    columns = tuple(element.column for element in index.elements)
    return not index.unique and any(
        columns == key.columns and index.name in {key.name, key.columns[0]} for key in keys
    )


def refuse_duplicates(target: Catalog, folded: Iterable[str]) -> None:
    """Raise an error if the models have two names that the database regards as equal.

    Args:
        target: the catalog of the models.
        folded: the kinds of names that are case-insensitive: "table", "column".

    Raises:
        DuplicateTableError: two tables, or two columns of a table, differ only in case.
    """
    kinds = frozenset(folded)
    if "table" in kinds:
        names = [table.key.full_name for table in target.tables]
        _refuse_duplicates("tables of the models", names)
    if "column" in kinds:
        for table in target.tables:
            _refuse_duplicates(
                f"columns of {table.key.name}", (column.name for column in table.columns)
            )


def _refuse_duplicates(what: str, names: Iterable[str]) -> None:
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.lower(), name)
        if other != name:
            raise DuplicateTableError(
                f"Two {what}, {other!r} and {name!r}, differ only in case, which this database "
                "ignores",
                hint="Rename one of them.",
            )
