"""Statements that a transaction does not undo: recorded, reported, and not run twice."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.environment import Environment
from limbeck.runtime import failure_of
from limbeck.runtime.errors import StepUnknownError
from tests.databases.crash_harness import Project, database_state, session
from tests.databases.test_recovery_rules import execute, rows
from tests.servers import Database

BROKEN = "INSERT INTO nowhere VALUES (1)"


def fail(database: Database, program: Callable[[], None]) -> str:
    """Run one revision that fails; return the reported state of the database."""
    with pytest.raises((sa.exc.DBAPIError, RuntimeError)) as caught:
        Project(database.address, ups={"a1": program}).upgrade()
    failure = failure_of(caught.value)
    assert failure is not None
    return failure.state


def succeed(database: Database, program: Callable[[], None]) -> None:
    Project(database.address, ups={"a1": program}).upgrade()
    assert rows(database, "alembic_version") == ["('a1',)"]
    assert "limbeck_journal" not in database_state(database.address)


def program(*statements: str, last: str = BROKEN) -> Callable[[], None]:
    def upgrade() -> None:
        for statement in (*statements, last):
            op.execute(statement)

    return upgrade


@pytest.fixture
def counted(sqlite: Database) -> Database:
    execute(sqlite, "CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)")
    return sqlite


@pytest.mark.parametrize(
    "escape",
    [
        "PRAGMA foreign_keys=ON",
        "PRAGMA main.foreign_keys (ON)",
        "PRAGMA synchronous = NORMAL",
        "VACUUM",
        "ATTACH ':memory:' AS other",
        "COMMIT",
        "END TRANSACTION",
    ],
)
def test_sqlite_ends_the_transaction(counted: Database, escape: str) -> None:
    steps = ("UPDATE t SET n = n + 100", escape, "UPDATE t SET n = n + 1000")
    state = fail(counted, program(*steps))
    assert "1 step of this migration is done" in state
    assert rows(counted, "t") == ["(101,)"]
    succeed(counted, program(*steps, last="SELECT 1"))
    assert rows(counted, "t") == ["(1101,)"]


def test_a_setting_of_sqlite_is_set_again_by_the_next_run(counted: Database) -> None:
    execute(
        counted,
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        "CREATE TABLE child (id INTEGER REFERENCES parent (id) ON DELETE CASCADE)",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (1)",
    )
    steps = ("UPDATE t SET n = n + 100", "PRAGMA foreign_keys=OFF", "DELETE FROM parent")
    fail(counted, program(*steps))
    assert rows(counted, "parent") == ["(1,)"]
    project = Project(counted.address, ups={"a1": program(*steps, last="SELECT 1")})
    project.watch = lambda engine: sa.event.listen(
        engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = ON")
    )
    project.upgrade()
    assert rows(counted, "child") == ["(1,)"]
    assert rows(counted, "t") == ["(101,)"]


def test_reading_a_setting_keeps_the_transaction(counted: Database) -> None:
    steps = ("UPDATE t SET n = n + 100", "PRAGMA foreign_keys", "PRAGMA table_info(t)")
    assert "was rolled back" in fail(counted, program(*steps))
    assert rows(counted, "t") == ["(1,)"]


@pytest.mark.parametrize("answer", ["done", "failed"])
def test_a_commit_by_the_driver_needs_a_decision(counted: Database, answer: str) -> None:
    def upgrade() -> None:
        op.execute("UPDATE t SET n = n + 100")
        op.get_bind().connection.executescript("CREATE TABLE IF NOT EXISTS side (id INTEGER)")  # type: ignore[attr-defined]
        raise RuntimeError("stopped")

    state = fail(counted, upgrade)
    assert "is unknown" in state
    assert rows(counted, "t") == ["(101,)"]
    with pytest.raises(StepUnknownError):
        Project(counted.address, ups={"a1": upgrade}).upgrade()
    execute(
        counted, f"UPDATE limbeck_journal SET state = '{'data' if answer == 'done' else answer}'"
    )
    succeed(counted, program("UPDATE t SET n = n + 100", last="SELECT 1"))
    assert rows(counted, "t") == ["(101,)" if answer == "done" else "(201,)"]


_COUNTED = (
    "CREATE TABLE t (n INTEGER)",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO t VALUES (1)",
)


def with_commit_of_the_driver(first: str, last: str) -> Callable[[], None]:
    """Return a program that changes rows and commits through the driver's connection."""

    def run() -> None:
        op.get_bind().execute(sa.text(first))
        driver: Any = op.get_bind().connection
        driver.cursor().execute("UPDATE t SET n = n + 100")
        driver.commit()
        op.execute(last)

    return run


