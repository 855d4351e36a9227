"""The operations that create all objects of a catalog in an empty database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData

from limbeck.autogenerate.comparison import Comparison
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.draft_operations import CopyOptionsOp, NoteOp, RebuildTableOps
from limbeck.autogenerate.filters import Detections
from limbeck.autogenerate.profile import NATIVE
from limbeck.autogenerate.sqlalchemy_objects import Objects
from limbeck.catalog import Catalog
from limbeck.dialects import find
from limbeck.diff import diff, with_needs
from limbeck.errors import DraftError
from limbeck.operations import BatchAlterTableOp, OpContainer, Operation, UpgradeOps
from limbeck.render import RenderContext
from limbeck.sqlalchemy_io import Snapshot

if TYPE_CHECKING:
    from limbeck.environment import MigrationContext


def creation(
    catalog: Catalog, migration_context: MigrationContext, present: Catalog | None = None
) -> list[Operation]:
    """Return the operations that create the objects of a catalog, in an order in which they run.

    They are computed as the downgrade of a draft that drops everything.

    Args:
        catalog: the objects, replayed from a history or read from a database.
        migration_context: a context for the database.
        present: what the database already contains; nothing by default.

    Raises:
        DraftError: there is no statement that creates an object.
    """
    ctx = RenderContext(migration_context, MetaData())
    ctx.stand_on(catalog)
    dialect = find(migration_context.dialect.name)
    comparison = Comparison(
        ctx,
        NATIVE.options,
        Detections.of({"detect": "all"}),
        dialect,
        with_needs(catalog),
        Catalog() if present is None else with_needs(present),
        Snapshot(Catalog()),
    )
    changes = diff(comparison.current, comparison.target, NATIVE.diff_options(comparison))
    comparison.rename(changes)
    drafted = Drafter(comparison, Objects(comparison)).draft(changes)
    return list(_runnable(UpgradeOps(drafted).reverse().ops))


def _runnable(operations: Iterable[Any]) -> Iterator[Operation]:
    """Yield the operations that run, without notes and containers."""
    for operation in operations:
        if isinstance(operation, NoteOp):
            if operation.text:
                raise DraftError(operation.text, code="LB609")
        elif isinstance(operation, RebuildTableOps):
            options: dict[str, Any] = {"table_kwargs": operation.keywords}
            yield BatchAlterTableOp(
                operation.table_name,
                [op for op in operation.ops if not isinstance(op, CopyOptionsOp)],
                schema=operation.schema,
                **(options if operation.keywords else {}),
            )
        elif isinstance(operation, OpContainer):
            yield from _runnable(operation.ops)
        else:
            yield operation
