"""Recovery where each step is committed: MariaDB, MySQL, and autocommit blocks on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.errors import RecoveryChoiceError
from limbeck.runtime import Event, Finished
from tests.databases.crash_harness import Project, database_state, in_child, session
from tests.databases.test_recovery_rules import execute, rows, run
from tests.servers import Database, own_database

NOWHERE = "INSERT INTO nowhere VALUES (1)"


@pytest.fixture(params=["postgresql", "mariadb", "mysql"])
def committing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on which `steps` commits each step."""
    with own_database(request.param, tmp_path) as database:
        yield database


def steps(*parts: str | Callable[[], None]) -> Callable[[], None]:
    """Return a program whose parts are committed one by one."""

    def upgrade() -> None:
        with op.get_context().autocommit_block():
            for part in parts:
                op.execute(part) if isinstance(part, str) else part()

    return upgrade


def _not_null() -> None:
    op.alter_column("t", "x", nullable=False, existing_type=sa.Integer())


def _fail(database: Database, program: Callable[[], None]) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        Project(database.address, ups={"a1": program}).upgrade()


def test_an_update_inserted_above_the_failed_statement_runs(committing: Database) -> None:
    made = ("CREATE TABLE t (id INTEGER, x INTEGER)", "INSERT INTO t (id) VALUES (1)")
    run(committing, steps(*made, _not_null), steps(*made, "UPDATE t SET x = 5", _not_null))
    assert rows(committing, "t") == ["(1, 5)"]
    with session(committing.address) as connection:
        found = {one["name"]: one["nullable"] for one in sa.inspect(connection).get_columns("t")}
    assert found["x"] is False


def test_an_insert_added_between_completed_statements_runs_once(committing: Database) -> None:
    first, second = "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"
    made, index = "CREATE TABLE t (id INTEGER)", "CREATE INDEX ix ON t (id)"
    run(
        committing,
        steps(made, first, index, NOWHERE),
        steps(made, first, second, index, NOWHERE),
        steps(made, first, second, index),
    )
    assert rows(committing, "t") == ["(1,)", "(2,)"]


def test_an_index_whose_name_was_taken_is_built_once_it_is_free(committing: Database) -> None:
    execute(committing, "CREATE TABLE t (id INTEGER, x INTEGER)", "CREATE INDEX ix ON t (x)")
    program = steps(lambda: op.create_index("ix", "t", ["id"], unique=True))
    _fail(committing, program)
    execute(committing, "DROP INDEX ix" + ("" if committing.kind == "postgresql" else " ON t"))
    # another change of the table is no sign that the index is there
    execute(committing, "ALTER TABLE t ADD COLUMN y INTEGER")
    run(committing, program)
    with session(committing.address) as connection:
        (index,) = sa.inspect(connection).get_indexes("t")
    assert (index["column_names"], bool(index["unique"])) == (["id"], True)


def test_an_index_of_the_same_name_on_other_columns_is_not_the_one(committing: Database) -> None:
    execute(committing, "CREATE TABLE t (id INTEGER, x INTEGER)")

    def program(*last: str) -> Callable[[], None]:
        return steps(lambda: op.create_index("ix", "t", ["id"], unique=True), *last)

    _fail(committing, program(NOWHERE))
    where = "" if committing.kind == "postgresql" else " ON t"
    execute(committing, f"DROP INDEX ix{where}", "CREATE INDEX ix ON t (x)")
    # the wrong index is no ground to skip the step: the run tries to make the right one
    _fail(committing, program())
    execute(committing, f"DROP INDEX ix{where}")
    run(committing, program())
    with session(committing.address) as connection:
        (index,) = sa.inspect(connection).get_indexes("t")
    assert (index["column_names"], bool(index["unique"])) == (["id"], True)


@pytest.mark.parametrize("kept", [(), ("t",)])
def test_tables_dropped_without_the_journal_are_created_again(
    committing: Database, kept: tuple[str, ...]
) -> None:
    def program(*last: str) -> Callable[[], None]:
        return steps(
            "CREATE TABLE t (id INTEGER)",
            "CREATE TABLE side (id INTEGER)",
            "ALTER TABLE t ADD COLUMN x INTEGER",
            *last,
        )

    _fail(committing, program(NOWHERE))
    for name in {"t", "side", "alembic_version"} - set(kept):
        execute(committing, f"DROP TABLE IF EXISTS {name}")
    run(committing, program())
    found = database_state(committing.address)
    assert [name for name, _ in found["t"][0]] == ["id", "x"]
    assert "side" in found


