"""Full disks, connection poolers, and tables that are locked against a transaction of env.py."""

from __future__ import annotations

import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.cli.test_failures import BASE, READY, ROW, rows, tables, wait_for
from tests.servers import Database

MEGABYTES = 8


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of some megabytes to which a server on this machine can write."""
    folder = Path(tempfile.mkdtemp(prefix="limbeck-disk-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0777", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    if not is_mounted:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _storage_clause(disk: Path, database: Database) -> Iterator[str]:
    """Yield the clause of CREATE TABLE that stores the table on a disk."""
    if database.kind == "mariadb":
        yield f"ENGINE=InnoDB DATA DIRECTORY='{disk}'"
        return
    name = f"limbeck_small_{os.getpid()}"
    home = disk / "space"
    home.mkdir()
    home.chmod(0o777)
    with suppress(LookupError, PermissionError):
        shutil.chown(home, "postgres")
    with database.engine(isolation_level="AUTOCOMMIT") as engine:
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql(f"CREATE TABLESPACE {name} LOCATION '{home}'")
            except sa.exc.SQLAlchemyError as error:
                pytest.skip(f"the server cannot use a disk of this machine: {error}")
        try:
            yield f"TABLESPACE {name}"
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql("DROP TABLE IF EXISTS big")
                connection.exec_driver_sql(f"DROP TABLESPACE {name}")


def test_a_full_disk_is_reported_and_the_same_command_completes_the_migration(
    server_database: Database, tmp_path: Path, small_disk: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    fill = (
        "for _ in range({}):\n"
        "    op.get_bind().execute(sa.text('INSERT INTO big VALUES (:t)'), [{{'t': 'x' * 8000}}] * 100)"
    )
    with _storage_clause(small_disk, server_database) as clause:
        make = ROW.format(1) + f'op.execute("""CREATE TABLE big (t TEXT) {clause}""")\n'
        if server_database.kind == "postgresql":
            make += "op.execute('ALTER TABLE big ALTER t SET STORAGE EXTERNAL')\n"
        project.write("b2", make + fill.format(25), down="a1")
        done = project.run("upgrade", "head")
        assert done.code == 1, done.text
        assert re.search(r"(?i)no space left|is full|could not extend", done.out), done.text
        assert "State: " in done.out
        assert "a1" in done.out
        assert len(done.text.splitlines()) <= 25
        assert "b2" not in project.check_output("current")
        larger = ["mount", "-o", "remount,size=96m", str(small_disk)]
        subprocess.run(larger, check=True, capture_output=True)
        project.check_output("upgrade", "head")
        assert rows(server_database) == [1]
        with server_database.engine() as engine, engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM big").scalar_one() == 2500


class Pooler(threading.Thread):
    """A proxy that changes the process identifier which PostgreSQL sends to the client.

    Poolers do this because they run each transaction of a client in any of their sessions.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            for source, sink, change in ((client, server, False), (server, client, True)):
                threading.Thread(
                    target=self._forward, args=(source, sink, change), daemon=True
                ).start()

    @staticmethod
    def _forward(source: socket.socket, sink: socket.socket, change: bool) -> None:
        key = b"K" + struct.pack("!I", 12)  # BackendKeyData, which names the session
        with suppress(OSError), source, sink:
            while piece := source.recv(65536):
                place = piece.find(key) if change else -1
                if place >= 0:
                    change = False
                    piece = piece[: place + 5] + struct.pack("!I", 4242) + piece[place + 9 :]
                sink.sendall(piece)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def pooled(postgresql: Database) -> Iterator[Database]:
    """A database behind a pooler."""
    url = postgresql.url
    pooler = Pooler((url.host or "127.0.0.1", url.port or 5432))
    pooler.start()
    yield Database("postgresql", url.set(host="127.0.0.1", port=pooler.port))
    pooler.close()


def test_a_pooler_is_reported_and_the_lock_is_taken_in_each_transaction(
    pooled: Database, postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, pooled, settings="transaction_per_migration=True")
    locks = (
        "print('locks', op.get_bind().exec_driver_sql(\"SELECT count(*) FROM pg_locks"
        " WHERE locktype = 'advisory' AND pid = pg_backend_pid()\").scalar(), flush=True)\n"
    )
    project.write("a1", BASE + "\n" + locks)
    project.write(
        "b2",
        ROW.format(1)
        + "with op.get_context().autocommit_block():\n    op.execute('INSERT INTO one VALUES (2)')\n"
        + locks,
        down="a1",
    )
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "goes through a pooler" in done.err
    assert re.findall(r"locks (\d)", done.out) == ["1", "1"]
    assert rows(postgresql) == [1, 2]
    with postgresql.engine() as engine, engine.connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert left.scalar_one() == 0


def test_without_a_pooler_none_is_reported(postgresql: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, postgresql, settings="transaction_per_migration=True")
    project.write("a1", BASE)
    assert "pooler" not in project.run("upgrade", "head").text


def _own_transaction(project: CliProject) -> None:
    text = project.env_py.read_text("utf-8")
    changed = text.replace(
        "with connectable.connect() as connection:", "with connectable.begin() as connection:"
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")


@pytest.mark.parametrize("hold", [2, 30])
def test_a_table_locked_against_a_transaction_of_env_py(
    server_database: Database, tmp_path: Path, hold: int
) -> None:
    project = cli_project(tmp_path, server_database, extra="table_timeout = 1\nlock_timeout = 4")
    _own_transaction(project)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write("b2", READY + "op.add_column('one', sa.Column('x', sa.Integer))", down="a1")
    with (
        server_database.engine(poolclass=sa.NullPool) as engine,
        engine.connect() as reader,
    ):
        reader.exec_driver_sql("SELECT * FROM one").all()
        process = project.start("upgrade", "head")
        wait_for(project.folder / "ready")
        end = time.monotonic() + hold
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.05)
        reader.rollback()
        done = finish(process)
    # the Python code of the migration has run more than once
    assert "its Python code" in done.err
    if hold < 4:
        assert done.code == 0, done.text
        return
    assert done.code == 1
    assert "Another session has locked a table" in done.err
    assert "session" in done.err
    assert "one" in tables(server_database)


def test_an_index_built_concurrently_waits_without_blocking_others(
    postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, postgresql, extra="table_timeout = 0.5")
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    project.write(
        "b2",
        "with op.get_context().autocommit_block():\n"
        "    open('ready', 'w').close()\n"
        "    op.execute('CREATE INDEX CONCURRENTLY i ON one (id)')",
        down="a1",
    )
    with postgresql.engine(poolclass=sa.NullPool) as engine, engine.connect() as writer:
        writer.exec_driver_sql("INSERT INTO one VALUES (1)")
        process = project.start("upgrade", "head")
        wait_for(project.folder / "ready")
        end = time.monotonic() + 2
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as application:
            application.exec_driver_sql("SET statement_timeout = 1000")
            while time.monotonic() < end:
                application.exec_driver_sql("UPDATE one SET id = id WHERE id = 2")
                time.sleep(0.1)
        assert process.poll() is None, "it waits for the writer"
        writer.commit()
        done = finish(process)
    assert done.code == 0, done.text
    with postgresql.engine() as engine, engine.connect() as connection:
        valid = connection.exec_driver_sql(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass"
        )
        assert valid.scalar_one() is True
