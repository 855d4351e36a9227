"""Engines in AUTOCOMMIT, and version rows that are locked by other sessions."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.compat.migration import MigrationContext
from limbeck.compat.operations import Operations
from limbeck.runtime import failure_of
from tests.databases.crash_harness import Project, database_state, session
from tests.databases.test_pooled_locks import advisory_locks
from tests.servers import Database

AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}


def _first() -> None:
    op.execute("CREATE TABLE t (id INTEGER)")
    op.execute("INSERT INTO t VALUES (1)")


def _second() -> None:
    op.add_column("t", sa.Column("name", sa.String(9)))
    op.execute("INSERT INTO t (id) VALUES (2)")


def test_an_engine_in_autocommit_runs_each_migration_once(database: Database) -> None:
    def project(**ups: Any) -> Project:
        downs = {"a1": lambda: op.drop_table("t"), "b2": lambda: op.drop_column("t", "name")}
        return Project(database.address, ups=ups, downs=downs, engine_options=AUTOCOMMIT)

    def broken() -> None:
        _second()
        op.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(sa.exc.DBAPIError) as caught:
        project(a1=_first, b2=broken).upgrade()
    assert failure_of(caught.value) is not None
    assert database_state(database.address)["alembic_version"][2] == ["('a1',)"]
    project(a1=_first, b2=_second).upgrade()
    found = database_state(database.address)
    assert found["alembic_version"][2] == ["('b2',)"]
    assert found["t"][2] == ["(1, None)", "(2, None)"]
    assert "limbeck_journal" not in found
    project(a1=_first, b2=_second).downgrade()
    found = database_state(database.address)
    assert found["alembic_version"][2] == []
    assert "t" not in found
    if database.kind == "postgresql":
        assert advisory_locks(database) == 0


def test_runners_in_autocommit_exclude_each_other(server_database: Database) -> None:
    def slow() -> None:
        op.execute("INSERT INTO t (id) VALUES (2)")
        time.sleep(0.3)
        op.execute("INSERT INTO t (id) VALUES (3)")

    project = Project(
        server_database.address, ups={"a1": _first, "b2": slow}, engine_options=AUTOCOMMIT
    )
    children = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                project.upgrade(lock_timeout=30)
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0, 0, 0]
    assert database_state(server_database.address)["t"][2] == ["(1,)", "(2,)", "(3,)"]


def test_the_wait_for_a_locked_version_row_is_limited(
    server_database: Database,
) -> None:
    Project(server_database.address, ups={"a1": _first}).upgrade()
    project = Project(server_database.address, ups={"a1": _first, "b2": _second})
    with session(server_database.address) as connection:
        connection.exec_driver_sql("SELECT version_num FROM alembic_version FOR UPDATE")
        begun = time.monotonic()
        with pytest.raises(sa.exc.DBAPIError):
            project.upgrade(lock_timeout=3, table_timeout=1)
        assert time.monotonic() - begun < 15
        connection.rollback()
    project.upgrade(lock_timeout=3, table_timeout=1)
    found = database_state(server_database.address)
    assert found["alembic_version"][2] == ["('b2',)"]
    assert found["t"][2] == ["(1, None)", "(2, None)"]


def test_a_version_row_that_is_released_in_time_is_changed(server_database: Database) -> None:
    Project(server_database.address, ups={"a1": _first}).upgrade()
    project = Project(server_database.address, ups={"a1": _first, "b2": _second})
    with session(server_database.address) as connection:
        connection.exec_driver_sql("SELECT version_num FROM alembic_version FOR UPDATE")
        release = threading.Timer(2.5, connection.rollback)
        release.start()
        project.upgrade(lock_timeout=30, table_timeout=1)
        release.join()
    found = database_state(server_database.address)
    assert found["alembic_version"][2] == ["('b2',)"]
    assert found["t"][2] == ["(1, None)", "(2, None)"]


def test_an_index_is_built_concurrently_by_a_program_in_autocommit(postgresql: Database) -> None:
    with postgresql.engine(**AUTOCOMMIT) as engine, engine.connect() as connection:
        connection.execute(
            sa.text("CREATE TABLE t (id INTEGER)")
        )  # begins SQLAlchemy's transaction
        operations = Operations(MigrationContext.configure(connection))
        operations.create_index("ix", "t", ["id"], postgresql_concurrently=True)
        assert [one["name"] for one in sa.inspect(connection).get_indexes("t")] == ["ix"]
        operations.drop_index("ix", "t", postgresql_concurrently=True)
        assert sa.inspect(connection).get_indexes("t") == []
