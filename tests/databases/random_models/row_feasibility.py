"""Decide which tables of a random pair may hold rows: those whose rows fit both sides."""

from __future__ import annotations

from tests.databases.random_models.model import Col, Models, Part, Tab, fitting, whole


def with_rows(before: Models, after: Models, kind: str) -> set[int]:
    """Return the numbers of the tables whose rows fit what becomes of them, there and back."""
    found = {
        table.uid
        for table in before.tables
        if _lives_on(table, before, after, kind) and _lives_on(table, after, before, kind)
    }
    while True:
        orphans = {uid for uid in found if _is_orphan(uid, found, (before, after), kind)}
        if not orphans:
            return found
        found -= orphans


def _is_orphan(uid: int, filled: set[int], sides: tuple[Models, Models], kind: str) -> bool:
    """Return whether a foreign key of a table's rows would have no target."""
    for side in sides:
        table = side.table(uid)
        if table is None:
            continue
        for part in fitting(table, side, kind):
            if part.kind != "key":
                continue
            if part.target not in filled or _counts(side, part.target):
                return True
            # a table that goes comes back without rows
            if all(one.table(uid) for one in sides) and not all(
                one.table(part.target) for one in sides
            ):
                return True
    return False


def _counts(spec: Models, uid: int) -> bool:
    table = spec.table(uid)
    return table is None or any("always" in one.flags for one in table.key)


def _lives_on(table: Tab, one: Models, other: Models, kind: str) -> bool:
    """Return whether rows of a table in one model are valid in the other."""
    had, becomes = one.table(table.uid), other.table(table.uid)
    if had is None or becomes is None:
        return True
    if [key.uid for key in had.key] != [key.uid for key in becomes.key]:
        return False
    there = {column.uid for column in whole(had)}
    if kind == "mysql" and any(
        column.uid not in there and _has_no_implicit_value(column) for column in whole(becomes)
    ):
        return False
    known = {part.uid: part for part in fitting(had, one, kind)}
    for part in fitting(becomes, other, kind):
        fresh = [becomes.column(uid) for uid in part.columns if uid not in there]
        if any(_is_given(column) for column in fresh) and _is_particular(part):
            return False
        before = [had.column(uid) for uid in part.columns]
        if part.kind == "check" and any(one is None or one.type == "bool" for one in before):
            return False
        if fresh and "distinct" in part.flags and _is_particular(part):
            return False
        if part.uid not in known and part.kind == "exclude":
            return False
    return True


def _has_no_implicit_value(column: Col) -> bool:
    """Return whether MySQL refuses a new column if there are rows: its sql_mode has NO_ZERO_DATE.

    https://dev.mysql.com/doc/refman/9.4/en/sql-mode.html#sqlmode_no_zero_date
    """
    is_date = column.type == "date" or column.type.startswith(("moment", "fine"))
    return is_date and not column.nullable and column.default is None


def _is_given(column: Col | None) -> bool:
    """Return whether a new column has a value in existing rows."""
    if column is None:
        return False
    return column.default is not None or not column.nullable or bool(column.flags)


def _is_particular(part: Part) -> bool:
    return part.kind in {"unique", "key", "exclude"} or "unique" in part.flags
