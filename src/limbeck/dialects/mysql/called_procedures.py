"""What the procedures that a CALL runs change, from their definitions on the server."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from limbeck.dialects.mysql import statement_text as text_of

_ROUTINES = (
    "SELECT routine_name, routine_definition FROM information_schema.routines"
    " WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE'"
)
_CHANGES = re.compile(r"\b(?:UPDATE|DELETE|INSERT|REPLACE)\s[^;]*", re.IGNORECASE)
_CALLS = re.compile(r"\bCALL\s[^;]*", re.IGNORECASE)


def called_text(statement: str, rows: Callable[[str], list[Any]]) -> str:
    """Return the definitions of the procedures that a statement runs, also of those that they run.

    Args:
        statement: the SQL.
        rows: runs a query.
    """
    if not text_of.CALL.match(statement):
        return ""
    bodies = {str(name).lower(): str(body) for name, body in rows(_ROUTINES)}
    found: dict[str, str] = {}
    waiting = [statement]
    while waiting:
        for call in _CALLS.findall(waiting.pop()):
            name = str(text_of.named(text_of.CALL.match(call))).lower()
            if name in bodies and name not in found:
                found[name] = bodies[name]
                waiting.append(bodies[name])
    return ";\n".join(found.values())


def changed_tables(body: str) -> list[str]:
    """Return the tables whose rows the statements of a procedure change."""
    tables = (text_of.changed_table(change[0]) for change in _CHANGES.finditer(body))
    return list(dict.fromkeys(table for table in tables if table is not None))
