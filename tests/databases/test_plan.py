"""Plans on live databases: nothing is written, few round trips, queries that take too long."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import limbeck
from limbeck.dialects import Scope
from limbeck.environment import MigrationContext
from limbeck.planning import CheckQuery, RowCheck, read_state, run_checks
from tests.api.native_project import native_project
from tests.cli.project_fixture import cli_project
from tests.servers import Database
from tests.tcp_proxy import CountingProxy, counting_proxy

SERVERS = ("postgresql", "mariadb", "mysql")
MOST_ROUND_TRIPS = 6
CHANGE = """
    op.alter_column("t", "a", existing_type=sa.Integer, nullable=False)
    op.create_unique_constraint("uq", "t", ["b"])
"""
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)"
SPOILED = "INSERT INTO t VALUES (1, NULL, 1), (2, 2, 1)"
_READS = ("SELECT", "SHOW", "SET STATEMENT", "SET SESSION", "BEGIN", "START TRANSACTION READ ONLY",
          "ROLLBACK", "SAVEPOINT", "PRAGMA", "WITH", "DESCRIBE")  # fmt: skip


@contextmanager
def _engine(database: Database) -> Iterator[sa.Engine]:
    with database.engine(poolclass=sa.NullPool) as engine:
        yield engine


def _project(database: Database, tmp_path: Path) -> Path:
    with _engine(database) as engine, engine.begin() as connection:
        connection.exec_driver_sql(TABLE)
        connection.exec_driver_sql(SPOILED)
    project = cli_project(tmp_path, database)
    project.write("a1", CHANGE)
    return project.folder / "alembic.ini"


def _round_trips(proxy: CountingProxy, call: Callable[[], Any]) -> int:
    before = proxy.count
    call()
    return proxy.count - before


def test_a_plan_adds_few_round_trips(server_database: Database, tmp_path: Path) -> None:
    config = _project(server_database, tmp_path)
    with counting_proxy(server_database.url) as proxy:
        where: dict[str, Any] = {"config": config, "x": None}
        address = proxy.url.render_as_string(hide_password=False)
        text = config.read_text("utf-8")
        config.write_text(text.replace(server_database.address, address), "utf-8")
        limbeck.current(**where)
        opening = _round_trips(proxy, lambda: limbeck.current(**where))
        with sa.create_engine(proxy.url, poolclass=sa.NullPool).connect() as connection:
            record = MigrationContext.configure(connection).sink.record
            assert record.reflect is not None
            reading = _round_trips(proxy, lambda: _reflected(record, connection))

        def plan() -> None:
            (found,) = limbeck.plan(measure=False, **where)
            assert [one.status for one in found.checks] == ["fails", "fails"]
            assert all(one.keys for one in found.checks)

        total = _round_trips(proxy, plan)
        # env.py connects twice: for the state, and for the checks
        assert total - 2 * opening - reading <= MOST_ROUND_TRIPS


def _reflected(record: Any, connection: sa.Connection) -> None:
    kinds = record.definitions.kinds | record.definitions.declarable_kinds
    with connection.begin():
        record.reflect(connection, Scope(also=kinds))


@pytest.mark.parametrize(
    "kind",
    ["sqlite", "postgresql", *(pytest.param(one, marks=pytest.mark.slow) for one in SERVERS[1:])],
)
def test_only_queries_are_sent_to_the_database(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database: Database = request.getfixturevalue(kind)
    config = native_project(tmp_path)
    sent: list[str] = []

    def listen(connection: sa.Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.engine.url.database == database.url.database:
            sent.append(statement.strip())

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        (found,) = limbeck.plan(config=config, url=database.url)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)
    assert [one.revision for one in found.moves] == ["aa11", "bb22"]
    assert found.scratch is not None
    assert sent
    assert [one for one in sent if not one.upper().startswith(_READS)] == []
    with _engine(database) as engine:
        assert sa.inspect(engine).get_table_names() == []


def test_the_session_cannot_write(database: Database, tmp_path: Path) -> None:
    with _engine(database) as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            live = context.sink.record.live
            assert live is not None
            with live.read_only(connection, 5.0, is_shared=False):
                with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only|readonly"):
                    connection.exec_driver_sql("INSERT INTO t VALUES (1)")
                if database.kind == "postgresql":
                    connection.rollback()
            connection.rollback()
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            connection.commit()


def _check(query: str) -> CheckQuery:
    check = RowCheck("a1", "check", "t", (), "adds a check", query, key_columns=("id",))
    return CheckQuery(check, query, "SELECT CAST(id AS CHAR(20)) AS k0 FROM t LIMIT 5")


def test_queries_that_take_too_long_or_are_refused_are_reported(database: Database) -> None:
    names = ", ".join(f"t AS t{number}" for number in range(5))
    slow = f"SELECT count(*) FROM {names} WHERE t0.id + t1.id + t2.id + t3.id + t4.id < 0"
    with _engine(database) as engine, engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        for _ in range(8):
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        connection.exec_driver_sql(
            "INSERT INTO t SELECT a.id FROM t AS a, t AS b, t AS c WHERE a.id = 1"
        )
        connection.commit()
        context = MigrationContext.configure(connection)
        found = run_checks(
            context, [_check("SELECT count(*) FROM t"), _check(slow), _check("SELECT x")], 0.3
        )
    assert [one.status for one in found] == ["fails", "not run", "not run"]
    assert str(found[0].keys[0][0]).strip() == "1"
    assert found[1].reason == "it took longer than 0.3 s"
    assert found[2].reason


def test_a_plan_does_not_end_a_transaction_of_the_program(server_database: Database) -> None:
    with _engine(server_database) as engine, engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        connection.commit()
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        context = MigrationContext.configure(connection)
        assert context.has_external_transaction
        read_state(context, 5.0)
        run_checks(context, [_check("SELECT count(*) FROM t"), _check("SELECT x")], 5.0)
        connection.exec_driver_sql("INSERT INTO t VALUES (2)")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0


def test_a_connection_in_autocommit_mode(postgresql: Database) -> None:
    with (
        postgresql.engine(isolation_level="AUTOCOMMIT") as engine,
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        context = MigrationContext.configure(connection)
        assert "t" in read_state(context, 5.0).sizes
        assert [one.count for one in run_checks(context, [_check("SELECT 3")], 5.0)] == [3]
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")


def test_a_table_without_the_select_privilege_is_reported(
    postgresql: Database, tmp_path: Path
) -> None:
    config = _project(postgresql, tmp_path)
    role = f"limbeck_low_{os.getpid()}"
    with _engine(postgresql) as engine:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD 'low'")
                connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
                connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {role}")
                connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {role}")
            low = postgresql.url.set(username=role, password="low")
            address = low.render_as_string(hide_password=False)
            text = config.read_text("utf-8").replace(postgresql.address, address)
            config.write_text(text, "utf-8")
            (found,) = limbeck.plan(config=config, measure=False)
            assert [one.status for one in found.checks] == ["not run", "not run"], found.notes
            assert {one.reason for one in found.checks} == {"the user may not read the table"}
            assert found.sizes["t"].bytes
        finally:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"DROP OWNED BY {role}")
                connection.exec_driver_sql(f"DROP ROLE {role}")


def test_a_given_connection(database: Database, tmp_path: Path) -> None:
    config = native_project(tmp_path)
    with _engine(database) as engine, engine.connect() as connection:
        (found,) = limbeck.plan(config=config, connection=connection)
        assert [one.revision for one in found.moves] == ["aa11", "bb22"]
        assert found.statements
        connection.rollback()


@pytest.mark.parametrize(
    "kind", ["sqlite", *(pytest.param(one, marks=pytest.mark.slow) for one in SERVERS)]
)
def test_times_are_estimated(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database: Database = request.getfixturevalue(kind)
    with _engine(database) as engine, engine.connect() as connection:
        connection.exec_driver_sql(TABLE)
        connection.exec_driver_sql("INSERT INTO t VALUES (0, 1, 1)")
        for place in range(14):
            connection.exec_driver_sql(f"INSERT INTO t SELECT id + {2**place}, a, id FROM t")
        connection.commit()
        if kind != "sqlite":
            analyze = "ANALYZE t" if kind == "postgresql" else "ANALYZE TABLE t"
            connection.exec_driver_sql(analyze)
            connection.commit()
    project = cli_project(tmp_path, database)
    project.write("a1", "op.create_index('ix', 't', ['b'])\nop.execute('UPDATE t SET a = 2')")
    (found,) = limbeck.plan(config=project.folder / "alembic.ini")
    assert found.notes == ()
    works = []
    for one in found.statements:
        assert one.estimate is not None
        assert 0 < one.estimate.low <= one.estimate.seconds <= one.estimate.high
        works.append(one.estimate.basis.split()[0])
    assert works == ["index", "update"]
