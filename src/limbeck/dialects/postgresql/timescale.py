"""Indexes that TimescaleDB creates with a hypertable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import Catalog, Index, Key, Table
from limbeck.dialects.postgresql.qualified_sql import qualified

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST = 63
_IS_INSTALLED = sa.text(
    qualified("SELECT EXISTS (SELECT 1 FROM pg_extension x WHERE x.extname = 'timescaledb')")
)
_HYPERTABLES = sa.text(
    "SELECT d.hypertable_schema, d.hypertable_name, d.column_name"
    " FROM timescaledb_information.dimensions AS d"
)


def without_default_indexes(have: Catalog, want: Catalog, connection: Connection) -> Catalog:
    """Return the reflected catalog without indexes of hypertables that the models do not declare.

    `create_hypertable` adds an index on the column of the time, as the last of its columns.

    Source: https://docs.tigerdata.com/api/latest/hypertable/create_hypertable/

    Args:
        have: the reflected catalog.
        want: the catalog of the models.
        connection: to the database, asked only where there is such an index.
    """
    found = {
        table: names
        for table in have
        if isinstance(table, Table) and (names := _candidates(table, want))
    }
    if not found or not connection.execute(_IS_INSTALLED).scalar():
        return have
    default = connection.dialect.default_schema_name
    dimensions = {
        (Key("table", (None if schema == default else schema, name)), column)
        for schema, name, column in connection.execute(_HYPERTABLES)
    }
    changed = [
        replace(
            table,
            indexes=tuple(
                index
                for index in table.indexes
                if index.name not in names
                or (table.key, index.elements[-1].column) not in dimensions
            ),
        )
        for table, names in found.items()
    ]
    return have.merge(changed)


def _candidates(table: Table, want: Catalog) -> frozenset[str]:
    """Return the names of indexes that the models lack and a hypertable would have."""
    wanted = want.objects.get(table.key)
    if not isinstance(wanted, Table):
        return frozenset()
    declared = {index.name for index in wanted.indexes}
    return frozenset(
        str(index.name)
        for index in table.indexes
        if index.name not in declared and _is_default(table.key.name, index)
    )


def _is_default(table: str, index: Index) -> bool:
    columns = [element.column for element in index.elements]
    if index.unique or index.where is not None or not all(columns):
        return False
    name = "_".join([table, *map(str, columns), "idx"])
    return index.name == name[:_LONGEST] and index.elements[-1].descending
