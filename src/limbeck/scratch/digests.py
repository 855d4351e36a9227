"""Digests of rows: whether values are the same before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Key, Table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Dialect


@dataclass(frozen=True, slots=True)
class TableDigest:
    """The rows of a table at one moment.

    Args:
        count: the number of rows.
        rows: a digest of all rows, whatever their order.
        columns: a digest of each column's values, whatever their order.
    """

    count: int
    rows: str
    columns: Mapping[str, str] = field(default_factory=dict)


_TABLES_PER_STATEMENT = 50
RowDigests = Mapping[Key, TableDigest]
"""The digests of tables by their keys."""


def read_digests(connection: Connection, record: Dialect, catalog: Catalog) -> RowDigests:
    """Read all tables of a catalog and return their digests.

    Args:
        connection: to the database that holds the tables.
        record: what limbeck knows of the database system.
        catalog: the tables, with the columns that count.
    """
    if record.scratch.digest is not None:
        return _read_server_digests(connection, record.scratch.digest, catalog.tables)
    select = record.scratch.select_text
    if select is None:
        return {}
    found = {}
    for table in catalog.tables:
        names = [column.name for column in table.columns]
        rows = connection.exec_driver_sql(
            select(table.key, names), execution_options={"no_parameters": True}
        )
        found[table.key] = digest_of(table, [tuple(row) for row in rows])
    return found


def _read_server_digests(
    connection: Connection,
    select: Callable[[Key, Sequence[str]], str],
    tables: Sequence[Table],
) -> RowDigests:
    """Return the digests that the server computes, for some tables in each statement."""
    found: dict[Key, TableDigest] = {}
    for start in range(0, len(tables), _TABLES_PER_STATEMENT):
        group = tables[start : start + _TABLES_PER_STATEMENT]
        names = [[column.name for column in table.columns] for table in group]
        parts = [
            select(table.key, columns).replace("SELECT ", f"SELECT {place}, ", 1)
            for place, (table, columns) in enumerate(zip(group, names, strict=True))
        ]
        rows = connection.exec_driver_sql(
            " UNION ALL ".join(parts), execution_options={"no_parameters": True}
        )
        for place, count, all_rows, columns in rows:
            digests = _as_text(columns).split(",")
            found[group[place].key] = TableDigest(
                int(count), _as_text(all_rows), dict(zip(names[place], digests, strict=False))
            )
    return found


def _as_text(value: object) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def digest_of(table: Table, rows: Sequence[Sequence[object]]) -> TableDigest:
    """Return the digest of rows.

    Args:
        table: gives the columns their names.
        rows: their values, in the order of the columns.
    """
    texts = [list(map(_text, row)) for row in rows]
    columns = {
        column.name: _digest(row[place] for row in texts)
        for place, column in enumerate(table.columns)
    }
    return TableDigest(len(rows), _digest("\x1f".join(row) for row in texts), columns)


def _text(value: object) -> str:
    return "\0" if value is None else str(value)


def _digest(texts: Iterable[str]) -> str:
    joined = "\x1e".join(sorted(texts))
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
