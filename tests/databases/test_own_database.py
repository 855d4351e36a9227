"""The test harness: a test's database is empty, private, and dropped afterwards."""

from __future__ import annotations

import sqlalchemy as sa

from tests.servers import Database, address, drop_spare, own_database


def test_a_database_is_empty(database: Database) -> None:
    with database.engine() as engine:
        assert sa.inspect(engine).get_table_names() == []


def test_a_database_is_dropped_afterwards(tmp_path, server_database: Database) -> None:
    with own_database(server_database.kind, tmp_path) as second:
        assert second.url.database != server_database.url.database
        with second.engine() as engine, engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
    with own_database(server_database.kind, tmp_path) as third, third.engine() as engine:
        assert sa.inspect(engine).get_table_names() == []
    drop_spare()
    admin = sa.create_engine(address(server_database.kind))
    names = sa.inspect(admin).get_schema_names()
    if server_database.kind == "postgresql":
        with admin.connect() as connection:
            names = list(connection.scalars(sa.text("SELECT datname FROM pg_database")))
    admin.dispose()
    assert second.url.database not in names
    assert server_database.url.database in names
