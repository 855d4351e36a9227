"""Draft the operations for a connection and models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.comparator_registry import comparators, run_comparators
from limbeck.autogenerate.comparison import Comparison, read_comparison
from limbeck.autogenerate.detection_log import log_changes
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.draft_warnings import rename_warnings, view_warnings
from limbeck.autogenerate.enum_values import replaced_values
from limbeck.autogenerate.object_filter import ObjectFilter
from limbeck.autogenerate.options import Detections, plugin_filter
from limbeck.autogenerate.profile import profile_of
from limbeck.autogenerate.questioner import Answers
from limbeck.autogenerate.rename_evidence import RowEvidence
from limbeck.autogenerate.row_changes import row_changes
from limbeck.autogenerate.sqlalchemy_objects import Objects
from limbeck.dialects import find
from limbeck.diff import Change, diff
from limbeck.render import RenderContext

if TYPE_CHECKING:
    from sqlalchemy import MetaData


def differences(
    ctx: RenderContext, answers: Answers | None = None
) -> tuple[Comparison, Objects, tuple[Change, ...]]:
    """Compare database and models.

    Args:
        ctx: connection, models, options and filters.
        answers: the user's answers about renames and the like.

    Returns:
        Both catalogs, their SQLAlchemy objects, and the changes that pass the user's filters, in
        the order in which they must run.
    """
    profile = profile_of(ctx.opts)
    answers = answers or Answers()
    comparison = read_comparison(
        ctx,
        profile.options,
        Detections.of(ctx.opts, ctx.migration_context),
        profile.dialect_of(find(ctx.migration_context.dialect.name), ctx.connection),
        answers,
    )
    ctx.without_create_type = comparison.rules.without_create_type
    objects = Objects(comparison)
    profile.select(comparison, objects)
    known = answers.resolve_renames(
        comparison.current,
        comparison.target,
        comparison.snapshot.origins,
        RowEvidence(comparison) if answers.may_query_data else None,
        guesses=profile.options.guesses_renames,
    )
    current, target, renormalize = comparison.current, comparison.target, None
    if known and comparison.before_normalize is not None:
        # a renamed table or column had no counterpart when both sides were normalized
        (current, target), renormalize = comparison.before_normalize, comparison.renormalize
    options = profile.diff_options(comparison)
    found = diff(current, target, options, known, comparison.untouched, renormalize)
    changes = profile.order(found)
    comparison.rename(changes)
    return comparison, objects, ObjectFilter(ctx, objects).keep(changes)


def fill(
    ctx: RenderContext,
    upgrade_ops: ops.UpgradeOps,
    answers: Answers | None = None,
) -> None:
    """Compare database and models and add the operations for the differences to `upgrade_ops`."""
    if ctx.comparators is None:
        wanted = plugin_filter(Detections.of(ctx.opts).plugins)
        ctx.comparators = comparators.restricted(wanted)
    comparison, objects, changes = differences(ctx, answers)
    replaced = replaced_values(comparison, objects)
    drafter = Drafter(
        comparison, objects, [replacement for replacement in replaced if not replacement.is_known]
    )
    upgrade_ops.ops.extend(rename_warnings(comparison))
    upgrade_ops.ops.extend(view_warnings(comparison, changes))
    upgrade_ops.ops.extend(replacement.op for replacement in replaced if replacement.is_known)
    drafted = drafter.draft(changes)
    rows = row_changes(ctx, comparison)
    upgrade_ops.ops.extend([*rows.before, *drafted, *rows.after])
    log_changes(changes, objects)
    run_comparators(ctx, comparison, objects, upgrade_ops)


def produce(
    migration_context: Any,
    metadata: MetaData | Sequence[MetaData] | None = None,
    *,
    answers: Answers | None = None,
) -> ops.MigrationScript:
    """Return a draft that makes the database match the models, with its downgrade.

    Args:
        migration_context: a configured context with a connection.
        metadata: the models; `target_metadata` of its options by default.
        answers: the user's answers about renames and the like.

    Returns:
        A script without identifier; both sides are empty if nothing differs.
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
    """Return the draft for a migration context and models; named as Alembic's function."""
    return produce(context, metadata)


def compare_metadata(context: Any, metadata: MetaData | Sequence[MetaData]) -> Any:
    """Return the differences between database and models as a list of tuples."""
    upgrade_ops = produce(context, metadata).upgrade_ops
    return [] if upgrade_ops is None else upgrade_ops.as_diffs()
