"""Empty databases for the bench, and their removal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

SERVERS = {
    "postgresql": os.environ.get(
        "LIMBECK_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    ),
    "mariadb": os.environ.get("LIMBECK_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/"),
}
KINDS = ("sqlite", *SERVERS)


def address(kind: str, folder: Path) -> str:
    """Return the URL of the bench's database."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'bench.sqlite'}"
    url = sa.make_url(SERVERS[kind]).set(database=_name())
    return url.render_as_string(hide_password=False)


def _name() -> str:
    return f"limbeck_bench_{os.getpid()}"


def empty(kind: str, folder: Path, *, again: bool = True) -> None:
    """Drop the database, and make it again."""
    if kind == "sqlite":
        (folder / "bench.sqlite").unlink(missing_ok=True)
        return
    admin = sa.create_engine(SERVERS[kind], isolation_level="AUTOCOMMIT")
    force = " WITH (FORCE)" if kind == "postgresql" else ""  # a step that failed may be connected
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {_name()}{force}")
        if again:
            connection.exec_driver_sql(f"CREATE DATABASE {_name()}")
    admin.dispose()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Make an empty database, give its URL, and drop it in the end."""
    empty(kind, folder)
    try:
        yield address(kind, folder)
    finally:
        empty(kind, folder, again=False)
