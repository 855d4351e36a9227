"""Digests of rows: whether values are the same before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
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


RowDigests = Mapping[Key, TableDigest]
"""The digests of tables by their keys."""


def read_digests(connection: Connection, record: Dialect, catalog: Catalog) -> RowDigests:
    """Read all tables of a catalog and return their digests.

    Args:
        connection: to the database that holds the tables.
        record: what limbeck knows of the database system.
        catalog: the tables, with the columns that count.
    """
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
