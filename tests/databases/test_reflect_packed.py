"""All catalog queries of MariaDB in one statement with JSON results give the same rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from limbeck.catalog import Catalog
from limbeck.dialects import Scope, find
from tests.servers import Database

_SCRIPT = r"""
CREATE TABLE parent (id int AUTO_INCREMENT PRIMARY KEY, code varchar(9) NOT NULL UNIQUE);;
CREATE TABLE `odd "name" \\ ü` (`a "b" \ c` int DEFAULT 0 COMMENT 'say "x" \\ \'y\' \n\t über',
  z varchar(20) CHARACTER SET latin1 DEFAULT 'it''s\\', j json, b int, g int AS (b + 1) STORED,
  made timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  p_id int, CONSTRAINT positive CHECK (b > 0 and z <> '"'), KEY two (z(5), b),
  CONSTRAINT fk FOREIGN KEY (p_id) REFERENCES parent (id) ON DELETE CASCADE)
  COMMENT 'a "table" \\ of \n things';;
CREATE TABLE years (y int NOT NULL) PARTITION BY RANGE (y)
  (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE);;
CREATE SEQUENCE counter START 5;;
CREATE VIEW seen AS SELECT code AS "c\\d" FROM parent WHERE code <> 'a"b';;
CREATE TRIGGER guard BEFORE INSERT ON parent FOR EACH ROW SET NEW.code = 'a"\\b'
"""
_KINDS = frozenset({"table", "sequence", "namespace", "view", "trigger", "function"})


def _read(connection: sa.Connection) -> Catalog:
    reflect = find(connection.dialect.name).reflect
    assert reflect is not None
    return reflect(connection, Scope((None,), kinds=_KINDS))


def test_json_results_equal_the_rows_of_single_queries(
    mysql_family: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mysql_family.engine() as engine, engine.connect() as connection:
        for statement in _SCRIPT.split(";;"):
            if "SEQUENCE" in statement and mysql_family.kind == "mysql":
                continue
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        packed = _read(connection)
        for server in ("MARIADB", "MYSQL"):
            monkeypatch.setattr(f"limbeck.dialects.mysql.reflect._JSON_SINCE_{server}", (99,))
        seen: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        assert _read(connection) == packed
        assert not any("JSON_ARRAY" in statement for statement in seen)
    assert {thing.key.name for thing in packed} == {
        "parent", 'odd "name" \\\\ ü', "years", "seen", "guard",
        *(["counter"] if mysql_family.kind == "mariadb" else []),
    }  # fmt: skip


def test_many_tables_are_one_statement(mariadb: Database) -> None:
    seen = []
    with mariadb.engine() as engine, engine.connect() as connection:
        for number in range(12):
            connection.exec_driver_sql(f"CREATE TABLE t{number} (id int PRIMARY KEY, name text)")
        event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        assert len(_read(connection).objects) == 12
    assert len(seen) == 1
