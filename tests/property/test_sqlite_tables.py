"""A table that is read from its text equals the table of the pragmas."""

from __future__ import annotations

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.catalog import Computed
from limbeck.dialects.sqlite.table_reader import read_index, read_table

_LETTERS = st.sampled_from("abcXYZ_ü09 .,()'\"`[-/*")
_NAMES = st.text(_LETTERS, min_size=1, max_size=6).map(lambda text: f"n{text}")
_SPACES = st.sampled_from([" ", "\n", "  ", " /* , ( */ ", " -- it's )\n"])
_TYPES = st.sampled_from(
    ["", "INTEGER", "int", "VARCHAR(5)", "DECIMAL ( 10 , 2 )", "double precision", "TEXT"]
)
_CLAUSES = st.sampled_from(
    ["NOT NULL", "DEFAULT 5", "DEFAULT (1 + (2))", "DEFAULT 'a,('", "DEFAULT -1", "COLLATE nocase",
     "UNIQUE", "CHECK (1 <> ')')", 'CONSTRAINT "c k" CHECK ((1))', "NULL",
     "DEFAULT CURRENT_TIMESTAMP", "REFERENCES other (x) ON DELETE CASCADE"]
)  # fmt: skip


def _quoted(name: str) -> str:
    if "]" not in name and len(name) % 3 == 0:
        return f"[{name}]"
    if len(name) % 3 == 1:
        return "`" + name.replace("`", "``") + "`"
    return '"' + name.replace('"', '""') + '"'


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str]]:
    names = draw(st.lists(_NAMES, min_size=1, max_size=5, unique_by=str.lower))
    columns = []
    for name in names:
        clauses = draw(st.lists(_CLAUSES, max_size=3, unique=True))
        words = [_quoted(name), draw(_TYPES), *clauses]
        columns.append(draw(_SPACES).join(word for word in words if word))
    if draw(st.booleans()):
        columns.append(f"gen AS (coalesce({_quoted(names[0])}, ')')) STORED")
    key = draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    if key:
        columns.append(f"CONSTRAINT pk PRIMARY KEY ({', '.join(map(_quoted, key))})")
    if draw(st.booleans()):
        columns.append(f"UNIQUE ({_quoted(names[-1])})")
    return f"CREATE TABLE t ({draw(_SPACES)}{(',' + draw(_SPACES)).join(columns)})", names


@settings(max_examples=150, deadline=None)
@given(tables())
def test_a_table_read_from_its_text_equals_the_pragmas(made: tuple[str, list[str]]) -> None:
    text, names = made
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(text)
        connection.execute(f"CREATE INDEX i ON t ({_quoted(names[0])} DESC)")
        ((kept,), (index_text,)) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL"
        )
        table = read_table(kept)
        # with a comment the text cannot be split at its commas
        assert read_table(kept.replace("(", "(/**/", 1)) == table
        pragma_rows = connection.execute("PRAGMA table_xinfo(t)").fetchall()
        assert [column.name for column in table.columns] == [row[1] for row in pragma_rows]
        for column, (_, _, declared, notnull, default, key, hidden) in zip(
            table.columns, pragma_rows, strict=True
        ):
            assert column.nullable == (not notnull)
            assert isinstance(column.default, Computed) == bool(hidden)
            if default is not None:
                assert str(column.default).strip("()") == default.strip("()")
            assert (column.type.name == "") == (declared == "")
            assert (key > 0) == (
                table.primary_key is not None and column.name in table.primary_key.columns
            )
        uniques = connection.execute(
            "SELECT count(*) FROM pragma_index_list('t') WHERE origin = 'u'"
        ).fetchone()
        assert len({unique.columns for unique in table.uniques}) >= uniques[0]
        keys = connection.execute(
            "SELECT count(DISTINCT id) FROM pragma_foreign_key_list('t')"
        ).fetchone()
        assert len(table.foreign_keys) == keys[0]
        assert read_index(index_text, table).columns == (names[0],)
    finally:
        connection.close()
