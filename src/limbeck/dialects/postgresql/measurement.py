"""Measure a statement on PostgreSQL: locks, rewrites, scans, lost values, blocked sessions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from limbeck.dialects.measurement import (
    EVERYTHING,
    LOCK_ROW,
    READ,
    UPDATE,
    Measured,
    ReleaseTables,
)
from limbeck.dialects.postgresql.changed_rows import (
    RUNS_OTHERS,
    ColumnValues,
    CommittedRows,
    RowNumbers,
)
from limbeck.dialects.postgresql.lock_modes import (
    BLOCKED,
    mode_name,
    outside_locks,
    refusals,
    strongest,
)
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.running_release import OTHER_ROLE, RunningRelease
from limbeck.dialects.postgresql.schema_snapshot import (
    Relation,
    SchemaSnapshot,
    dropped_objects,
    same_file,
    take_snapshot,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

# "cannot run inside a transaction block", use of a new enum value before COMMIT, and a procedure or
# block that ends the transaction: https://www.postgresql.org/docs/current/errcodes-appendix.html
_IN_TRANSACTION_ONLY = frozenset({"25001", "55P04", "2D000"})
_TRUNCATE = re.compile(r"\s*TRUNCATE\s+(?:TABLE\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_NO_DATA = re.compile(r"\bWITH\s+NO\s+DATA\s*;?\s*$", re.IGNORECASE)
_VIOLATED = re.compile(r'violates foreign key constraint "([^"]+)"')
_REPLACES_VIEW = re.compile(r"\bCREATE\s+OR\s+REPLACE\s.*\bVIEW\b", re.IGNORECASE | re.DOTALL)
# the current columns of the view: its replacement may have more
_VIEW_QUERY = qualified("""
SELECT format('SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(r::text, %%L ORDER BY r::text),'
  ' %%L)) FROM (SELECT %%s FROM %%s) r', chr(10), '',
  string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), a.attrelid::regclass)
