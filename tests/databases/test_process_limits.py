"""Actions of revisions that `verify` and `lint` end, refuse or clean up."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.verify.revisions import GOOD, Case
from tests.databases.test_verify import Project
from tests.servers import Database
from tests.tcp_proxy import counting_proxy

SLEEPS = {
    "postgresql": "op.execute('SELECT pg_sleep(600)')",
    "mariadb": "op.execute('SELECT SLEEP(600)')",
    "mysql": "op.execute('SELECT SLEEP(600)')",
    "sqlite": "while True:\n    pass",
}
PREFIX = "limbeck_scratch_"


def _run(project: Project, command: str, *options: str, **given: Any) -> tuple[int, dict[str, Any]]:
    """Run a command; return its exit code and its document."""
    done = subprocess.run(
        [sys.executable, "-m", "limbeck", command, "--json", *options],
        cwd=project.folder, capture_output=True, text=True, check=False, **given,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    start = done.stdout.find("{")
    assert start >= 0, done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout[start : done.stdout.rindex("}") + 1])


def _messages(document: dict[str, Any]) -> list[str]:
    listed = document.get("findings") or [
        finding for one in document.get("revisions", ()) for finding in one["findings"]
    ]
    return [f"{one['code']} {one['message']}" for one in listed]


def _written(database: Database, folder: Path, up: str, down: str = "pass") -> Project:
    project = Project(folder, database)
    project.write(Case("case", up, down))
    return project


def _scratch_databases(database: Database) -> set[str]:
    """Return the scratch databases of this server, or the folders of files."""
    if database.kind == "sqlite":
        folder = Path(os.environ.get("TMPDIR", "/tmp"))
        return {path.name for path in folder.glob(f"{PREFIX}*")}
    name = "datname FROM pg_database" if database.kind == "postgresql" else (
        "schema_name FROM information_schema.schemata"
    )  # fmt: skip
    with database.engine() as engine, engine.connect() as connection:
        names = connection.exec_driver_sql(f"SELECT {name}").scalars()
        return {one for one in names if one.startswith(PREFIX)}


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_lint_ends_a_revision_that_never_ends(database: Database, tmp_path: Path) -> None:
    project = _written(database, tmp_path, SLEEPS[database.kind])
    code, document = _run(project, "lint", "--time-limit", "3")
    assert code == 1
    assert any("did not end within 3 s" in one for one in _messages(document)), document


@pytest.mark.parametrize(
    ("up", "words"),
    [
        ("open('left_behind.txt', 'w').write('x')", "writes the file left_behind.txt"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "network connection"),
        ("import os\nos.fork()", "starts or signals a process"),
        ("import subprocess\nsubprocess.run(['true'])", "starts or signals a process"),
        ("import os\nos._exit(3)", "the process ended"),
        ("raise SystemExit(3)", "the process ended"),
    ],
    ids=["file", "socket", "fork", "process", "exit", "system-exit"],
)
def test_lint_reports_statements_with_effects_outside_the_database(
    up: str, words: str, tmp_path: Path
) -> None:
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = _written(database, tmp_path, up)
    code, document = _run(project, "lint")
    assert code == 1
    assert any(words in one for one in _messages(document)), document
    assert not (tmp_path / "left_behind.txt").exists()


@pytest.mark.parametrize("command", ["lint", "verify"])
def test_a_statement_on_the_real_database_is_refused(
    command: str, mariadb: Database, tmp_path: Path
) -> None:
    name = mariadb.url.database
    project = _written(mariadb, tmp_path, f"op.execute('DROP TABLE {name}.precious')")
    with mariadb.engine() as engine, engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
        code, document = _run(project, command)
        assert code != 0
        assert any(f"names a table of {name}" in one for one in _messages(document)), document
        assert connection.exec_driver_sql("SELECT count(*) FROM precious").scalar() == 0


@pytest.mark.parametrize("command", ["lint", "verify"])
def test_dropping_another_database_is_refused(
    command: str, postgresql: Database, tmp_path: Path
) -> None:
    other = f"limbeck_other_{os.getpid()}_{command}"
    up = f"with op.get_context().autocommit_block():\n    op.execute('DROP DATABASE {other}')"
    project = _written(postgresql, tmp_path, up)
    with (
        postgresql.engine(isolation_level="AUTOCOMMIT") as engine,
        engine.connect() as connection,
    ):
        connection.exec_driver_sql(f"CREATE DATABASE {other}")
        try:
            code, document = _run(project, command)
            assert code != 0
            assert any("changes databases" in one for one in _messages(document)), document
        finally:
            # fails where it is gone
            connection.exec_driver_sql(f"DROP DATABASE {other}")


@contextmanager
def _started(project: Project, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command in a process group of its own; kill what is left of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait(condition: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_the_next_run_removes_what_a_killed_one_has_left(
    command: str, database: Database, tmp_path: Path, own_temporary_folder: Path
) -> None:
    project = _written(database, tmp_path, SLEEPS[database.kind])
    before = _scratch_databases(database)
    with _started(project, command) as process:
        _wait(lambda: _scratch_databases(database) - before)
        made = _scratch_databases(database) - before
        process.send_signal(signal.SIGKILL)
        process.wait()
    # the process that runs the revision ends by itself
    (tmp_path / "migrations" / "versions" / "second.py").unlink()
    end = time.monotonic() + 60
    while _scratch_databases(database) & made and time.monotonic() < end:
        code, document = _run(project, command)
        assert code == 0, document
    assert not _scratch_databases(database) & made


def test_a_lost_scratch_database_is_not_a_fault_of_the_revision(
    postgresql: Database, tmp_path: Path
) -> None:
    _written(postgresql, tmp_path, "op.execute('SELECT pg_sleep(60)')")
    sleeping = (
        "SELECT datname FROM pg_stat_activity WHERE query LIKE '%%pg_sleep(60)%%'"
        " AND datname LIKE 'limbeck_scratch%%'"
    )
    with (
        postgresql.engine(isolation_level="AUTOCOMMIT") as engine,
        engine.connect() as connection,
        subprocess.Popen(
            [sys.executable, "-m", "limbeck", "verify", "--json"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process,
    ):  # fmt: skip
        _wait(lambda: connection.exec_driver_sql(sleeping).scalar())
        name = connection.exec_driver_sql(sleeping).scalar()
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        text, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "Traceback" not in text
    document = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert [one.split()[0] for one in _messages(document)] == ["not-verified"], document
    assert "has gone" in _messages(document)[0]


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_a_full_disk_is_reported(command: str, tmp_path: Path, own_temporary_folder: Path) -> None:
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = Project(tmp_path, database)
    project.write(GOOD[0])
    limit = 24 * 1024
    code, document = _run(
        project,
        command,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    text = json.dumps(document)
    assert "disk" in text or "full" in text, document
    if command == "verify":
        assert code != 0


@pytest.mark.parametrize("command", ["verify", "lint"])
@pytest.mark.parametrize("driver", ["postgresql+psycopg", "mysql+pymysql"])
def test_without_a_server(driver: str, command: str, tmp_path: Path) -> None:
    url = sa.make_url(f"{driver}://nobody:secret@127.0.0.1:1/nothing")
    project = Project(tmp_path, Database(driver.partition("+")[0], url))
    project.write(GOOD[0])
    done = subprocess.run(
        [sys.executable, "-m", "limbeck", command],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    assert "secret" not in text
    if command == "verify":
        assert done.returncode != 0
        assert "LB601" in text or "No scratch database can be made" in text
    else:
        assert "nothing was measured" in text


@contextmanager
def _role(database: Database, options: str) -> Iterator[sa.URL]:
    """Make a role that may use the schema public of a database; yield the URL of that role."""
    role = f"limbeck_role_{os.getpid()}"
    with database.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as admin:
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        admin.exec_driver_sql(f"CREATE ROLE {role} LOGIN {options}")
        try:
            yield database.url.set(username=role)
        finally:
            admin.exec_driver_sql(f"DROP OWNED BY {role}")
            admin.exec_driver_sql(f"DROP ROLE {role}")


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_a_temporary_schema_replaces_a_database_that_cannot_be_created(
    command: str, postgresql: Database, tmp_path: Path
) -> None:
    with _role(postgresql, "NOCREATEDB") as url:
        with postgresql.engine() as engine, engine.begin() as admin:
            admin.exec_driver_sql(
                f'GRANT CREATE ON DATABASE "{postgresql.url.database}" TO {url.username}'
            )
        project = Project(tmp_path, Database("postgresql", url))
        project.write(GOOD[0])
        code, document = _run(project, command)
        assert code == 0, document
        if command == "verify":
            assert document["revisions"][0]["kind"] == "schema"
        else:
            assert document["server"].startswith("postgresql"), document
        with postgresql.engine() as engine, engine.connect() as connection:
            left = connection.exec_driver_sql(
                "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'limbeck_scratch%%'"
            ).all()
    assert not left


@pytest.mark.parametrize("command", ["verify", "lint"])
def test_no_process_connects_to_the_real_database(
    command: str, postgresql: Database, tmp_path: Path
) -> None:
    """The server counts the sessions of each database; PostgreSQL 14 and later."""
    sessions = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()"
    project = Project(tmp_path, postgresql)
    project.write(GOOD[0])
    with postgresql.engine() as engine, engine.connect() as connection:
        if (connection.dialect.server_version_info or (0,)) < (14,):
            pytest.skip("the server does not count sessions")
        connection.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
        connection.commit()
        # a session is counted within a second
        time.sleep(1)
        before = connection.exec_driver_sql(sessions).scalar()
        connection.rollback()
        code, document = _run(project, command)
        assert code == 0, document
        time.sleep(1)
        assert connection.exec_driver_sql(sessions).scalar() == before


@pytest.mark.parametrize("command", ["verify", "lint"])
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_statements_name_the_real_database_only_in_lookups(
    kind: str, command: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """All that the commands say to the server is recorded between them."""
    database: Database = request.getfixturevalue(kind)
    name = str(database.url.database).encode()
    sent: list[bytes] = []

    def record(data: bytes) -> None:
        sent.append(data)

    with counting_proxy(database.url, loss_rule=record) as proxy:
        project = Project(tmp_path, Database(kind, proxy.url))
        project.write(GOOD[0])
        code, document = _run(project, command)
    assert code == 0, document
    assert any(b"ALTER TABLE" in one for one in sent)
    # encoding, collation and settings of the scratch database are those of the real one
    lookups = (b"pg_database", b"pg_db_role_setting", b"schemata")
    naming = [one.lower() for one in sent if name in one]
    assert all(any(word in one for word in lookups) for one in naming), naming
