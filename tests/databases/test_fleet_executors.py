"""Fleets in processes and on Dask, and what is left after kills at any point."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from limbeck import Config, fleet
from tests.databases.fleet_project import FleetProject, fleet_project, names_of, schemas, tables
from tests.packages import require_package
from tests.servers import Database

ALL = {"t1", "t2", "t3"}
# each revision takes long enough for a kill to come in its middle
SLOW = (
    "op.create_table('t{0}', sa.Column('id', sa.Integer, primary_key=True))\n"
    "time.sleep(0.15)\n"
    "op.create_index('i{0}', 't{0}', ['id'])"
)


@pytest.fixture
def slow(database: Database, tmp_path: Path) -> Iterator[tuple[FleetProject, list[str]]]:
    """A project of slow revisions with eight tenants on each server."""
    project = fleet_project(tmp_path / "project", database)
    for number in (1, 2, 3):
        project.write(number, SLOW.format(number))
    if database.kind == "sqlite":
        names = [f"data/{number}.db" for number in range(8)]
        (project.folder / "data").mkdir()
        for name in names:
            (project.folder / name).touch()
        project.settings(files="data/*.db", retries=3)
        yield project, names
        return
    names = names_of(database, 8)
    with schemas(database, names) as pattern:
        project.settings(schemas=pattern, retries=3)
        yield project, names


def _has_all(project: FleetProject, name: str) -> bool:
    if project.database.kind == "sqlite":
        import sqlalchemy as sa

        engine = sa.create_engine(f"sqlite:///{project.folder / name}")
        found = {one for one in sa.inspect(engine).get_table_names() if one.startswith("t")}
        indexes = [one["name"] for one in sa.inspect(engine).get_indexes("t3")]
        engine.dispose()
        return found == ALL and indexes == ["i3"]
    return tables(project.database, name) == ALL


def _require_right(project: FleetProject, names: list[str]) -> None:
    """Run the same command again: every tenant is right then."""
    code, results = project.results("upgrade")
    assert code == 0, results
    assert project.states() == dict.fromkeys(names, "at head")
    assert all(_has_all(project, name) for name in names)


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.parametrize("delay", [0.2, 0.9])
def test_a_fleet_is_completed_after_a_kill_of_the_coordinator(
    slow: tuple[FleetProject, list[str]], executor: str, delay: float
) -> None:
    project, names = slow
    running = subprocess.Popen(
        project.command("fleet", "upgrade", "--executor", executor, "--workers", "2"),
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()  # the first tenant is done
    time.sleep(delay)
    running.kill()
    running.communicate()
    _require_right(project, names)


def test_a_killed_worker_process_is_replaced(slow: tuple[FleetProject, list[str]]) -> None:
    project, names = slow
    running = subprocess.Popen(
        project.command("fleet", "upgrade", "--executor", "processes", "--workers", "2", "--json"),
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    workers: list[int] = []
    while not workers and time.monotonic() < deadline:
        workers = [pid for pid in _children(running.pid) if b"spawn_main" in _command_line(pid)]
        time.sleep(0.01)
    time.sleep(2)  # it loads the project, or runs a tenant
    os.kill(workers[0], signal.SIGKILL)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, out + err
    assert "Traceback" not in err
    assert project.states() == dict.fromkeys(names, "at head")
    assert all(_has_all(project, name) for name in names)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in path.read_text().split()] if path.exists() else []


def _command_line(pid: int) -> bytes:
    path = Path(f"/proc/{pid}/cmdline")
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_worker_processes_end_with_their_coordinator(slow: tuple[FleetProject, list[str]]) -> None:
    project, _names = slow
    running = subprocess.Popen(
        project.command("fleet", "upgrade", "--executor", "processes", "--workers", "2"),
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()
    workers = _children(running.pid)
    assert workers
    running.kill()
    running.communicate()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(_is_alive(pid) for pid in workers):
        time.sleep(0.05)
    assert [pid for pid in workers if _is_alive(pid)] == []


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and three workers, each in a process of its own."""
    require_package("distributed")
    address = tmp_path / "address.json"
    folder = tmp_path / "dask"
    folder.mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, cwd: Path = folder) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "distributed.cli." + arguments[0],
             "--scheduler-file", str(address), *arguments[1:]],
            cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        return process

    start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
    deadline = time.monotonic() + 60
    while not address.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [
        start(
            "dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", str(place)
        )
        for place in range(3)
    ]
    import json

    found = json.loads(address.read_text())["address"]
    try:
        yield found.replace("tcp://", "dask://"), workers
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.fixture
def on_dask(
    slow: tuple[FleetProject, list[str]],
    scheduler: tuple[str, list[subprocess.Popen[bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[FleetProject, list[str], str, list[subprocess.Popen[bytes]]]:
    """A project whose paths the workers find, which run in another folder."""
    project, names = slow
    address, workers = scheduler
    if project.database.kind == "sqlite":
        project.settings(files=str(project.folder / "data" / "*.db"), retries=3)
        names = [str(project.folder / name) for name in names]
    path = project.folder / "pyproject.toml"
    path.write_text(path.read_text().replace('"migrations"', '"%(here)s/migrations"'))
    monkeypatch.chdir(project.folder)
    from distributed import Client

    with Client(address.replace("dask://", "tcp://"), timeout=60) as client:
        client.wait_for_workers(3, timeout=60)
    return project, names, address, workers


def test_dask_continues_after_kills_of_the_coordinator_and_a_worker(
    on_dask: tuple[FleetProject, list[str], str, list[subprocess.Popen[bytes]]],
) -> None:
    project, names, address, workers = on_dask
    first = subprocess.Popen(
        project.command("fleet", "upgrade", "--json", "--executor", address, "--workers", "2"),
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert first.stdout is not None
    assert first.stdout.readline()  # the first tenant is done
    first.kill()
    first.communicate()
    config = Config(toml_file=str(project.folder / "pyproject.toml"))
    settings = fleet.FleetSettings.from_config(config, executor=address, workers=3)
    assert "behind" in {one.state for one in fleet.status(settings)}
    results = []
    for result in fleet.upgrade(settings):
        if [one.outcome for one in results].count("done") == 0 and result.outcome == "done":
            workers[0].kill()
        results.append(result)
    assert workers[0].wait(10) == -signal.SIGKILL
    assert [one.error for one in results if one.outcome == "failed"] == []
    assert len(results) == len(names)
    assert all(one.state == "at head" for one in fleet.status(settings))
    assert all(_has_all(project, name) for name in names)
