"""The schema of a MySQL or MariaDB database at one point, and what its procedures change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from limbeck.dialects.mysql import statement_text as text_of

_TRIGGERS = (
    "SELECT event_manipulation, event_object_table, action_statement"
    " FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
)
_ROUTINES = (
    "SELECT routine_name, routine_definition FROM information_schema.routines"
    " WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE'"
)
_CHANGES = re.compile(r"\b(?:UPDATE|DELETE|INSERT|REPLACE)\s[^;]*", re.IGNORECASE)
_CALLS = re.compile(r"\bCALL\s[^;]*", re.IGNORECASE)
_TABLES = """
SELECT t.table_name, t.table_rows, t.table_type, i.table_id
FROM information_schema.tables t
LEFT JOIN information_schema.{view} i ON i.name = CONCAT(t.table_schema, '/', t.table_name)
WHERE t.table_schema = DATABASE()
"""
_OBJECTS = """
SELECT 'trigger', trigger_name, event_object_table FROM information_schema.triggers
  WHERE trigger_schema = DATABASE()
UNION ALL SELECT 'view', table_name, table_name FROM information_schema.views
  WHERE table_schema = DATABASE()
UNION ALL SELECT LOWER(routine_type), routine_name, '' FROM information_schema.routines
  WHERE routine_schema = DATABASE()
UNION ALL SELECT DISTINCT 'index', index_name, table_name FROM information_schema.statistics
  WHERE table_schema = DATABASE()
UNION ALL SELECT 'constraint', constraint_name, table_name
  FROM information_schema.table_constraints WHERE table_schema = DATABASE()
  AND constraint_type IN ('FOREIGN KEY', 'CHECK')
"""
_REFERENCES = """
SELECT constraint_name, table_name, referenced_table_name
FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE()
"""
_COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, extra, column_default, collation_name
FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, ordinal_position
"""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The schema at one point."""

    tables: Mapping[str, int | None] = field(default_factory=dict)
    objects: frozenset[tuple[str, str, str]] = frozenset()
    references: frozenset[tuple[str, str, str]] = frozenset()
    columns: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def innodb_view(rows: Callable[[str], list[Any]]) -> str:
    """Return the view of InnoDB's tables, whose name is another one on MySQL.

    Args:
        rows: runs a query.
    """
    found = rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema ="
        " 'information_schema' AND LOWER(table_name) = 'innodb_tables'"
    )
    return "innodb_tables" if found else "innodb_sys_tables"


def read_state(rows: Callable[[str], list[Any]], view: str) -> SchemaState:
    """Return the current schema.

    Args:
        rows: runs a query.
        view: the view of InnoDB's tables.
    """
    tables = {row[0]: row[3] for row in rows(_TABLES.format(view=view)) if "VIEW" not in row[2]}
    return SchemaState(
        tables,
        frozenset(tuple(row) for row in rows(_OBJECTS)),
        frozenset(tuple(row) for row in rows(_REFERENCES)),
        {(row[0], row[1]): tuple(map(str, row[2:])) for row in rows(_COLUMNS)},
    )


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


def changed_by_triggers(statement: str, rows: Callable[[str], list[Any]]) -> list[str]:
    """Return the tables whose rows triggers change when a statement changes its table.

    Args:
        statement: an UPDATE, DELETE, INSERT or REPLACE.
        rows: runs a query.
    """
    triggers = rows(_TRIGGERS)
    found: dict[str, None] = {}
    waiting = [statement]
    while waiting:
        text = waiting.pop()
        table = text_of.changed_table(text)
        verb = str(text_of.DATA_CHANGE.match(text) and text.split()[0]).upper()
        events = {"INSERT", "UPDATE", "DELETE"} if verb == "REPLACE" else {verb}
        for event, owner, body in triggers:
            if owner != table or event not in events:
                continue
            for change in _CHANGES.finditer(str(body)):
                name = text_of.changed_table(change[0])
                if name is not None and name not in found:
                    found[name] = None
                    waiting.append(change[0])
    return list(found)


def changed_tables(body: str) -> list[str]:
    """Return the tables whose rows the statements of a procedure change."""
    tables = (text_of.changed_table(change[0]) for change in _CHANGES.finditer(body))
    return list(dict.fromkeys(table for table in tables if table is not None))
