"""Read a real MySQL or MariaDB database without writing to it: sizes, queries with a time limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from limbeck.dialects.live_rules import TablePath, TableSize
from limbeck.dialects.own_queries import fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

# 1969: MariaDB's max_statement_time, 3024: MySQL's max_execution_time
_TIMED_OUT = frozenset({1969, 3024})
_DENIED = frozenset({1142, 1143, 1044})
_SIZES = (
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_SCHEMA = DATABASE(), TABLE_ROWS,"
    " DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES"
    " WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN (DATABASE(){others})"
)


@contextmanager
def read_only(connection: Connection, _seconds: float, *, is_shared: bool) -> Iterator[None]:
    """Begin a read-only transaction; it ends with the transaction of the connection.

    https://dev.mysql.com/doc/refman/8.4/en/commit.html
    """
    if not is_shared:  # a shared one cannot become read-only, and a new one would commit it
        connection.exec_driver_sql("START TRANSACTION READ ONLY")
    yield


def sizes(
    connection: Connection,
    schemas: Sequence[str | None],
    tables: Sequence[TablePath],
    seconds: float,
) -> Mapping[TablePath, TableSize]:
    """Return the sizes of all tables, as the server estimates them; see `LiveRules`."""
    del tables, seconds
    others = "".join(f", {_literal(name)}" for name in schemas if name is not None)
    sizes_by_table = {}
    sql = _SIZES.format(others=others)
    for namespace, name, is_default, rows, size in fetch(connection, sql):
        path = (None if is_default else str(namespace), str(name))
        sizes_by_table[path] = TableSize(
            None if rows is None else int(rows), None if size is None else int(size)
        )
    return sizes_by_table


def limited(connection: Connection, sql: str, seconds: float) -> str:
    """Return a SELECT that ends after some seconds.

    https://dev.mysql.com/doc/refman/8.4/en/optimizer-hints.html#optimizer-hints-execution-time
    https://mariadb.com/kb/en/aborting-statements/
    """
    if getattr(connection.dialect, "is_mariadb", False):
        return f"SET STATEMENT max_statement_time={max(seconds, 0.001):g} FOR {sql}"
    hint = f"SELECT /*+ MAX_EXECUTION_TIME({max(1, int(seconds * 1000))}) */"
    return sql.replace("SELECT", hint, 1)


def is_timeout(error: BaseException) -> bool:
    """Return whether a statement was ended because it took too long."""
    return _number(error) in _TIMED_OUT


def is_denied(error: BaseException) -> bool:
    """Return whether the user may not read a table."""
    return _number(error) in _DENIED


def _number(error: BaseException) -> object:
    arguments: tuple[object, ...] = getattr(getattr(error, "orig", error), "args", ())
    return arguments[0] if arguments else None


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
