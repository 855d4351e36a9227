"""Compare a connection with models, and fill new revisions with the operations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.comparator_registry import (
    comparators,
    run_comparators,
    run_early_comparators,
)
from limbeck.autogenerate.comparison import Comparison, read_comparison
from limbeck.autogenerate.draft import Drafter
from limbeck.autogenerate.draft_operations import NoteOp, UpgradeOnlyNoteOp
from limbeck.autogenerate.enum_values import replaced_values
from limbeck.autogenerate.filters import Detections, plugin_filter
from limbeck.autogenerate.object_filter import ObjectFilter
from limbeck.autogenerate.profile import profile_of
from limbeck.autogenerate.questioner import Answers, rename_option
from limbeck.autogenerate.rename_evidence import RowEvidence
from limbeck.autogenerate.row_changes import row_changes
from limbeck.autogenerate.sqlalchemy_objects import Objects
from limbeck.catalog import (
    Check,
    Column,
    Computed,
    Definition,
    ForeignKey,
    Identity,
    Index,
    Key,
    Table,
    Unique,
)
from limbeck.dialects import find
from limbeck.diff import Alter, Change, Create, Drop, Rename, columns_read, diff
from limbeck.operations import MigrationScript
from limbeck.render import RenderContext, render_script

if TYPE_CHECKING:
    from sqlalchemy import MetaData

    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.history_replay import ReplayResult, UnknownEffect
    from limbeck.diff import Guess


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
    if ctx.comparators is None and comparators:
        ctx.comparators = comparators.restricted(plugin_filter(comparison.detections.plugins))
    if ctx.comparators:
        run_early_comparators(ctx, comparison, upgrade_ops)
    replaced = replaced_values(comparison, objects) if comparison.answers.values else []
    drafter = Drafter(
        comparison, objects, [replacement for replacement in replaced if not replacement.is_known]
    )
    if comparison.answers.unresolved:
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


# ── messages: a line of the log for each difference, warnings in the draft ───

_ROOT = "alembic.autogenerate.compare"
Line = tuple[str, str]


def log_changes(changes: Iterable[Change], objects: Objects) -> None:
    """Log the detected changes."""
    if not logging.getLogger(_ROOT).isEnabledFor(logging.INFO):
        return
    for change in changes:
        for part, text in _lines(change, objects):
            logging.getLogger(f"{_ROOT}.{part}").info("%s", text)


def _lines(change: Change, objects: Objects) -> Iterator[Line]:
    if change.owner is not None:
        yield from _part_lines(change, change.owner, objects)
        return
    name = change.key.full_name
    match change:
        case Create(what=Table() as table):
            yield "tables", f"Detected added table {name!r}"
            for index in table.indexes:
                yield from _part_lines(Create(index, table.key), table.key, objects)
        case Drop(what=Table() as table):
            for index in table.indexes:
                yield from _part_lines(Drop(index, table.key), table.key, objects)
            yield "tables", f"Detected removed table {name!r}"
        case Alter(new=Table()) if "comment" in change.fields:
            yield "comments", f"Detected table comment change on {name!r}"
        case Rename():
            yield "tables", f"Detected rename of {change.old.key.full_name!r} to {name!r}"  # type: ignore[union-attr]
        case _:
            word = {Create: "added", Drop: "removed", Alter: "changed"}[type(change)]
            yield "schemas", f"Detected {word} {change.key.kind} {name!r}"


def _part_lines(change: Change, owner: Key, objects: Objects) -> Iterator[Line]:
    table = owner.full_name
    word = "added" if isinstance(change, Create) else "removed"
    match change:
        case Create(what=Column() as column) | Drop(what=Column() as column):
            yield "tables", f"Detected {word} column '{table}.{column.name}'"
        case Create(what=Index() as index):
            yield "constraints", f"Detected added index {index.name!r} on {index.columns!r}"
        case Drop(what=Index() as index):
            yield "constraints", f"Detected removed index {index.name!r} on {table!r}"
        case Create(what=Unique() as unique):
            text = f"Detected added unique constraint {unique.name!r} on {unique.columns!r}"
            yield "constraints", text
        case Drop(what=Unique() as unique):
            text = f"Detected removed unique constraint {unique.name!r} on {table!r}"
            yield "constraints", text
        case Create(what=ForeignKey() as key) | Drop(what=ForeignKey() as key):
            comparison = f"({','.join(key.columns)})({','.join(key.target_columns)})"
            yield "constraints", f"Detected {word} foreign key {comparison} on table {table}"
        case Create(what=Check() as check) | Drop(what=Check() as check):
            yield "constraints", f"Detected {word} check constraint {check.name!r} on {table!r}"
        case Alter(old=Column() as old, new=Column() as new):
            yield from _column_lines(change, f"{table}.{new.name}", old, new, objects, owner)
        case Rename():
            text = f"Detected rename of {change.old.name!r} to {change.new.name!r} on {table!r}"  # type: ignore[union-attr]
            yield "tables", text
        case _:
            yield "constraints", f"Detected {word} {change.key.kind} on {table!r}"


def _column_lines(
    change: Alter, column_name: str, old: Column, new: Column, objects: Objects, owner: Key
) -> Iterator[Line]:
    if "nullable" in change.fields:
        yield (
            "constraints",
            f"Detected {'NULL' if new.nullable else 'NOT NULL'} on column {column_name!r}",
        )
    if "type" in change.fields:
        before = objects.current_part(owner, old).type
        after = objects.target_part(owner, new).type
        yield "types", f"Detected type change from {before!r} to {after!r} on {column_name!r}"
    if "default" in change.fields:
        kinds = {type(column.default) for column in (old, new)}
        word = "server default"
        if Identity in kinds:
            word = "identity"
        elif Computed in kinds:
            word = "computed default"
        yield "defaults", f"Detected {word} change on column {column_name!r}"
    if "comment" in change.fields:
        yield "comments", f"Detected column comment {column_name!r}"


_LOG = "alembic.autogenerate.compare.tables"


def rename_warnings(comparison: Comparison) -> Iterator[NoteOp]:
    """Yield and log a warning for each likely rename that is drafted as drop and create."""
    for guess in comparison.answers.unresolved:
        if guess in comparison.answers.refused:
            continue
        text = _rename_warning(guess)
        logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
        yield UpgradeOnlyNoteOp(text)


def view_warnings(comparison: Comparison, changes: Sequence[Change]) -> Iterator[NoteOp]:
    """Yield and log a warning for each view that stays and uses a column that is dropped."""
    dropped = [
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Drop) and isinstance(change.what, Column) and change.owner is not None
    ]
    if not dropped:
        return
    created = {
        (change.owner, change.what.name)
        for change in changes
        if isinstance(change, Create) and isinstance(change.what, Column)
    }
    gone = [column for column in dropped if column not in created]
    changed = [
        change.old if isinstance(change, Alter) else change.what
        for change in changes
        if isinstance(change, Alter | Drop)
    ]
    for obj in comparison.current:
        if not isinstance(obj, Definition) or obj in changed:
            continue
        for key in columns_read(obj, gone):
            text = (
                f"{obj.key.kind.replace('_', ' ')} {obj.key.name} uses {key.full_name}, which "
                "this draft drops.\nThe server refuses that as long as the view is there: change "
                "or drop it first"
            )
            logging.getLogger(_LOG).warning("%s", text.replace("\n", " "))
            yield UpgradeOnlyNoteOp(text)


def replay_warnings(replayed: ReplayResult) -> Iterator[NoteOp]:
    """Yield and log a warning that lists the statements of a replay whose effect is unknown."""
    if not replayed.unknown:
        return
    lines = [f"  {_location(effect)}: {effect.reason}" for effect in replayed.unknown]
    text = "Compared without a database. The effect of these statements is unknown:\n" + "\n".join(
        lines
    )
    logging.getLogger(_LOG).warning("%s", text)
    yield UpgradeOnlyNoteOp(text)


def _location(unknown: UnknownEffect) -> str:
    origin = unknown.origin
    if origin is None:
        return "unknown place"
    return f"{Path(origin.path).name}:{origin.line}"


def _rename_warning(guess: Guess) -> str:
    lost = "values" if guess.kind == "enum" else "data"
    return (
        f"{guess.old.full_name} may have become {guess.new.full_name}: "
        f"{'; '.join(guess.evidence)}.\n"
        f"This draft loses its {lost}. If it was renamed, draft again with {rename_option(guess)}"
    )
