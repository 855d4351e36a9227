"""Round trips of a run, without those of opening the connection."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import limbeck.compat
from limbeck import context, op
from limbeck.compat.autogenerate import compare_metadata
from limbeck.environment import Environment
from tests.databases.crash_harness import Project
from tests.servers import Database
from tests.tcp_proxy import CountingProxy, counting_proxy

# MariaDB has a setting of its own to make, and looks for a journal that a dead run has left
LOOK = {"postgresql": 5, "mariadb": 8, "mysql": 8}
COMPARISON = {"postgresql": 6, "mariadb": 7, "mysql": 7}


def _models() -> sa.MetaData:
    metadata = sa.MetaData()
    for number in range(30):
        sa.Table(
            f"t{number}",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(30), index=True, server_default="x"),
        )
    return metadata


def _opening(proxy: CountingProxy) -> int:
    """Count the turns of a connection of which nobody asks anything."""
    before = proxy.count
    engine = sa.create_engine(proxy.url, poolclass=sa.NullPool)
    engine.connect().close()
    engine.dispose()
    return proxy.count - before


def _compared(url: sa.URL, metadata: sa.MetaData) -> list[Any]:
    found: list[Any] = []

    def compare(_rows: object, migration_context: Any) -> list[Any]:
        found.extend(compare_metadata(migration_context, metadata))
        return []

    address = url.render_as_string(hide_password=False)
    project = Project(address, ups={}, configure={"target_metadata": metadata})
    with Environment(object(), project, fn=compare):
        project.run_env()
    return found


def test_the_round_trips_of_a_comparison_do_not_depend_on_the_number_of_tables(
    server_database: Database,
) -> None:
    limbeck.compat.install()
    metadata = _models()
    with server_database.engine() as engine:
        metadata.create_all(engine)
    with counting_proxy(server_database.url) as proxy:
        assert _compared(proxy.url, metadata) == []  # makes the version table
        opening = _opening(proxy)
        before = proxy.count
        assert _compared(proxy.url, metadata) == []
        round_trips = proxy.count - before - opening
    assert round_trips <= COMPARISON[server_database.kind]


def test_an_upgrade_at_head_needs_few_round_trips(server_database: Database) -> None:
    with counting_proxy(server_database.url) as proxy:
        address = proxy.url.render_as_string(hide_password=False)
        project = Project(address, ups={"a1": lambda: op.execute("CREATE TABLE t (id INTEGER)")})
        project.upgrade()
        opening = _opening(proxy)
        before = proxy.count
        project.upgrade()
        round_trips = proxy.count - before - opening
    assert round_trips <= LOOK[server_database.kind]


@pytest.mark.parametrize("is_there", [False, True])
def test_an_absent_table_keeps_the_transaction(server_database: Database, is_there: bool) -> None:
    found: list[tuple[str, ...]] = []

    def job(rows: tuple[str, ...], _context: object) -> list[Any]:
        found.append(rows)
        bind = context.get_bind()
        # a transaction that had failed would take this for an error
        assert bind.exec_driver_sql("SELECT 1").scalar() == 1
        return []

    if is_there:
        with server_database.engine() as engine, engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('a1')")
    project = Project(server_database.address, ups={})
    with Environment(object(), project, fn=job):
        project.run_env()
    assert found == [("a1",) if is_there else ()]


def test_a_migration_starts_a_new_snapshot_after_the_version_rows_were_read(
    mariadb: Database,
) -> None:
    """Under REPEATABLE READ, reading the version rows in the same transaction would fix the snapshot."""
    with mariadb.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
    Project(mariadb.address, ups={"a1": lambda: None}).upgrade()
    seen: list[object] = []

    def read_rows() -> None:
        seen.append(op.get_bind().exec_driver_sql("SELECT count(*) FROM t").scalar())

    class Late(Project):
        def up(self, rows: tuple[str, ...], context_: Any) -> Any:
            # after the rows were read, and before the migration
            with mariadb.engine() as engine, engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            return super().up(rows, context_)

    Late(mariadb.address, ups={"a1": lambda: None, "b2": read_rows}).upgrade()
    assert seen == [1]
