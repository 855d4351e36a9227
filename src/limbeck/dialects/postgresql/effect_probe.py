"""The current state of the object of a statement outside transactions, to see if it ran."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.sql import unquote

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})?"
_CREATE_INDEX = re.compile(
    rf"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"({_PART})?\s*ON\s+(?:ONLY\s+)?({_NAME})",
    re.IGNORECASE,
)
_DROP_INDEX = re.compile(
    rf"\s*DROP\s+INDEX\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?({_NAME})", re.IGNORECASE
)
_ADD_VALUE = re.compile(rf"\s*ALTER\s+TYPE\s+({_NAME})\s+ADD\s+VALUE\b", re.IGNORECASE)
_DATABASE = re.compile(
    rf"\s*(?:CREATE|DROP)\s+DATABASE\s+(?:IF\s+\w+\s+(?:\w+\s+)?)?({_PART})", re.IGNORECASE
)
_REPEATABLE = re.compile(
    r"\s*(?:VACUUM|ANALYZE|REINDEX|REFRESH|CLUSTER|ALTER\s+SYSTEM|CHECKPOINT|DISCARD)\b",
    re.IGNORECASE,
)
# all names are schema-qualified, so that no other object on the search path is called
_OID = "CAST(pg_catalog.to_regclass(:name) AS pg_catalog.oid)"
_INDEXES = sa.text(
    "SELECT c.relname, i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid)"  # noqa: S608
    " FROM pg_catalog.pg_index AS i"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid"
    f" WHERE i.indrelid OPERATOR(pg_catalog.=) {_OID} ORDER BY c.relname"
)
_INDEX = sa.text(
    "SELECT i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid)"  # noqa: S608
    f" FROM pg_catalog.pg_index AS i WHERE i.indexrelid OPERATOR(pg_catalog.=) {_OID}"
)
_LABELS = sa.text(
    "SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid OPERATOR(pg_catalog.=)"
    " CAST(pg_catalog.to_regtype(:name) AS pg_catalog.oid) ORDER BY e.enumsortorder"
)
_IS_DATABASE = sa.text(
    "SELECT pg_catalog.count(*) FROM pg_catalog.pg_database AS d"
    " WHERE d.datname OPERATOR(pg_catalog.=) CAST(:name AS pg_catalog.name)"
)


def trace(connection: Connection, sql: str, *, clear: bool = False) -> str | None:
    """Describe the current state of the object of a statement; see `Trace`.

    With `clear`, an invalid index of an interrupted CREATE INDEX CONCURRENTLY is dropped.
    """
    if _REPEATABLE.match(sql):
        return ""
    match = _CREATE_INDEX.match(sql)
    if match:
        return _of_table(connection, match[1], match[2], clear=clear)
    match = _DROP_INDEX.match(sql)
    if match:
        # an index that an interrupted drop left invalid still has to be dropped
        return "there" if _rows(connection, _INDEX, match[1]) else "absent"
    match = _ADD_VALUE.match(sql)
    if match:
        return repr(_rows(connection, _LABELS, match[1]))
    match = _DATABASE.match(sql)
    if match:
        return repr(_rows(connection, _IS_DATABASE, match[1].strip('"')))
    return None


def _of_table(connection: Connection, index: str | None, table: str, *, clear: bool) -> str:
    rows = _rows(connection, _INDEXES, table)
    if clear:
        plain = _plain(index) if index else None
        half_made = [row for row in rows if not row[1] and plain in (None, row[0])]
        namespace = f"{table.rpartition('.')[0]}." if "." in table else ""
        for row in half_made:
            quoted = connection.dialect.identifier_preparer.quote(str(row[0]))
            connection.exec_driver_sql(
                f"DROP INDEX CONCURRENTLY IF EXISTS {namespace}{quoted}".replace("%", "%%")
            )
    return repr([row for row in rows if row[1]])


def _plain(name: str) -> str:
    return unquote(name) if name.startswith('"') else name.lower()


def _rows(connection: Connection, statement: sa.TextClause, name: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(statement, {"name": name})]
