"""The way from a connection and models to a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.alembic_profile import as_alembic_sees, sameness
from limbeck.autogenerate.comparator_registry import comparators, wanted_by
from limbeck.autogenerate.comparison import Sides, read_sides
from limbeck.autogenerate.detection_log import report
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.draft_warnings import open_notes
from limbeck.autogenerate.filters import ObjectFilter
from limbeck.autogenerate.hooks import run_comparators
from limbeck.autogenerate.options import Detections
from limbeck.autogenerate.ordering import by_table
from limbeck.autogenerate.questioner import Answers
from limbeck.autogenerate.sqlalchemy_objects import Objects
from limbeck.diff import Change, diff
from limbeck.render import RenderContext

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def differences(
    ctx: RenderContext, answers: Answers | None = None
) -> tuple[Sides, Objects, tuple[Change, ...]]:
    """Compare database and models.

    Args:
        ctx: connection, models, options and filters.
        answers: what is known about renames and the like.

    Returns:
        Both sides, their SQLAlchemy objects, and the changes that the user's filters let
        through, in the order in which they must run.
    """
    detections = Detections.of(ctx.opts, ctx.migration_context)
    sides = read_sides(ctx, detections)
    if detections.everything:
        ctx.apart = sides.dialect.autogenerate.without_create_type
    objects = Objects(sides)
    if not detections.everything:
        sides.have, sides.want = as_alembic_sees(sides, objects)
    sides.answers = answers or Answers()
    known = sides.answers.settle(sides)
    have, want, respell = sides.have, sides.want, None
    if known and detections.everything and sides.as_read is not None:
        # what is called otherwise was given no words in common with what it shall be
        (have, want), respell = sides.as_read, sides.respell
    changes = diff(have, want, sameness(sides), known, sides.bystanders, respell)
    if not detections.everything:
        changes = by_table(changes)
    sides.rename(changes)
    return sides, objects, ObjectFilter(ctx, objects).keep(changes)


def fill(
    ctx: RenderContext,
    upgrade_ops: ops.UpgradeOps,
    answers: Answers | None = None,
) -> None:
    """Compare database and models and put what differs into `upgrade_ops`."""
    if ctx.comparators is None:
        wanted = wanted_by(Detections.of(ctx.opts).plugins)
        ctx.comparators = comparators.restricted(wanted)
    sides, objects, changes = differences(ctx, answers)
    drafter = Drafter(sides, objects, sides.detections.everything)
    upgrade_ops.ops.extend(open_notes(sides))
    upgrade_ops.ops.extend(drafter.draft(changes))
    report(changes, objects)
    run_comparators(ctx, sides, objects, upgrade_ops)


def produce(
    migration_context: Any,
    metadata: MetaData | Sequence[MetaData] | None = None,
    *,
    answers: Answers | None = None,
) -> ops.MigrationScript:
    """Return a draft that brings the database to what the models say, and back.

    Args:
        migration_context: a configured context with a connection.
        metadata: the models; `target_metadata` of its options by default.
        answers: what is known about renames and the like.

    Returns:
        A script without identifier; its two sides are empty when nothing differs.
    """
    ctx = RenderContext(migration_context, metadata)
    upgrade_ops = ops.UpgradeOps([])
    fill(ctx, upgrade_ops, answers)
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
