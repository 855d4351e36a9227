"""Comparators of users and plugins: their registry, and how they run on a finished draft."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from limbeck import operations as ops
from limbeck.catalog import Key, Table

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects
    from limbeck.render import RenderContext

Registered = TypeVar("Registered", bound=Callable[..., Any])


class DispatchPriority(IntEnum):
    """The priority of a function: functions with a higher priority run first."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class PriorityDispatchResult(Enum):
    """The result with which a function continues or stops the rest of its subgroup."""

    CONTINUE = 1
    STOP = 2


@dataclass(frozen=True)
class Comparator:
    """A registered function with its priority, qualifier and subgroup."""

    function: Callable[..., Any]
    priority: int = DispatchPriority.MEDIUM
    qualifier: str = "default"
    subgroup: str | None = None
    realm: str | None = None


class PriorityDispatcher:
    """Functions by target name; all functions that match a call run, one after the other.

    A function that returns `PriorityDispatchResult.STOP` stops the later functions of its
    subgroup.
    """

    def __init__(self) -> None:
        self._registry: defaultdict[Hashable, list[Comparator]] = defaultdict(list)

    def dispatch_for(
        self,
        target: Any,
        *,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        qualifier: str = "default",
        subgroup: str | None = None,
        realm: str | None = None,
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a function.

        Args:
            target: a name such as "schema", "table", "column".
            priority: FIRST runs before MEDIUM before LAST; equal ones in order of registration.
            qualifier: a dialect's name, or "default" for all dialects.
            subgroup: functions of one subgroup can stop each other.
            realm: the plugin that the function belongs to; None for functions that always run.
        """

        def register(function: Registered) -> Registered:
            entry = Comparator(function, priority, qualifier, subgroup, realm)
            self._registry[target].append(entry)
            return function

        return register

    def entries(self, target: Any, qualifier: str = "default") -> list[Comparator]:
        """Return the functions for a target, in order: those of the dialect before general ones."""
        recorded_pairs = [
            e for e in self._registry.get(target, ()) if e.qualifier in {qualifier, "default"}
        ]
        return sorted(recorded_pairs, key=lambda e: (-e.priority, e.qualifier == "default"))

    def dispatch(self, target: Any, *, qualifier: str = "default") -> Callable[..., Any]:
        """Return one function that calls all registered functions; without any it does nothing."""
        entries = self.entries(target, qualifier)
        return lambda *args, **kw: run_all(entries, *args, **kw)

    def branch(self) -> PriorityDispatcher:
        """Return an independent copy."""
        twin = PriorityDispatcher()
        twin.populate_with(self)
        return twin

    def populate_with(self, other: PriorityDispatcher) -> None:
        """Add all functions of another registry."""
        for target, entries in other._registry.items():
            self._registry[target].extend(entries)

    def restricted(self, realms: Callable[[str], bool]) -> PriorityDispatcher:
        """Return a copy with the functions without a realm and those of the selected realms."""
        twin = PriorityDispatcher()
        for target, entries in self._registry.items():
            twin._registry[target] = [e for e in entries if e.realm is None or realms(e.realm)]
        return twin

    def __bool__(self) -> bool:
        """Return whether anything is registered."""
        return any(self._registry.values())


def run_all(entries: Iterable[Comparator], *args: Any, **kw: Any) -> PriorityDispatchResult:
    """Call functions in order; a function that returns STOP ends its subgroup."""
    stopped: set[str | None] = set()
    _run(entries, stopped, *args, **kw)
    return PriorityDispatchResult.STOP if stopped else PriorityDispatchResult.CONTINUE


def _run(entries: Iterable[Comparator], stopped: set[str | None], *args: Any, **kw: Any) -> None:
    """Call functions in order, and add the subgroups that they end to `stopped`."""
    for entry in entries:
        if entry.subgroup in stopped:
            continue
        if entry.function(*args, **kw) is PriorityDispatchResult.STOP:
            stopped.add(entry.subgroup)


comparators = PriorityDispatcher()
"""Functions of users and plugins that compare models and database, in addition to limbeck's."""

# The parts of a column's change by subgroup, and the value that means "no change".
_SUBGROUPS: dict[str, tuple[tuple[str, Any], ...]] = {
    "types": (("modify_type", None),),
    "server_default": (("modify_server_default", False),),
    "nullable": (("modify_nullable", None),),
    "comments": (("modify_comment", False),),
}


def run_early_comparators(
    ctx: RenderContext, comparison: Comparison, upgrade_ops: ops.UpgradeOps
) -> None:
    """Let the comparators of schemas add to the draft before the differences of tables.

    Alembic does so, except for functions with the priority LAST.
    """
    if not comparison.profile.drafts_runnable:
        early = [entry for entry in _for_schemas(ctx) if _is_early(entry)]
        run_all(early, ctx, upgrade_ops, set(comparison.namespaces))


def _for_schemas(ctx: RenderContext) -> list[Comparator]:
    found: list[Comparator] = ctx.comparators.entries("schema", ctx.migration_context.dialect.name)
    return found


def _is_early(entry: Comparator) -> bool:
    return entry.priority > DispatchPriority.LAST


def run_comparators(
    ctx: RenderContext, comparison: Comparison, objects: Objects, upgrade_ops: ops.UpgradeOps
) -> None:
    """Let the registered comparators that have not run yet add to the draft and change it."""
    registry, qualifier = ctx.comparators, ctx.migration_context.dialect.name
    is_native = comparison.profile.drafts_runnable
    late = [entry for entry in _for_schemas(ctx) if is_native or not _is_early(entry)]
    run_all(late, ctx, upgrade_ops, set(comparison.namespaces))
    for_tables = registry.entries("table", qualifier)
    for_columns = registry.entries("column", qualifier)
    if for_tables or for_columns:
        blocks = _Blocks(upgrade_ops)
        for key in _tables(comparison):
            _run_table(ctx, comparison, objects, blocks, key, for_tables, for_columns)
    run_all(registry.entries("autogenerate", qualifier), ctx, upgrade_ops)


def _tables(comparison: Comparison) -> Iterable[Key]:
    keys = {key: None for side in (comparison.target, comparison.current) for key in side.objects}
    return [key for key in keys if key.kind == "table"]


class _Blocks:
    """The table blocks of a draft; a block is added when a hook adds an operation to it."""

    def __init__(self, upgrade_ops: ops.UpgradeOps) -> None:
        self.upgrade_ops = upgrade_ops
        self.known: dict[tuple[str | None, str], ops.ModifyTableOps] = {}
        for op in upgrade_ops.ops:
            if isinstance(op, ops.ModifyTableOps):
                self.known[op.schema, op.table_name] = op

    def of(self, schema: str | None, name: str) -> ops.ModifyTableOps:
        return self.known.get((schema, name)) or ops.ModifyTableOps(name, [], schema=schema)

    def keep(self, block: ops.ModifyTableOps) -> None:
        key = (block.schema, block.table_name)
        if block.ops and self.known.get(key) is not block:
            self.known[key] = block
            self.upgrade_ops.ops.append(block)


def _run_table(
    ctx: RenderContext,
    comparison: Comparison,
    objects: Objects,
    blocks: _Blocks,
    key: Key,
    for_tables: list[Comparator],
    for_columns: list[Comparator],
) -> None:
    wanted = objects.target(key) if objects.has_target(key) else None
    present = objects.current(key) if objects.has_current(key) else None
    schema, name = objects.schema_of(key), key.name
    if not ctx.run_object_filters(
        wanted if wanted is not None else present, name, "table", wanted is None, present
    ):
        return
    block = blocks.of(schema, name)
    if wanted is not None and present is not None and for_columns:
        table = comparison.current.get(key)
        assert isinstance(table, Table)  # noqa: S101 -- the key of a table
        for column in table.columns:
            if column.name in wanted.c and column.name in present.c:
                pair = present.c[column.name], wanted.c[column.name]
                _run_column(ctx, objects, block, pair, for_columns)
    run_all(for_tables, ctx, block, schema, name, present, wanted)
    blocks.keep(block)


def _run_column(
    ctx: RenderContext,
    objects: Objects,
    block: ops.ModifyTableOps,
    pair: tuple[Any, Any],
    entries: list[Comparator],
) -> None:
    """Run the functions of high priority, then add limbeck's operations, then run the rest."""
    present, wanted = pair
    drafted = _drafted(block, present.name)
    op = drafted or ops.AlterColumnOp(
        block.table_name,
        present.name,
        schema=block.schema,
        existing_type=present.type,
        existing_server_default=objects.existing_default(present),
        existing_nullable=present.nullable,
        existing_comment=present.comment,
    )
    ours = {word: getattr(op, word) for words in _SUBGROUPS.values() for word, _ in words}
    for words in _SUBGROUPS.values():
        for word, nothing in words:
            setattr(op, word, nothing)
    stopped: set[str | None] = set()
    arguments = (ctx, op, block.schema, block.table_name, present.name, present, wanted)
    first = [entry for entry in entries if entry.priority > DispatchPriority.MEDIUM]
    _run(first, stopped, *arguments)
    for subgroup, words in _SUBGROUPS.items():
        for word, nothing in words:
            if subgroup not in stopped and getattr(op, word) is nothing:
                setattr(op, word, ours[word])
    _run([entry for entry in entries if entry not in first], stopped, *arguments)
    if drafted is None and op.has_changes():
        block.ops.append(op)
    elif drafted is not None and not op.has_changes():
        block.ops.remove(drafted)


def _drafted(block: ops.ModifyTableOps, name: str) -> ops.AlterColumnOp | None:
    operations = (op for op in block.ops if isinstance(op, ops.AlterColumnOp))
    return next((op for op in operations if op.column_name == name), None)
