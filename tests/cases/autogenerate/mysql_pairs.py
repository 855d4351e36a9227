"""What MySQL has and MariaDB has not, or has otherwise, changed one thing at a time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import mysql as my

from tests.cases.autogenerate.builders import MYSQL_ALONE, models, pair, table


def plain(*items: object, **options: object) -> MetaData:
    """Return a table with a number, a text and a JSON document, and further items."""
    return table(
        Column("x", Integer), Column("s", String(30)), Column("j", sa.JSON), *items, **options
    )


# ── indexes ───────────────────────────────────────────────────────────────

_INDEXES = [
    ("of an expression", [text("(lower(s))")], [text("(upper(s))")]),
    ("of an expression and a column", [text("(x + 1)"), "s"], ["s", text("(x + 2)")]),
    ("of an expression, descending", [text("(x + 1)")], [text("(x + 1) DESC")]),
    ("of text with quotes", [text("(concat(s, 'it''s', '\\\\'))")], [text("(concat(s, 'é%'))")]),
    ("descending", ["x"], [text("x DESC")]),
    (
        "of many values",
        [text("(CAST(j -> '$.a' AS UNSIGNED ARRAY))")],
        [text("(CAST(j -> '$.a' AS CHAR(20) ARRAY))")],
    ),
]
for _name, _old, _new in _INDEXES:
    pair(f"MySQL: index {_name}", plain(), plain(Index("ix", *_old)), MYSQL_ALONE,
         rows={"t": []}, rows_back={"t": []})  # fmt: skip
    pair(f"MySQL: index {_name}, another", plain(Index("ix", *_old)), plain(Index("ix", *_new)),
         MYSQL_ALONE, rows={"t": []}, rows_back={"t": []})  # fmt: skip
pair("MySQL: unique index of an expression", plain(),
     plain(Index("ix", text("(lower(s))"), "x", unique=True)), MYSQL_ALONE)  # fmt: skip
pair("MySQL: function as index", plain(), plain(Index("ix", sa.func.lower(sa.text("s")))),
     MYSQL_ALONE)  # fmt: skip
pair("MySQL: table with an index of an expression", MetaData(), plain(Index("ix", text("(x * 2)"))),
     MYSQL_ALONE)  # fmt: skip

# ── defaults ──────────────────────────────────────────────────────────────

_DEFAULTS = [
    ("text", Text, "('abc')", "('it''s \\\\ 100% é')"),
    ("function of a text", Text, "(concat('a', 'b'))", "(uuid())"),
    ("blob", sa.LargeBinary, "(0x4142)", "('x')"),
    ("json", sa.JSON, "(json_array())", "(json_object('a', 1))"),
    ("document as text", sa.JSON, "('{}')", "('[1]')"),
    ("bits", my.BIT(3), "b'101'", "b'011'"),
    ("wide bits", my.BIT(16), "b'101'", "(1 + 2)"),
    ("binary", sa.VARBINARY(9), "0x41FF", "'x'"),
    ("expression", Integer, "(1 + 2)", "(floor(rand() * 10))"),
    ("later", sa.DateTime, "(now() + interval 1 day)", "CURRENT_TIMESTAMP"),
]
for _name, _type, _one, _other in _DEFAULTS:
    pair(f"MySQL: default of {_name}", table(Column("x", _type)),
         table(Column("x", _type, server_default=text(_one))), MYSQL_ALONE)  # fmt: skip
    pair(f"MySQL: default of {_name}, another",
         table(Column("x", _type, server_default=text(_one))),
         table(Column("x", _type, server_default=text(_other))), MYSQL_ALONE)  # fmt: skip
    pair(f"MySQL: default of {_name} with a new comment",
         table(Column("x", _type, server_default=text(_one))),
         table(Column("x", _type, server_default=text(_one), comment="new")),
         MYSQL_ALONE)  # fmt: skip

# ── checks and generated columns ──────────────────────────────────────────

_CHECKS = [
    ("letters", "s <> 'Größe'", "s not like 'ж%'"),
    ("quotes", "s <> 'it''s \\\\ \"x\"'", "s <> 'a\\nb'"),
    ("function", "char_length(s) > 3", "s regexp '^a+$'"),
    ("list", "s in ('é', 'b')", "s in ('é', 'b', 'c%')"),
    ("document", "json_length(j) < 9", "j -> '$.é' is not null"),
]
for _name, _one, _other in _CHECKS:
    pair(f"MySQL: check of {_name}", plain(), plain(CheckConstraint(_one, name="ck")),
         MYSQL_ALONE, rows={"t": []}, rows_back={"t": []})  # fmt: skip
    pair(f"MySQL: check of {_name}, another", plain(CheckConstraint(_one, name="ck")),
         plain(CheckConstraint(_other, name="ck")), MYSQL_ALONE,
         rows={"t": []}, rows_back={"t": []})  # fmt: skip
pair(
    "MySQL: checks without names on two tables",
    models(
        ("a", Column("id", Integer, primary_key=True), Column("x", Integer)),
        ("b", Column("id", Integer, primary_key=True), Column("x", Integer)),
    ),
    models(
        (
            "a",
            Column("id", Integer, primary_key=True),
            Column("x", Integer),
            CheckConstraint("x > 0"),
        ),
        (
            "b",
            Column("id", Integer, primary_key=True),
            Column("x", Integer),
            CheckConstraint("x > 1"),
            CheckConstraint("x > 2"),
        ),
    ),
    MYSQL_ALONE,
)
pair(
    "MySQL: two columns of a check renamed",
    plain(
        Column("a", Integer),
        Column("b", Integer),
        CheckConstraint("a >= b", name="ck"),
        Column("g", Integer, Computed("a + b", persisted=True)),
    ),
    plain(
        Column("c", Integer),
        Column("d", Integer),
        CheckConstraint("c >= d", name="ck"),
        Column("g", Integer, Computed("c + d", persisted=True)),
    ),
    MYSQL_ALONE,
    renames=("t.a=t.c", "t.b=t.d"),
)
pair(
    "MySQL: column of a check renamed that goes",
    plain(Column("a", Integer), CheckConstraint("a > 0", name="ck")),
    plain(Column("c", Integer)),
    MYSQL_ALONE,
    renames=("t.a=t.c",),
)
pair("MySQL: type of a column under a check", plain(CheckConstraint("x > 0", name="ck")),
     table(Column("x", sa.BigInteger), Column("s", String(60)), Column("j", sa.JSON),
           CheckConstraint("x > 0", name="ck")), MYSQL_ALONE)  # fmt: skip
pair("MySQL: column with check", plain(), plain(Column("n", Integer, CheckConstraint("n > 0"))),
     MYSQL_ALONE)  # fmt: skip
pair("MySQL: type of a column with a check",
     plain(Column("n", Integer, CheckConstraint("n > 0"))),
     plain(Column("n", sa.BigInteger, CheckConstraint("n > 0"), server_default="4")),
     MYSQL_ALONE)  # fmt: skip
pair("MySQL: generated of letters", plain(),
     plain(Column("g", String(60), Computed("concat(s, 'é', 'it''s')", persisted=True))),
     MYSQL_ALONE)  # fmt: skip
pair("MySQL: generated column that is not nullable", plain(),
     plain(Column("g", Integer, Computed("coalesce(x, 0)", persisted=True), nullable=False)),
     MYSQL_ALONE)  # fmt: skip
pair("MySQL: column renamed under checks, a generated column and an index",
     plain(Column("o", Integer), Column("g", Integer, Computed("o + 1", persisted=True)),
           CheckConstraint("o > 0", name="ck"), CheckConstraint("x > o - 9", name="ck2"),
           Index("ix", text("(o + x) DESC"), "s")),
     plain(Column("n", Integer), Column("g", Integer, Computed("n + 1", persisted=True)),
           CheckConstraint("n > 0", name="ck"), CheckConstraint("x > n - 9", name="ck2"),
           Index("ix", text("(n + x) DESC"), "s")),
     MYSQL_ALONE, renames=("t.o=t.n",))  # fmt: skip
pair("MySQL: column under an index of an expression changes",
     plain(Index("ix", text("(lower(s))"))),
     table(Column("x", Integer), Column("s", String(60)), Column("j", sa.JSON),
           Index("ix", text("(lower(s))"))), MYSQL_ALONE)  # fmt: skip
