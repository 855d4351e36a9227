"""Fixtures for all suites: a database of one's own on each server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import servers
from tests.servers import Database

KINDS = ("sqlite", "postgresql", "mariadb")

# the same examples each time, so that a red run says something of the change at hand;
# HYPOTHESIS_PROFILE=search looks for new ones
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts what limbeck writes now."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the files of tests/golden"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Settle the servers once, before workers start."""
    if hasattr(config, "workerinput"):
        return
    missing = servers.settle()
    for kind, why in missing.items():
        os.environ[servers.VARIABLES[kind] + "_MISSING"] = why


def pytest_unconfigure() -> None:
    """Leave no database behind."""
    servers.drop_spare()


def pytest_report_header() -> list[str]:
    """Say loudly what cannot be tested."""
    lines = []
    for kind, variable in servers.VARIABLES.items():
        why = os.environ.get(variable + "_MISSING")
        lines.append(f"{kind}: {'NOT TESTED: ' + why if why else 'live server'}")
    return lines


def _database(kind: str, folder: Path) -> Iterator[Database]:
    why = os.environ.get(servers.VARIABLES.get(kind, "") + "_MISSING")
    if why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{kind}: {why}")
        pytest.skip(f"{kind}: {why}")
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


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on each server in turn."""
    yield from _database(request.param, tmp_path)


@pytest.fixture(params=["postgresql", "mariadb"])
def server_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database on each server that is not SQLite."""
    yield from _database(request.param, tmp_path)
