"""Pairs of models: what a database has, what it shall have. One small story each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects import mysql, postgresql

from tests.cases.autogenerate.builders import MARIA, PAIRS, PG, SERVERS, Pair, pair, table


def two(*fk: object, **options: object) -> MetaData:
    """Return models of a parent and a child."""
    metadata = MetaData()
    Table(
        "parent",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("k", Integer, nullable=False),
    )
    Table(
        "child",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("pid", Integer),
        *fk,
        **options,
    )
    return metadata


def circle(on_delete: str | None = None) -> MetaData:
    """Return models of two tables that refer to each other."""
    metadata = MetaData()
    for name, other in (("a", "b"), ("b", "a")):
        Table(
            name,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("other", Integer),
            ForeignKeyConstraint(
                ["other"], [f"{other}.id"], name=f"fk_{name}", ondelete=on_delete, use_alter=True
            ),
        )
    return metadata


plain = table(Column("x", Integer), Column("s", String(30)))

# ── tables and columns ────────────────────────────────────────────────────
pair("table", MetaData(), plain)
pair(
    "table with an index",
    MetaData(),
    table(Column("x", Integer, index=True), Column("y", String(9), unique=True)),
)
pair("column", plain, table(Column("x", Integer), Column("s", String(30)), Column("n", Date)))
pair(
    "column with default",
    plain,
    table(
        Column("x", Integer),
        Column("s", String(30)),
        Column("n", String(9), nullable=False, server_default="it's"),
    ),
)
pair("NOT NULL", plain, table(Column("x", Integer), Column("s", String(30), nullable=False)))
pair("type wider", plain, table(Column("x", Integer), Column("s", String(60))))
pair("integer wider", plain, table(Column("x", BigInteger), Column("s", String(30))))
pair("string to text", plain, table(Column("x", Integer), Column("s", Text)))
pair("string to integer", plain, table(Column("x", Integer), Column("s", Integer)))
pair(
    "string to integer under a default",
    table(Column("s", String(30), server_default="5")),
    table(Column("s", Integer, server_default="7")),
)
pair("numeric", table(Column("n", Numeric(8, 2))), table(Column("n", Numeric(12, 4))))
pair(
    "comment", plain, table(Column("x", Integer, comment="it's"), Column("s", String(30))), SERVERS
)
pair(
    "table comment",
    plain,
    table(Column("x", Integer), Column("s", String(30)), comment="ha"),
    SERVERS,
)

# ── defaults ──────────────────────────────────────────────────────────────
pair("default", plain, table(Column("x", Integer, server_default="5"), Column("s", String(30))))
pair(
    "default of text",
    table(Column("s", String(30), server_default="a")),
    table(Column("s", String(30), server_default="b'c")),
)
pair(
    "default now",
    table(Column("d", DateTime)),
    table(Column("d", DateTime, server_default=func.now())),
)
pair(
    "default boolean",
    table(Column("b", Boolean, server_default=sa.true())),
    table(Column("b", Boolean, server_default=sa.false())),
)

# ── constraints ───────────────────────────────────────────────────────────
pair(
    "unique",
    plain,
    table(Column("x", Integer), Column("s", String(30)), UniqueConstraint("x", name="u")),
)
pair(
    "unnamed unique",
    plain,
    table(Column("x", Integer), Column("s", String(30)), UniqueConstraint("x")),
)
pair(
    "check",
    plain,
    table(Column("x", Integer), Column("s", String(30)), CheckConstraint("x > 5", name="c")),
)
pair(
    "check text",
    table(Column("x", Integer), CheckConstraint("x > 5", name="c")),
    table(Column("x", Integer), CheckConstraint("x > 6 AND x <> 9", name="c")),
)
pair(
    "foreign key",
    two(),
    two(ForeignKeyConstraint(["pid"], ["parent.id"], name="fk", ondelete="CASCADE")),
)
pair(
    "foreign key action",
    two(ForeignKeyConstraint(["pid"], ["parent.id"], name="fk", ondelete="CASCADE")),
    two(ForeignKeyConstraint(["pid"], ["parent.id"], name="fk", ondelete="SET NULL")),
)
pair("unnamed foreign key", two(), two(ForeignKeyConstraint(["pid"], ["parent.id"])))
pair("both tables", MetaData(), two(ForeignKeyConstraint(["pid"], ["parent.id"])))
pair("circle", MetaData(), circle())
pair(
    "column with foreign key",
    two(),
    two(Column("other", Integer, ForeignKey("parent.id", name="fko"))),
)
pair(
    "primary key",
    table(Column("x", Integer, nullable=False)),
    MetaData(),
)

# ── indexes ───────────────────────────────────────────────────────────────
pair("index", plain, table(Column("x", Integer), Column("s", String(30)), Index("ix", "x", "s")))
pair(
    "index columns",
    table(Column("x", Integer), Column("s", String(30)), Index("ix", "x", "s")),
    table(Column("x", Integer), Column("s", String(30)), Index("ix", "s", "x", unique=True)),
)
pair(
    "index expression",
    plain,
    table(Column("x", Integer), Column("s", String(30)), Index("ix", text("lower(s)"))),
    frozenset({"sqlite", "postgresql"}),
)
pair(
    "index descending",
    plain,
    table(Column("x", Integer), Column("s", String(30)), Index("ix", text("x DESC"))),
    frozenset({"sqlite", "postgresql"}),
)
pair(
    "partial index",
    plain,
    table(
        Column("x", Integer),
        Column("s", String(30)),
        Index("ix", "x", postgresql_where=text("x > 5"), sqlite_where=text("x > 5")),
    ),
    frozenset({"sqlite", "postgresql"}),
)

# ── generated ─────────────────────────────────────────────────────────────
pair(
    "computed",
    table(Column("x", Integer)),
    table(Column("x", Integer), Column("y", Integer, Computed("x + 1", persisted=True))),
    SERVERS,
)
pair(
    "identity",
    table(Column("x", Integer)),
    table(Column("x", Integer), Column("n", BigInteger, Identity(start=7))),
    PG,
)

# ── enums, sequences, schemas ─────────────────────────────────────────────
pair(
    "enum column",
    plain,
    table(Column("x", Integer), Column("s", String(30)), Column("e", Enum("a", "b", name="kind"))),
)
pair(
    "enum value",
    table(Column("e", Enum("a", "c", name="kind"))),
    table(Column("e", Enum("a", "b", "c", name="kind"))),
    SERVERS,
)
pair(
    "enum table",
    MetaData(),
    table(Column("e", Enum("a", "b", name="kind")), Column("f", Enum("a", "b", name="kind"))),
)
pair(
    "array of enum",
    plain,
    table(
        Column("x", Integer),
        Column("s", String(30)),
        Column("e", postgresql.ARRAY(postgresql.ENUM("a", "b", name="kind"))),
    ),
    PG,
)


def _with_sequence() -> MetaData:
    metadata = table(Column("x", Integer), Column("s", String(30)))
    Sequence("counter", metadata=metadata, start=5)
    return metadata


pair("sequence", plain, _with_sequence(), PG)
# A schema that the models no longer mention is other people's, so there is no way back.
PAIRS.append(Pair("schema", MetaData(), table(Column("x", Integer), schema="other"), PG))

# ── dialect options ───────────────────────────────────────────────────────
pair(
    "unsigned",
    table(Column("x", mysql.INTEGER)),
    table(Column("x", mysql.INTEGER(unsigned=True))),
    MARIA,
)
pair(
    "jsonb",
    table(Column("j", postgresql.JSON)),
    table(Column("j", postgresql.JSONB)),
    PG,
)
pair(
    "awkward names",
    table(Column('a"b', Integer), name="Select"),
    table(Column('a"b', Integer), Column("c d", String(3), server_default="%"), name="Select"),
)
