"""Statements of a run that set and restore the lock and the lock timeout of a MariaDB session."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.compat.migration import MigrationContext
from limbeck.dialects import find
from tests.servers import Database


def _asked(connection: sa.Connection, sql: str) -> object:
    return connection.exec_driver_sql(sql).scalar()


def test_the_lock_belongs_to_the_current_database_of_the_session(mysql_family: Database) -> None:
    name = str(mysql_family.url.database)
    mutex = find("mariadb").mutex
    assert mutex is not None
    with mysql_family.engine() as engine, engine.connect() as connection:
        for database in (name, "mysql"):
            key = f"limbeck:{database}.alembic_version"
            connection.exec_driver_sql(f"USE {database}")
            with mutex(connection, ".alembic_version", timeout=1, waiting=print):
                assert _asked(connection, f"SELECT IS_USED_LOCK('{key}') = CONNECTION_ID()") == 1
            connection.rollback()
            for each in (name, "mysql"):
                free = f"SELECT IS_FREE_LOCK('limbeck:{each}.alembic_version')"
                assert _asked(connection, free) == 1


@pytest.mark.parametrize(("before", "during"), [(86400, 3), (2, 2)])
def test_the_lock_timeout_is_set_and_restored_with_the_lock(
    mysql_family: Database, before: int, during: int
) -> None:
    mutex, table_lock_timeout = find("mariadb").mutex, find("mariadb").table_lock_timeout
    assert mutex is not None
    assert table_lock_timeout is not None
    read = "SELECT @@session.lock_wait_timeout"
    with mysql_family.engine() as engine, engine.connect() as connection:
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {before}")
        with mutex(connection, ".x", timeout=1, waiting=print, table_timeout=3.5):
            assert _asked(connection, read) == during
            table_lock_timeout.limit(
                connection, 1
            )()  # one within the other leaves nothing of its own
            assert _asked(connection, read) == during
        connection.rollback()
        assert _asked(connection, read) == before
        key = f"limbeck:{mysql_family.url.database}.x"
        assert _asked(connection, f"SELECT IS_FREE_LOCK('{key}')") == 1


def test_a_run_restores_the_lock_timeout(mysql_family: Database) -> None:
    read = "SELECT @@session.lock_wait_timeout"
    with mysql_family.engine() as engine, engine.connect() as connection:
        before = _asked(connection, read)
        connection.rollback()
        during: list[object] = []
        context = MigrationContext.configure(
            connection, opts={"fn": lambda *_: during.append(_asked(connection, read)) or []}
        )
        context.run_migrations()
        connection.rollback()
        assert during == [3]
        assert _asked(connection, read) == before


def test_the_lock_timeout_is_restored(mysql_family: Database) -> None:
    table_lock_timeout = find("mariadb").table_lock_timeout
    assert table_lock_timeout is not None
    read = "SELECT @@session.lock_wait_timeout"
    with mysql_family.engine() as engine, engine.connect() as connection:
        for before, during in ((86400, 3), (2, 2)):
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {before}")
            back = table_lock_timeout.limit(connection, 3.5)
            assert _asked(connection, read) == during
            back()
            assert _asked(connection, read) == before
