"""`verify` and `lint` where the server dies, the disk is full, or rights are missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.verify.revisions import GOOD, Case
from tests.databases.private_servers import PrivateServer, private_server
from tests.databases.test_verify import Project
from tests.servers import Database

KINDS = ("postgresql", "mariadb")
SLEEPS = {"postgresql": "SELECT pg_sleep(600)", "mariadb": "SELECT SLEEP(600)"}
ACTIVE = {
    "postgresql": "SELECT query FROM pg_stat_activity WHERE state = 'active'",
    "mariadb": "SELECT info FROM information_schema.processlist",
}
NAMES = {
    "postgresql": "SELECT datname FROM pg_database",
    "mariadb": "SELECT schema_name FROM information_schema.schemata",
}
# more than the disk of the server holds
FILLER = {
    "postgresql": "CREATE TABLE filler TABLESPACE small AS SELECT repeat('x', 1000) AS a"
    " FROM generate_series(1, 1000000)",
    "mariadb": "CREATE TABLE filler AS SELECT repeat('x', 1000) AS a FROM seq_1_to_1000000",
}
COMMANDS = ("verify", "lint")


def _start(project: Project, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _run(project: Project, *words: str) -> tuple[int | None, str]:
    process = _start(project, *words)
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in out + err, out + err
    return process.returncode, out + err


def _query(database: Database, text: str) -> list[str]:
    with database.engine() as engine, engine.connect() as connection:
        return [str(row[0]) for row in connection.exec_driver_sql(text)]


def _wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _leftovers(database: Database) -> list[str]:
    """Return the scratch databases of processes that have ended."""
    names = _query(database, NAMES[database.kind])
    return [one for one in names if "limbeck_scratch" in one and _has_ended(one)]


def _has_ended(name: str) -> bool:
    """Return whether the process in a name such as `limbeck_scratch_4f0a_123_179_1` has ended."""
    return not Path(f"/proc/{name.split('_')[3]}").exists()


def left_files() -> list[Path]:
    """Return the files and folders of scratch databases whose process has ended."""
    found = Path(tempfile.gettempdir()).glob("limbeck_scratch*")
    return [one for one in found if _has_ended(one.name)]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_server_is_reported(kind: str, command: str, tmp_path: Path) -> None:
    with private_server(kind) as server:
        database = server.database
        with database.engine() as engine, engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
        project = Project(tmp_path / "killed", database)
        project.write(Case("sleep", f"op.execute({SLEEPS[kind]!r})", "pass"))
        process = _start(project, command)
        _wait_for(lambda: any("(600)" in one for one in _active(database)))
        server.kill()
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err
        words = {"verify": "not-verified", "lint": "was not measured"}[command]
        assert words in out + err, out + err
        assert process.returncode != 0 or command == "lint", out + err
        server.start()
        # the next run removes what the killed server still has
        good = Project(tmp_path / "good", database)
        good.write(GOOD[0])
        code, text = _run(good, command, "second")
        assert code == 0 or command == "lint", text
        assert _leftovers(database) == []
        assert _query(database, "SELECT count(*) FROM precious") == ["0"]


def _active(database: Database) -> list[str]:
    own = ("pg_stat_activity", "processlist")
    found = _query(database, ACTIVE[database.kind])
    return [one for one in found if not any(word in one for word in own)]


@contextmanager
def _small_disk(limits: str = "size=220m") -> Iterator[Path]:
    """Give a folder on a disk of its own, which a revision can fill."""
    folder = Path(tempfile.mkdtemp(prefix="limbeck_disk_"))
    mount = ["mount", "-t", "tmpfs", "-o", limits, "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("NOT TESTED: no file system can be mounted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def _server_on_small_disk(kind: str) -> Iterator[PrivateServer]:
    """Start a server that runs out of space: MariaDB as a whole, PostgreSQL in a tablespace.

    PostgreSQL without space for its log ends, and does not start again.
    """
    with _small_disk() as folder:
        if kind == "mariadb":
            server = PrivateServer(kind, folder)
            try:
                yield server
            finally:
                server.kill()
            return
        with private_server(kind) as server:
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres")
            url = server.database.url
            engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as admin:
                admin.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
            engine.dispose()
            yield server


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_disk_that_becomes_full_is_reported(kind: str, tmp_path: Path) -> None:
    with _server_on_small_disk(kind) as server:
        project = Project(tmp_path / "full", server.database)
        project.write(Case("full", f"op.execute({FILLER[kind]!r})", "pass"))
        for command, words in (("verify", "not-verified"), ("lint", "was not measured")):
            _code, text = _run(project, command)
            assert words in text, text
            _wait_for(lambda: _answers(server))
            good = Project(tmp_path / f"good-{command}", server.database)
            good.write(GOOD[0])
            code, text = _run(good, "verify", "second")
            assert code == 0, text
            assert _leftovers(server.database) == []


def _answers(server: PrivateServer) -> bool:
    try:
        return _query(server.database, "SELECT 1") == ["1"]
    except sa.exc.DBAPIError:
        return False


def test_a_disk_that_is_full_for_sqlite(tmp_path: Path) -> None:
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = Project(tmp_path / "project", database)
    full = """
