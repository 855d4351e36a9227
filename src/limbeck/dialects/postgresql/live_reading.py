"""Read a real PostgreSQL database without writing to it: sizes, and queries with a time limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from limbeck.dialects.live_rules import TablePath, TableSize
from limbeck.dialects.own_queries import fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SAVEPOINT = "limbeck_reading"
_TIMED_OUT, _DENIED = "57014", "42501"
# https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-TRANSACTION-READ-ONLY
_SETTINGS = (
    "SELECT pg_catalog.set_config('transaction_read_only', 'on', true),"
    " pg_catalog.set_config('statement_timeout', '{milliseconds}', true),"
    " pg_catalog.set_config('lock_timeout', '{milliseconds}', true)"
)
# reltuples is -1 before the first VACUUM or ANALYZE; then the statistics of changes are used.
# A partitioned table has no rows; the rows of its partitions are counted.
_SIZES = """
SELECT n.nspname, c.relname, n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema(),
  s.tuples, s.bytes
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
CROSS JOIN LATERAL (
  SELECT pg_catalog.sum(CASE WHEN p.reltuples OPERATOR(pg_catalog.>=) 0 THEN p.reltuples
      ELSE pg_catalog.pg_stat_get_live_tuples(p.oid) END) AS tuples,
    pg_catalog.sum(pg_catalog.pg_total_relation_size(p.oid)) AS bytes
  FROM pg_catalog.pg_class AS p
  WHERE p.oid OPERATOR(pg_catalog.=) c.oid AND c.relkind OPERATOR(pg_catalog.=) 'r'
    OR c.relkind OPERATOR(pg_catalog.=) 'p' AND p.relkind OPERATOR(pg_catalog.=) 'r'
      AND p.relispartition AND p.oid OPERATOR(pg_catalog.=) ANY (
        SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t)
) AS s
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[])
  AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
  AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
  AND NOT pg_catalog.starts_with(n.nspname, 'pg_')
"""


@contextmanager
def read_only(connection: Connection, seconds: float, *, is_shared: bool) -> Iterator[None]:
    """Make the transaction of a connection read-only, with a time limit for statements."""
    # without a transaction, the settings would end with the statement that makes them
    driver = connection.connection.dbapi_connection
    is_autocommit = getattr(driver, "autocommit", False) is True
    if is_autocommit:
        begin, end = "BEGIN READ ONLY", "ROLLBACK"
    elif is_shared:
        # rolling back to the savepoint restores the settings
        begin, end = f"SAVEPOINT {_SAVEPOINT}", f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}"
    else:
        begin = end = ""
    if begin:
        _run(connection, begin)
    try:
        _run(connection, _SETTINGS.format(milliseconds=max(1, int(seconds * 1000))))
        yield
    finally:
        if end and not connection.invalidated:
            _run(connection, end)


def _run(connection: Connection, sql: str) -> None:
    connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).close()


def sizes(
    connection: Connection,
    schemas: Sequence[str | None],
    tables: Sequence[TablePath],
    seconds: float,
) -> Mapping[TablePath, TableSize]:
    """Return the sizes of all tables, as the server estimates them; see `LiveRules`."""
    del schemas, tables, seconds
    sizes_by_table = {}
    for namespace, name, is_default, rows, size in fetch(connection, _SIZES):
        path = (None if is_default else str(namespace), str(name))
        sizes_by_table[path] = TableSize(
            None if rows is None else int(rows), None if size is None else int(size)
        )
    return sizes_by_table


def is_timeout(error: BaseException) -> bool:
    """Return whether a statement was cancelled because it took too long."""
    return _state(error) == _TIMED_OUT


def is_denied(error: BaseException) -> bool:
    """Return whether the user may not read a table."""
    return _state(error) == _DENIED


def _state(error: BaseException) -> object:
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
