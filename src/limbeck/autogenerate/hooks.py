"""Comparators of users and plugins, run on the draft that our own comparison made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.autogenerate.comparator_registry import (
    DispatchPriority,
    Entry,
    PriorityDispatchResult,
    run_entries,
)
from limbeck.catalog import Key, Table

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides
    from limbeck.autogenerate.sqlalchemy_objects import Objects
    from limbeck.render import RenderContext

# What of a column's change belongs to which subgroup, and the value that means "no change".
_SUBGROUPS: dict[str, tuple[tuple[str, Any], ...]] = {
    "types": (("modify_type", None),),
    "server_default": (("modify_server_default", False),),
    "nullable": (("modify_nullable", None),),
    "comments": (("modify_comment", False),),
}


def run_comparators(
    ctx: RenderContext, sides: Sides, objects: Objects, upgrade_ops: ops.UpgradeOps
) -> None:
    """Let the registered comparators add to the draft and change it."""
    registry, qualifier = ctx.comparators, ctx.migration_context.dialect.name
    for_schemas = registry.entries("schema", qualifier)
    run_entries(for_schemas, ctx, upgrade_ops, set(sides.namespaces))
    for_tables = registry.entries("table", qualifier)
    for_columns = registry.entries("column", qualifier)
    if for_tables or for_columns:
        blocks = _Blocks(upgrade_ops)
        for key in _tables(sides):
            _run_table(ctx, sides, objects, blocks, key, for_tables, for_columns)
    run_entries(registry.entries("autogenerate", qualifier), ctx, upgrade_ops)


def _tables(sides: Sides) -> Iterable[Key]:
    keys = {key: None for side in (sides.want, sides.have) for key in side.objects}
    return [key for key in keys if key.kind == "table"]


class _Blocks:
    """The blocks of tables in a draft; one is added when a hook puts something into it."""

    def __init__(self, upgrade_ops: ops.UpgradeOps) -> None:
        self.upgrade_ops = upgrade_ops
        self.known: dict[tuple[str | None, str], ops.ModifyTableOps] = {}
        for op in upgrade_ops.ops:
            if isinstance(op, ops.ModifyTableOps):
                self.known[op.schema, op.table_name] = op

    def of(self, schema: str | None, name: str) -> ops.ModifyTableOps:
        return self.known.get((schema, name)) or ops.ModifyTableOps(name, [], schema=schema)

    def keep(self, block: ops.ModifyTableOps) -> None:
        place = (block.schema, block.table_name)
        if block.ops and self.known.get(place) is not block:
            self.known[place] = block
            self.upgrade_ops.ops.append(block)


def _run_table(
    ctx: RenderContext,
    sides: Sides,
    objects: Objects,
    blocks: _Blocks,
    key: Key,
    for_tables: list[Entry],
    for_columns: list[Entry],
) -> None:
    wanted = objects.wanted(key) if objects.is_wanted(key) else None
    present = objects.present(key) if objects.is_present(key) else None
    schema, name = objects.schema_of(key), key.name
    if not ctx.run_object_filters(
        wanted if wanted is not None else present, name, "table", wanted is None, present
    ):
        return
    block = blocks.of(schema, name)
    if wanted is not None and present is not None and for_columns:
        table = sides.have.get(key)
        assert isinstance(table, Table)  # noqa: S101 -- keys of tables lead to tables
        for column in table.columns:
            if column.name in wanted.c and column.name in present.c:
                pair = present.c[column.name], wanted.c[column.name]
                _run_column(ctx, objects, block, pair, for_columns)
    run_entries(for_tables, ctx, block, schema, name, present, wanted)
    blocks.keep(block)


def _run_column(
    ctx: RenderContext,
    objects: Objects,
    block: ops.ModifyTableOps,
    pair: tuple[Any, Any],
    entries: list[Entry],
) -> None:
    """Run what comes before our own findings, then these, then the rest."""
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
    _run(first, stopped, arguments)
    for subgroup, words in _SUBGROUPS.items():
        for word, nothing in words:
            if subgroup not in stopped and getattr(op, word) is nothing:
                setattr(op, word, ours[word])
    _run([entry for entry in entries if entry not in first], stopped, arguments)
    if drafted is None and op.has_changes():
        block.ops.append(op)
    elif drafted is not None and not op.has_changes():
        block.ops.remove(drafted)


def _run(entries: list[Entry], stopped: set[str | None], arguments: tuple[Any, ...]) -> None:
    for entry in entries:
        if entry.subgroup in stopped:
            continue
        if entry.function(*arguments) is PriorityDispatchResult.STOP:
            stopped.add(entry.subgroup)


def _drafted(block: ops.ModifyTableOps, name: str) -> ops.AlterColumnOp | None:
    found = (op for op in block.ops if isinstance(op, ops.AlterColumnOp))
    return next((op for op in found if op.column_name == name), None)
