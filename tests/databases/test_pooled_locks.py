"""PgBouncer in transaction pooling: no lock stays in the pool, and one runner runs at a time."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from limbeck import context, op
from limbeck.dialects import find
from limbeck.errors import JournalOffError
from tests import servers
from tests.databases.crash_harness import Project, database_state, in_child, session
from tests.servers import Database

RUNNERS = 6


@pytest.fixture
def pooled(postgresql: Database) -> Iterator[Database]:
    """Return a database behind a pooler that gives each transaction another session."""
    url = sa.make_url(servers.address("pgbouncer")).set(database=postgresql.url.database)
    if not servers.answers("pgbouncer", url.render_as_string(hide_password=False)):
        pytest.skip("pgbouncer: NOT TESTED: it stands before another PostgreSQL than the tests use")
    yield Database("postgresql", url)
    # the pooler's sessions would keep the database from being emptied or dropped
    with session(postgresql.address) as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def advisory_locks(database: Database) -> int:
    with session(database.address) as connection:
        return int(
            connection.exec_driver_sql(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).scalar_one()
        )


def _first() -> None:
    op.execute("CREATE TABLE once (id INTEGER)")
    op.execute("CREATE TABLE alone (id INTEGER PRIMARY KEY)")
    op.execute("INSERT INTO once VALUES (1)")


def _block() -> None:
    op.execute("INSERT INTO once VALUES (2)")
    with op.get_context().autocommit_block():
        # a second runner in here would break the key
        op.execute("INSERT INTO alone VALUES (1)")
        op.execute("CREATE INDEX CONCURRENTLY ix ON once (id)")
        op.execute("SELECT pg_sleep(0.3)")
        op.execute("INSERT INTO once VALUES (3)")
        op.execute("DELETE FROM alone")
    op.execute("INSERT INTO once VALUES (4)")


class AsyncpgProject(Project):
    """A project whose env.py connects with asyncpg, which prepares every statement."""

    def run_env(self) -> None:
        def run(connection: sa.Connection) -> None:
            context.configure(connection=connection, **self.configure)
            with context.begin_transaction():
                context.run_migrations()

        async def migrate() -> None:
            engine = create_async_engine(self.url, poolclass=sa.NullPool)
            async with engine.connect() as connection:
                await connection.run_sync(run)
            await engine.dispose()

        asyncio.run(migrate())


def _project(database: Database, way: str, **configure: Any) -> Project:
    ups = {"a1": _first, "b2": _block, "c3": lambda: op.execute("INSERT INTO once VALUES (5)")}
    if way == "asyncpg":
        return AsyncpgProject(database.async_address, ups=ups, configure=configure)
    options: dict[str, Any] = {"connect_args": {"prepare_threshold": 0}}
    if way == "autocommit":
        options["isolation_level"] = "AUTOCOMMIT"
    return Project(database.address, ups=ups, configure=configure, engine_options=options)


def _start(project: Project) -> int:
    """Run a project to its head in a process of its own; return its id."""
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            project.upgrade(lock_timeout=100)
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must never come back
            os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    return pid


@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("way", ["psycopg", "asyncpg", "autocommit", "all"])
def test_many_runners_run_each_migration_once(
    postgresql: Database, pooled: Database, way: str, per_migration: bool
) -> None:
    ways = ["psycopg", "asyncpg", "autocommit"] if way == "all" else [way]
    children = []
    for number in range(RUNNERS):
        # some go past the pooler
        database = postgresql if way == "all" and number >= RUNNERS - 2 else pooled
        project = _project(
            database, ways[number % len(ways)], transaction_per_migration=per_migration
        )
        children.append(_start(project))
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [0] * RUNNERS
    found = database_state(postgresql.address)
    assert found["once"][1:] == (["ix"], ["(1,)", "(2,)", "(3,)", "(4,)", "(5,)"])
    assert found["alembic_version"][2] == ["('c3',)"]
    assert "limbeck_journal" not in found
    assert advisory_locks(postgresql) == 0


def test_a_wait_for_the_lock_after_a_block_is_no_lost_transaction(
    postgresql: Database, pooled: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Behind a pooler, another run can take the lock between the block and the rest of the move."""
    mutex = find("postgresql").mutex
    assert mutex is not None
    is_held, others = threading.Event(), []

    def hold_lock() -> None:
        with (
            session(postgresql.address) as connection,
            connection.begin(),
            mutex(connection, ".alembic_version", timeout=9, waiting=print),
        ):
            is_held.set()
            time.sleep(1)

    def upgrade() -> None:
        op.execute("CREATE TABLE once (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO once VALUES (1)")
            others.append(threading.Thread(target=hold_lock))
            others[0].start()
            assert is_held.wait(9)
        op.execute("INSERT INTO once VALUES (2)")

    with caplog.at_level("INFO", "alembic.runtime.migration"):
        Project(pooled.address, ups={"a1": upgrade}).upgrade(lock_timeout=20)
    others[0].join()
    assert "Waiting for the run lock" in caplog.text
    assert "has ended the transaction" not in caplog.text
    found = database_state(postgresql.address)
    assert found["once"][2] == ["(1,)", "(2,)"]
    assert "limbeck_journal" not in found


