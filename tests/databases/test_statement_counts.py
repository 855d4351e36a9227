"""The number of statements of a command does not grow with tables or moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event

import limbeck.compat
from limbeck import op
from limbeck.compat.autogenerate import compare_metadata
from limbeck.compat.migration import MigrationContext
from limbeck.history import Move, Revision
from limbeck.runtime import VersionTable, make_version_table
from tests.databases.crash_harness import Project
from tests.servers import Database


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _models(tables: int) -> sa.MetaData:
    metadata = sa.MetaData()
    for number in range(tables):
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(30), index=True, server_default="x"),
            sa.Column("made", sa.DateTime, server_default=sa.func.current_timestamp()),
            sa.Column("other_id", sa.ForeignKey(f"t{number - 1}.id") if number else sa.Integer),
        )
    return metadata


def test_a_comparison_sends_as_many_statements_for_fifty_tables_as_for_five(
    database: Database,
) -> None:
    limbeck.compat.install()
    counts = []
    with database.engine() as engine:
        for tables in (5, 50):
            metadata = _models(tables)
            metadata.create_all(engine)
            with engine.connect() as connection:
                context = MigrationContext.configure(
                    connection, opts={"compare_type": True, "compare_server_default": True}
                )
                with counted(engine) as seen:
                    assert compare_metadata(context, metadata) == []
            counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("length", [1, 20])
def test_the_version_table_costs_one_statement_per_move(database: Database, length: int) -> None:
    with database.engine() as engine, engine.begin() as connection:
        context = MigrationContext.configure(connection)
        table = VersionTable(make_version_table("alembic_version", None), connection)
        table.ensure()
        rows: frozenset[str] = frozenset()
        with counted(engine) as seen:
            for number in range(length):
                revision = Revision(f"r{number}", (f"r{number - 1}",) if number else ())
                move = Move(revision, "up", rows, frozenset({revision.id}))
                rows = table.write(move, rows, context.sink)
        assert len(seen) == length
        assert table.read() == (f"r{length - 1}",)


def _adding(name: str) -> Callable[[], None]:
    return lambda: op.add_column("t", sa.Column(name, sa.String(9)))


def test_a_move_sends_as_many_statements_whatever_the_number_of_moves(database: Database) -> None:
    sent: list[list[str]] = []
    for length in (2, 7):
        with database.engine() as engine, engine.begin() as connection:
            for table in sa.inspect(connection).get_table_names():
                connection.exec_driver_sql(f"DROP TABLE {table}")
        seen: list[str] = []

        def watch(engine: sa.Engine, seen: list[str] = seen) -> None:
            sa.event.listen(
                engine, "before_cursor_execute", lambda *given: seen.append(str(given[2]))
            )

        first = {"r0": lambda: op.execute("CREATE TABLE t (id INTEGER)")}
        more = {f"r{number}": _adding(f"c{number}") for number in range(1, length)}
        Project(database.address, ups={**first, **more}, watch=watch).upgrade()
        sent.append(seen)
    # Its own statement and its version row. The engine does not see statements of the driver: on
    # SQLite, those that lock the file and read whether another connection has committed; on MariaDB,
    # the INSERT and the DELETE of the journal's row.
    each = 2
    assert len(sent[1]) - len(sent[0]) == each * (7 - 2), sent[1]
