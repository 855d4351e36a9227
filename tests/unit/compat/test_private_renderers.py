"""Packages that render their own operations call Alembic's private functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.compat.autogenerate import render
from limbeck.compat.migration import MigrationContext
from limbeck.render import renderers


class SpatialTableOp(ops.CreateTableOp):
    """A table of a package that prints it with another name."""


def _print_spatial(context: Any, op: Any) -> str:
    printed = render._add_table(context, op)
    return str(printed).replace("create_table", "create_spatial_table", 1)


@pytest.fixture
def registered() -> Iterator[None]:
    before = dict(renderers._registry)
    yield
    renderers._registry.clear()
    renderers._registry.update(before)


@pytest.mark.parametrize("kind", [SpatialTableOp, ops.CreateTableOp])
@pytest.mark.usefixtures("registered")
def test_the_private_function_does_not_call_the_one_that_calls_it(kind: type[Any]) -> None:
    renderers.dispatch_for(kind, replace=True)(_print_spatial)
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    upgrade = ops.UpgradeOps([kind.from_table(table)])
    context = MigrationContext.configure(dialect_name="postgresql")
    text = render.render_python_code(upgrade, migration_context=context)
    assert "op.create_spatial_table('t'," in text