op.execute("PRAGMA max_page_count = 40")
op.execute("CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
           " LIMIT 5000) SELECT i, hex(randomblob(200)) AS a FROM n")
"""
    project.write(Case("full", full, "pass"))
    _code, text = _run(project, "verify")
    assert "not-verified" in text, text
    assert "full" in text, text
    _code, text = _run(project, "lint")
    assert "was not measured" in text, text


# so many files that there is one for the folder, or for the database as well, but no journal
@pytest.mark.parametrize("files", [3, 4])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_for_temporary_files(
    files: int, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = Project(tmp_path / "project", database)
    project.write(GOOD[0])
    with _small_disk(f"size=64k,nr_inodes={files}") as folder:
        monkeypatch.setenv("TMPDIR", str(folder))
        code, text = _run(project, command)
        assert list(folder.glob("limbeck_scratch*")) == []
    if command == "verify":
        assert code != 0
        assert "not-verified" in text or "LB601" in text or "LB622" in text, text
    else:
        assert "measured" in text, text
    assert "error up-fails" not in text
    assert not (tmp_path / "shop.sqlite").exists()


def test_a_user_of_mariadb_who_may_not_create_databases(mariadb: Database, tmp_path: Path) -> None:
    user = f"limbeck_{os.getpid()}"
    name = mariadb.url.database
    with mariadb.engine() as engine, engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE OR REPLACE USER {user}@'%%' IDENTIFIED BY 'pw'")
        admin.exec_driver_sql(f"GRANT SELECT ON {name}.* TO {user}@'%%'")
        try:
            url = mariadb.url.set(username=user, password="pw")
            project = Project(tmp_path, Database("mariadb", url))
            project.write(GOOD[0])
            code, text = _run(project, "verify")
            assert code != 0
            assert "may not create databases" in text or "denied" in text.lower(), text
            code, text = _run(project, "lint")
            assert "nothing was measured" in text, text
        finally:
            admin.exec_driver_sql(f"DROP USER {user}@'%%'")
    assert _query(mariadb, "SHOW TABLES") == []


ACTS = {
    "forks": ("import os\nif os.fork() == 0:\n    os._exit(0)", "process"),
    "starts": ("import subprocess\nsubprocess.run(['true'])", "process"),
    "writes": ("open('trace.txt', 'w').write('x')", "file"),
    "connects": ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "network"),
    "never ends": ("while True:\n    pass", "did not end"),
    "ends": ("import os\nos._exit(3)", "ended"),
}


@pytest.mark.parametrize("name", ACTS)
def test_lint_stops_a_revision_with_effects_outside_its_database(name: str, tmp_path: Path) -> None:
    body, word = ACTS[name]
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = Project(tmp_path / "project", database)
    project.write(Case(name, body, "pass"))
    code, text = _run(project, "lint", "--json", "--time-limit", "3")
    found = _document(text)["findings"]
    assert code == 1, text
    assert [one["code"] for one in found] == ["LM903"]
    assert word in found[0]["message"].lower(), found
    assert not (project.folder / "trace.txt").exists()
    assert not (tmp_path / "shop.sqlite").exists()
    assert left_files() == []


DROPS = {
    "postgresql": """
bind = op.get_bind()
name = bind.exec_driver_sql("SELECT current_database()").scalar()
with op.get_context().autocommit_block():
    bind.exec_driver_sql(f'DROP DATABASE "{name}"')
""",
    "mariadb": """
