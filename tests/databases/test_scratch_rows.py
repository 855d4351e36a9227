"""The rows of scratch databases: the server accepts them for all models.

They hold NULLs, values twice and the least and greatest values where the constraints allow that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from limbeck.catalog import Column, Table
from limbeck.scratch import ScratchDatabase, open_scratch
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage, stage
from tests.databases.random_models.generate import pairs

KINDS = ("sqlite", "postgresql", "mariadb", "mysql")
FEW, MANY = 5, 100
ROWS = 20
_INTEGERS = {"smallint": 15, "integer": 31, "int": 31, "bigint": 63}


def _wrong(scratch: ScratchDatabase, pair: Pair) -> list[str]:
    """Return what is wrong with the rows of the first models of a pair."""
    models = pair.before
    with scratch.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            named = [*models.tables.values(), *models._sequences.values()]
            for schema in sorted({*pair.schemas, *(one.schema or "public" for one in named)}):
                connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        for sql in pair.first:
            connection.exec_driver_sql(sql)
    models.create_all(scratch.engine.execution_options(isolation_level="AUTOCOMMIT"))
    catalog = scratch.catalog()
    filled = scratch.fill_rows(catalog, ROWS)
    wrong = [f"{key.name}: {reason}" for key, reason in filled.unfilled.items()]
    with scratch.engine.connect() as connection:
        for table in catalog.tables:
            if table.key in filled.counts:
                wrong += _lacks(connection, table, filled.counts[table.key])
    return wrong


def _lacks(connection: sa.Connection, table: Table, count: int) -> list[str]:
    free = _free_columns(table)
    if count < ROWS or not free:
        return []
    source = sa.table(table.key.name, *map(sa.column, free), schema=table.key.namespace)
    wrong = []
    for name, column in free.items():
        value = source.c[name]
        nulls, few, least, greatest = connection.execute(
            sa.select(
                sa.func.count() - sa.func.count(value),
                sa.func.count(sa.distinct(sa.cast(value, sa.String(400)))),
                *(
                    (sa.func.min(value), sa.func.max(value))
                    if column.type.name in _INTEGERS
                    else (sa.null(), sa.null())
                ),
            ).select_from(source)
        ).one()
        place = f"{table.key.name}.{name} ({column.type})"
        if column.nullable and not nulls:
            wrong.append(f"{place} has no NULL")
        if few >= count:
            wrong.append(f"{place} has no value twice")
        bits = _INTEGERS.get(column.type.name)
        if bits is not None and not column.type.extras and not column.type.dimensions:
            extremes = (-(2**bits), 2**bits - 1)
            if (least, greatest) != extremes:
                wrong.append(f"{place} reaches from {least} to {greatest}")
    return wrong


def _free_columns(table: Table) -> dict[str, Column]:
    """Return the columns that no constraint and no index names, and that have no default."""
    words = " ".join(
        text
        for part in (*table.constraints, *table.indexes)
        if part is not None
        for text in (repr(part), *_texts(part))
    )
    words += " ".join(str(one.default) for one in table.columns)
    return {
        one.name: one
        for one in table.columns
        if not any(form in words for form in (one.name, one.name.replace('"', '""')))
        and one.default is None
        and one.type.ref is None
    }


def _texts(part: Any) -> Iterator[str]:
    yield from getattr(part, "columns", ())
    for name in ("expr", "definition"):
        text = getattr(getattr(part, name, None), "text", None)
        if text is not None:
            yield text


def _tried(kind: str, folder: Path, examples: int) -> None:
    drawn: SearchStrategy[random.Random] = st.randoms(use_true_random=False)
    with ExitStack() as stack:
        on: Stage = stack.enter_context(stage(kind, folder))

        def is_right(chance: random.Random) -> None:
            pair = pairs(chance, kind)
            assume(not on.refusal(pair))
            with open_scratch(on.database.url) as scratch:
                assert _wrong(scratch, pair) == []

        careful = settings(
            max_examples=examples,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        run: Callable[[], None] = careful(given(drawn)(is_right))
        run()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_a_few_random_models(kind: str, tmp_path: Path) -> None:
    _tried(kind, tmp_path, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_many_random_models(kind: str, tmp_path: Path) -> None:
    _tried(kind, tmp_path, MANY)
