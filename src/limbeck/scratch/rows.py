"""Insert rows that satisfy the constraints of their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.catalog import Catalog, ForeignKey, Key, Table
from limbeck.scratch.row_plan import RowPlan

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Dialect

_TABLES_PER_STATEMENT = 100
Parents = Mapping[tuple[Key, tuple[str, ...]], Sequence[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class FilledRows:
    """The rows that were inserted.

    Args:
        counts: the number of rows of each table that was empty.
        unfilled: why tables are still empty, in words.
    """

    counts: Mapping[Key, int] = field(default_factory=dict)
    unfilled: Mapping[Key, str] = field(default_factory=dict)


def fill(
    connection: Connection,
    record: Dialect,
    catalog: Catalog,
    *,
    count: int,
    also: Catalog | None = None,
    extremes: bool = True,
) -> FilledRows:
    """Insert rows into the empty tables of a catalog, referenced tables first.

    Args:
        connection: to the database that has the tables.
        record: what limbeck knows of the database system.
        catalog: the tables as the server describes them.
        count: the number of rows for each table.
        also: further constraints that the rows satisfy.
        extremes: among the values are the least and the greatest of each type.
    """
    filler = _Filler(connection, record, catalog, also, count, extremes)
    tables = _in_order(catalog, also)
    before = _counts(connection, tables)
    tried = [table for table in tables if not before[table.key] and filler.table(table)]
    after = _counts(connection, tried)
    for key, number in after.items():
        if not number:
            filler.unfilled.setdefault(key, "no generated row satisfies its constraints")
    return FilledRows({key: number for key, number in after.items() if number}, filler.unfilled)


def _counts(connection: Connection, tables: Sequence[Table]) -> dict[Key, int]:
    """Return the number of rows of tables, in one statement for some of them."""
    found: dict[Key, int] = {}
    for start in range(0, len(tables), _TABLES_PER_STATEMENT):
        group = tables[start : start + _TABLES_PER_STATEMENT]
        counts: list[Any] = [
            sa.select(sa.literal_column(str(place)), sa.func.count()).select_from(
                sa.table(table.key.name, schema=table.key.namespace)
            )
            for place, table in enumerate(group)
        ]
        rows: Any = connection.execute(sa.union_all(*counts))
        for place, number in rows:
            found[group[place].key] = int(number)
    return found


def _in_order(catalog: Catalog, also: Catalog | None) -> list[Table]:
    """Return the tables so that those which others must refer to come first."""
    tables = {table.key: table for table in catalog.tables}
    graph: dict[Key, set[Key]] = {}
    for key, table in tables.items():
        twin = None if also is None else also.get(key)
        keys = [*table.foreign_keys, *(twin.foreign_keys if isinstance(twin, Table) else ())]
        graph[key] = {one.target for one in keys if one.target in tables and one.target != key}
    ordered: list[Table] = []
    waiting = dict(graph)
    while waiting:
        ready = [key for key, needs in waiting.items() if not needs & waiting.keys()]
        if not ready:
            # of a circle that table comes first whose keys may all be NULL
            ready = [min(waiting, key=lambda key: _required(tables[key], waiting))]
        ordered += [tables[key] for key in ready]
        for key in ready:
            del waiting[key]
    return ordered


def _required(table: Table, waiting: Mapping[Key, object]) -> int:
    return sum(
        1 for one in table.foreign_keys if one.target in waiting and not may_be_null(table, one)
    )


def may_be_null(table: Table, foreign_key: ForeignKey) -> bool:
    """Return whether a row may have no value for a foreign key."""
    primary = table.primary_key.columns if table.primary_key is not None else ()
    columns = [table.column(name) for name in foreign_key.columns]
    return any(c is not None and c.nullable and c.name not in primary for c in columns)


@dataclass
class _Filler:
    connection: Connection
    record: Dialect
    catalog: Catalog
    also: Catalog | None
    count: int
    extremes: bool
    unfilled: dict[Key, str] = field(default_factory=dict)
    _parents: dict[tuple[Key, tuple[str, ...]], list[tuple[str, ...]]] = field(default_factory=dict)

    def table(self, table: Table) -> bool:
        """Fill one table; return whether rows were inserted, which the table may have refused."""
        insert = self.record.scratch.insert_rows
        if insert is None or dict(table.extras).get("partition_of"):
            return False
        twin = None if self.also is None else self.also.get(table.key)
        plan = RowPlan(
            table,
            self.catalog,
            twin if isinstance(twin, Table) else None,
            self.also or self.catalog,
            self._parent_rows,
            self.extremes,
        )
        if plan.obstacle is not None:
            self.unfilled[table.key] = plan.obstacle
            return False
        rows = plan.rows(self.count)
        reason = self._insert(insert(table.key, plan.columns, rows), defer=plan.needs_deferral)
        if reason is not None:
            self.unfilled[table.key] = reason
        return True

    def _insert(self, statements: Sequence[str], *, defer: bool) -> str | None:
        """Run statements in a savepoint; return why they failed, None if they did not."""
        switch = self.record.scratch.defer_checks if defer else None
        try:
            with self.connection.begin_nested():
                for statement in switch(True) if switch is not None else ():
                    self._run(statement)
                for statement in statements:
                    self._run(statement)
                for statement in switch(False) if switch is not None else ():
                    self._run(statement)
        except sa.exc.DBAPIError as error:
            return str(error.orig).strip().splitlines()[0]
        return None

    def _run(self, statement: str) -> None:
        self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def _parent_rows(self, key: Key, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the values of a referenced key, as text."""
        place = (key, columns)
        select = self.record.scratch.select_text
        if place not in self._parents and select is not None:
            rows = self.connection.exec_driver_sql(
                select(key, columns), execution_options={"no_parameters": True}
            )
            found = [tuple(map(str, row)) for row in rows if None not in tuple(row)]
            if not found:
                return []
            self._parents[place] = found
        return self._parents.get(place, [])