def test_a_failed_run_in_autocommit_leaves_no_lock(postgresql: Database, pooled: Database) -> None:
    def broken() -> None:
        _first()
        op.execute("INSERT INTO nowhere VALUES (1)")

    project = _project(pooled, "autocommit")
    first, project.ups["a1"] = project.ups["a1"], broken
    with pytest.raises(sa.exc.ProgrammingError):
        project.upgrade()
    assert advisory_locks(postgresql) == 0
    project.ups["a1"] = first
    other = _project(postgresql, "psycopg")
    other.upgrade(lock_timeout=2)
    assert database_state(postgresql.address)["alembic_version"][2] == ["('c3',)"]
    assert "limbeck_journal" not in database_state(postgresql.address)


def test_a_run_in_autocommit_needs_the_journal(postgresql: Database, pooled: Database) -> None:
    project = _project(pooled, "autocommit", journal="off")
    with pytest.raises(JournalOffError):
        project.upgrade()
    assert database_state(postgresql.address) == {}


def test_a_run_killed_in_a_block_holds_the_lock_for_a_while(
    postgresql: Database, pooled: Database
) -> None:
    def die() -> None:
        op.execute("CREATE TABLE once (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO once VALUES (1)")
            os._exit(9)

    assert in_child(Project(pooled.address, ups={"a1": die}).upgrade) == 9

    def whole() -> None:
        op.execute("CREATE TABLE once (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO once VALUES (1)")

    project = Project(postgresql.address, ups={"a1": whole})
    begun = time.monotonic()
    with pytest.raises(Exception, match="connection pooler"):
        project.upgrade(lock_timeout=2, table_timeout=1)
    assert time.monotonic() - begun < 20
    with session(postgresql.address) as connection:
        connection.exec_driver_sql(
            "UPDATE limbeck_journal SET trace = '0' WHERE direction = 'lock'"
        )
        connection.commit()
    project.upgrade(lock_timeout=2)
    assert database_state(postgresql.address)["once"][2] == ["(1,)"]
    assert advisory_locks(postgresql) == 0


@pytest.mark.parametrize("paths", [("one, public", "public"), ("public", "two, public")])
def test_search_paths_that_find_one_version_table_have_one_lock(
    postgresql: Database, paths: tuple[str, str]
) -> None:
    with session(postgresql.address) as connection:
        for sql in (
            "CREATE SCHEMA one",
            "CREATE SCHEMA two",
            "CREATE TABLE public.alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
        ):
            connection.exec_driver_sql(sql)
        connection.commit()
    try:

        def project(path: str, seconds: float) -> Project:
            def upgrade() -> None:
                op.execute(f"SELECT pg_sleep({seconds})")
                op.execute("CREATE TABLE public.once (id INTEGER)")

            options = {"connect_args": {"options": f"-c search_path={path.replace(' ', '')}"}}
            return Project(postgresql.address, ups={"a1": upgrade}, engine_options=options)

        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                project(paths[0], 1.5).upgrade()
                code = 0
            finally:
                os._exit(code)
        time.sleep(0.7)
        project(paths[1], 0).upgrade(lock_timeout=30)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert database_state(postgresql.address)["alembic_version"][2] == ["('a1',)"]
    finally:
        with session(postgresql.address) as connection:
            connection.exec_driver_sql("DROP SCHEMA one CASCADE")
            connection.exec_driver_sql("DROP SCHEMA two CASCADE")
            connection.commit()
