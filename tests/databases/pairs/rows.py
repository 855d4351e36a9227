"""Rows for tables of any models, and whether they are still there."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import types
from sqlalchemy.dialects import postgresql

from tests.cases.autogenerate.builders import Pair, Rows

MANY = 2
TableValues = dict[str, dict[str, list[Any]]]

_BARE_FOREIGN_KEYS = {
    "sqlite": "PRAGMA foreign_keys = OFF",
    "postgresql": "SET LOCAL session_replication_role = replica",
    "mariadb": "SET foreign_key_checks = 0",
    "mysql": "SET foreign_key_checks = 0",
}


def fill(engine: sa.Engine, kind: str, models: sa.MetaData, rows: Rows) -> None:
    """Put rows into every table: those given, else some that are made up."""
    with engine.begin() as connection:
        connection.exec_driver_sql(_BARE_FOREIGN_KEYS[kind])
        for name, table in models.tables.items():
            if table.info.get("is_view") or getattr(table, "is_view", False):
                continue
            given = rows.get(name)
            if given is None:
                given = [dict(_row(table, number)) for number in range(11, 11 + MANY)]
            for row in given:
                connection.execute(table.insert().values(row))


def value_of(type_: Any, number: int) -> Any:
    """Return a value of a type that is made of a number; None where nobody knows one."""
    return _value(type_, number)


def _row(table: sa.Table, number: int) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        if column.computed is not None or column.identity is not None:
            continue
        value = _value(column.type, number)
        if value is not None:
            yield column.key, value


def _value(type_: Any, number: int) -> Any:
    if isinstance(type_, types.Interval):
        return datetime.timedelta(days=number)
    if isinstance(type_, types.TypeDecorator):
        return _value(type_.impl_instance, number)
    match type_:
        case postgresql.DOMAIN():
            return _value(type_.data_type, number)
        case types.Enum():
            labels = type_.enums
            label = labels[number % len(labels)] if labels else None
            return getattr(type_.enum_class, label) if type_.enum_class and label else label
        case types.ARRAY():
            inner = _value(type_.item_type, number)
            for _ in range((type_.dimensions or 1) - 1):
                inner = [inner]
            return None if inner is None else [inner]
        case types.Boolean():
            return bool(number % 2)
        case types.Integer():
            return number
        case types.Float():
            return float(number)
        case types.Numeric():
            whole = (type_.precision or 9) - (type_.scale or 0)
            plain = number if whole > 1 else number % 10
            return decimal.Decimal(plain) if type_.asdecimal else float(plain)
        case types.LargeBinary():
            return str(number).encode()
        case types.Uuid() | postgresql.UUID():
            made = uuid.UUID(int=number)
            return made if type_.as_uuid else str(made)
        case types.String():
            return str(number)[-(type_.length or 9) :]
        case types.DateTime():
            zone = datetime.timezone.utc if type_.timezone else None
            return datetime.datetime(2020, 1, number, 10, tzinfo=zone)
        case types.Date():
            return datetime.date(2020, 1, number)
        case types.Time():
            return datetime.time(number, 30)
        case postgresql.INTERVAL():
            return datetime.timedelta(days=number)
        case types.JSON():
            return {"n": number}
        case postgresql.INET() | postgresql.CIDR():
            return f"10.0.0.{number}"
        case _:
            return None


# ── afterwards ────────────────────────────────────────────────────────────


def lost(
    before: TableValues, after: TableValues, pair: Pair, there: sa.MetaData, now: sa.MetaData
) -> str:
    """Return which values of `there` (before) are missing in `now` (after), or an empty text.

    Args:
        before: rows of the tables of `there`.
        after: rows of the tables of `now`.
        pair: knows what was renamed on the way from `there` to `now`.
        there: the models before.
        now: the models after.
    """
    names = dict(word.split("=", 1) for word in pair.renames)
    for name, table in there.tables.items():
        new_name = names.get(name, name)
        if getattr(table, "is_view", False):
            continue
        if new_name not in now.tables or name in pair.lossy or new_name in pair.lossy:
            continue
        loss = _lost_in(table, now.tables[new_name], before[name], after.get(new_name), names)
        if loss:
            return f"{name}: {loss}"
    return ""


def _lost_in(
    old: sa.Table, new: sa.Table, before: Any, after: Any, names: dict[str, str]
) -> str | None:
    if after is None:
        return "the table is not there"
    same, changed = [], []
    for column in old.columns:
        answer = names.get(f"{old.fullname}.{column.name}", f"{new.fullname}.{column.name}")
        other = new.columns.get(answer.removeprefix(f"{new.fullname}."))
        if other is None or column.computed is not None or other.computed is not None:
            continue
        (same if _word(column) == _word(other) else changed).append((column.name, other.name))
    one = Counter(zip(*(before[a] for a, _ in same), strict=True)) if same else Counter()
    two = Counter(zip(*(after[b] for _, b in same), strict=True)) if same else Counter()
    if one != two:
        return f"{sorted(map(str, (one - two).elements()))} became {sorted(map(str, (two - one).elements()))}"
    for a, b in changed:
        left = sum(value is not None for value in after[b])
        if left < sum(value is not None for value in before[a]):
            return f"values of {a} are gone from {b}"
    return None


def _word(column: sa.Column[Any]) -> str:
    return repr(column.type)


def table_values(connection: sa.Connection, models: sa.MetaData) -> TableValues:
    """Return all values by table and column, as the server writes them."""
    preparer = connection.dialect.identifier_preparer
    found: TableValues = {}
    for name, table in models.tables.items():
        if getattr(table, "is_view", False):
            continue  # a view has no rows of its own
        columns = list(table.columns)
        listed = ", ".join(preparer.quote(column.name) for column in columns)
        # without inherited tables
        only = "ONLY " if connection.dialect.name == "postgresql" else ""
        sql = f"SELECT {listed} FROM {only}{preparer.format_table(table)}"
        rows = connection.exec_driver_sql(sql).all()
        found[name] = {
            column.name: [_shown(row[place]) for row in rows]
            for place, column in enumerate(columns)
        }
    return found


def _shown(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return str(value.normalize())
    return None if value is None else str(value)
