"""The test suites of packages that build on Alembic, run with Alembic and with limbeck.

Each sdist is installed into two environments; the tests that pass with Alembic pass with
limbeck, and they are as many as were seen before. `LIMBECK_TEST_PACKAGES=flask-migrate` narrows
the choice.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.compat import peer_venvs
from tests.compat.packages import server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(peer_venvs.PATIENCE)]


@dataclass(frozen=True)
class Package:
    """A package whose sdist carries its tests.

    Attributes:
        name: as the index knows it, with its extras.
        tests: what pytest is given, in the folder of the sdist; `{port}` is PostgreSQL's.
        passes: how many tests were seen to pass with Alembic; fewer mean that the suite did
            not run.
        needs: additional packages that the tests import.
        postgresql: it wants a PostgreSQL server for roles and databases of its own.
        differs: tests whose outcome depends on Alembic's own insides, with the reason in
            the page on coming from Alembic.
    """

    name: str
    version: str
    tests: tuple[str, ...]
    passes: int
    needs: tuple[str, ...] = ()
    postgresql: bool = False
    differs: frozenset[str] = frozenset()


PACKAGES = (
    Package("flask-migrate", "4.1.0", ("tests",), 7, ("flask-sqlalchemy", "SQLAlchemy==2.0.*")),
    Package(
        "sqlalchemy-declarative-extensions[parse]",
        "0.17.0",
        ("tests",),
        200,
        (
            *("alembic-utils==0.8.8", "pytest==8.*", "pytest-alembic", "pydantic", "coverage"),
            *("pytest-mock-resources[docker]", "psycopg[binary]", "pymysql[rsa]"),
        ),
        postgresql=True,
    ),
    Package(
        "advanced-alchemy[argon2,cli,cryptography,dogpile,fsspec,obstore,nanoid,passlib,pwdlib,uuid]",
        "1.12.0",
        (
            "tests/unit/test_cli.py",
            "tests/integration/test_alembic_cli_integration.py",
            "tests/integration/test_alembic_commands.py",
            # the other databases of its suite come as containers
            "-k",
            (
                "not asyncpg and not psycopg and not oracle and not cockroach and not spanner "
                "and not mssql and not mysql and not asyncmy"
            ),
        ),
        126,
        (
            *("SQLAlchemy==2.0.*", "google-cloud-spanner", "duckdb", "duckdb-engine", "pgvector"),
            *("pytest-databases[postgres,oracle,cockroachdb,bigquery,spanner]", "fsspec[s3]"),
            *("pytest-asyncio", "pytest-mock", "pytest-lazy-fixtures", "pytest-click", "pyotp"),
            *("pytest-rerunfailures", "time-machine", "attrs", "cattrs", "litestar[cli]"),
            *("aiosqlite", "psycopg[binary,pool]", "asyncpg", "pytest-xdist", "docker", "msgspec"),
            *("numpy", "pydantic-extra-types", "sqlmodel", "anyio", "flask", "flask-sqlalchemy"),
            *("sanic", "sanic-testing", "fastapi", "starlette", "httpx", "polyfactory"),
            *("dishka", "oracledb", "rich-click"),
        ),
    ),
    Package(
        "geoalchemy2[shapely]",
        "0.20.0",
        (
            "tests/test_alembic_migrations.py",
            "--postgresql_dburl=postgresql://postgres@127.0.0.1:{port}/gis",
        ),
        7,
        ("pytest-benchmark", "pymysql"),
        postgresql=True,
    ),
)
CHOSEN = os.environ.get("LIMBECK_TEST_PACKAGES", "")
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL) (\S+)", re.MULTILINE)


def _plain(package: Package) -> str:
    return package.name.partition("[")[0]


def _source(package: Package) -> Path:
    """Download and unpack an sdist, once."""
    folder = peer_venvs.kept() / "sources" / f"{_plain(package)}-{package.version}"
    with peer_venvs.alone(folder):
        if not (folder / "unpacked").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            peer_venvs.do(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary",
                      _plain(package), "-d", folder, f"{_plain(package)}=={package.version}")  # fmt: skip
            (archive,) = folder.glob("*.tar.gz")
            with tarfile.open(archive) as packed:
                packed.extractall(folder / "in", filter="data")
            (folder / "unpacked").touch()
    (source,) = (folder / "in").iterdir()
    return source


def _outcomes(venv: Path, source: Path, package: Package, home: Path) -> dict[str, str]:
    shutil.copytree(source, home)
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("PYTHON", "PYTEST"))}
    environment |= {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "VIRTUAL_ENV": str(venv)}
    with ExitStack() as stack:
        port = 0
        if package.postgresql:
            port = stack.enter_context(server.postgresql())
            for word, text in (("HOST", "127.0.0.1"), ("PORT", str(port)), ("PASSWORD", "any"),
                               ("USERNAME", "postgres"), ("ROOT_DATABASE", "postgres")):  # fmt: skip
                environment[f"PMR_POSTGRES_{word}"] = text
            _make_gis(port)
        words = [word.format(port=port) for word in package.tests]
        done = subprocess.run(
            [venv / "bin" / "python", "-m", "pytest", "-q", "-rA", "--tb=no", *words],
            cwd=home, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    return {name: outcome for outcome, name in OUTCOME.findall(done.stdout)}


def _make_gis(port: int) -> None:
    """Make the database of spatial suites, with PostGIS where it is installed."""
    engine = sa.create_engine(
        f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres", isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE gis")
    engine.dispose()
    engine = sa.create_engine(f"postgresql+psycopg://postgres@127.0.0.1:{port}/gis")
    with engine.begin() as connection:
        known = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'"
        ).scalar_one()
        if known:
            connection.exec_driver_sql("CREATE EXTENSION postgis")
        connection.exec_driver_sql("CREATE SCHEMA gis")
    engine.dispose()


@pytest.mark.parametrize(
    "package",
    [one for one in PACKAGES if not CHOSEN or _plain(one) in CHOSEN.split(",")],
    ids=_plain,
)
def test_tests_that_pass_with_alembic_pass_with_limbeck(package: Package, tmp_path: Path) -> None:
    """Install twice, run the package's own tests twice, compare."""
    if package.postgresql and server.binaries() is None:
        pytest.skip("no PostgreSQL is installed here to start one of our own")
    source = _source(package)
    needs = (f"{package.name}=={package.version}", "pytest", "psycopg2-binary", *package.needs)
    venvs = peer_venvs.sides(_plain(package), needs)
    before = _outcomes(venvs["peer"], source, package, tmp_path / "peer")
    after = _outcomes(venvs["limbeck"], source, package, tmp_path / "limbeck")
    passed = {name for name, outcome in before.items() if outcome == "PASSED"}
    assert len(passed) >= package.passes, before
    lost = {name: after.get(name) for name in passed if after.get(name) != "PASSED"}
    assert set(lost) <= package.differs, lost
