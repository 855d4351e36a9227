"""Rewriters, priorities and answers about renames."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.autogenerate import (
    DispatchPriority,
    PriorityDispatcher,
    PriorityDispatchResult,
    Rewriter,
)
from limbeck.autogenerate.filters import plugin_filter
from limbeck.autogenerate.rename_options import typed_renames
from limbeck.catalog import Catalog, Column, Table, Type, table_key
from limbeck.errors import DraftError


def _script() -> ops.MigrationScript:
    column = ops.AddColumnOp("t", sa.Column("c", sa.Integer, nullable=False))
    up = ops.UpgradeOps([ops.ModifyTableOps("t", [column])])
    return ops.MigrationScript("abc", up, up.reverse())


def test_a_rewriter_replaces_one_operation_by_two() -> None:
    writer = Rewriter()

    @writer.rewrites(ops.AddColumnOp)
    def split(context: Any, revision: Any, op: ops.AddColumnOp) -> list[Any]:
        op.column.nullable = True
        return [op, ops.AlterColumnOp("t", "c", modify_nullable=False)]

    directives = [_script()]
    writer(None, (), directives)
    up = directives[0].upgrade_ops
    assert up is not None
    block = up.ops[0]
    assert isinstance(block, ops.ModifyTableOps)
    assert [type(op).__name__ for op in block.ops] == ["AddColumnOp", "AlterColumnOp"]


def test_a_chained_rewriter_receives_the_output_of_the_first() -> None:
    first, second = Rewriter(), Rewriter()
    first.rewrites(ops.AddColumnOp)(lambda c, r, op: ops.ExecuteSQLOp("x"))
    second.rewrites(ops.ExecuteSQLOp)(lambda c, r, op: None)
    directives = [_script()]
    first.chain(second)(None, (), directives)
    assert directives[0].upgrade_ops_list[0].as_diffs() == []


def test_stop_ends_a_subgroup_only() -> None:
    registry, seen = PriorityDispatcher(), []

    @registry.dispatch_for("x", priority=DispatchPriority.LAST, subgroup="a")
    def late() -> None:
        seen.append("late")

    @registry.dispatch_for("x", priority=DispatchPriority.FIRST, subgroup="a")
    def early() -> PriorityDispatchResult:
        seen.append("early")
        return PriorityDispatchResult.STOP

    @registry.dispatch_for("x", qualifier="sqlite")
    def other() -> None:
        seen.append("other")

    registry.dispatch("x", qualifier="sqlite")()
    registry.dispatch("x")()
    assert seen == ["early", "other", "early"]


def test_plugins_are_chosen_by_pattern() -> None:
    wanted = plugin_filter(["alembic.autogenerate.*", "~alembic.autogenerate.comments"])
    assert wanted("alembic.autogenerate.types")
    assert not wanted("alembic.autogenerate.comments")
    assert not wanted("mine")


def _catalog(name: str, column: str) -> Catalog:
    return Catalog.of([Table(table_key(name), (Column(column, Type("integer")),))])


def test_answers_become_keys() -> None:
    have, want = _catalog("users", "name"), _catalog("users", "full_name")
    (pair,) = typed_renames(["users.name=users.full_name"], have, want)
    assert [key.path for key in pair] == [(None, "users", "name"), (None, "users", "full_name")]
    with pytest.raises(DraftError, match="does not match"):
        list(typed_renames(["users.nme=users.full_name"], have, want))