name = op.get_bind().exec_driver_sql("SELECT DATABASE()").scalar()
op.execute(f"DROP DATABASE `{name}`")
""",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_revision_that_drops_the_scratch_database(
    kind: str, command: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database: Database = request.getfixturevalue(kind)
    project = Project(tmp_path, database)
    project.write(Case("drop", DROPS[kind], "pass"))
    code, text = _run(project, command, "--json")
    assert code != 0
    # on MariaDB, lint measures what the statement drops
    of_lint = "LM903" if kind == "postgresql" else '"loses"'
    assert ("drops-database" if command == "verify" else of_lint) in text, text
    assert database.url.database in _query(database, NAMES[kind])
    assert _leftovers(database) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_database_is_not_touched(command: str, tmp_path: Path) -> None:
    """Neither its bytes nor its time change, and nothing removes the scratch file but limbeck."""
    path = tmp_path / "shop.sqlite"
    database = Database("sqlite", sa.make_url(f"sqlite:///{path}"))
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    project = Project(tmp_path / "project", database)
    own = 'import os\nos.remove(op.get_bind().exec_driver_sql("PRAGMA database_list").first()[2])'
    project.write(Case("remove", own, "pass"))
    code, text = _run(project, command, "--json")
    assert code != 0
    assert ("touches-files" if command == "verify" else "LM903") in text, text
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert not path.with_name("shop.sqlite-journal").exists()
    assert left_files() == []


def test_lint_does_not_touch_the_real_database(postgresql: Database, tmp_path: Path) -> None:
    """The role may create databases and may not connect to the project's database at all."""
    role = f"limbeck_linter_{os.getpid()}"
    name = postgresql.url.database
    with postgresql.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as admin:
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        admin.exec_driver_sql(f"CREATE ROLE {role} LOGIN CREATEDB")
        admin.exec_driver_sql(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        try:
            project = Project(tmp_path, Database("postgresql", postgresql.url.set(username=role)))
            project.write(GOOD[0])
            _code, text = _run(project, "lint", "--json")
            document = _document(text)
            assert document["server"], document
            assert document["notes"] == []
        finally:
            admin.exec_driver_sql(f"GRANT CONNECT ON DATABASE {name} TO PUBLIC")
            admin.exec_driver_sql(f"DROP ROLE {role}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_statement_reaches_the_real_database(kind: str, tmp_path: Path) -> None:
    """The server's own log of statements names the database of each."""
    with private_server(kind) as server:
        database, name = server.database, str(server.database.url.database)
        project = Project(tmp_path, database)
        project.write(GOOD[0])
        with _statement_log(server, tmp_path) as logged:
            for command in COMMANDS:
                _code, text = _run(project, command)
                assert "not measured" not in text, text
                assert "not-verified" not in text, text
            found = logged()
        assert len(found) > 20  # the log works
        own = [text for place, text in found if place == name]
        assert not [text for text in own if not text.lower().startswith(ALLOWED)], own


# what a connection says of itself, and how its database is described
ALLOWED = ("select", "show", "set", "begin", "rollback", "commit", "start transaction")


@contextmanager
def _statement_log(
    server: PrivateServer, folder: Path
) -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """Log all statements; give a function that returns the database and text of each."""
    engine = sa.create_engine(server.database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        if server.kind == "mariadb":
            admin.exec_driver_sql("SET GLOBAL log_output = 'TABLE'")
            admin.exec_driver_sql("SET GLOBAL general_log = 1")
        else:
            logs = Path(tempfile.mkdtemp(dir=admin.exec_driver_sql("SHOW data_directory").scalar()))
            logs.chmod(0o777)
            admin.exec_driver_sql("ALTER SYSTEM SET log_statement = 'all'")
            admin.exec_driver_sql("ALTER SYSTEM SET log_line_prefix = 'limbeck %%d '")
            admin.exec_driver_sql("ALTER SYSTEM SET logging_collector = on")
            admin.exec_driver_sql(f"ALTER SYSTEM SET log_directory = '{logs}'")
            engine.dispose()
            server.kill()
            server.start()

    def logged() -> list[tuple[str, str]]:
        with engine.connect() as admin:
            if server.kind == "mariadb":
                return _mariadb_log(admin)
        lines = [line for path in logs.glob("*.log") for line in path.read_text().splitlines()]
        return [
            (words[1], words[2].partition("statement: ")[2] or words[2].partition(">: ")[2])
            for line in lines
            if len(words := line.split(" ", 2)) > 2 and words[0] == "limbeck"
            and ("statement: " in line or " execute <" in line)
        ]  # fmt: skip

    yield logged
    engine.dispose()


def _mariadb_log(admin: sa.Connection) -> list[tuple[str, str]]:
    places: dict[int, str] = {}
    found = []
    rows = admin.exec_driver_sql(
        "SELECT thread_id, command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log"
        " WHERE thread_id <> CONNECTION_ID() ORDER BY event_time"
    )
    for thread, kind, text in rows:
        if kind == "Connect":
            places[thread] = text.partition(" on ")[2].split(" ")[0]
        elif kind == "Init DB":
            places[thread] = text
        elif kind in {"Query", "Execute"}:
            found.append((places.get(thread, ""), text))
    return found


def _document(text: str) -> dict[str, Any]:
    start = text.find("{")
    assert start >= 0, text
    document: dict[str, Any] = json.loads(text[start : text.rindex("}") + 1])
    return document
