"""The options of a table (WITHOUT ROWID and STRICT), and AUTOINCREMENT of its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limbeck.catalog import Column, Table

# keyword of SQLAlchemy's Table, the option in SQL, the value for which it is written
_TAILS = (
    ("sqlite_with_rowid", "WITHOUT ROWID", False),
    ("sqlite_strict", "STRICT", True),
)
COUNTS = "sqlite_autoincrement"
COPY_OPTIONS = frozenset({COUNTS, *(keyword for keyword, _, _ in _TAILS)})
"""Keywords of a table that a copy of it can add and remove."""


def tail_with(tail: str, keywords: Mapping[str, Any]) -> str:
    """Return the options after a table's columns, added or removed as given.

    Args:
        tail: the current options.
        keywords: keywords of SQLAlchemy's Table; other options are not changed.
    """
    present = {" ".join(word.upper().split()) for word in tail.split(",")}
    for keyword, option, written in _TAILS:
        value = keywords.get(keyword)
        if value is not None:
            present = present | {option} if bool(value) is written else present - {option}
    return ", ".join(option for _, option, _ in _TAILS if option in present)


def copy_options(old: Table, new: Table) -> dict[str, bool]:
    """Return the keywords of a copy that has another table's options.

    Args:
        old: the current table.
        new: the table in its final form.

    Returns:
        Keywords for `batch_alter_table(table_kwargs=...)`, for options that differ.
    """
    had, has = _keywords(old), _keywords(new)
    return {keyword: has[keyword] for keyword in has if has[keyword] != had[keyword]}


def with_options(table: Table, keywords: Mapping[str, Any]) -> Table:
    """Return a table in the form that a copy with these keywords has.

    Args:
        table: the table.
        keywords: keywords of SQLAlchemy's Table; other options are not changed.
    """
    extras = dict(table.extras)
    for keyword, option, written in (
        ("sqlite_with_rowid", "without_rowid", False),
        ("sqlite_strict", "strict", True),
    ):
        value = keywords.get(keyword)
        if value is not None:
            extras.pop(option, None)
            extras |= {option: True} if bool(value) is written else {}
    counts, columns = keywords.get(COUNTS), table.columns
    if counts is not None:
        key = () if table.primary_key is None else table.primary_key.columns
        columns = tuple(
            _counting(column, counts=bool(counts) and (column.name,) == key) for column in columns
        )
    return replace(table, columns=columns, extras=tuple(sorted(extras.items())))


def _counting(column: Column, *, counts: bool) -> Column:
    others = [pair for pair in column.extras if pair[0] != "autoincrement"]
    return replace(column, extras=tuple(sorted([*others, *([("autoincrement", True)] * counts)])))


def table_keywords(table: Table, _dialect: str) -> dict[str, bool]:
    """Return the keywords of SQLAlchemy's Table for the options that a table has."""
    plain = {COUNTS: False, "sqlite_with_rowid": True, "sqlite_strict": False}
    return {key: value for key, value in _keywords(table).items() if value is not plain[key]}


def _keywords(table: Table) -> dict[str, bool]:
    extras = dict(table.extras)
    return {
        COUNTS: any(("autoincrement", True) in column.extras for column in table.columns),
        "sqlite_with_rowid": not extras.get("without_rowid"),
        "sqlite_strict": bool(extras.get("strict")),
    }
