"""Draft the operations between two catalogs that were read from the same server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from limbeck.autogenerate.comparison import Comparison
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.filters import Detections
from limbeck.autogenerate.profile import NATIVE
from limbeck.autogenerate.sqlalchemy_objects import Objects
from limbeck.catalog import Catalog, Key, part_key
from limbeck.dialects import find
from limbeck.diff import diff, with_needs
from limbeck.render import RenderContext, render_op
from limbeck.sqlalchemy_io import Origins, Snapshot

if TYPE_CHECKING:
    from limbeck.environment import MigrationContext
    from limbeck.operations import Operation


def draft_between(
    current: Catalog, target: Catalog, migration_context: MigrationContext
) -> tuple[list[Operation], RenderContext]:
    """Return the operations that turn one catalog into another, and the context that renders them.

    Args:
        current: the catalog before.
        target: the catalog after.
        migration_context: a context that env.py has configured; it gives options and dialect.

    Raises:
        DraftError: no operation exists for a change.
    """
    behind, _ = _comparison(target, Catalog(), migration_context)
    origins = _origins(Objects(behind), target)
    comparison, ctx = _comparison(current, target, migration_context, origins)
    ctx.without_create_type = comparison.rules.without_create_type
    changes = diff(comparison.current, comparison.target, NATIVE.diff_options(comparison))
    comparison.rename(changes)
    return Drafter(comparison, Objects(comparison)).draft(changes), ctx


def source_between(
    current: Catalog, target: Catalog, migration_context: MigrationContext
) -> tuple[list[str], set[str]]:
    """Return the source of the operations between two catalogs, and the import lines it needs."""
    if current == target:
        return [], set()
    operations, ctx = draft_between(current, target, migration_context)
    texts = [text for operation in operations for text in render_op(ctx, operation)]
    return texts, set(ctx.imports)


def _comparison(
    current: Catalog,
    target: Catalog,
    migration_context: MigrationContext,
    origins: dict[Key, Any] | None = None,
) -> tuple[Comparison, RenderContext]:
    ctx = RenderContext(migration_context, MetaData())
    ctx.stand_on(current)
    comparison = Comparison(
        ctx,
        NATIVE.options,
        Detections.of({"detect": "all"}),
        find(migration_context.dialect.name),
        with_needs(current),
        with_needs(target),
        Snapshot(target, Origins(origins)),
    )
    return comparison, ctx


def _origins(objects: Objects, catalog: Catalog) -> dict[Key, Any]:
    """Return SQLAlchemy's tables and their parts for the tables of a catalog."""
    origins: dict[Key, Any] = {}
    for table in catalog.tables:
        origins[table.key] = objects.current(table.key)
        parts: Sequence[Any] = (*table.constraints, *table.indexes)
        for part in parts:
            origins[part_key(table.key, part)] = objects.current_part(table.key, part)
    return origins
