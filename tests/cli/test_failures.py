"""Failed migrations: the report, the state of the database, the next run of the command."""

from __future__ import annotations

import re
import signal
import socket
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.servers import Database

BASE = "op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))"
READY = "open('ready', 'w').close()\n"
ROW = "op.execute('INSERT INTO one VALUES ({})')\n"
# failures: the body with its broken line, the corrected line, the message, the rows at the end
BREAKS = {
    "statement": (ROW.format(1), "op.execute('INSERT INTO nowhere VALUES (1)')", "nowhere", [1]),
    "exception": (ROW.format(1), "raise ValueError('out of cheese')", "out of cheese", [1]),
    "exit": (ROW.format(1), "raise SystemExit(0)", "sys.exit", [1]),
    "data": (ROW.format(1), ROW.format(1).strip(), "(?i)unique|duplicate", [1]),
    "block": (
        ROW.format(1)
        + "with op.get_context().autocommit_block():\n    op.execute('INSERT INTO one VALUES (2)')\n"
        + ROW.format(3),
        "op.execute('INSERT INTO nowhere VALUES (1)')",
        "nowhere",
        [1, 2, 3],
    ),
    "raw commit": (
        ROW.format(1) + "op.execute('COMMIT')\n" + ROW.format(2),
        "raise ValueError('after the commit')",
        "after the commit",
        [1, 2],
    ),
    "own commit": (
        ROW.format(1) + "op.get_bind().commit()\n" + ROW.format(2),
        "raise ValueError('after the commit')",
        "after the commit",
        [1, 2],
    ),
}


def rows(database: Database, table: str = "one") -> list[int]:
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        return sorted(connection.exec_driver_sql(f"SELECT id FROM {table}").scalars())


def tables(database: Database) -> set[str]:
    with database.engine(poolclass=sa.NullPool) as engine:
        return set(sa.inspect(engine).get_table_names())


@pytest.mark.parametrize("kind", BREAKS)
def test_a_failure_is_reported_and_the_same_command_completes_the_migration(
    database: Database, tmp_path: Path, kind: str
) -> None:
    body, broken, words, wanted = BREAKS[kind]
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    path = project.write("b2", body + broken, down="a1")
    place = path.read_text("utf-8").splitlines()
    number = max(n for n, line in enumerate(place, 1) if line.strip() == broken)
    done = project.run("upgrade", "head")
    assert done.code not in (0, 2), done.text
    assert len(done.text.splitlines()) <= 25, done.text
    assert "Traceback" not in done.text
    assert not re.search(r"limbeck/\w+/\w+\.py|sqlalchemy/", done.text), done.text
    assert "b2" in done.out
    assert "b2_.py" in done.text
    assert re.search(rf"\b{number}\b", done.text), done.text
    assert re.search(words, done.out), done.text
    if "op.execute" in broken:
        assert "Statement: INSERT INTO" in done.out
    assert re.search(r"State: .*\ba1\b", done.out), done.text
    assert "run the same command again" in done.text
    project.write("b2", body, down="a1")
    project.check_output("upgrade", "head")
    assert rows(database) == wanted
    assert "b2 (head)" in project.check_output("current")