def test_statements_sent_only_through_the_driver_need_a_decision(postgresql: Database) -> None:
    execute(postgresql, *_COUNTED)
    state = fail(postgresql, with_commit_of_the_driver("SELECT n FROM t", BROKEN))
    assert rows(postgresql, "t") == ["(101,)"]
    assert "the outcome of 1 step is unknown" in state
    mended = with_commit_of_the_driver("SELECT n FROM t", "SELECT 1")
    with pytest.raises(StepUnknownError) as caught:
        Project(postgresql.address, ups={"a1": mended}).upgrade()
    assert "executed directly" in str(caught.value.place)
    assert rows(postgresql, "t") == ["(101,)"]
    execute(postgresql, "UPDATE t SET n = 1", "UPDATE limbeck_journal SET state = 'failed'")
    succeed(postgresql, mended)
    assert rows(postgresql, "t") == ["(101,)"]


def test_rows_before_a_commit_by_the_driver_need_a_decision(server_database: Database) -> None:
    execute(server_database, *_COUNTED)
    first = "UPDATE t SET n = n + 5"
    state = fail(server_database, with_commit_of_the_driver(first, BROKEN))
    assert rows(server_database, "t") == ["(106,)"]
    assert "the outcome of 1 step is unknown" in state
    mended = with_commit_of_the_driver(first, "SELECT 1")
    with pytest.raises(StepUnknownError):
        Project(server_database.address, ups={"a1": mended}).upgrade()
    assert rows(server_database, "t") == ["(106,)"]


