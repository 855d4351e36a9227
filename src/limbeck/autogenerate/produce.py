"""The way from a connection and models to a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.detections import Detections
from limbeck.autogenerate.dispatch import comparators, wanted_by
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.filters import ObjectFilter
from limbeck.autogenerate.hooks import run_comparators
from limbeck.autogenerate.log import report
from limbeck.autogenerate.neutral import as_alembic_sees, sameness
from limbeck.autogenerate.objects import Objects
from limbeck.autogenerate.ordering import by_table
from limbeck.autogenerate.renames import answers
from limbeck.autogenerate.snapshots import Sides, read_sides
from limbeck.diff import Change, diff
from limbeck.render import RenderContext

if TYPE_CHECKING:
    from sqlalchemy import MetaData

Guess = Callable[[Sides], Iterable[Any]]
"""Asked for renames that nobody told: a face that asks the user, or a policy."""


def differences(
    ctx: RenderContext, *, renames: Sequence[str] = (), guess: Guess | None = None
) -> tuple[Sides, Objects, tuple[Change, ...]]:
    """Compare database and models.

    Args:
        ctx: connection, models, options and filters.
        renames: answers, each `table=new` or `table.column=table.new`.
        guess: gives further renames, as the diff room takes them.

    Returns:
        Both sides, their SQLAlchemy objects, and the changes that the user's filters let
        through, in the order in which they must run.
    """
    detections = Detections.of(ctx.opts, ctx.migration_context)
    sides = read_sides(ctx, detections)
    objects = Objects(sides)
    if not detections.everything:
        sides.have, sides.want = as_alembic_sees(sides, objects)
    known = list(answers(renames, sides.have, sides.want))
    if guess is not None:
        known += list(guess(sides))
    changes = diff(sides.have, sides.want, sameness(sides), known, sides.bystanders)
    if not detections.everything:
        changes = by_table(changes)
    sides.rename(changes)
    return sides, objects, ObjectFilter(ctx, objects).keep(changes)


def fill(
    ctx: RenderContext,
    upgrade_ops: ops.UpgradeOps,
    *,
    renames: Sequence[str] = (),
    guess: Guess | None = None,
) -> None:
    """Compare database and models and put what differs into `upgrade_ops`."""
    if ctx.comparators is None:
        wanted = wanted_by(Detections.of(ctx.opts).plugins)
        ctx.comparators = comparators.restricted(wanted)
    sides, objects, changes = differences(ctx, renames=renames, guess=guess)
    drafter = Drafter(sides, objects, sides.detections.everything)
    upgrade_ops.ops.extend(drafter.draft(changes))
    report(changes, objects)
    run_comparators(ctx, sides, objects, upgrade_ops)


def produce(
    migration_context: Any,
    metadata: MetaData | Sequence[MetaData] | None = None,
    *,
    renames: Sequence[str] = (),
    guess: Guess | None = None,
) -> ops.MigrationScript:
    """Return a draft that brings the database to what the models say, and back.

    Args:
        migration_context: a configured context with a connection.
        metadata: the models; `target_metadata` of its options by default.
        renames: answers, each `table=new` or `table.column=table.new`.
        guess: gives further renames.

    Returns:
        A script without identifier; its two sides are empty when nothing differs.
    """
    ctx = RenderContext(migration_context, metadata)
    upgrade_ops = ops.UpgradeOps([])
    fill(ctx, upgrade_ops, renames=renames, guess=guess)
    return ops.MigrationScript(
        rev_id=None,
        upgrade_ops=upgrade_ops,
        downgrade_ops=upgrade_ops.reverse(),
        message="",
        imports=set(),
    )


def produce_migrations(
    context: Any, metadata: MetaData | Sequence[MetaData]
) -> ops.MigrationScript:
    """Return the draft for a migration context and models, as Alembic's function of that name."""
    return produce(context, metadata)


def compare_metadata(context: Any, metadata: MetaData | Sequence[MetaData]) -> Any:
    """Return the differences between database and models as a list of tuples."""
    upgrade_ops = produce(context, metadata).upgrade_ops
    return [] if upgrade_ops is None else upgrade_ops.as_diffs()