def test_a_failed_create_all_can_be_run_again(committing: Database) -> None:
    metadata = sa.MetaData()
    sa.Table("one", metadata, sa.Column("id", sa.Integer))
    sa.Table("two", metadata, sa.Column("id", sa.Integer))
    execute(committing, "CREATE VIEW two AS SELECT 1 AS n")

    def upgrade() -> None:
        with op.get_context().autocommit_block():
            # each is looked for before it is made; a view is none of the tables
            for table in metadata.sorted_tables:
                if not sa.inspect(op.get_bind()).has_table(table.name) or table.name == "two":
                    table.create(op.get_bind())
            op.execute("INSERT INTO one VALUES (1)")

    def create_all() -> None:
        with op.get_context().autocommit_block():
            metadata.create_all(op.get_bind())
            op.execute("INSERT INTO one VALUES (1)")

    _fail(committing, upgrade)
    execute(committing, "DROP VIEW two")
    run(committing, create_all)
    assert {"one", "two"} <= set(database_state(committing.address))
    assert rows(committing, "one") == ["(1,)"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_move_started_by_another_runner_is_resumed(kind: str, tmp_path: Path) -> None:
    with own_database(kind, tmp_path) as database:
        first = lambda: op.execute("CREATE TABLE t (id INTEGER)")  # noqa: E731
        done = "INSERT INTO t VALUES (1)"

        def second(last: str) -> Callable[[], None]:
            def upgrade() -> None:
                op.execute(done)
                op.execute("COMMIT")
                op.execute(last)

            return upgrade

        def project(last: str) -> Project:
            ups = {"a1": first, "b2": second(last)}
            settings = {"transaction_per_migration": True}
            return Project(database.address, ups=ups, configure=settings)

        others: list[int] = []

        def other_begins(event: Event) -> None:
            # SQLite's run has the lock no more, and has read the journal for its first migration;
            # on PostgreSQL the other one does not get it
            if isinstance(event, Finished) and event.move.revision.id == "a1":
                others.append(in_child(lambda: project(NOWHERE).upgrade(lock_timeout=2)))

        project("INSERT INTO t VALUES (2)").upgrade(listener=other_begins)
        assert len(others) == 1
        assert others[0] != 0
        assert rows(database, "t") == ["(1,)", "(2,)"]
        assert rows(database, "alembic_version") == ["('b2',)"]


def test_an_interrupted_move_is_not_followed_by_the_other_direction(
    committing: Database,
) -> None:
    project = Project(
        committing.address,
        ups={
            "a1": steps("CREATE TABLE t (id INTEGER)"),
            "b2": steps("CREATE TABLE side (id INTEGER)"),
            "c3": steps("INSERT INTO t VALUES (1)", "CREATE TABLE last (id INTEGER)", NOWHERE),
        },
        downs={"a1": steps("DROP TABLE t"), "b2": steps("DROP TABLE side", NOWHERE)},
    )
    with pytest.raises(sa.exc.DBAPIError):
        project.upgrade()
    # the row of c3 would go with the table of a1, and the journal still say that it is there
    with pytest.raises(RecoveryChoiceError, match="upgrade of c3 was interrupted"):
        project.downgrade()
    assert rows(committing, "alembic_version") == ["('b2',)"]
    last = project.ups.pop("c3")
    execute(committing, "DELETE FROM limbeck_journal", "DROP TABLE last", "DELETE FROM t")
    with pytest.raises(sa.exc.DBAPIError):
        project.downgrade()
    assert "side" not in database_state(committing.address)
    project.ups["c3"] = last
    with pytest.raises(RecoveryChoiceError, match="downgrade of b2 was interrupted"):
        project.upgrade()
    assert rows(committing, "t") == []
    project.downs["b2"] = steps("DROP TABLE side")
    project.downgrade()
    assert "limbeck_journal" not in database_state(committing.address)
    assert rows(committing, "alembic_version") == []
