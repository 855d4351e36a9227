"""Fixtures for all suites: a private database on each server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.servers import Database

KINDS = ("sqlite", "postgresql", "mariadb", "mysql")
MYSQL_FAMILY = ("mariadb", "mysql")
NEED_SERVER = {"postgresql", "mariadb", "mysql", "mysql_family", "server_database"}

# the same examples each time, so that a failed run is caused by the current change;
# HYPOTHESIS_PROFILE=search looks for new ones
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that updates the golden files."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the files of tests/golden"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare for servers; none is searched for before a test needs it."""
    # it would double the time of every test that drafts; those of `verify` turn it on
    os.environ["LIMBECK_VERIFY"] = "off"
    if not hasattr(config, "workerinput"):
        servers.open_session()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no database and no server behind."""
    servers.drop_spare()
    if not hasattr(config, "workerinput"):
        servers.close_session()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server, so that `-m "not server"` leaves them out."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if names & NEED_SERVER or parameters.get("database", "sqlite") != "sqlite":
            item.add_marker("server")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the servers that were missing and the tests that were skipped."""
    for kind, reason in servers.missing().items():
        terminalreporter.write_line(f"{kind}: NOT TESTED: {reason}", red=True)


def _database(kind: str, folder: Path) -> Iterator[Database]:
    with servers.own_database(kind, folder) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite file."""
    yield from _database("sqlite", tmp_path)


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    yield from _database("postgresql", tmp_path)


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[Database]:
    """An empty MariaDB database."""
    yield from _database("mariadb", tmp_path)


@pytest.fixture
def mysql(tmp_path: Path) -> Iterator[Database]:
    """An empty MySQL database."""
    yield from _database("mysql", tmp_path)


@pytest.fixture(params=MYSQL_FAMILY)
def mysql_family(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database on MariaDB and on MySQL."""
    yield from _database(request.param, tmp_path)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on each server in turn."""
    yield from _database(request.param, tmp_path)


@pytest.fixture(params=KINDS[1:])
def server_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database on each server that is not SQLite."""
    yield from _database(request.param, tmp_path)
