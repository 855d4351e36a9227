"""Insert rows that satisfy the constraints of their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import Catalog, ForeignKey, Key, Table
from limbeck.scratch.row_plan import NULL, ParentRows, RowPlan
from limbeck.scratch.schema_build import run_script
from limbeck.sql import quote_path, unquote_literal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Dialect

_TABLES_PER_STATEMENT = 100


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
    empty = [table for table in tables if not before[table.key]]
    tried = filler.all_at_once(empty) if len(empty) == len(tables) else None
    if tried is None:
        tried = [table for table in empty if filler.table(table)]
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
        counts = [
            f"SELECT {place}, count(*) FROM {_quoted(connection, table.key)}"  # noqa: S608
            for place, table in enumerate(group)
        ]
        rows = connection.exec_driver_sql(
            " UNION ALL ".join(counts), execution_options={"no_parameters": True}
        )
        for place, number in rows:
            found[group[place].key] = int(number)
    return found


def _quoted(connection: Connection, key: Key) -> str:
    return quote_path(*key.path, mark=connection.dialect.identifier_preparer.initial_quote)


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


def _is_partition(table: Table) -> bool:
    """Return whether rows get into a table through the partitioned table that it is a part of."""
    return bool(dict(table.extras).get("partition_of"))


class PlannedRows:
    """The rows that tables will have: values of columns, as text."""

    def __init__(self) -> None:
        self._columns: dict[Key, dict[str, list[str | None]]] = {}

    def add(self, plan: RowPlan, rows: Sequence[Sequence[str]]) -> None:
        """Add the rows of a table; what the server counts begins with 1."""
        found: dict[str, list[str | None]] = {
            name: [str(number + 1) for number in range(len(rows))] for name in plan.counted
        }
        for place, name in enumerate(plan.columns):
            found[name] = [_text_of(row[place]) for row in rows]
        self._columns[plan.table.key] = found

    def referenced(self, key: Key, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the values of a referenced key, without those that are NULL."""
        known = self._columns.get(key, {})
        if not all(name in known for name in columns):
            return []
        rows = zip(*(known[name] for name in columns), strict=True)
        return [tuple(map(str, row)) for row in rows if None not in row]


def _text_of(literal: str) -> str | None:
    return None if literal == NULL else unquote_literal(literal)


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

    def all_at_once(self, tables: Sequence[Table]) -> list[Table] | None:
        """Fill tables with one text of statements.

        Which rows others can refer to is what was planned for them, so no table has to be read.

        Args:
            tables: the tables, those that others refer to first; all are empty.

        Returns:
            The tables that were filled; None where a statement failed and nothing was inserted.
        """
        insert = self.record.scratch.insert_literals
        if insert is None or not self.record.scratch.takes_scripts:
            return None
        planned = PlannedRows()
        filled, statements = [], []
        for table in tables:
            if _is_partition(table):
                continue
            plan = self._plan(table, planned.referenced, extremes=self.extremes)
            if plan.obstacle is not None:
                self.unfilled[table.key] = plan.obstacle
                continue
            rows = plan.rows(self.count)
            planned.add(plan, rows)
            if plan.needs_deferral or not plan.columns:
                return None
            filled.append(table)
            statements.append(insert(table, plan.columns, rows).rstrip().rstrip(";"))
        try:
            run_script(self.connection, ";\n".join(statements) or "SELECT 1")
        except sa.exc.DBAPIError:
            return None
        return filled

    def table(self, table: Table) -> bool:
        """Fill one table; return whether rows were inserted, which the table may have refused."""
        insert = self.record.scratch.insert_rows
        if insert is None or _is_partition(table):
            return False
        reason: str | None = None
        # the least and the greatest value may be too much for a computed column
        for extremes in (True, False) if self.extremes else (False,):
            plan = self._plan(table, self._parent_rows, extremes=extremes)
            if plan.obstacle is not None:
                self.unfilled[table.key] = plan.obstacle
                return False
            rows = plan.rows(self.count)
            reason = self._insert(insert(table.key, plan.columns, rows), defer=plan.needs_deferral)
            if reason is None:
                return True
        self.unfilled[table.key] = reason or ""
        return True

    def _plan(self, table: Table, parent_rows: ParentRows, *, extremes: bool) -> RowPlan:
        twin = None if self.also is None else self.also.get(table.key)
        return RowPlan(
            table,
            self.catalog,
            twin if isinstance(twin, Table) else None,
            self.also or self.catalog,
            parent_rows,
            extremes,
        )

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
