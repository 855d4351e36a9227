"""Compare a connection with models, and fill new revisions with the operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.comparator_registry import (
    comparators,
    run_comparators,
    run_early_comparators,
)
from limbeck.autogenerate.comparison import Comparison, read_comparison
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.draft_messages import (
    log_changes,
    rename_warnings,
    replay_warnings,
    view_warnings,
)
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
from limbeck.operations import MigrationScript
from limbeck.render import RenderContext, render_script

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from limbeck.autogenerate.history_replay import ReplayResult


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
    if ctx.has_object_filters:
        changes = ObjectFilter(ctx, objects).keep(changes)
    return comparison, objects, tuple(changes)


def fill(
    ctx: RenderContext,
    upgrade_ops: ops.UpgradeOps,
    answers: Answers | None = None,
) -> None:
    """Compare database and models and add the operations for the differences to `upgrade_ops`."""
    comparison, objects, changes = differences(ctx, answers)
    if ctx.comparators is None:
        ctx.comparators = comparators.restricted(plugin_filter(comparison.detections.plugins))
    if ctx.comparators:
        run_early_comparators(ctx, comparison, upgrade_ops)
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
    if ctx.comparators:
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


Hook = Callable[[Any, Any, list[ops.MigrationScript]], Any]


class RevisionDrafts:
    """The scripts that one command will write.

    env.py may run migrations several times, once for each database; each run adds a pair of
    functions to the same script. Hooks may add further scripts to the list.

    Args:
        first: the first script.
        hook: a `process_revision_directives` function in addition to that of env.py.
        arguments: variables for the template; env.py may add others.
    """

    def __init__(
        self,
        first: ops.MigrationScript,
        hook: Hook | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> None:
        self.scripts: list[ops.MigrationScript] = [first]
        self.hook = hook
        self.arguments: dict[str, Any] = {} if arguments is None else arguments
        self._context: RenderContext | None = None

    def run(
        self,
        migration_context: Any,
        heads: Any,
        *,
        compare: bool,
        answers: Answers | None = None,
        replayed: ReplayResult | None = None,
    ) -> None:
        """Fill the current script for one database and let the hooks edit it.

        Args:
            migration_context: the context that env.py configured.
            heads: the heads of the database, which are passed to the hooks.
            compare: compare models and database; otherwise the functions stay empty.
            answers: the user's answers about renames and the like.
            replayed: the result of a replay, used in place of a database.
        """
        ctx = RenderContext(migration_context, autogenerate=compare and replayed is None)
        if replayed is not None:
            ctx.stand_on(replayed.catalog)
        if self._context is not None:
            ctx.imports |= self._context.imports
        self._context = ctx
        up, down = self._pair(ctx.opts)
        if compare:
            if replayed is not None:
                up.ops.extend(replay_warnings(replayed))
            fill(ctx, up, answers)
            up.reverse_into(down)
        for hook in (self.hook, ctx.opts.get("process_revision_directives")):
            if hook is not None:
                hook(migration_context, heads, self.scripts)
        for script in self.scripts:
            script._needs_render = True

    def _pair(self, opts: Any) -> tuple[ops.UpgradeOps, ops.DowngradeOps]:
        up_token = opts.get("upgrade_token", "upgrades")
        down_token = opts.get("downgrade_token", "downgrades")
        script = self.scripts[-1]
        if script._needs_render:
            script.upgrade_ops_list.append(ops.UpgradeOps([], upgrade_token=up_token))
            script.downgrade_ops_list.append(ops.DowngradeOps([], downgrade_token=down_token))
        up, down = script.upgrade_ops_list[-1], script.downgrade_ops_list[-1]
        up.upgrade_token, down.downgrade_token = up_token, down_token
        return up, down

    def template_args(self, script: ops.MigrationScript) -> dict[str, Any]:
        """Return the variables of a script's template: bodies by token, imports, and others."""
        if not script._needs_render or self._context is None:
            return dict(self.arguments)
        return {**self.arguments, **render_script(script, self._context)}


def is_empty(script: MigrationScript) -> bool:
    """Return whether a draft changes nothing in any database."""
    return not diffs(script)


def diffs(script: MigrationScript) -> list[Any]:
    """Return the differences of a draft as tuples, for all databases."""
    return [diff for up in script.upgrade_ops_list for diff in up.as_diffs()]