def test_a_failed_downgrade_is_reported_like_a_failed_upgrade(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    gone = "op.execute('DELETE FROM one WHERE id = 1')\n"
    project.write(
        "b2", ROW.format(1) + ROW.format(2), down="a1", downgrade=gone + "op.drop_table('x')"
    )
    project.check_output("upgrade", "head")
    done = project.run("downgrade", "base")
    assert done.code == 1
    assert len(done.text.splitlines()) <= 25
    assert "Traceback" not in done.text
    for words in ("downgrade b2 -> a1", "Statement: DROP TABLE x", "b2_.py", "line ", "next:"):
        assert words in done.text
    assert re.search(r"State: .*\bb2\b", done.out)
    project.write("b2", ROW.format(1) + ROW.format(2), down="a1", downgrade=gone)
    project.check_output("downgrade", "-1")
    assert rows(database) == [2]
    assert project.check_output("current") == "a1\n"


@pytest.mark.parametrize("name", ["upgrade", "downgrade"])
def test_a_missing_function_is_reported_before_anything_runs(
    sqlite: Database, tmp_path: Path, name: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", BASE)
    path = project.write("b2", ROW.format(1), down="a1")
    if name == "downgrade":
        project.check_output("upgrade", "head")
    path.write_text(path.read_text("utf-8").replace(f"def {name}(", "def other("), "utf-8")
    done = project.run(name, "head" if name == "upgrade" else "base")
    assert done.code == 255
    assert f"Revision b2 has no function {name}()" in done.out
    assert "b2_.py" in done.err
    if name == "upgrade":
        assert "one" not in tables(sqlite)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_rolls_back_and_releases_the_lock(
    database: Database, tmp_path: Path, number: signal.Signals
) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(60)")
    process = project.start("upgrade", "head")
    wait_for(project.folder / "ready")
    process.send_signal(number)
    done = finish(process, 20)
    assert done.code == 128 + number
    assert done.err.count("\n") < 8
    assert "Traceback" not in done.text
    assert "state:" in done.err
    assert "same command again" in done.err
    project.write("a1", BASE)
    begun = time.monotonic()
    project.check_output("upgrade", "head", "--lock-timeout", "20")
    assert time.monotonic() - begun < 15
    assert rows(database) == []


def test_a_run_that_waits_for_the_lock_can_be_interrupted(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    project.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(4)")
    first = project.start("upgrade", "head")
    wait_for(project.folder / "ready")
    second = project.start("upgrade", "head")
    assert second.wait_for_stderr("Waiting for the run lock")
    second.send_signal(signal.SIGINT)
    done = finish(second, 20)
    assert first.poll() is None
    assert done.code == 130
    assert "Traceback" not in done.text
    assert "No migration was running" in done.err
    assert finish(first).code == 0


def wait_for(path: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.05)


def test_a_lost_session_is_reported_and_rolled_back(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    waiting = "open('ready', 'w').close()\ntime.sleep(2)\n"
    project.write("b2", ROW.format(1) + waiting + ROW.format(2), down="a1")
    process = project.start("upgrade", "head")
    wait_for(project.folder / "ready")
    with server_database.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as other:
        end_others(server_database.kind, other)
    done = finish(process)
    assert done.code == 1
    assert "Traceback" not in done.text
    assert len(done.text.splitlines()) <= 25
    assert re.search(r"(?i)terminat|gone away|lost connection|closed", done.out)
    assert "a1" in done.out
    assert rows(server_database) == []
    project.write("b2", ROW.format(1) + ROW.format(2), down="a1")
    project.check_output("upgrade", "head")
    assert rows(server_database) == [1, 2]


def end_others(kind: str, connection: sa.Connection) -> None:
    if kind == "postgresql":
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return
    found = connection.exec_driver_sql(
        "SELECT ID FROM information_schema.PROCESSLIST"
        " WHERE DB = DATABASE() AND ID <> CONNECTION_ID()"
    )
    for number in found.scalars().all():
        connection.exec_driver_sql(f"KILL {number}")


def _held(
    project: CliProject, database: Database, *arguments: str, hold: float
) -> tuple[object, float]:
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM one").all()
        process = project.start("upgrade", "head", *arguments)
        wait_for(project.folder / "ready")
        longest = 0.0
        end = time.monotonic() + hold
        # meanwhile the application reads the table, and must not wait behind the change
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as application:
            is_postgresql = database.kind == "postgresql"
            limit = "statement_timeout = 5000" if is_postgresql else "lock_wait_timeout = 5"
            application.exec_driver_sql(f"SET {limit}")
            while time.monotonic() < end and process.poll() is None:
                begun = time.monotonic()
                application.exec_driver_sql("SELECT count(*) FROM one").all()
                longest = max(longest, time.monotonic() - begun)
                time.sleep(0.05)
        reader.rollback()
    return finish(process), longest


def test_a_run_that_waits_for_a_table_lock_does_not_block_the_application(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database, extra="table_timeout = 1")
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write(
        "b2", ROW.format(1) + READY + "op.add_column('one', sa.Column('x', sa.Integer))", down="a1"
    )
    done, longest = _held(project, server_database, hold=4)
    assert done.code == 0, done.text
    assert "Another session has locked a table: session" in done.err
    assert 0.3 < longest < 2.5
    assert rows(server_database) == [1]


def test_a_run_ends_after_the_timeout_for_a_table_lock(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database, extra="table_timeout = 1")
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write("b2", READY + "op.add_column('one', sa.Column('x', sa.Integer))", down="a1")
    done, _ = _held(project, server_database, "--lock-timeout", "3", hold=30)
    assert done.code == 1
    assert "Another session has locked a table" in done.err
    assert "session" in done.err
    assert len(done.text.splitlines()) <= 25
    project.check_output("upgrade", "head")


def test_a_statement_that_takes_too_long_is_reported(
    server_database: Database, tmp_path: Path
) -> None:
    slow = {
        "postgresql": "op.execute(\"SET LOCAL statement_timeout = '200ms'\")\n"
        "op.execute('SELECT pg_sleep(20)')",
        "mariadb": "op.execute('SET SESSION max_statement_time = 0.2')\n"
        "op.execute('INSERT INTO one SELECT SLEEP(20) FROM (SELECT 1 UNION SELECT 2) AS t')",
        # only for SELECT: https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html
        "mysql": "op.execute('SET SESSION max_execution_time = 200')\n"
        "op.get_bind().exec_driver_sql("
        "'SELECT count(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b,"
        " information_schema.COLUMNS c')",
    }[server_database.kind]
    project = cli_project(tmp_path, server_database)
    project.write("a1", BASE)
    project.write("b2", slow, down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert re.search(
        r"statement timeout|max_statement_time|maximum statement execution time", done.out
    )
    assert "State:" in done.out


def test_a_full_disk_is_reported_and_rolled_back(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    fill = (
        "op.execute('PRAGMA max_page_count = 12')\n"
        "op.execute('CREATE TABLE big (t TEXT)')\n"
        'for _ in range(200):\n    op.execute("INSERT INTO big VALUES (hex(randomblob(2000)))")'
    )
    project.write("b2", fill, down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "database or disk is full" in done.out
    assert "rolled back; the database is at a1" in done.out
    assert "big" not in tables(sqlite)


def test_a_read_only_database_file_is_reported(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write("b2", ROW.format(1), down="a1")
    ini = project.folder / "alembic.ini"
    name = str(sqlite.url.database)
    ini.write_text(ini.read_text("utf-8").replace(name, f"file:{name}?mode=ro&uri=true"), "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "readonly database" in done.out
    assert rows(sqlite) == []


@pytest.mark.parametrize(
    "driver",
    ["postgresql+psycopg", "postgresql+asyncpg", "mysql+pymysql"],
)
def test_a_connection_to_a_server_that_never_answers_times_out(
    sqlite: Database, tmp_path: Path, driver: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        project = CliProject(
            tmp_path / "project",
            f"{driver}://bob:secret@127.0.0.1:{port}/db",
            extra="connect_timeout = 1",
            template="async" if "asyncpg" in driver else "generic",
        )
        done = project.run("current", timeout=20)
    assert done.code in {1, 255}, done.text
    assert len(done.text.splitlines()) <= 10
    assert "Traceback" not in done.text
    assert "secret" not in done.text
    assert f"at 127.0.0.1:{port} accepted the connection but did not answer within 1 s" in done.out
    assert "connect_timeout" in done.err


def test_the_connection_timeout_does_not_limit_later_statements(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database, extra="connect_timeout = 0.5")
    project.write("a1", BASE + "\ntime.sleep(1)\n" + ROW.format(1))
    project.check_output("upgrade", "head")
    assert rows(database) == [1]
