"""Fleets on live databases: schemas, databases and files as tenants."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases.fleet_project import (
    COOKBOOK,
    FleetProject,
    fleet_project,
    names_of,
    schemas,
    tables,
)
from tests.servers import Database

ALL = {"t1", "t2", "t3"}


@pytest.fixture
def ten(server_database: Database, tmp_path: Path) -> Iterator[tuple[FleetProject, list[str]]]:
    """A project with ten schemas on each server."""
    names = names_of(server_database, 10)
    with schemas(server_database, names) as pattern:
        project = fleet_project(tmp_path / "project", server_database)
        project.settings(schemas=pattern, retries=0)
        yield project, names


def test_schemas_are_upgraded_and_downgraded(ten: tuple[FleetProject, list[str]]) -> None:
    project, names = ten
    assert project.states() == dict.fromkeys(names, "behind")
    code, results = project.results("upgrade", "--canary", "3", "--wave", "50%")
    assert code == 0
    assert {one["outcome"] for one in results.values()} == {"done"}
    assert {one["wave"] for one in results.values()} == {1, 2, 3}
    assert all(tables(project.database, name) == ALL for name in names)
    assert project.states() == dict.fromkeys(names, "at head")
    code, results = project.results("upgrade")
    assert {one["outcome"] for one in results.values()} == {"skipped"}
    code, results = project.results("downgrade", "r1", "--tenant", names[0])
    assert results[names[0]]["moves"] == ["r3", "r2"]
    assert tables(project.database, names[0]) == {"t1"}
    assert tables(project.database, names[1]) == ALL


def test_each_failure_is_reported_and_the_other_tenants_continue(
    ten: tuple[FleetProject, list[str]],
) -> None:
    project, names = ten
    database = project.database
    project.results("stamp", "r3", "--tenant", names[1])
    with database.engine() as engine, engine.begin() as connection:
        quote = engine.dialect.identifier_preparer.quote
        connection.execute(
            sa.text(f"UPDATE {quote(names[1])}.alembic_version SET version_num='x9'")
        )
        connection.execute(sa.schema.DropSchema(names[2], cascade=database.kind == "postgresql"))
    url = database.url
    wrong = url.set(username="nobody", password="s3cret/word").render_as_string(hide_password=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    gone = url.set(host="127.0.0.1", port=port, password="s3cret").render_as_string(
        hide_password=False
    )
    whole = database.address
    listed = [{"url": whole, "schema": name} for name in names]
    extra = [
        {"id": "wrong", "url": wrong, "schema": names[9]},
        {"id": "gone", "url": gone, "schema": names[9]},
        {"id": names[3], "url": whole, "schema": names[3]},
    ]
    project.settings(tenants=[*listed, *extra], retries=1)
    states = project.states()
    assert states[names[1]] == "unknown revision"
    assert states[names[2]] == "missing"
    assert states["gone"] == "unreachable"
    assert states["wrong"] == "unreachable"
    done = project.run("fleet", "upgrade")
    assert done.returncode == 10, done.stdout + done.stderr
    assert "s3cret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert f"{names[3]}: The fleet has two tenants with the id" in done.stdout
    assert "[LB652]" in done.stdout
    assert "[LB201]" in done.stdout
    good = [name for name in names if name not in {names[1], names[2]}]
    assert all(tables(database, name) == ALL for name in good)
    code, results = project.results("upgrade")
    assert code == 10
    assert {results[name]["outcome"] for name in good if name != names[3]} == {"skipped"}


def test_a_locked_tenant_is_shown_and_the_run_waits_for_it(
    ten: tuple[FleetProject, list[str]],
) -> None:
    project, names = ten
    go = project.folder / "go"
    wait = f"while not __import__('os').path.exists({str(go)!r}):\n    time.sleep(0.05)"
    project.write(4, wait)
    slow = threading.Thread(target=project.run, args=("fleet", "upgrade", "--tenant", names[0]))
    slow.start()
    try:
        deadline = time.monotonic() + 60
        states: dict[str, str] = {}
        while time.monotonic() < deadline and states != {names[0]: "locked"}:
            states = project.states("--tenant", names[0])
        assert states == {names[0]: "locked"}
        code, results = project.results("upgrade", "--tenant", names[0], "--lock-timeout", "0.2")
        assert code == 11
        assert results[names[0]]["code"] == "LB310"
        assert results[names[0]]["can_retry"] is True
    finally:
        go.touch()
        slow.join()
    assert project.states("--tenant", names[0]) == {names[0]: "at head"}


def test_a_failing_canary_ends_the_run(ten: tuple[FleetProject, list[str]]) -> None:
    project, names = ten
    project.write(3, "op.execute('SELECT * FROM no_such_table')")
    code, results = project.results("upgrade", "--canary", "2")
    assert code == 12
    outcomes = [results[name]["outcome"] for name in names]
    assert outcomes == ["failed"] * 2 + ["not run"] * 8
    assert "r3.py" in results[names[0]]["error"]
    assert "no_such_table" in results[names[0]]["error"]
    assert [tables(project.database, name) for name in names[2:]] == [set()] * 8
    project.write(3)
    assert project.results("upgrade", "--canary", "2")[0] == 0
    assert project.states() == dict.fromkeys(names, "at head")


def test_too_many_failures_end_the_run(ten: tuple[FleetProject, list[str]]) -> None:
    project, _names = ten
    project.write(1, "op.execute('SELECT * FROM no_such_table')")
    code, results = project.results("upgrade", "--max-failures", "2", "--workers", "1")
    assert code == 12
    outcomes = sorted(one["outcome"] for one in results.values())
    assert outcomes == ["failed"] * 3 + ["not run"] * 7


def test_the_recipe_for_tenants_of_alembic_projects_runs_unchanged(
    ten: tuple[FleetProject, list[str]],
) -> None:
    project, names = ten
    folder = project.folder / "migrations"
    (folder / "env.py").write_text(COOKBOOK)
    project.package = "alembic"
    for number in (1, 2, 3):
        project.write(number)
    (project.folder / "alembic.ini").write_text(
        "[alembic]\nscript_location = migrations\n"
        f"sqlalchemy.url = {project.database.address.replace('%', '%%')}\n"
    )
    assert project.states() == dict.fromkeys(names, "behind")
    code, results = project.results("upgrade")
    if project.database.kind != "postgresql":
        # `USE` begins a transaction that the recipe never commits: Alembic leaves each tenant one
        # revision behind its tables, and says nothing
        assert code == 11
        assert {one["code"] for one in results.values()} == {"LB661"}
        used = 'connection.execute(text("USE %s" % current_tenant))'
        committed = COOKBOOK.replace(used, used + "; connection.commit()")
        (folder / "env.py").write_text(committed)
        code, results = project.results("upgrade")
    assert code == 0, results
    assert all(tables(project.database, name) == ALL for name in names)
    assert project.states() == dict.fromkeys(names, "at head")
    code, results = project.results("downgrade", "base")
    assert code == 0, results
    assert all(tables(project.database, name) == set() for name in names)


def test_new_tenants_are_created(ten: tuple[FleetProject, list[str]]) -> None:
    project, names = ten
    new = f"{project.database.url.database}_new"
    code, results = project.results("create", new)
    assert code == 0, results
    assert results[new]["moves"] == ["r1", "r2", "r3"]
    assert tables(project.database, new) == ALL
    code, results = project.results("create", new)
    assert results[new]["outcome"] == "skipped"
    with project.database.engine() as engine, engine.begin() as connection:
        connection.execute(
            sa.schema.CreateTable(sa.Table("t9", sa.MetaData(), sa.Column("id", sa.Integer),
                                           schema=names[0]))
        )  # fmt: skip
    code, results = project.results("create", names[0])
    assert code == 11
    assert results[names[0]]["code"] == "LB659"


def test_an_interrupted_run_completes_the_started_tenants(
    ten: tuple[FleetProject, list[str]],
) -> None:
    project, names = ten
    begun = project.folder / "begun"
    project.write(
        1,
        f"open({str(begun)!r}, 'w').close(); time.sleep(3); "
        "op.create_table('t1', sa.Column('id', sa.Integer, primary_key=True))",
    )
    run = subprocess.Popen(
        project.command("fleet", "upgrade", "--workers", "2", "--json"), cwd=project.folder,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not begun.exists():
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGTERM)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 128 + signal.SIGTERM
    assert "Interrupted by SIGTERM" in err
    assert "Traceback" not in err
    results = {one["tenant"]: one["outcome"] for one in map(json.loads, out.splitlines()[:-1])}
    done = [name for name, outcome in results.items() if outcome == "done"]
    assert sorted(results) == sorted(names)
    assert 1 <= len(done) <= 2
    assert sorted(results.values()).count("not run") == len(names) - len(done)
    assert all((tables(project.database, name) == ALL) == (name in done) for name in names)
    assert project.results("upgrade")[0] == 0


def test_a_missing_database_of_a_server_is_created(
    server_database: Database, tmp_path: Path
) -> None:
    project = fleet_project(tmp_path / "project", server_database)
    name = f"{server_database.url.database}_new%"
    url = server_database.url.set(database=name)
    with server_database.engine(isolation_level="AUTOCOMMIT") as engine:
        quoted = engine.dialect.identifier_preparer.quote_identifier(name)
        project.settings(
            tenants=[{"id": "new", "url": url.render_as_string(hide_password=False)}], retries=0
        )
        try:
            assert project.states() == {"new": "missing"}
            code, results = project.results("upgrade")
            assert code == 11
            assert "`fleet create` creates the database" in results["new"]["hint"]
            code, results = project.results("create", "new")
            assert code == 0, results
            assert results["new"]["moves"] == ["r1", "r2", "r3"]
            assert project.states() == {"new": "at head"}
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted}")


def test_results_are_kept_in_a_control_database(ten: tuple[FleetProject, list[str]]) -> None:
    project, names = ten
    control = project.database.address
    project.write(2, "op.execute('SELECT * FROM no_such_table')")
    project.results("upgrade", "--results", control, "--tenant", names[0], "--tenant", names[1])
    with project.database.engine() as engine, engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM limbeck_fleet_results")).mappings().all()
    assert {row["tenant"] for row in rows} == set(names[:2])
    assert {row["outcome"] for row in rows} == {"failed"}
    assert "no_such_table" in rows[0]["error"]
    assert all("://" not in str(value) for row in rows for value in row.values())
    states = project.states("--results", control)
    assert states[names[0]] == "failed"
    assert states[names[2]] == "behind"


def test_a_pooler_that_mixes_sessions_is_refused(postgresql: Database, tmp_path: Path) -> None:
    pooled_url = postgresql.url.set(port=6433)
    try:
        sa.create_engine(pooled_url, poolclass=sa.NullPool).connect().close()
    except sa.exc.OperationalError:
        pytest.skip("no PgBouncer on port 6433")
    names = names_of(postgresql, 2)
    with schemas(postgresql, names) as pattern:
        project = fleet_project(tmp_path / "project", postgresql)
        pooled = pooled_url.render_as_string(hide_password=False)
        project.settings(schemas=pattern, url=pooled, retries=0)
        code, results = project.results("upgrade")
        assert code == 11
        assert {one["code"] for one in results.values()} == {"LB655"}
        assert [tables(postgresql, name) for name in names] == [set(), set()]


def test_one_unreachable_server_among_fifty(server_database: Database, tmp_path: Path) -> None:
    project = fleet_project(tmp_path / "project", server_database, revisions=1)
    names = names_of(server_database, 49)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    gone = server_database.url.set(host="127.0.0.1", port=port, password="s3cret")
    with schemas(server_database, names):
        listed = [{"url": server_database.address, "schema": name} for name in names]
        away = {"id": "away", "url": gone.render_as_string(hide_password=False), "schema": "a"}
        project.settings(tenants=[*listed[:20], away, *listed[20:]], retries=0)
        code, results = project.results("upgrade")
        assert code == 10
        assert len(results) == 50
        assert [id_ for id_, one in results.items() if one["outcome"] != "done"] == ["away"]
        assert results["away"]["can_retry"] is True
        assert "s3cret" not in json.dumps(results)
        states = project.states()
        assert states.pop("away") == "unreachable"
        assert set(states.values()) == {"at head"}
        assert all(tables(server_database, name) == {"t1"} for name in names[::12])


@pytest.mark.parametrize("command", ["status", "upgrade"])
def test_a_query_that_returns_nothing_is_an_error(
    server_database: Database, tmp_path: Path, command: str
) -> None:
    project = fleet_project(tmp_path / "project", server_database)
    project.settings(
        schemas="SELECT table_name FROM information_schema.tables WHERE 1 = 0", retries=0
    )
    done = project.run("fleet", command)
    assert done.returncode == 255
    assert "LB651" in done.stderr
    assert "Traceback" not in done.stderr
