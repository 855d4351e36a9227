"""MariaDB: kinds of change that no other file has, and several of them at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import mysql as my

from tests.cases.autogenerate.builders import MARIA, models, pair, table


def key(**options: Any) -> Column[Any]:
    """Return a key column."""
    return Column("id", Integer, primary_key=True, **options)


def of(kind: Any, *more: Any, **options: Any) -> MetaData:
    """Return models of a table with a column `c`."""
    return table(Column("c", kind, **options), *more)


# ── SET and ENUM ──────────────────────────────────────────────────────────

_AB = {"rows": {"t": [{"id": 1, "c": "a"}, {"id": 2, "c": "b"}]},
       "rows_back": {"t": [{"id": 1, "c": "a"}, {"id": 2, "c": "b"}]}}  # fmt: skip
pair("set reordered", of(my.SET("a", "b", "c")), of(my.SET("c", "b", "a")), MARIA, **_AB)
pair("set under a default", of(my.SET("a", "b"), server_default="a,b", nullable=False),
     of(my.SET("a", "b", "it's"), server_default="it's", nullable=False), MARIA, **_AB)  # fmt: skip
pair("set with a collation", of(my.SET("a", "b")), of(my.SET("a", "b", collation="utf8mb4_bin")),
     MARIA, **_AB)  # fmt: skip
pair("enum loses a value", of(Enum("a", "b", "c", name="e")), of(Enum("a", "b", name="e")), MARIA,
     **_AB)  # fmt: skip
pair("enum under a default and a check",
     of(Enum("a", "b", name="e"), CheckConstraint("c <> 'z'", name="ck"), server_default="a"),
     of(Enum("a", "b", "c", name="e"), CheckConstraint("c <> 'y'", name="ck"), server_default="c"),
     MARIA, **_AB)  # fmt: skip
pair("enum under an index", of(Enum("a", "b", name="e"), Index("ix", "c")),
     of(Enum("b", "a", name="e"), Index("ix", "c", "id")), MARIA, **_AB)  # fmt: skip
pair("enum becomes set", of(Enum("a", "b", name="e")), of(my.SET("a", "b")), MARIA, **_AB)

# ── counters and keys ─────────────────────────────────────────────────────

pair("key counts no more", models(("t", key(), Column("x", Integer))),
     models(("t", key(autoincrement=False), Column("x", Integer))), MARIA)  # fmt: skip
pair("key of two begins to count",
     models(("t", Column("a", Integer, primary_key=True, autoincrement=False),
             Column("b", Integer, primary_key=True, autoincrement=False))),
     models(("t", Column("a", Integer, primary_key=True, autoincrement=True),
             Column("b", Integer, primary_key=True))), MARIA)  # fmt: skip
pair("key under foreign keys gets wider and unsigned",
     models(("p", key()), ("c", key(), Column("p", Integer, ForeignKey("p.id", name="f")))),
     models(("p", Column("id", my.BIGINT(unsigned=True), primary_key=True)), ("c", key(), Column(
         "p", my.BIGINT(unsigned=True), ForeignKey("p.id", name="f", ondelete="CASCADE")))),
     MARIA)  # fmt: skip
pair("key moves to another column",
     models(("t", Column("a", Integer, primary_key=True), Column("b", String(9), nullable=False))),
     models(("t", Column("a", Integer, nullable=False), Column("b", String(9), primary_key=True))),
     MARIA)  # fmt: skip
pair("composite foreign key",
     models(("p", Column("a", Integer), Column("b", String(9)), PrimaryKeyConstraint("a", "b")),
            ("c", key(), Column("x", Integer), Column("y", String(9)))),
     models(("p", Column("a", Integer), Column("b", String(9)), PrimaryKeyConstraint("a", "b")),
            ("c", key(), Column("x", Integer), Column("y", String(9)),
             ForeignKeyConstraint(["x", "y"], ["p.a", "p.b"], name="f", onupdate="CASCADE"))),
     MARIA)  # fmt: skip
pair("foreign key that closes a circle later",
     models(("a", key(), Column("o", Integer)), ("b", key(), Column("o", Integer, ForeignKey(
         "a.id", name="fb")))),
     models(("a", key(), Column("o", Integer, ForeignKey("b.id", name="fa", use_alter=True))),
            ("b", key(), Column("o", Integer, ForeignKey("a.id", name="fb")))), MARIA)  # fmt: skip

# ── generated columns, checks, ON UPDATE ──────────────────────────────────

pair(
    "generated expression",
    table(Column("x", Integer), Column("g", Integer, Computed("x + 1"))),
    table(Column("x", Integer), Column("g", Integer, Computed("x * 2 + 1"))),
    MARIA,
)
pair("virtual to stored", table(Column("x", Integer), Column("g", Integer, Computed("x + 1",
     persisted=False))), table(Column("x", Integer), Column("g", Integer, Computed("x + 1",
     persisted=True))), MARIA)  # fmt: skip
pair(
    "generated column under a unique and a check",
    table(
        Column("x", Integer),
        Column("g", Integer, Computed("x + 1", persisted=True)),
        UniqueConstraint("g", name="u"),
    ),
    table(
        Column("x", BigInteger),
        Column("g", BigInteger, Computed("x + 2", persisted=True)),
        UniqueConstraint("g", name="u"),
        CheckConstraint("g > 0", name="ck"),
    ),
    MARIA,
)
pair("on update comes, goes and meets a comment",
     of(my.TIMESTAMP(fsp=3), server_default=text("CURRENT_TIMESTAMP(3)"), nullable=False),
     of(my.TIMESTAMP(fsp=3), server_default=text(
         "CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"), nullable=False, comment="it's"),
     MARIA)  # fmt: skip
pair(
    "json with a check and a default",
    of(sa.JSON),
    of(
        sa.JSON,
        CheckConstraint("json_length(c) < 99", name="ck"),
        server_default=text("'{}'"),
        nullable=False,
    ),
    MARIA,
)
pair("checks that speak of functions and strings", of(String(30)), of(String(30), CheckConstraint(
     "char_length(c) between 1 and 20 and c not like '%;%' or c regexp '^[a-z]+$'", name="a"),
     CheckConstraint("c in ('11', '12', 'it''s', 'b\\\\c')", name="b")), MARIA)  # fmt: skip

# ── tables ────────────────────────────────────────────────────────────────

pair("engine under an index", models(("t", key(), Column("s", String(20), index=True),
     {"mysql_engine": "InnoDB"})), models(("t", key(), Column("s", String(20), index=True),
     {"mysql_engine": "MyISAM"})), MARIA)  # fmt: skip
pair("text index gets a prefix and a sibling",
     of(Text, Index("ix", "c", mysql_length=10)), of(Text, Index("ix", "c", mysql_length=20),
     Index("ft", "c", mysql_prefix="FULLTEXT")), MARIA)  # fmt: skip
pair("decimals, unsigned and zerofill at once",
     table(Column("a", Numeric(10, 2)), Column("b", Integer), Column("c", my.TINYINT)),
     table(Column("a", my.DECIMAL(12, 4, unsigned=True)), Column("b", my.INTEGER(9, zerofill=True)),
           Column("c", my.TINYINT(1, unsigned=True), server_default="1", nullable=False)),
     MARIA)  # fmt: skip
pair("column order is left alone in MariaDB", table(Column("a", Integer), Column("b", Text)),
     table(Column("b", Text), Column("aa", Integer), Column("a", Integer)), MARIA)  # fmt: skip
