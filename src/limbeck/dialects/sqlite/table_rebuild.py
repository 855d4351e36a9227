"""Rebuild a table: create it under another name, copy the rows, and rename it.

This happens in one transaction. Rows, indexes, triggers, views, foreign keys that refer to the
table and the AUTOINCREMENT counter are preserved, as described in
https://www.sqlite.org/lang_altertable.html#otheralter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, DDLElement, DropTable

from limbeck import operations as ops
from limbeck.dialects.ddl_elements import RenameTable
from limbeck.dialects.sqlite.schema_text import (
    index_members,
    mentions,
    redirect_foreign_keys,
    replace_identifier,
    same_name,
)
from limbeck.dialects.sqlite.table_edits import TableEdits
from limbeck.dialects.sqlite.table_reader import COPY_OPTIONS, COUNTS, tail_with
from limbeck.dialects.sqlite.table_source import (
    PREFIX,
    entries,
    find_entry,
    master_table,
    source_table,
)
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable

    from limbeck.operations import BatchAlterTableOp, SchemaLookup

_LENGTH = 50


class Verbatim(DDLElement):
    """SQL that is executed without changes."""

    def __init__(self, sql: str) -> None:
        self.sql = sql


@compiles(Verbatim)
def _visit_verbatim(element: Verbatim, _compiler: Any, **_kw: Any) -> str:
    return element.sql


class Rebuild:
    """The rebuild of one table, with all changes of a batch block."""

    def __init__(self, block: BatchAlterTableOp, environment: SchemaLookup) -> None:
        self.block = block
        self.environment = environment
        self.dialect = environment.dialect
        self.connection = environment.connection
        self.entries = entries(self.connection, block.schema) if self.connection is not None else []
        table = source_table(block, self.entries, environment)
        self.edits = TableEdits(table, self.dialect, environment, block.schema)
        self.old_name = block.table_name
        self.new_name = f"{PREFIX}{block.table_name}"[:_LENGTH]

    # ── the new table ──────────────────────────────────────────────────────────

    def statements(self) -> Iterator[Executable]:
        """Yield the statements that replace the table by the changed one."""
        for operation in self.block.ops:
            self.edits.apply(operation)
        if self.block.partial_reordering:
            _reorder(self.edits, self.block.partial_reordering)
        if self.block.table_args or self.block.table_kwargs:
            self._table_arguments()
        with _one_transaction(self.connection), _session(self.connection):
            if find_entry(self.entries, "table", self.new_name) is not None:  # of another tool
                yield DropTable(sa.Table(self.new_name, sa.MetaData(), schema=self.block.schema))
            counter = self._counter()
            yield Verbatim(self._create())
            yield self._insert()
            self._check_count()
            with self._detached_foreign_keys():
                yield DropTable(sa.Table(self.old_name, sa.MetaData(), schema=self.block.schema))
                yield RenameTable(self.new_name, self.old_name, schema=self.block.schema)
            if counter is not None:
                yield from self._restore_counter(counter)
            yield from self._dependents()

    def _table_arguments(self) -> None:
        """Add table_args and table_kwargs, compiled for a stand-in of the new table."""
        block, edits = self.block, self.edits
        names = [sa.Column(c.name, sa.Integer) for c in edits.table.columns]
        others = {k: v for k, v in block.table_kwargs.items() if k not in COPY_OPTIONS}
        table = ops.SchemaObjects(self.environment).table(
            self.old_name, *names, *block.table_args, schema=block.schema, **others
        )
        for constraint in sorted(table.constraints, key=lambda c: c._creation_order):
            if not isinstance(constraint, sa.PrimaryKeyConstraint):
                edits.add_table_constraints(edits.writer.constraint(constraint))
            elif constraint.columns:
                columns = [column.name for column in constraint.columns]
                edits.set_primary_key(columns, constraint.name)  # type: ignore[arg-type]
        edits.new_indexes += table.indexes
        edits.table.options = tail_with(edits.table.options, block.table_kwargs)
        if block.table_kwargs.get(COUNTS) is not None:
            edits.set_autoincrement(enabled=bool(block.table_kwargs[COUNTS]))

    def _create(self) -> str:
        quote = self.dialect.identifier_preparer.quote
        name = quote(self.new_name)
        if self.block.schema:
            name = f"{quote(self.block.schema)}.{name}"
        table = self.edits.table
        if self._checks_new_key():
            # Foreign keys of the table to itself are checked against the copy, because the old
            # table may lack the key that they need. RENAME changes the name back.
            new = quote(self.new_name)
            table.constraints = [
                constraint._replace(text=redirect_foreign_keys(constraint.text, self.old_name, new))
                if constraint.kind == "foreignkey"
                else constraint
                for constraint in table.constraints
            ]
        return table.render(name)

    def _checks_new_key(self) -> bool:
        """Return whether foreign keys are enforced while rows are copied, and a key is added."""
        keys = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
        for operation in self.block.ops:
            if not isinstance(operation, ops.AddConstraintOp) or self.connection is None:
                continue
            if isinstance(operation.to_constraint(), keys):
                return bool(self.connection.exec_driver_sql("PRAGMA foreign_keys").scalar())
        return False

    def _insert(self) -> sa.Insert:
        edits = self.edits
        old = sa.table(
            self.old_name,
            *map(sa.column, dict.fromkeys(edits.sources.values())),
            schema=self.block.schema,
        )
        values: dict[str, Any] = {}
        for column in edits.table.columns:
            name = column.name
            if name in edits.sources and not column.is_generated:
                values[name] = old.c[edits.sources[name]]
                if name in edits.casts:
                    values[name] = sa.cast(values[name], edits.casts[name]).label(name)
        for name, sql in edits.fills.items():
            values[name] = sa.literal_column(sql)
        new = sa.table(self.new_name, *map(sa.column, values), schema=self.block.schema)
        return new.insert().inline().from_select(list(values), sa.select(*values.values()))

    def _check_count(self) -> None:
        """Check that no ON CONFLICT clause has dropped rows.

        Raises:
            DatabaseError: the copy has fewer rows than the table.
        """
        if self.connection is None:
            return
        quote = self.dialect.identifier_preparer.quote
        prefix = f"{quote(self.block.schema)}." if self.block.schema else ""
        old, new = self.connection.exec_driver_sql(
            f"SELECT (SELECT count(*) FROM {prefix}{quote(self.old_name)}),"  # noqa: S608
            f" (SELECT count(*) FROM {prefix}{quote(self.new_name)})"
        ).one()
        if old != new:
            raise DatabaseError(
                f"Copying {self.old_name!r} kept {new} of {old} rows; nothing was changed.",
                hint="A constraint of the new table with ON CONFLICT drops rows.",
                code="LB336",
            )

    # ── dependent objects ───────────────────────────────────────────

    def _dependents(self) -> Iterator[Executable]:
        edits = self.edits
        replaced = {index.name for index in edits.new_indexes}
        for entry in self.entries:
            if not same_name(entry.table, self.old_name):
                continue
            is_lost = entry.type == "index" and (
                any(same_name(entry.name, name) for name in edits.dropped_indexes)
                or any(mentions(index_members(entry.sql), name) for name in edits.dropped_columns)
                or entry.name in replaced
            )
            if entry.type in {"index", "trigger"} and not is_lost:
                yield Verbatim(self._renamed(entry.sql))
        known = {entry.name for entry in self.entries if entry.type == "index"}
        if self.block.copy_from is not None:
            for index in sorted(self.block.copy_from.indexes, key=lambda i: str(i.name)):
                gone = {str(name) for name in edits.dropped_indexes} | known | replaced
                columns = {column.name for column in index.columns}
                if index.name not in gone and not columns & set(edits.dropped_columns):
                    yield CreateIndex(self._moved(index))
        for index in edits.new_indexes:
            yield CreateIndex(index)

    def _renamed(self, sql: str) -> str:
        for name, source in self.edits.sources.items():
            if name != source:
                sql = replace_identifier(sql, source, self.edits.quote(name))
        return sql

    def _moved(self, index: sa.Index) -> sa.Index:
        members = [
            new if (new := self._new_name_of(member)) is not None else member
            for member in index.expressions
        ]
        return ops.CreateIndexOp(
            str(index.name),
            self.old_name,
            members,
            schema=self.block.schema,
            unique=bool(index.unique),
            **dict(index.dialect_kwargs),
        ).to_index(self.environment)

    def _new_name_of(self, member: Any) -> str | None:
        name = getattr(member, "name", None)
        return next((new for new, old in self.edits.sources.items() if old == name), name)

    def _counter(self) -> int | None:
        """Return the highest key that AUTOINCREMENT generated; a copy would not preserve it."""
        if self.connection is None or find_entry(self.entries, "table", "sqlite_sequence") is None:
            return None
        prefix = f"{self.edits.quote(self.block.schema)}." if self.block.schema else ""
        row = self.connection.exec_driver_sql(
            f"SELECT seq FROM {prefix}sqlite_sequence WHERE name = ?",  # noqa: S608
            (self.edits.table.name,),
        ).scalar()
        has_counter = any(
            clause.autoincrement for column in self.edits.table.columns for clause in column.clauses
        )
        return int(row) if row is not None and has_counter else None

    def _restore_counter(self, counter: int) -> Iterator[Executable]:
        sequence = sa.table(
            "sqlite_sequence", sa.column("name"), sa.column("seq"), schema=self.block.schema
        )
        yield sequence.delete().where(sequence.c.name == self.old_name)
        yield sequence.insert().values(name=self.old_name, seq=counter)

    @contextmanager
    def _detached_foreign_keys(self) -> Iterator[None]:
        """Prevent the drop of the old table from cascading into the tables that refer to it.

        PRAGMA foreign_keys has no effect inside a transaction. For the duration of the block, these
        foreign keys refer to a table that does not exist; their text is restored afterwards.
        """
        connection = self.connection
        if connection is None or not connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
            yield
            return
        detached_name = f"_limbeck_away_{self.old_name}"
        detached = self.edits.quote(detached_name)
        original = {
            entry.name: entry.sql
            for entry in entries(connection, self.block.schema)
            if entry.type == "table"
            and not same_name(entry.name, self.old_name)
            and redirect_foreign_keys(entry.sql, self.old_name, detached) != entry.sql
        }
        if not original:
            yield
            return
        master = master_table(self.dialect, self.block.schema)
        away = {
            name: redirect_foreign_keys(sql, self.old_name, detached)
            for name, sql in original.items()
        }
        _write_schema(connection, master, away)
        yield
        back = self.edits.quote(self.old_name)
        now = {self.old_name if same_name(name, self.new_name) else name for name in original}
        texts = {
            entry.name: original.get(
                entry.name,
                redirect_foreign_keys(entry.sql, detached_name, back),
            )
            for entry in entries(connection, self.block.schema)
            if entry.type == "table" and entry.name in now
        }
        _write_schema(connection, master, texts)


def _reorder(edits: TableEdits, tuples: Sequence[Sequence[str]]) -> None:
    """Sort the columns so that those of each tuple are in its order.

    Args:
        edits: the table.
        tuples: names of columns; columns that no tuple names keep their position.

    Raises:
        DatabaseError: the tuples contradict each other.
    """
    names = [column.name for column in edits.table.columns]
    index = {name.lower(): i for i, name in enumerate(names)}
    later: dict[int, list[int]] = {}
    waits = [0] * len(names)
    for ordered in tuples:
        positions = [index[edits.column(name).name.lower()] for name in ordered]
        for position, other in pairwise(positions):
            later.setdefault(position, []).append(other)
            waits[other] += 1
    ready = [i for i, count in enumerate(waits) if not count]
    order: list[int] = []
    while ready:
        position = heappop(ready)
        order.append(position)
        for other in later.get(position, ()):
            waits[other] -= 1
            if not waits[other]:
                heappush(ready, other)
    if len(order) != len(names):
        raise DatabaseError("The tuples of partial_reordering contradict each other.", code="LB344")
    edits.table.columns = [edits.table.columns[i] for i in order]


def _write_schema(connection: Connection, master: str, texts: dict[str, str]) -> None:
    """Replace the text of tables. Foreign keys exist only as text, so stored rows stay valid."""
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    try:
        for name, sql in texts.items():
            connection.exec_driver_sql(
                f"UPDATE {master} SET sql = ? WHERE type = 'table' AND name = ?",  # noqa: S608
                (sql, name),
            )
    finally:
        connection.exec_driver_sql("PRAGMA writable_schema=RESET")


@contextmanager
def _one_transaction(connection: Connection | None) -> Iterator[None]:
    """Begin a transaction: Python's driver does not begin one before DDL."""
    driver: Any = None if connection is None else connection.connection.driver_connection
    if connection is None or driver is None or driver.in_transaction:
        yield
        return
    is_autocommit = driver.isolation_level is None
    connection.exec_driver_sql("BEGIN")
    try:
        yield
    except BaseException:
        if driver.in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        raise
    if is_autocommit and driver.in_transaction:
        connection.exec_driver_sql("COMMIT")


@contextmanager
def _session(connection: Connection | None) -> Iterator[None]:
    """Prevent RENAME from checking views and triggers, which refer to the dropped table."""
    if connection is None:
        yield
        return
    before = connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar()
    connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    try:
        yield
    finally:
        if not before and not connection.closed:
            connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")
