"""Private servers of a test, which it can kill and start again."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers import Database, answers


class PrivateServer:
    """A PostgreSQL or MariaDB with one database.

    Args:
        kind: which.
        folder: where its data are; its user has to reach it.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        driver, user = {"postgresql": ("psycopg", "postgres"), "mariadb": ("pymysql", "root")}[kind]
        name = "postgresql" if kind == "postgresql" else "mysql"
        self._admin = sa.URL.create(f"{name}+{driver}", user, host="127.0.0.1", port=self._port)
        # PostgreSQL does not run as root
        self._user = "postgres" if kind == "postgresql" and os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._prepare(folder)
        self.start()
        engine = sa.create_engine(self._server(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE limbeck_fleet")
        engine.dispose()
        self.database = Database(kind, self._admin.set(database="limbeck_fleet"))

    def _prepare(self, folder: Path) -> None:
        if self.kind == "postgresql":
            make = [
                _program("initdb"),
                "-D",
                str(self._data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-N",
            ]
            place = str(folder)
            self._command = [
                _program("postgres"), "-D", str(self._data), "-p", str(self._port), "-h",
                "127.0.0.1", "-k", place,
            ]  # fmt: skip
        else:
            user = subprocess.check_output(["id", "-un"], text=True).strip()
            make = [
                _program("mariadb-install-db"), "--no-defaults", f"--datadir={self._data}",
                f"--user={user}", "--auth-root-authentication-method=normal",
            ]  # fmt: skip
            self._command = [
                _program("mariadbd"), "--no-defaults", f"--datadir={self._data}",
                f"--socket={folder / 's'}", f"--port={self._port}", "--bind-address=127.0.0.1",
                f"--user={user}",
            ]  # fmt: skip
        subprocess.run(make, check=True, capture_output=True, user=self._user, cwd=folder)

    def _server(self) -> sa.URL:
        return self._admin.set(database="postgres") if self.kind == "postgresql" else self._admin

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, user=self._user, cwd=self._data.parent,
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while not answers(self.kind, self._server().render_as_string(hide_password=False)):
            assert self._process.poll() is None, f"{self.kind} has ended"
            assert time.monotonic() < deadline, f"{self.kind} does not answer"
            time.sleep(0.2)

    @contextmanager
    def replica(self) -> Iterator[sa.URL]:
        """Start a PostgreSQL that streams from this one; yield the URL of the same database."""
        folder = Path(tempfile.mkdtemp(prefix="limbeck_replica_"))
        if self._user:
            shutil.chown(folder, self._user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        data = str(folder / "data")
        copy = [
            _program("pg_basebackup"), "-D", data, "-h", "127.0.0.1", "-p", str(self._port), "-U",
            "postgres", "-R", "-X", "stream", "-c", "fast",
        ]  # fmt: skip
        command = [
            _program("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", str(folder),
            "-c", "wal_receiver_status_interval=1",
        ]  # fmt: skip
        process = None
        try:
            subprocess.run(copy, check=True, capture_output=True, user=self._user, cwd=folder)
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True, user=self._user, cwd=folder,
            )  # fmt: skip
            server = self._server().set(port=port)
            deadline = time.monotonic() + 120
            while not answers(self.kind, server.render_as_string(hide_password=False)):
                assert process.poll() is None, "the replica has ended"
                assert time.monotonic() < deadline, "the replica does not answer"
                time.sleep(0.2)
            yield self.database.url.set(port=port)
        finally:
            if process is not None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill it with all its processes, as the system does when memory runs out."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def _program(name: str) -> str:
    folders = [*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), "/usr/sbin"]  # noqa: PTH207 - absolute
    # the files of a distribution come first: in the search path there may be wrappers
    found = next((found for one in folders if (found := shutil.which(name, path=one))), None)
    found = found or shutil.which(name)
    if found is None:
        pytest.skip(f"NOT TESTED: no {name} on this machine")
    return found


@contextmanager
def private_server(kind: str) -> Iterator[PrivateServer]:
    """Start a server, and remove it with its data at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"limbeck_{kind}_"))
    server = None
    try:
        server = PrivateServer(kind, folder)
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
