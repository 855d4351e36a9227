"""CREATE TABLE and CREATE INDEX of SQLite, with everything that its grammar allows."""

from __future__ import annotations

import operator

import pytest

from limbeck.catalog import Computed, Expr, Key
from limbeck.dialects.sqlite.create_table import parse_create_table
from limbeck.dialects.sqlite.schema_text import SchemaTextError
from limbeck.dialects.sqlite.table_reader import ReadCache, read_index, read_table


def test_comments_quotes_and_nested_parentheses() -> None:
    table = read_table(
        """CREATE TABLE "we,ird(" ( -- first, (one
            [a b] INTEGER /* ), */ DEFAULT (1 + (2)),
            `c``d` VARCHAR ( 50 ) NOT NULL DEFAULT 'it''s, (',
            "e""f" text CONSTRAINT ck CHECK ("e""f" <> ')' AND (1)),
            CONSTRAINT "p k" PRIMARY KEY ([a b] DESC, "c`d" COLLATE nocase)
        ) WITHOUT ROWID, STRICT"""
    )
    assert table.name == "we,ird("
    assert [column.name for column in table.columns] == ["a b", "c`d", 'e"f']
    assert table.columns[0].default == Expr("(1 + (2))")
    assert table.columns[1].default == Expr("'it''s, ('")
    assert (table.columns[1].type.name, table.columns[1].type.args) == ("varchar", ("50",))
    assert not table.columns[1].nullable
    assert table.checks[0].expr == Expr('"e""f" <> \')\' AND (1)')
    assert table.checks[0].name == "ck"
    assert table.primary_key is not None
    assert (table.primary_key.columns, table.primary_key.name) == (("a b", "c`d"), "p k")
    assert table.extras == (("strict", True), ("without_rowid", True))


def test_clauses_of_a_column_are_parsed() -> None:
    table = read_table(
        "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT,"
        " u UNIQUE ON CONFLICT IGNORE COLLATE nocase, n NULL, g INT AS (id + 1) STORED,"
        " v GENERATED ALWAYS AS (lower(u)) VIRTUAL, d DEFAULT -1.5e3, w DEFAULT word,"
        " r REFERENCES P (Id) ON DELETE SET NULL ON UPDATE NO ACTION MATCH full"
        " DEFERRABLE INITIALLY DEFERRED)"
    )
    by_name = {column.name: column for column in table.columns}
    assert by_name["id"].extras == (("autoincrement", True),)
    assert table.primary_key is not None
    assert table.primary_key.extras == (("on_conflict", "REPLACE"),)
    assert table.uniques[0].extras == (("on_conflict", "IGNORE"),)
    assert by_name["u"].type.collation == "NOCASE"
    assert by_name["g"].default == Computed(Expr("id + 1"), stored=True)
    assert by_name["v"].default == Computed(Expr("lower(u)"), stored=False)
    assert by_name["d"].default == Expr("-1.5e3")
    assert by_name["w"].default == Expr("'word'")
    key = table.foreign_keys[0]
    assert (key.target, key.target_columns) == (Key("table", (None, "P")), ("Id",))
    assert (key.on_delete, key.on_update, key.match) == ("SET NULL", None, "FULL")
    assert key.extras == (("deferrable", True), ("initially", "deferred"))


def test_constraints_need_no_commas() -> None:
    table = read_table(
        "CREATE TABLE t (a, b, UNIQUE (A) CHECK (b > 1) FOREIGN KEY (b) REFERENCES t)"
    )
    assert table.uniques[0].columns == ("a",)
    assert table.checks[0].expr == Expr("b > 1")
    assert table.foreign_keys[0].target_columns == ()


def test_index() -> None:
    table = read_table('CREATE TABLE t (a, b TEXT, "c d")')
    index = read_index(
        'CREATE UNIQUE INDEX "i x" ON t (A DESC, b COLLATE nocase, lower(b || \',\') ASC, "c d")'
        " WHERE a > ')' AND b IS NOT NULL",
        table,
    )
    assert index.unique
    assert [element.column for element in index.elements] == ["a", "b", None, "c d"]
    assert index.elements[0].descending
    assert index.elements[1].collation == "NOCASE"
    assert index.elements[2].expr == Expr("lower(b || ',')")
    assert index.where == Expr("a > ')' AND b IS NOT NULL")


@pytest.mark.parametrize(
    "text", ["CREATE VIEW v AS SELECT 1", "CREATE TABLE t (a", "CREATE TABLE t (a CHECK b)", ""]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(SchemaTextError):
        read_table(text)


SIMPLE = (
    "CREATE TABLE t (id INTEGER NOT NULL, a VARCHAR(5) DEFAULT (1 - 2), PRIMARY KEY (id))",
    """CREATE TABLE "t t"(id INT CHECK (id IN (1, (2), 'it''s, (')), "a,b" NUMERIC(10, 2) UNIQUE)""",
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a DEFAULT -1) STRICT",
    "CREATE TABLE t (id INTEGER, a, PRIMARY KEY (id AUTOINCREMENT), CHECK (a / 2 > [a]))",
    "CREATE TABLE t (a REFERENCES p (x) ON DELETE CASCADE, b, UNIQUE (a, b) CHECK (b > 1))",
    "CREATE TABLE t (check_ INT, CHECK (check_ > 0), CONSTRAINT c FOREIGN KEY (check_) REFERENCES p)",
    "CREATE TABLE t (a INT CONSTRAINT x CONSTRAINT y NOT NULL, b CONSTRAINT z)",
)


@pytest.mark.parametrize("text", SIMPLE)
def test_a_cached_table_and_comments_give_the_same_result(text: str) -> None:
    cache = ReadCache()
    found = read_table(text, cache)
    assert found == read_table(text.replace("(", "( /* a comment */", 1))
    assert read_table(text, cache) == found


def test_columns_of_many_tables_are_shared() -> None:
    cache = ReadCache()
    one = read_table("CREATE TABLE a (id INTEGER PRIMARY KEY, x INT UNIQUE, y INT)", cache)
    other = read_table("CREATE TABLE b (id INTEGER PRIMARY KEY, x INT UNIQUE, y INT)", cache)
    assert all(map(operator.is_, one.columns, other.columns))
    assert other.uniques == one.uniques
    assert other.primary_key == one.primary_key


def test_the_syntax_tree_is_lossless() -> None:
    text = (
        'CREATE TABLE t (a INT -- first\n , /* second */ "b c" TEXT DEFAULT (1) NOT NULL\n,'
        "\tCONSTRAINT u UNIQUE (a ) ON CONFLICT FAIL\n) STRICT"
    )
    table = parse_create_table(text)
    assert table.render("t") == text
    assert [clause.kind for clause in table.columns[1].clauses] == ["default", "not null"]
    table.columns[1].remove_clauses("default")
    assert table.render("t") == text.replace("DEFAULT (1) ", "")


def test_constraints_without_commas_are_separated() -> None:
    table = parse_create_table("CREATE TABLE t (a, b, UNIQUE (a) CHECK (b > 1))")
    assert [clause.text for clause in table.constraints] == ["UNIQUE (a)", "CHECK (b > 1)"]


def test_a_string_in_double_quotes_is_no_column_of_an_index() -> None:
    table = read_table('CREATE TABLE t (a, "b c")')
    index = read_index('CREATE INDEX i ON t ("no column", "b c")', table)
    assert index.elements[0].expr == Expr('"no column"')
    assert index.elements[1].column == "b c"
