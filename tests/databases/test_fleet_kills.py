"""Fleets whose coordinator, workers or server are killed at random points of the run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases.fleet_project import FleetProject, fleet_project, names_of, schemas
from tests.databases.private_servers import PrivateServer, private_server
from tests.servers import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TENANTS = 8
ROUNDS = range(3)
# DDL, rows that must be written exactly once, and DDL again
STEPS = (
    (
        "op.create_table('t1', sa.Column('id', sa.Integer, primary_key=True))\n"
        "time.sleep(0.1)\n"
        "op.create_table('t2', sa.Column('note', sa.String(20)))"
    ),
    (
        "op.execute(\"INSERT INTO t2 VALUES ('first')\")\n"
        "time.sleep(0.1)\n"
        "op.execute(\"INSERT INTO t2 VALUES ('second')\")"
    ),
    (
        "op.add_column('t1', sa.Column('name', sa.String(20)))\n"
        "time.sleep(0.1)\n"
        "op.create_index('i1', 't1', ['name'])"
    ),
)


def _project(folder: Path, database: Database) -> FleetProject:
    project = fleet_project(folder, database)
    for number, step in enumerate(STEPS, 1):
        project.write(number, step)
    return project


@pytest.fixture
def tenants(database: Database, tmp_path: Path) -> Iterator[tuple[FleetProject, list[str]]]:
    project = _project(tmp_path / "project", database)
    if database.kind == "sqlite":
        (project.folder / "data").mkdir()
        names = [f"data/{number}.db" for number in range(TENANTS)]
        for name in names:
            (project.folder / name).touch()
        project.settings(files="data/*.db", retries=3)
        yield project, names
        return
    names = names_of(database, TENANTS)
    with schemas(database, names) as pattern:
        project.settings(schemas=pattern, retries=3)
        yield project, names


def _start(project: FleetProject, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        project.command("fleet", "upgrade", "--json", "--workers", "2", *arguments),
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _is_right(project: FleetProject, name: str) -> None:
    """Require what the three revisions make, each row once."""
    is_file = project.database.kind == "sqlite"
    url = sa.URL.create("sqlite", database=str(project.folder / name))
    engine = sa.create_engine(url if is_file else project.database.url)
    schema = None if is_file else name
    prefix = "" if is_file else f"{engine.dialect.identifier_preparer.quote(name)}."
    try:
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            assert {"t1", "t2"} <= set(inspector.get_table_names(schema=schema)), name
            columns = [one["name"] for one in inspector.get_columns("t1", schema=schema)]
            indexes = [one["name"] for one in inspector.get_indexes("t1", schema=schema)]
            assert (columns, indexes) == (["id", "name"], ["i1"]), name
            notes = connection.exec_driver_sql(f"SELECT note FROM {prefix}t2").scalars().all()
            assert sorted(notes) == ["first", "second"], name
            rows = connection.exec_driver_sql(f"SELECT * FROM {prefix}alembic_version").scalars()
            assert rows.all() == ["r3"], name
    finally:
        engine.dispose()


def _require_right(project: FleetProject, names: list[str]) -> None:
    """Run the same command again, and require every tenant to be right."""
    code, results = project.results("upgrade")
    assert code == 0, [(one["code"], one["error"]) for one in results.values()]
    assert project.states() == dict.fromkeys(names, "at head")
    for name in names:
        _is_right(project, name)


def _random_pause(seed: int, longest: float) -> None:
    time.sleep(random.Random(seed).uniform(0.3, longest))


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("seed", ROUNDS)
def test_the_coordinator_is_killed(
    tenants: tuple[FleetProject, list[str]], executor: str, seed: int
) -> None:
    project, names = tenants
    running = _start(project, "--executor", executor)
    _random_pause(seed, 5)
    running.kill()
    running.communicate()
    _require_right(project, names)


@pytest.mark.parametrize("seed", ROUNDS)
def test_a_worker_process_is_killed(tenants: tuple[FleetProject, list[str]], seed: int) -> None:
    project, names = tenants
    running = _start(project, "--executor", "processes")
    deadline = time.monotonic() + 60
    workers: list[int] = []
    while not workers and time.monotonic() < deadline:
        workers = _workers_of(running.pid)
        time.sleep(0.01)
    _random_pause(seed, 1)
    with suppress(ProcessLookupError):  # the run may be over
        os.kill(workers[0], signal.SIGKILL)
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, out + err
    assert "Traceback" not in err
    _require_right(project, names)


def _workers_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = []
    for text in children.read_text().split() if children.exists() else ():
        try:
            if b"spawn_main" in Path(f"/proc/{text}/cmdline").read_bytes():
                found.append(int(text))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with private_server(request.param) as started:
        yield started


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("seed", ROUNDS)
def test_the_server_is_killed_and_starts_again(
    server: PrivateServer, tmp_path: Path, executor: str, seed: int
) -> None:
    names = names_of(server.database, TENANTS)
    with schemas(server.database, names) as pattern:
        project = _project(tmp_path / "project", server.database)
        project.settings(schemas=pattern, retries=5)
        running = _start(project, "--executor", executor)
        _random_pause(seed, 4)
        server.kill()
        time.sleep(0.5)
        server.start()
        out, err = running.communicate(timeout=300)
        assert "Traceback" not in err, err
        lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        outcomes = [one["outcome"] for one in lines if "tenant" in one]
        # killed before the tenants were listed, the run ends with an error and none was begun
        assert len(outcomes) in {0, TENANTS}, out + err
        assert {"failed", "not run"}.isdisjoint(outcomes) == (
            running.returncode == 0
        ) or not outcomes
        _require_right(project, names)
