"""The rows that the revisions of a history insert, as statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from limbeck.catalog import Catalog, Computed, Key, Table
from limbeck.dialects import Dialect
from limbeck.snapshots.errors import TooManyRowsError
from limbeck.sql import quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROWS_PER_STATEMENT = 200
Rows: TypeAlias = Mapping[Key, Sequence[Sequence[str]]]
"""The rows of tables as literals; tables without rows are left out."""


def read_rows(connection: Connection, record: Dialect, catalog: Catalog, limit: int) -> Rows:
    """Read all rows of the tables of a catalog.

    Args:
        connection: to the database.
        record: what limbeck knows of the database system.
        catalog: the tables.
        limit: the greatest number of rows in all.

    Raises:
        TooManyRowsError: there are more.
    """
    literals = record.scratch.row_literals
    if literals is None:
        return {}
    counts: dict[str, int] = {}
    mark = connection.dialect.identifier_preparer.initial_quote
    for table in catalog.tables:
        name = quote_path(*table.key.path, mark=mark)
        number = connection.exec_driver_sql(
            f"SELECT count(*) FROM {name}",  # noqa: S608 - quoted
            execution_options={"no_parameters": True},
        ).scalar_one()
        if number:
            counts[name] = int(number)
    if sum(counts.values()) > limit:
        most = sorted(counts, key=lambda name: -counts[name])[:3]
        listed = ", ".join(f"{name} ({counts[name]})" for name in most)
        total = sum(counts.values())
        noun = "row" if total == 1 else "rows"
        raise TooManyRowsError(
            f"The revisions insert {total} {noun}, and a snapshot takes {limit}; most are in "
            f"{listed}",
            hint="Give --max-rows NUMBER for a larger snapshot. Nothing was written.",
        )
    found = {
        table.key: literals(connection, table)
        for table in sorted(catalog.tables, key=lambda one: tuple(map(str, one.key.path)))
        if quote_path(*table.key.path, mark=mark) in counts
    }
    return {key: rows for key, rows in found.items() if rows}


def row_statements(
    connection: Connection, record: Dialect, catalog: Catalog, rows: Rows
) -> list[str]:
    """Return the statements that insert rows and set sequences, in their order.

    Args:
        connection: to the database from which the rows come.
        record: what limbeck knows of the database system.
        catalog: the tables.
        rows: their rows.
    """
    rules = record.scratch
    tables = [one for key in rows if isinstance(one := catalog.get(key), Table)]
    found: list[str] = []
    if rules.insert_literals is not None:
        for table in tables:
            columns = [
                column.name for column in table.columns if not isinstance(column.default, Computed)
            ]
            of_table = rows[table.key]
            for start in range(0, len(of_table), _ROWS_PER_STATEMENT):
                part = of_table[start : start + _ROWS_PER_STATEMENT]
                found.append(rules.insert_literals(table, columns, part))
    if rules.around_rows is not None:
        before, after = rules.around_rows(tables)
        found = [*before, *found, *after]
    if rules.sequence_values is not None:
        found += rules.sequence_values(connection)
    return found
