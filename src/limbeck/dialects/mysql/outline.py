"""What statements of MySQL add and take away by name, and what is there by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from limbeck.dialects.dialect import Glance
from limbeck.dialects.lock_wait import ask

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PART = r"(?:`(?:[^`]|``)+`|(?!IF\s)[A-Za-z_$][\w$]*)"
_NAME = rf"{_PART}(?:\.{_PART})?"
_END = r"\s*;?\s*\Z"
# a column that is dropped or renamed in the same breath says nothing by its name
_ADDED = re.compile(rf"\s*ALTER\s+TABLE\s+({_NAME})\s+ADD\s+COLUMN\s+({_PART})\s", re.IGNORECASE)
_MORE = re.compile(r"\b(?:DROP|CHANGE|MODIFY|RENAME|ALTER)\b", re.IGNORECASE)
_DROPPED = re.compile(
    rf"\s*ALTER\s+TABLE\s+({_NAME})\s+DROP\s+COLUMN\s+({_PART}){_END}", re.IGNORECASE
)
_MADE = re.compile(rf"\s*CREATE\s+TABLE\s+({_NAME})\s*\(", re.IGNORECASE)
_GONE = re.compile(rf"\s*DROP\s+TABLE\s+({_NAME}){_END}", re.IGNORECASE)
_LINE = re.compile(r"^\s+(?:`((?:[^`]|``)+)`|\"((?:[^\"]|\"\")+)\"|(\w+))", re.MULTILINE)
_ABSENT = 1146


def glance(sql: str) -> Glance | None:
    """Say what a statement adds or drops by name; None where that is not all it does.

    Each of them commits by itself before it begins, whatever becomes of it after that.
    """
    if not sql.isascii() or "%" in sql or ";" in sql.rstrip("; \n"):
        return None  # which letters are the same to a server is its own affair
    match = _ADDED.match(sql)
    if match:
        return None if _MORE.search(sql, match.end()) else _of(match, adds=True)
    match = _DROPPED.match(sql)
    if match:
        return _of(match, adds=False)
    match = _MADE.match(sql)
    if match:
        return Glance(table=match[1], column=None, adds=True)
    match = _GONE.match(sql)
    return None if match is None else Glance(table=match[1], column=None, adds=False)


def _of(match: re.Match[str], *, adds: bool) -> Glance:
    return Glance(table=match[1], column=_plain(match[2]).lower(), adds=adds)


def _plain(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def columns(connection: Connection, table: str) -> frozenset[str] | None:
    """Return the names of a table's columns, in small letters; None where there is no table.

    Raises:
        LookupError: this user may not see the table.
    """
    try:
        row = ask(connection, f"SHOW CREATE TABLE {table}")
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        arguments: tuple[object, ...] = getattr(error.orig, "args", ())
        if arguments and arguments[0] == _ABSENT:
            return None
        raise LookupError(table) from error
    # lines that begin with a keyword name no column that anybody has
    return frozenset(
        (ticked.replace("``", "`") or quoted or bare).lower()
        for ticked, quoted, bare in _LINE.findall(str(row[1]))
    )
