from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Integer, create_engine
from sqlalchemy.dialects import mysql

from limbeck import op
from limbeck.runtime.straight import Straight

ENGINE = create_engine("sqlite://")
LENGTH = 9


def _elsewhere() -> str:
    return os.sep


def plain() -> None:
    op.create_table("t", sa.Column("id", Integer), sa.Column("n", mysql.LONGTEXT()))
    op.create_index(op.f("t_id"), "t", ["id"])


def with_batch() -> None:
    with op.batch_alter_table("t") as batch:
        batch.add_column(sa.Column("n", sa.String(LENGTH), server_default=sa.text("'x'")))


def with_rows() -> None:
    op.execute("INSERT INTO t VALUES (1)")
    op.bulk_insert(sa.table("t", sa.column("id")), [{"id": 1}])


def nothing() -> None:
    """Do nothing."""


def asks() -> None:
    op.get_bind().execute(sa.text("SELECT 1"))


def blocks() -> None:
    with op.get_context().autocommit_block():
        op.execute("SELECT 1")


def connects() -> None:
    ENGINE.connect()


def begins() -> None:
    with ENGINE.begin() as other:
        other.execute(sa.text("SELECT 1"))


def makes_an_engine() -> None:
    sa.create_engine("sqlite://").dispose()


def calls() -> None:
    op.execute(_elsewhere())


def imports() -> None:
    import time

    time.sleep(0)


def prints() -> None:
    print("hello")


def counts() -> None:
    op.execute("".join(name + "x" for name in "ab"))


def uses_os() -> None:
    op.execute(os.sep)


def with_argument(engine: Any) -> None:
    engine.execute("SELECT 1")


def with_keywords(**_words: Any) -> None:
    op.drop_table("t")


async def waits() -> None:
    op.drop_table("t")


def closing() -> Callable[[], None]:
    other = ENGINE

    def program() -> None:
        op.execute(other)

    return program


@pytest.mark.parametrize("program", [plain, with_batch, with_rows, nothing])
def test_what_only_hands_values_to_op_is_straight(program: Callable[..., Any]) -> None:
    assert Straight()(program)


@pytest.mark.parametrize(
    "program",
    [
        asks, blocks, connects, begins, makes_an_engine, calls, imports, prints, counts, uses_os,
        with_argument, with_keywords, waits, closing(), print,
        functools.partial(plain),
    ],
)  # fmt: skip
def test_what_can_look_elsewhere_is_not(program: Callable[..., Any]) -> None:
    straight = Straight()
    assert not straight(program)
    assert not straight(program)


def test_a_directive_that_others_have_written_is_not_known_to_be_harmless() -> None:
    from limbeck.operations import Operations

    def stand_in(_operations: Any) -> None:
        """Do anything."""

    def program() -> None:
        op.make_something()

    assert Straight()(program)  # as any attribute of what is harmless
    Operations.make_something = stand_in  # type: ignore[attr-defined]
    try:
        assert not Straight()(program)
    finally:
        del Operations.make_something  # type: ignore[attr-defined]
