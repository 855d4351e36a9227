"""What the catalog of SQLite shows: effects of statements, and facts about limbeck's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from limbeck.dialects.dialect import TableFacts
from limbeck.sql import quote_identifier

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REPEATABLE = re.compile(r"\s*(?:VACUUM|PRAGMA|ATTACH|DETACH|ANALYZE|REINDEX)\b", re.IGNORECASE)


def trace(connection: Connection, sql: str, *, clear: bool = False) -> str | None:
    """Return the state of the object of a statement; see `Trace`."""
    del connection, clear
    return "" if _REPEATABLE.match(sql) else None


def table_facts(connection: Connection, schema: str | None, table: str) -> TableFacts | None:
    """Return the kind, columns and triggers of a table; see `Dialect.table_facts`."""
    prefix = f"{quote_identifier(schema)}." if schema else ""
    # in SQLite, a name is found in any case
    rows = connection.exec_driver_sql(
        f"SELECT type, name FROM {prefix}sqlite_master"  # noqa: S608 - a quoted name
        " WHERE tbl_name = ? COLLATE NOCASE AND type IN ('table', 'view', 'trigger')",
        (table,),
    ).all()
    kinds = {row[0] for row in rows}
    if kinds.isdisjoint({"table", "view"}):
        return None
    columns = connection.exec_driver_sql(f"PRAGMA {prefix}table_info({quote_identifier(table)})")
    return TableFacts(
        is_table="table" in kinds,
        columns=frozenset(str(row[1]).lower() for row in columns),
        triggers=tuple(sorted(row[1] for row in rows if row[0] == "trigger")),
    )
