"""Arbitrary tables: parsing a CREATE TABLE, and copying a table, lose nothing."""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.pool import StaticPool

from limbeck.dialects import find
from limbeck.dialects.sqlite.create_table import parse_create_table
from limbeck.dialects.sqlite.schema_text import comparable
from limbeck.operations import Operations
from limbeck.runtime.sinks import Live

NAMES = st.sampled_from(
    ["a", "B", '"select"', '"x y"', "[br]", "`tick`", '"q""q"', '"com,ma"', '"pa)ren"', "ünï"]
)
CLAUSES = st.sampled_from(
    [
        "NOT NULL DEFAULT 3",
        "DEFAULT (1 + (2))",
        "DEFAULT 'it''s, (odd)'",
        "DEFAULT -1.5",
        "COLLATE NOCASE",
        "CONSTRAINT named CHECK (length('),--') > 0)",
        "NULL",
        "/* words, ( */ UNIQUE ON CONFLICT FAIL",
        "REFERENCES t ON DELETE SET NULL ON UPDATE SET DEFAULT NOT DEFERRABLE",
        "REFERENCES t (k) DEFERRABLE INITIALLY DEFERRED",
        "-- a line, with ) and '\n DEFAULT 5",
    ]
)
TYPES = st.sampled_from(["", "INT", "VARCHAR(20)", "DECIMAL(10, 2)", "double precision", "TEXT"])
COLUMNS = st.lists(
    st.tuples(NAMES, TYPES, st.lists(CLAUSES, max_size=2, unique=True)),
    max_size=5,
    unique_by=lambda column: column[0],
)
RULES = st.lists(
    st.sampled_from(
        [
            "CHECK (k <> 99)",
            "CONSTRAINT \"a name\" CHECK (k IN (1, 2, ')'))",
            "UNIQUE (k) ON CONFLICT ABORT",
            "FOREIGN KEY (k) REFERENCES t (k) ON DELETE CASCADE",
        ]
    ),
    unique=True,
)
SEPARATORS = st.sampled_from([",", ", ", " , ", ",\n\t", ", -- so, (\n  ", " /* , */ , "])


@st.composite
def tables(draw: st.DrawFn) -> str:
    columns = ["k INTEGER PRIMARY KEY"]
    for name, type_, clauses in draw(COLUMNS):
        # a second default or reference is refused by SQLite itself
        columns.append(" ".join(word for word in (name, type_, *clauses) if word))
    options = draw(st.sampled_from(["", " WITHOUT ROWID"]))
    body = draw(SEPARATORS).join([*columns, *draw(RULES)])
    return f"CREATE TABLE t ({body}\n){options}"


def _accepted(sql: str) -> bool:
    with sqlite3.connect(":memory:") as driver:
        try:
            driver.execute(sql)
        except sqlite3.Error:
            return False
        finally:
            driver.rollback()
    driver.close()
    return True


class Context:
    def __init__(self, connection: sa.Connection) -> None:
        self.bind = connection
        self.dialect = connection.dialect
        self.opts: dict[str, Any] = {}
        self.as_sql = False
        self.impl = None
        self.sink = Live(connection, find("sqlite"), self.opts)


@given(tables())
@settings(max_examples=150, deadline=None)
def test_a_parsed_table_is_written_as_the_same_table(sql: str) -> None:
    if _accepted(sql):
        again = parse_create_table(sql).render("t")
        assert comparable(again) == comparable(sql)
        assert [c.name for c in parse_create_table(again).columns] == _names(sql)


def _names(sql: str) -> list[str]:
    driver = sqlite3.connect(":memory:")
    try:
        driver.execute(sql)
        return [row[1] for row in driver.execute("PRAGMA table_info(t)")]
    finally:
        driver.close()


@given(tables(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_copy_keeps_text_and_rows(sql: str, count: int) -> None:
    if not _accepted(sql):
        return
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(sql)
        connection.exec_driver_sql("CREATE INDEX i ON t (k DESC, abs(k)) WHERE k > 0")
        for key in range(1, count + 1):
            connection.exec_driver_sql("INSERT OR IGNORE INTO t (k) VALUES (?)", (key,))
        connection.commit()
        before = _state(connection)
        connection.rollback()
        with Operations(Context(connection)).batch_alter_table("t", recreate="always") as batch:
            batch.add_column(sa.Column("brand_new", sa.Integer))
        with Operations(Context(connection)).batch_alter_table("t", recreate="always") as batch:
            batch.drop_column("brand_new")
        assert _state(connection) == before
    engine.dispose()


def _state(connection: sa.Connection) -> Any:
    schema = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    )
    texts = [(t, n, comparable(s)) for t, n, s in schema]
    rows = connection.exec_driver_sql("SELECT * FROM t ORDER BY k").fetchall()
    return texts, [tuple(row) for row in rows]
