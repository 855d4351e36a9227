"""CREATE TABLE and CREATE INDEX of SQLite, with everything that its grammar allows."""

from __future__ import annotations

import pytest

from limbeck.catalog import Computed, Expr, Key
from limbeck.dialects.sqlite.pieces import index_pieces, table_pieces
from limbeck.dialects.sqlite.syntax import Known, read_index, read_table
from limbeck.dialects.sqlite.words import SchemaTextError


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


def test_what_a_column_may_carry() -> None:
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


IN_PIECES = (
    "CREATE TABLE t (id INTEGER NOT NULL, a VARCHAR(5) DEFAULT (1 - 2), PRIMARY KEY (id))",
    """CREATE TABLE "t t"(id INT CHECK (id IN (1, (2), 'it''s, (')), "a,b" NUMERIC(10, 2) UNIQUE)""",
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a DEFAULT -1) STRICT",
    "CREATE TABLE t (id INTEGER, a, PRIMARY KEY (id AUTOINCREMENT), CHECK (a / 2 > [a]))",
    "CREATE TABLE t (a REFERENCES p (x) ON DELETE CASCADE, b, UNIQUE (a, b) CHECK (b > 1))",
    "CREATE TABLE t (check_ INT, CHECK (check_ > 0), CONSTRAINT c FOREIGN KEY (check_) REFERENCES p)",
)


@pytest.mark.parametrize("text", IN_PIECES)
def test_a_text_taken_apart_says_the_same(text: str) -> None:
    assert table_pieces(text) is not None
    known = Known()
    found = read_table(text, known)
    with_comment = text.replace("(", "( /* word for word */", 1)
    assert table_pieces(with_comment) is None
    assert found == read_table(with_comment)
    assert read_table(text, known) == found


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a, b -- c\n)",
        "CREATE TABLE t (a CHECK (((((((a > 1))))))))",
        "CREATE TABLE `t` (a)",
        "CREATE TABLE t (a DEFAULT 'x)",
    ],
)
def test_what_is_not_taken_apart(text: str) -> None:
    assert table_pieces(text) is None


def test_what_says_more_than_a_column_is_read_each_time() -> None:
    known = Known()
    first = read_table("CREATE TABLE a (id INTEGER PRIMARY KEY, x INT UNIQUE, y INT)", known)
    assert list(known.columns) == ["y INT"]
    assert (
        read_table("CREATE TABLE a (id INTEGER PRIMARY KEY, x INT UNIQUE, y INT)", known) == first
    )


def test_index_in_pieces() -> None:
    table = read_table('CREATE TABLE t (a, "b c")')
    text = 'CREATE UNIQUE INDEX i ON t ("b c", A)'
    assert index_pieces(text) is not None
    assert read_index(text, table) == read_index(text.replace("INDEX", "INDEX /**/"), table)
    # a string in double quotes is no column
    constant = read_index('CREATE INDEX i ON t ("no column")', table)
    assert constant.elements[0].expr == Expr('"no column"')
