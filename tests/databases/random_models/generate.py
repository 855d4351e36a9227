"""Generate random pairs of models.

Both sides of a pair are valid on the database, and the rows fit both; where they cannot (a new
unique column without values of its own) the tables are empty.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.rows import value_of
from tests.databases.random_models.model import Models, Tab, whole
from tests.databases.random_models.mutate import Mutation
from tests.databases.random_models.row_feasibility import with_rows
from tests.databases.random_models.tables import Drawer
from tests.databases.random_models.to_sqlalchemy import metadata

_SPECIAL: dict[str, Any] = {
    "set": "b",
    "set4": "b",
    "range": sa.text("'[1,5)'"),
    "inet": "10.0.0.{}",
    "code": "{}",
}


def pairs(rng: random.Random, kind: str, name: str = "by chance") -> Pair:
    """Draw a pair of models for a database."""
    drawer = Drawer(rng, kind)
    before = drawer.models()
    after = Mutation(drawer, before).models()
    renames = list(_renames(before, after))
    hinted = bool(renames) and drawer.seldom(3) and not _hands_on(before, after)
    hints = {numbers: old for numbers, old, _ in renames} if hinted else {}
    one, two = metadata(before, kind), metadata(after, kind, hints)
    filled = with_rows(before, after, kind)
    options: dict[str, Any] = {}
    schemas = sorted({t.schema for side in (before, after) for t in side.tables if t.schema})
    schemas += sorted({k.schema for side in (before, after) for k in side.kinds if k.schema})
    if schemas:
        options["include_schemas"] = True
    if kind == "sqlite" and drawer.seldom(2):
        options["render_as_batch"] = True
    return Pair(
        name,
        one,
        two,
        frozenset({kind}),
        rows={
            t.full_name: _rows(t, before, kind) if t.uid in filled else [] for t in before.tables
        },
        renames=tuple(word for _, _, word in renames),
        hinted=hinted,
        options=options,
        schemas=tuple(dict.fromkeys(schemas)),
    )


def _renames(before: Models, after: Models) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Yield numbers, the name before, and the answer, for each thing that is called otherwise."""
    for table in after.tables:
        had = before.table(table.uid)
        if had is None:
            continue
        if had.full_name != table.full_name:
            yield (table.uid, 0), had.full_name, f"{had.full_name}={table.full_name}"
        there = {one.uid: one for one in whole(had)}
        for column in whole(table):
            old = there.get(column.uid)
            if old is not None and old.name != column.name:
                word = f"{had.full_name}.{old.name}={table.full_name}.{column.name}"
                yield (table.uid, column.uid), old.name, word


def _hands_on(before: Models, after: Models) -> bool:
    """Return whether a taken name is given to another object; hints cannot express that."""
    for table in after.tables:
        had = before.table(table.uid)
        if had is None:
            continue
        if had.full_name != table.full_name and any(
            {had.full_name, table.full_name}
            & {one.full_name for one in side.tables if one.uid != table.uid}
            for side in (before, after)
        ):
            return True
        columns = {one.name for one in had.columns}
        for column in whole(table):
            old = had.column(column.uid)
            if old is not None and old.name != column.name and column.name in columns:
                return True
            if old is None and column.name in columns:
                return True
    return False


def _rows(table: Tab, spec: Models, kind: str) -> list[dict[str, Any]]:
    made = metadata(spec, kind).tables[table.full_name]
    return [dict(_row(table, made, number)) for number in (11, 12)]


def _row(table: Tab, made: sa.Table, number: int) -> Iterator[tuple[str, Any]]:
    for column in (*table.key, *whole(table)):
        if column.reads is not None or "always" in column.flags:
            continue
        word = column.type.partition(":")[0]
        special = _SPECIAL.get(word)
        if isinstance(special, str):
            special = special.format(number)
        if word in {"enum", "enums"} and ":" in column.type:
            special = "ab"[number % 2] if word == "enum" else ["ab"[number % 2]]
        value = special if special is not None else value_of(made.columns[column.name].type, number)
        if value is not None:
            yield column.name, value
