"""Recorded rows of a server, from which a catalog is read without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Dialect

DIALECTS = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}


class RecordingConnection:
    """Passes queries on to a connection and keeps the rows of each."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect
        self.results: list[list[list[Any]]] = []

    @contextmanager
    def exec_driver_sql(self, sql: str, **options: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Run a query and yield its rows."""
        with self._connection.exec_driver_sql(sql, **options) as result:
            rows = [tuple(row) for row in result]
        self.results.append([[_text(cell) for cell in row] for row in rows])
        yield rows

    def in_transaction(self) -> bool:
        """Return whether the connection has a transaction."""
        return self._connection.in_transaction()

    def save(self, path: Path) -> None:
        """Write the version of the server and the rows of each query."""
        version = list(self.dialect.server_version_info or ())
        record = {"version": version, "results": self.results}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")


class ReplayingConnection:
    """Answers each query with the rows that were recorded, in the same order."""

    def __init__(self, kind: str, path: Path) -> None:
        record = json.loads(path.read_text("utf-8"))
        self.dialect = _dialect(kind, tuple(record["version"]))
        self._results = iter(record["results"])

    @contextmanager
    def exec_driver_sql(self, sql: str, **options: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of the next query."""
        yield [tuple(row) for row in next(self._results)]

    def in_transaction(self) -> bool:
        """Return whether the connection has a transaction: it never ends one."""
        return True


def _dialect(kind: str, version: tuple[int, ...]) -> Dialect:
    dialect = sa.make_url(f"{DIALECTS[kind]}://").get_dialect()()
    dialect.server_version_info = version
    if kind == "mariadb":
        dialect._set_mariadb(True, version)  # type: ignore[attr-defined]
    return dialect


def _text(cell: Any) -> Any:
    return cell.decode() if isinstance(cell, bytes) else cell
