"""Catalogs read from a server's rows: recorded rows need no server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from pprint import pformat
from typing import Any

import pytest

from limbeck.catalog import Catalog
from limbeck.dialects import Scope, find
from tests.golden.recorded import RecordingConnection, ReplayingConnection
from tests.golden.schemas import BY_KIND
from tests.servers import Database

ROWS = Path(__file__).parent / "files" / "rows"
KINDS = {
    "postgresql": (
        "table", "sequence", "namespace", "enum", "domain", "view", "materialized_view",
        "view_index", "function", "procedure", "trigger", "extension", "policy", "row_security",
        "grant",
    ),
    "mariadb": ("table", "sequence", "namespace", "view", "function", "procedure", "trigger"),
}  # fmt: skip


def _read(connection: Any, kind: str) -> Catalog:
    reflect = find("mysql" if kind == "mariadb" else kind).reflect
    assert reflect is not None
    namespaces = (None, "hotel") if kind == "postgresql" else (None,)
    return reflect(connection, Scope(namespaces, kinds=frozenset(KINDS[kind])))


def _text(catalog: Catalog) -> str:
    return "".join(f"{pformat(each, width=98)}\n" for each in catalog)


@pytest.mark.parametrize("server_database", KINDS, indirect=True)
def test_rows_are_recorded(
    server_database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kind = server_database.kind
    is_update = request.config.getoption("--update-golden")
    path = ROWS / f"{kind}.json" if is_update else tmp_path / "rows.json"
    with server_database.engine() as engine, engine.begin() as connection:
        for statement in BY_KIND[kind].split(";;"):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        recording = RecordingConnection(connection)
        catalog = _read(recording, kind)
        recording.save(path)
    assert _text(_read(ReplayingConnection(kind, path), kind)) == _text(catalog)


@pytest.mark.parametrize("kind", KINDS)
def test_a_catalog_from_recorded_rows(kind: str, golden: Callable[[str, str], None]) -> None:
    connection = ReplayingConnection(kind, ROWS / f"{kind}.json")
    golden(f"catalogs/{kind}.txt", _text(_read(connection, kind)))