def test_statements_that_the_script_rolls_back_run_again(server_database: Database) -> None:
    execute(
        server_database,
        "CREATE TABLE t (n INTEGER)",
        "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    )

    def upgrade(last: str) -> Callable[[], None]:
        def run() -> None:
            bind = op.get_bind()
            op.execute("INSERT INTO t VALUES (1)")
            bind.rollback()
            nested = bind.begin_nested()
            op.execute("INSERT INTO t VALUES (2)")
            nested.rollback()
            op.execute("SAVEPOINT one")
            op.execute("INSERT INTO t VALUES (3)")
            op.execute("ROLLBACK TO SAVEPOINT one")
            op.execute("INSERT INTO t VALUES (4)")
            bind.commit()
            op.execute(last)

        return run

    fail(server_database, upgrade(BROKEN))
    assert rows(server_database, "t") == ["(4,)"]
    with session(server_database.address) as connection:
        (text,) = connection.exec_driver_sql(
            "SELECT statement FROM limbeck_journal WHERE state = 'data'"
        ).scalars()
    assert len(text.splitlines()) == 1
    succeed(server_database, upgrade("SELECT 1"))
    assert rows(server_database, "t") == ["(4,)"]


@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_rows_of_an_engine_without_rollback_are_not_changed_twice(
    mysql_family: Database, engine: str
) -> None:
    if engine == "Aria" and mysql_family.kind == "mysql":
        pytest.skip("an engine of MariaDB")
    execute(mysql_family, f"CREATE TABLE t (n INT) ENGINE={engine}", "INSERT INTO t VALUES (1)")
    execute(mysql_family, "CREATE TABLE u (n INT)", "INSERT INTO u VALUES (1)")
    steps = ("UPDATE u SET n = n + 10", "UPDATE t SET n = n + 100", "UPDATE u SET n = n + 1000")
    state = fail(mysql_family, program(*steps))
    assert "2 steps of this migration are done" in state
    assert (rows(mysql_family, "t"), rows(mysql_family, "u")) == (["(101,)"], ["(11,)"])
    succeed(mysql_family, program(*steps, last="SELECT 1"))
    assert (rows(mysql_family, "t"), rows(mysql_family, "u")) == (["(101,)"], ["(1011,)"])


def test_a_statement_that_fails_halfway_needs_a_decision(mysql_family: Database) -> None:
    execute(
        mysql_family, "CREATE TABLE t (n INT PRIMARY KEY) ENGINE=MyISAM", "INSERT INTO t VALUES (3)"
    )
    steps = program(last="INSERT INTO t VALUES (1), (2), (3)")
    state = fail(mysql_family, steps)
    assert rows(mysql_family, "t") == ["(1,)", "(2,)", "(3,)"]
    assert "is unknown" in state
    with pytest.raises(StepUnknownError):
        Project(mysql_family.address, ups={"a1": steps}).upgrade()
    # a statement that was refused before it began is none
    execute(mysql_family, "DELETE FROM limbeck_journal")
    fail(mysql_family, program(last="INSERT INTO t (nonsense) VALUES (1)"))
    succeed(mysql_family, program(last="INSERT INTO t VALUES (4)"))


def test_rows_that_a_trigger_writes_without_rollback_are_reported(mysql_family: Database) -> None:
    execute(
        mysql_family,
        "CREATE TABLE t (n INT)",
        "CREATE TABLE log (n INT) ENGINE=MyISAM",
        "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO log VALUES (NEW.n)",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = fail(mysql_family, program("INSERT INTO t VALUES (1)"))
    assert rows(mysql_family, "log") == ["(1,)"]
    assert "non-transactional tables" in state


@pytest.mark.parametrize("in_block", [False, True])
def test_a_transaction_requested_in_a_migration_is_that_of_the_run(
    postgresql: Database, in_block: bool
) -> None:
    def upgrade(*, last: str) -> None:
        if in_block:
            with op.get_context().autocommit_block():
                op.execute("CREATE TABLE IF NOT EXISTS before (id INTEGER)")
        with op.get_context().begin_transaction():
            op.execute("CREATE TABLE inner_table (id INTEGER)")
        op.execute(last)

    fail(postgresql, lambda: upgrade(last=BROKEN))
    assert "inner_table" not in database_state(postgresql.address)
    succeed(postgresql, lambda: upgrade(last="SELECT 1"))
    assert "inner_table" in database_state(postgresql.address)


def test_use_of_another_database_moves_no_other_version_row(mysql_family: Database) -> None:
    other = f"{mysql_family.url.database}_other"
    home = mysql_family.url.database
    with mysql_family.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {other}")
    try:
        execute(
            mysql_family,
            f"CREATE TABLE {other}.alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
            f"INSERT INTO {other}.alembic_version VALUES ('zz')",
        )
        steps = (f"USE {other}", "CREATE TABLE here (n INT)", "INSERT INTO here VALUES (1)")
        fail(mysql_family, program(*steps))
        succeed(mysql_family, program(*steps, last=f"USE {other}"))
        with session(mysql_family.address) as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM {other}.alembic_version").all()
            assert found == [("zz",)]
            names = sa.inspect(connection).get_table_names(schema=other)
            assert sorted(names) == ["alembic_version", "here"]
            assert connection.exec_driver_sql(f"SELECT n FROM {other}.here").all() == [(1,)]
        assert sorted(database_state(mysql_family.address)) == ["alembic_version"]
        assert home == mysql_family.url.database
    finally:
        with mysql_family.engine() as engine, engine.begin() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {other}")


@pytest.mark.parametrize(
    "change",
    [
        "SET search_path TO other",
        "SET LOCAL search_path = other",
        "SELECT pg_catalog.set_config('search_path', '', false)",
    ],
)
def test_another_search_path_moves_no_other_version_row(postgresql: Database, change: str) -> None:
    execute(
        postgresql,
        "CREATE SCHEMA other",
        "CREATE TABLE other.alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
        "INSERT INTO other.alembic_version VALUES ('zz')",
    )
    try:
        Project(
            postgresql.address,
            ups={
                "a1": program(change, last="CREATE TABLE public.here (n int)"),
                "b2": program(last="SELECT 1"),
            },
        ).upgrade()
        assert rows(postgresql, "alembic_version") == ["('b2',)"]
        with session(postgresql.address) as connection:
            found = connection.exec_driver_sql("SELECT * FROM other.alembic_version").all()
            assert found == [("zz",)]
    finally:
        execute(postgresql, "DROP SCHEMA other CASCADE")


@pytest.mark.parametrize("setting", ["sql_safe_updates=1", "default_storage_engine='MyISAM'"])
def test_settings_of_the_session_do_not_stop_recovery(mysql_family: Database, setting: str) -> None:
    def project(last: str) -> Project:
        project = Project(
            mysql_family.address,
            ups={
                "a1": program(
                    "CREATE TABLE t (n INT)",
                    "INSERT INTO t VALUES (1)",
                    "CREATE TABLE u (n INT)",
                    last=last,
                )
            },
        )

        def connected(raw: object, _record: object) -> None:
            raw.cursor().execute(f"SET SESSION {setting}")  # type: ignore[attr-defined]

        project.watch = lambda engine: sa.event.listen(engine, "connect", connected)
        return project

    with pytest.raises(sa.exc.DBAPIError):
        project(BROKEN).upgrade()
    project("SELECT 1").upgrade()
    assert rows(mysql_family, "t") == ["(1,)"]
    with Environment(object(), project("SELECT 1"), fn=lambda _rows, _context: [], purge=True):
        project("SELECT 1").run_env()
    assert rows(mysql_family, "alembic_version") == []
    with session(mysql_family.address) as connection:
        shown = connection.exec_driver_sql("SHOW CREATE TABLE alembic_version").one()[1]
    assert "ENGINE=InnoDB" in shown
