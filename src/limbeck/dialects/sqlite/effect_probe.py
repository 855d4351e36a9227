"""What a statement of SQLite that knows no transaction leaves behind: nothing that hurts twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REPEATABLE = re.compile(r"\s*(?:VACUUM|PRAGMA|ATTACH|DETACH|ANALYZE|REINDEX)\b", re.IGNORECASE)


def trace(connection: Connection, sql: str, *, clear: bool = False) -> str | None:
    """Say what a statement acts on as it stands now; see `Trace`."""
    del connection, clear
    return "" if _REPEATABLE.match(sql) else None