FROM pg_attribute a WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY a.attrelid
""")
_MANY_ROWS = 100
_CHANGES_ROWS = re.compile(r"\s*(?:UPDATE|DELETE)\b", re.IGNORECASE)


def refused_in_transaction(error: BaseException) -> bool:
    """Return whether a statement failed because it ran in a transaction."""
    original = getattr(error, "orig", error)
    code = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    return code in _IN_TRANSACTION_ONLY


@dataclass
class PostgresqlProbe:
    """Measures statements on one connection to a scratch database.

    Args:
        connection: the connection that runs the revision.
        engine: provides a second session, which tries to read and write.
        words: the words of the revision's statements; None for queries of all tables.
        release: the tables and columns that the running release knows; None for all.
    """

    connection: Connection
    engine: Engine
    words: Collection[str] | None = None
    release: ReleaseTables | None = None
    _before: SchemaSnapshot = field(default_factory=SchemaSnapshot)
    _after: SchemaSnapshot = field(default_factory=SchemaSnapshot)
    _view_rows: dict[int, tuple[str, str]] = field(default_factory=dict)
    _row_numbers: RowNumbers | None = None

    def __post_init__(self) -> None:
        with self._cursor() as cursor:
            self._release = RunningRelease(cursor, self.words, self.release)
            self._start = take_snapshot(cursor)
        self._values = ColumnValues(self._start)
        # keep the grants, but not the locks that reading has taken
        driver = self.connection.connection.dbapi_connection
        if driver is not None:
            driver.commit()

    def close(self) -> None:
        """Do nothing: no resource stays open between statements."""

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        # the driver's cursor: SQLAlchemy's events would see the statements of the probe
        cursor = self.connection.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    # ── before and after a statement ──────────────────────────────────────

    def before(self, statement: str, *, in_transaction: bool, continues: bool) -> str | None:
        """Record the state of the database."""
        if continues:
            return None
        with self._cursor() as cursor:
            self._before = take_snapshot(cursor)
            self._values.clear()
            self._view_rows = {}
            if in_transaction:
                # locks that reading takes are not locks of the statement
                cursor.execute("SAVEPOINT limbeck_before")
                self._values.read(cursor, statement, self._before)
                self._view_rows = self._rows_of_views(cursor, statement)
                cursor.execute("ROLLBACK TO SAVEPOINT limbeck_before")
                cursor.execute("RELEASE SAVEPOINT limbeck_before")
            if self._values or self._view_rows:  # reading them was counted as scans
                self._before = take_snapshot(cursor)
            if _CHANGES_ROWS.match(statement):
                # the planner scans a table of a few pages, and uses an index for a large one
                cursor.execute("SET LOCAL jit = off; SET LOCAL enable_seqscan = off")
            if not in_transaction:
                self._end_read()
                self._row_numbers = None
                if RUNS_OTHERS.match(statement):
                    plain = [one.name for one in self._start.relations.values() if one.kind == "r"]
                    self._row_numbers = RowNumbers(cursor, plain)
        return None

    def after(self, statement: str, *, in_transaction: bool) -> Measured:
        """Compare the database with its state before the statement."""
        before = self._before
        with self._cursor() as cursor:
            if _CHANGES_ROWS.match(statement):  # queries of the catalogs need scans
                cursor.execute("SET LOCAL enable_seqscan = on")
            after = self._after = take_snapshot(cursor)
            lost = tuple(self._lost(cursor, statement, before, after))
            views = tuple(self._changed_views(cursor, after))
            if not in_transaction:
                self._end_read()
                if self._row_numbers is not None:
                    return self._committed(self._row_numbers.changes(cursor))
        held = self._table_locks(after)
        own = self._own_locks(before, after)
        rewrites = tuple(self._rewrites(before, after, statement))
        builds = tuple(self._index_builds(before, after))
        if not in_transaction:
            found = outside_locks(statement, before.tables_of_indexes, builds)
            held = own = self._known(found)
        scans = tuple(self._scans(before, after))
        written = self._written(before, after)
        many = {name for name, number in written.items() if number >= _MANY_ROWS}
        refreshed = self._refreshed(before, after)
        if _NO_DATA.search(statement):
            refreshed = []
        if _TRUNCATE.match(statement):  # the empty indexes are rebuilt
            scans = ()
        is_long = bool({*rewrites, *builds, *scans, *refreshed, *many})
        blocks = {name: BLOCKED[mode] for name, mode in held.items() if mode in BLOCKED}
        blocks |= dict.fromkeys(self._locked_through_index(after), EVERYTHING)
        if is_long and in_transaction:
            # a few rows that an UPDATE has locked do not block others for long
            changes = {name: mode for name, mode in held.items()
                       if mode != "ROW EXCLUSIVE" or name in many}  # fmt: skip
            blocks |= refusals(self.engine, changes, blocks)
        self._only_reads(blocks)
        return Measured(
            locks=own,
            strongest=strongest(own.values()),
            rewrites=rewrites,
            index_builds=builds,
            scans=scans,
            written=written,
            blocks=blocks,
            is_long=is_long,
            lost=lost,
            dropped=tuple(dropped_objects(before, after, statement, self._start)),
            rejects=tuple(self._rejects(before, after, scans)),
            changed_behaviour=tuple(self._changed_behaviour(before, after)) + views,
            source="measured" if in_transaction else "known",
        )

    def _only_reads(self, blocks: dict[str, tuple[str, ...]]) -> None:
        """Remove what nobody does with a materialized view: write to it."""
        for one in self._start.relations.values():
            if one.kind == "m" and one.name in blocks:
                blocks[one.name] = tuple(what for what in blocks[one.name] if what == READ)

    def _committed(self, rows: CommittedRows) -> Measured:
        """Return what a statement has done in transactions of its own."""
        written = {name: number for name, number in rows.written.items() if number}
        many = [name for name, number in written.items() if number >= _MANY_ROWS]
        return Measured(
            locks=dict.fromkeys(written, "ROW EXCLUSIVE"),
            strongest="ROW EXCLUSIVE" if written else None,
            written=written,
            blocks=dict.fromkeys(many, (UPDATE, LOCK_ROW)),
            is_long=bool(many),
            lost=tuple(
                f"{number} rows of table {name}"
                for name, number in rows.deleted.items()
                if number >= _MANY_ROWS
            ),
        )

    def failing_queries(self) -> Mapping[str, str]:
        """Run the queries of the running release as a role that owns no objects."""
        with self._cursor() as cursor:
            found = self._release.failing(cursor)
            # exclude what these queries have read and written
            now = take_snapshot(cursor)
        found |= {
            f"{privilege} on {kind} {name} by {role}": "the privilege is revoked"
            for kind, _oid, name, role, privilege in self._start.lost_grants(now)
            if role != OTHER_ROLE
        }
        known = {
            name
            for (kind, _oid), (name, _owner) in self._start.parts.items()
            if kind == "constraint"
        }
        found = {
            query: reason
            for query, reason in found.items()
            # the referenced rows were deleted: the release would not reference them
            if not ((violated := _VIOLATED.search(reason)) and violated[1] in known)
            # the release inserts no rows of other partitions into a table that becomes a partition
            and "violates partition constraint" not in reason
        }
        self._before = replace(
            self._before,
            relations={
                oid: _advanced(one, self._after.relations.get(oid), now.relations.get(oid))
                for oid, one in self._before.relations.items()
            },
        )
        return found

    def missing_at_end(self) -> tuple[str, ...]:
        """Return nothing: on PostgreSQL, each statement names what it drops."""
        return ()

    def left_behind(self) -> tuple[str, ...]:
        """Return the invalid indexes of a failed concurrent build."""
        with self._cursor() as cursor:
            after = take_snapshot(cursor)
            self._end_read()
        new = set(after.relations) - set(self._before.relations)
        return tuple(f"the invalid index {after.relations[oid].name}" for oid in sorted(new))

    def rejects_every_row(self, error: BaseException) -> bool:
        """Return whether the statement failed because a new column has no value."""
        diagnosis = getattr(getattr(error, "orig", error), "diag", None)
        column = getattr(diagnosis, "column_name", None)
        table = getattr(diagnosis, "table_name", None)
        known = {
            name
            for (oid, _number), (name, _type) in self._before.columns.items()
            if self._before.relations[oid].name.rpartition(".")[2] == table
        }
        return column is not None and column not in known

    def _end_read(self) -> None:
        # a statement that cannot be part of a transaction must not follow a SELECT that began one
        driver = self.connection.connection.dbapi_connection
        if driver is not None and not getattr(driver, "autocommit", False):
            driver.rollback()

    # ── what changed ──────────────────────────────────────────────────────

    def _known(self, reasons: Mapping[str, str]) -> dict[str, str]:
        names = set(self._start.tables.values())
        return {name: mode for name, mode in reasons.items() if name in names}

    def _table_locks(self, snapshot: SchemaSnapshot) -> dict[str, str]:
        """Return the strongest lock held on each table that existed before the revision."""
        return {
            name: mode
            for oid, name in self._start.tables.items()
            if (mode := strongest(map(mode_name, snapshot.locks.get(oid, ())))) is not None
        }

    def _own_locks(self, before: SchemaSnapshot, after: SchemaSnapshot) -> dict[str, str]:
        """Return the strongest lock on each table that was not held before the statement."""
        locks = {}
        for oid, name in self._start.tables.items():
            new = after.locks.get(oid, frozenset()) - before.locks.get(oid, frozenset())
            mode = strongest(map(mode_name, new))
            if mode is not None:
                locks[name] = mode
        return locks

    def _locked_through_index(self, after: SchemaSnapshot) -> Iterator[str]:
        # the planner opens every index of a table that a query reads, so an exclusively locked
        # index blocks even SELECT
        for oid, modes in after.locks.items():
            one = after.relations.get(oid) or self._start.relations.get(oid)
            is_old = oid in self._start.relations
            if one is None or not is_old or one.table not in self._start.tables:
                continue
            if "AccessExclusiveLock" in modes and oid in after.relations:
                yield self._start.tables[one.table]

    def _pairs(
        self, before: SchemaSnapshot, after: SchemaSnapshot
    ) -> Iterator[tuple[int, Relation, Relation]]:
        for oid, was in before.relations.items():
            if oid in self._start.relations and oid in after.relations:
                yield oid, was, after.relations[oid]

    def _rewrites(
        self, before: SchemaSnapshot, after: SchemaSnapshot, statement: str
    ) -> Iterator[str]:
        if _TRUNCATE.match(statement):
            return
        for _oid, was, now in self._pairs(before, after):
            if now.kind == "r" and was.filenode != now.filenode:
                yield self._start_name(_oid)

    def _refreshed(self, before: SchemaSnapshot, after: SchemaSnapshot) -> list[str]:
        return [
            now.name
            for _oid, was, now in self._pairs(before, after)
            if now.kind == "m" and was.filenode != now.filenode
        ]

    def _start_name(self, oid: int) -> str:
        return self._start.relations[oid].name

    def _index_builds(self, before: SchemaSnapshot, after: SchemaSnapshot) -> Iterator[str]:
        tables = set()
        for oid, one in after.relations.items():
            if one.table not in self._start.tables or one.kind != "i":
                continue
            was = before.relations.get(oid)
            if (was is None or was.filenode != one.filenode) and not same_file(one, before):
                tables.add(self._start_name(one.table))
        truncated = {
            self._start_name(oid)
            for oid, was, now in self._pairs(before, after)
            if was.filenode != now.filenode
        }
        yield from sorted(tables - truncated)

    def _scans(self, before: SchemaSnapshot, after: SchemaSnapshot) -> Iterator[str]:
        for oid, was, now in self._pairs(before, after):
            if now.scans > was.scans and now.kind in "rm":
                yield self._start_name(oid)

    def _rejects(
        self, before: SchemaSnapshot, after: SchemaSnapshot, scans: Collection[str]
    ) -> Iterator[str]:
        """Yield the default partitions whose rows may belong to a new partition.

        The server reads one unless its checks exclude such rows.
        """
        parents = {parent for _child, parent in after.children - before.children}
        for child, parent in after.children:
            if parent in parents and child in after.defaults and child in self._start.relations:
                below = {child, *(one for one, above in after.children if above == child)}
                if not {self._start_name(one) for one in below}.isdisjoint(scans):
                    yield f"{self._start_name(child)} may have rows of the new partition"

    def _written(self, before: SchemaSnapshot, after: SchemaSnapshot) -> dict[str, int]:
        written = {}
        for oid, was, now in self._pairs(before, after):
            number = now.inserted + now.updated + now.deleted
            number -= was.inserted + was.updated + was.deleted
            if number > 0 and was.filenode == now.filenode:
                written[self._start_name(oid)] = number
        return written

    def _changed_behaviour(self, before: SchemaSnapshot, after: SchemaSnapshot) -> Iterator[str]:
        """Yield changes of the results of running code whose queries do not fail."""
        yield from self._replaced(before, after)
        for child, parent in before.children - after.children:
            if child in after.relations and parent in after.relations:
                names = self._before.relations[child].name, self._before.relations[parent].name
                yield f"a query of {names[1]} does not find the rows of {names[0]} any more"
        types = {oid for oid, _name, _label in after.labels}
        for oid, name, label in before.labels - after.labels:
            if oid in types:
                yield f"the value '{label}' of type {name} no longer exists"
        for _oid, _number, name, attribute in sorted(before.attributes - after.attributes):
            yield f"attribute {attribute} of type {name} no longer exists"
        for key, kind in before.identities.items():
            if kind != after.identities.get(key, kind) and kind == "d":
                name = before.columns[key][0]
                yield f"column {before.relations[key[0]].name}.{name} does not accept values"
        for table, number in before.computed - after.computed:
            if (table, number) in after.columns and table in self._start.tables:
                name = before.columns[table, number][0]
                yield f"column {before.relations[table].name}.{name} is not computed any more"

    def _replaced(self, before: SchemaSnapshot, after: SchemaSnapshot) -> Iterator[str]:
        """Yield the functions that running code may call and that were replaced."""
        for key, (name, is_trigger_function) in before.parts.items():
            if key[0] != "function" or key not in self._start.parts:
                continue
            bare = name.partition("#")[0]
            if key in after.parts and after.parts[key][0] != name:
                yield f"function {bare} is replaced, renamed or moved"
            elif key not in after.parts and not is_trigger_function:
                yield f"function {bare} is dropped, which running code may call"

    # ── views ─────────────────────────────────────────────────────────────

    def _rows_of_views(self, cursor: Any, statement: str) -> dict[int, tuple[str, str]]:
        """Return a query and a digest of the rows of each view that the statement replaces."""
        queries: dict[int, tuple[str, str]] = {}
        if not _REPLACES_VIEW.search(statement):
            return queries
        text = statement.lower()
        for oid, one in self._start.relations.items():
            if one.kind == "v" and one.name.rpartition(".")[2].lower() in text:
                cursor.execute(_VIEW_QUERY, (oid,))
                query = cursor.fetchone()[0]
                cursor.execute(query)
                queries[oid] = query, cursor.fetchone()[0]
        return queries

    def _changed_views(self, cursor: Any, after: SchemaSnapshot) -> Iterator[str]:
        for oid, (query, digest) in self._view_rows.items():
            if oid not in after.relations:
                continue
            cursor.execute(query)
            if cursor.fetchone()[0] != digest:
                yield f"a query of view {after.relations[oid].name} gets other rows"

    # ── lost values ───────────────────────────────────────────────────────

    def _lost(
        self, cursor: Any, statement: str, before: SchemaSnapshot, after: SchemaSnapshot
    ) -> Iterator[str]:
        for oid, one in before.relations.items():
            if oid in self._start.tables and oid not in after.relations and one.kind in "rp":
                yield f"the rows of table {one.name}"
        yield from self._values.lost(cursor, statement, before, after)
        for _oid, was, now in self._pairs(before, after):
            deleted = now.deleted - was.deleted
            if deleted >= _MANY_ROWS:
                yield f"{deleted} rows of table {was.name}"
        kept = {attribute[:2] for attribute in after.attributes}
        for oid, number, name, attribute in sorted(before.attributes):
            if (oid, number) not in kept:
                yield f"the values of attribute {attribute} of type {name}"
        if match := _TRUNCATE.match(statement):
            yield f"the rows of table {match[1].strip()}"
        elif re.match(r"\s*DROP\s+SEQUENCE\b", statement, re.IGNORECASE):
            yield "the current value of the sequence"


def _advanced(one: Relation, old: Relation | None, new: Relation | None) -> Relation:
    """Return a relation with its counters advanced by the changes between two snapshots."""
    if old is None or new is None:
        return one
    return replace(
        one,
        scans=one.scans + new.scans - old.scans,
        inserted=one.inserted + new.inserted - old.inserted,
        updated=one.updated + new.updated - old.updated,
        deleted=one.deleted + new.deleted - old.deleted,
    )


def open_probe(
    connection: Connection,
    engine: Engine,
    words: Collection[str] | None = None,
    release: ReleaseTables | None = None,
) -> PostgresqlProbe:
    """Return a probe for a connection to a scratch database."""
    return PostgresqlProbe(connection, engine, words, release)
