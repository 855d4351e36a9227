"""A database whose tables are usable only after COMMIT, and whose driver has no autocommit mode.

SQLite stands for Firebird, of which no server is needed: the dialect below has Firebird's name and
refuses what Firebird refuses.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from limbeck import op
from tests.databases.crash_harness import Project, database_state

_CREATES = re.compile(r"\s*CREATE TABLE (\w+)")
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE) (\w+)")


class _Connection(sqlite3.Connection):
    """Knows the tables that its transaction has created."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.uncommitted: set[str] = set()

    def commit(self) -> None:
        self.uncommitted.clear()
        super().commit()

    def rollback(self) -> None:
        self.uncommitted.clear()
        super().rollback()


class LikeFirebird(SQLiteDialect_pysqlite):
    """SQLite with Firebird's name and rules."""

    name = "firebird"
    supports_statement_cache = True

    def get_isolation_level(self, _dbapi_connection: Any) -> Any:
        raise NotImplementedError

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if found := _CREATES.match(statement):
            cursor.connection.uncommitted.add(found[1])
        found = _WRITES.match(statement)
        if found and found[1] in cursor.connection.uncommitted:
            raise sqlite3.OperationalError(f"Table unknown {found[1]}")
        super().do_execute(cursor, statement, parameters, context)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    registry.register("firebird", __name__, "LikeFirebird")
    yield f"firebird:///{tmp_path / 'data.db'}"
    registry.impls.pop("firebird")


def _project(url: str, up: Any, **configure: Any) -> Project:
    return Project(
        url,
        ups={"a1": up},
        configure=configure,
        engine_options={"connect_args": {"factory": _Connection}},
    )


def _create_and_fill() -> None:
    table = op.create_table("t", sa.Column("id", sa.Integer), sa.Column("name", sa.String(9)))
    op.bulk_insert(table, [{"id": 1, "name": "a"}])
    op.execute("CREATE TABLE u (id INTEGER)")
    op.execute("INSERT INTO u VALUES (1)")


@pytest.mark.parametrize("journal", ["auto", "off"])
def test_a_table_is_created_and_filled(url: str, journal: str) -> None:
    _project(url, _create_and_fill, journal=journal).upgrade()
    found = database_state(url)
    assert found["t"][2] == ["(1, 'a')"]
    assert found["u"][2] == ["(1,)"]
    assert found["alembic_version"][2] == ["('a1',)"]


def test_a_failed_migration_continues_after_what_is_committed(url: str) -> None:
    def broken() -> None:
        _create_and_fill()
        op.execute("INSERT INTO nothing VALUES (1)")

    with pytest.raises(sa.exc.OperationalError, match="nothing"):
        _project(url, broken).upgrade()
    _project(url, _create_and_fill).upgrade()
    found = database_state(url)
    assert found["t"][2] == ["(1, 'a')"]
    assert found["u"][2] == ["(1,)"]
    assert "limbeck_journal" not in found


def test_an_autocommit_block_is_a_transaction(url: str) -> None:
    seen = []

    def up() -> None:
        op.execute("CREATE TABLE t (id INTEGER)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (1)")
        seen.append(database_state(url)["t"][2])
        op.execute("INSERT INTO t VALUES (2)")

    _project(url, up).upgrade()
    assert seen == [["(1,)"]]
    assert database_state(url)["t"][2] == ["(1,)", "(2,)"]


def test_a_failed_autocommit_block_is_rolled_back(url: str) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE t (id INTEGER)")
        op.execute("INSERT INTO t VALUES (1)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (2)")
            op.execute("INSERT INTO nothing VALUES (1)")

    def corrected() -> None:
        op.execute("CREATE TABLE t (id INTEGER)")
        op.execute("INSERT INTO t VALUES (1)")
        with op.get_context().autocommit_block():
            op.execute("INSERT INTO t VALUES (2)")

    with pytest.raises(sa.exc.OperationalError, match="nothing"):
        _project(url, broken).upgrade()
    assert database_state(url)["t"][2] == ["(1,)"]
    _project(url, corrected).upgrade()
    assert database_state(url)["t"][2] == ["(1,)", "(2,)"]
