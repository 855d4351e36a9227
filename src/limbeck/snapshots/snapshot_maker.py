"""Make a snapshot: run the history on one scratch database, and restore it on another one."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from limbeck.catalog import Catalog, Table
from limbeck.history import History
from limbeck.scratch import DatabaseSource, Kind, ScratchDatabase, open_scratch, redirected
from limbeck.snapshots.errors import SnapshotNotProvenError
from limbeck.snapshots.reference_rows import Rows, read_rows, row_statements
from limbeck.snapshots.restoring import run_snapshot, without_own
from limbeck.snapshots.schema_sql import schema_script
from limbeck.snapshots.snapshot_file import (
    SnapshotFile,
    database_kind,
    default_schema,
    history_hash,
)
from limbeck.verification import comparable, schema_traces

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class CreatedSnapshot:
    """A snapshot that was made and proven.

    Args:
        snapshot: the snapshot.
        objects: the number of objects.
        rows: the number of rows.
    """

    snapshot: SnapshotFile
    objects: int
    rows: int


@dataclass(frozen=True, slots=True)
class _State:
    """What a database contains."""

    catalog: Catalog
    rows: Rows
    unread: tuple[str, ...]


@dataclass(frozen=True)
class SnapshotMaker:
    """Makes snapshots of one project.

    Args:
        history: the graph of revisions.
        source: the project's database, which is not touched.
        kind: the kind of scratch database.
        scratch_url: another server for it.
        max_rows: the greatest number of rows in the snapshot.
    """

    history: History
    source: DatabaseSource
    kind: Kind = "auto"
    scratch_url: str | None = None
    max_rows: int = 10_000

    def make(self, revisions: tuple[str, ...], run: Callable[[], str]) -> CreatedSnapshot:
        """Run the history, make a snapshot of the result, and prove it.

        Args:
            revisions: the version rows after the run.
            run: upgrades the database to which env.py connects; returns the name of the version
                table.

        Raises:
            ScratchError: there can be no scratch database.
            TooManyRowsError: the history inserts more rows than a snapshot may have.
            SnapshotNotProvenError: the restored snapshot is not what the history leads to.
        """
        with self._scratch() as scratch:
            with redirected(scratch, self.source):
                version_table = run()
            state = self._state(scratch, version_table)
            snapshot = self._written(scratch, state, revisions)
        self._prove(snapshot, state, version_table)
        number = sum(len(rows) for rows in state.rows.values())
        return CreatedSnapshot(snapshot, len(state.catalog), number)

    def _scratch(self) -> Any:
        return open_scratch(self.source, kind=self.kind, scratch_url=self.scratch_url)

    def _state(self, scratch: ScratchDatabase, version_table: str) -> _State:
        catalog = without_own(scratch.catalog(), version_table)
        record = scratch.record
        with scratch.engine.connect() as connection:
            unread = record.scratch.unread_objects
            names = () if unread is None else tuple(unread(connection))
            return _State(catalog, read_rows(connection, record, catalog, self.max_rows), names)

    def _written(
        self, scratch: ScratchDatabase, state: _State, revisions: tuple[str, ...]
    ) -> SnapshotFile:
        with scratch.engine.connect() as connection:
            made = schema_script(state.catalog, connection.dialect)
            statements = row_statements(connection, scratch.record, state.catalog, state.rows)
            rows = _as_script(statements)
            parts = (made.objects, rows, made.late)
            return SnapshotFile(
                database_kind(connection.dialect),
                default_schema(connection),
                revisions,
                history_hash(self.history, revisions),
                "\n\n".join(filter(None, parts)) + "\n",
            )

    def _prove(self, snapshot: SnapshotFile, wanted: _State, version_table: str) -> None:
        with self._scratch() as scratch:
            try:
                with scratch.connection() as connection:
                    run_snapshot(connection, snapshot)
            except sa.exc.DBAPIError as error:
                reason = str(error.orig).strip().splitlines()[0]
                raise SnapshotNotProvenError(
                    f"The snapshot cannot be restored: {reason}",
                    hint="Nothing was written. The statement is shown; a schema with such an "
                    "object can have no snapshot.",
                    place=(error.statement or "").strip()[:200] or None,
                ) from error
            found = self._state(scratch, version_table)
        differences = _differences(wanted, found)
        if differences:
            more = len(differences) - _SHOWN
            listed = "\n".join(f"  {one}" for one in differences[:_SHOWN])
            raise SnapshotNotProvenError(
                "The restored snapshot is not what the revisions lead to:\n"
                f"{listed}" + (f"\n  and {more} more" if more > 0 else ""),
                hint="Nothing was written. A schema with such objects can have no snapshot; "
                "`upgrade` runs the revisions as before.",
            )


def _differences(wanted: _State, found: _State) -> list[str]:
    """Return in words how a restored database differs from the one that the history made."""
    traces = schema_traces(comparable(found.catalog), comparable(wanted.catalog))
    words = [f"{one.object} {one.difference}" for one in traces]
    for table in wanted.catalog.tables:
        other = found.catalog.get(table.key)
        if isinstance(other, Table) and _names(other) != _names(table):
            words.append(f"the order of the columns of {table.key.name} differs")
    words += [
        f"the rows of {key.name} differ"
        for key in {**wanted.rows, **found.rows}
        if list(map(tuple, wanted.rows.get(key, ()))) != list(map(tuple, found.rows.get(key, ())))
    ]
    words += [f"{name} is not read by limbeck" for name in set(wanted.unread) - set(found.unread)]
    return words


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _as_script(statements: list[str]) -> str:
    output = io.StringIO()
    for statement in statements:
        output.write(f"{statement};\n\n")
    return output.getvalue().strip()
