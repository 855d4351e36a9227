"""The schema of a MySQL or MariaDB database at one point, to compare it with another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
