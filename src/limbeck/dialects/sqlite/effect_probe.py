"""Statements of SQLite outside transactions, all of which can be repeated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REPEATABLE = re.compile(r"\s*(?:VACUUM|PRAGMA|ATTACH|DETACH|ANALYZE|REINDEX)\b", re.IGNORECASE)


def trace(connection: Connection, sql: str, *, clear: bool = False) -> str | None:
    """Return the state of the object of a statement; see `Trace`."""
    del connection, clear
    return "" if _REPEATABLE.match(sql) else None
