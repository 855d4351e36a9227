"""The rows that a procedure or block of PostgreSQL has written in transactions of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from limbeck.dialects.postgresql.lock_modes import quoted_name
from limbeck.dialects.postgresql.qualified_sql import qualified

# the only statements that can run others and commit them
RUNS_OTHERS = re.compile(r"\s*(?:CALL|DO)\b", re.IGNORECASE)
_NUMBER = qualified("SELECT txid_current()")
# a row bears the number of the transaction that wrote it
_ROWS = qualified(
    "SELECT count(*), count(*) FILTER (WHERE t.xmin::text::bigint > {since}) FROM ONLY {table} t"
)


@dataclass(frozen=True, slots=True)
class CommittedRows:
    """Numbers of rows.

    Args:
        deleted: for each table how many rows it has less than before.
        written: for each table how many rows were inserted, updated or deleted.
        transactions: the number of transactions that wrote them.
    """

    deleted: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    transactions: int = 1


class RowNumbers:
    """The numbers of rows before a statement.

    Args:
        cursor: a cursor of the driver, outside a transaction.
        tables: the names of the tables.
    """

    def __init__(self, cursor: Any, tables: Iterable[str]) -> None:
        self._since = _transaction(cursor)
        self._before = {name: _rows(cursor, name, self._since)[0] for name in tables}

    def changes(self, cursor: Any) -> CommittedRows:
        """Return what has changed since then."""
        transactions = _transaction(cursor) - self._since - 1
        deleted, written = {}, {}
        for name, before in self._before.items():
            now, new = _rows(cursor, name, self._since)
            deleted[name] = before - now
            written[name] = max(before - now, 0) + new
        return CommittedRows(deleted, written, max(transactions, 1))


def _transaction(cursor: Any) -> int:
    cursor.execute(_NUMBER)
    return int(cursor.fetchone()[0])


def _rows(cursor: Any, table: str, since: int) -> tuple[int, int]:
    cursor.execute(_ROWS.format(since=since, table=quoted_name(table)))
    row = cursor.fetchone()
    return int(row[0]), int(row[1])
