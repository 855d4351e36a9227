"""PostgreSQL: changes of type, with what stands in their way."""

from __future__ import annotations

from typing import Any

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
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, pair, table

_UUID_TEXT = "00000000-0000-0000-0000-00000000001"
_LOSSY = frozenset({"t"})


def of(type_: Any, *more: Any, **options: Any) -> MetaData:
    """Return models of one table with a column `c` of a type."""
    return table(Column("c", type_, **options), *more)


def change(name: str, one: Any, two: Any, **more: Any) -> None:
    """Note down a change from one type to another."""
    pair(f"type {name}", of(one), of(two), PG, **more)


change("smallint to integer", SmallInteger, Integer)
change("integer to numeric", Integer, Numeric(10, 2))
change("integer to double", Integer, Float(53))
change("real to double", pg.REAL, pg.DOUBLE_PRECISION)
change("numeric scale", Numeric(10, 2), Numeric(12, 5))
change("numeric without bounds", Numeric(10, 2), Numeric)
change("varchar narrower", String(50), String(20))
change("varchar without length", String(50), String)
change("char to varchar", sa.CHAR(5), String(5))
change("text to boolean", Text, Boolean, rows={"t": [{"id": 1, "c": "true"}]})
change("integer to boolean", Integer, Boolean)
change("integer to text", Integer, Text)
change("smallint to boolean", SmallInteger, Boolean)
change("bigint to text", BigInteger, String(30))
change("text to uuid", String(36), sa.Uuid, rows={"t": [{"id": 1, "c": _UUID_TEXT + "1"}]})
change("text to date", Text, Date, rows={"t": [{"id": 1, "c": "2020-01-02"}]})
change("text to timestamp", Text, DateTime, rows={"t": [{"id": 1, "c": "2020-01-02"}]})
change("text to numeric", Text, Numeric(8, 2))
change("text to double", Text, Float(53))
change("text to jsonb", Text, pg.JSONB, rows={"t": [{"id": 1, "c": '{"a": 1}'}]})
change("text to inet", Text, pg.INET, rows={"t": [{"id": 1, "c": "10.0.0.1"}]})
change("text to interval", Text, pg.INTERVAL, rows={"t": [{"id": 1, "c": "1 day"}]})
change("text to bytea", Text, LargeBinary)
change("date to timestamp", Date, DateTime, lossy=_LOSSY)
change("timestamp with zone", DateTime, DateTime(timezone=True), lossy=_LOSSY)
change("timestamp precision", pg.TIMESTAMP(precision=0), pg.TIMESTAMP(precision=3))
change("time with zone", Time, Time(timezone=True), lossy=_LOSSY)
change("interval precision", pg.INTERVAL(precision=2), pg.INTERVAL(precision=4))
change("interval fields", pg.INTERVAL, pg.INTERVAL(fields="YEAR TO MONTH"), lossy=_LOSSY)
change("text to array", Text, pg.ARRAY(Text), lossy=_LOSSY)
change("array of integer to bigint", pg.ARRAY(Integer), pg.ARRAY(BigInteger))
change("array of text to varchar", pg.ARRAY(Text), pg.ARRAY(String(20)))
change("array of text to integer", pg.ARRAY(Text), pg.ARRAY(Integer))
change("inet to cidr", pg.INET, pg.CIDR)
change("bit width", pg.BIT(4), pg.BIT(8))
change("bit varying", pg.BIT(4, varying=True), pg.BIT(8, varying=True))
change("int range to bigint range", pg.INT4RANGE, pg.INT8RANGE, rows={"t": [{"id": 1}]})
change("range to multirange", pg.INT4RANGE, pg.INT4MULTIRANGE, rows={"t": [{"id": 1}]})
change("jsonb to json", pg.JSONB, sa.JSON)
change("uuid to text", sa.Uuid, Text, rows_back={"t": [{"id": 1, "c": _UUID_TEXT + "1"}]})
change("macaddr", pg.MACADDR, pg.MACADDR8, rows={"t": [{"id": 1}]},
       rows_back={"t": [{"id": 1}]})  # fmt: skip
change("tsvector", Text, pg.TSVECTOR, lossy=_LOSSY)
change("oid", Integer, pg.OID)
change("money", Numeric(10, 2), pg.MONEY, lossy=_LOSSY)
pair("type variant", of(String(9)), of(String(9).with_variant(pg.CITEXT(), "postgresql")), PG,
     first=("CREATE EXTENSION IF NOT EXISTS citext",))  # fmt: skip


class Shout(sa.TypeDecorator[str]):
    """A type of the project's own."""

    impl = String(12)
    cache_ok = True


change("decorated", String(9), Shout)

pair(
    "collation",
    of(String(20)),
    of(String(20, collation="C")),
    PG,
)
pair("collation of text", of(Text(collation="C")), of(Text(collation="POSIX")), PG)

# ── things in the way ─────────────────────────────────────────────────────
pair(
    "type under a default",
    of(Integer, server_default="5"),
    of(Boolean, server_default=sa.true()),
    PG,
)
pair(
    "type under the same default",
    of(String(9), server_default="5"),
    of(Integer, server_default="5"),
    PG,
)
pair(
    "type under a default that goes",
    of(String(9), server_default="x", nullable=False),
    of(Integer, nullable=False),
    PG,
)
pair("type under an index", of(String(9), Index("ix", "c")), of(Integer, Index("ix", "c")), PG)
pair(
    "type under an expression index",
    of(String(9), Index("ix", text("lower(c)"))),
    of(Text, Index("ix", text("lower(c)"))),
    PG,
)
pair(
    "type under an expression index that changes",
    of(String(9), Index("ix", text("lower(c)"))),
    of(Integer, Index("ix", text("abs(c)"))),
    PG,
)
pair(
    "type under a partial index",
    of(String(9), Index("ix", "id", postgresql_where=text("c <> 'a'"))),
    of(Integer, Index("ix", "id", postgresql_where=text("c <> 0"))),
    PG,
)
pair("type under unique", of(Integer, unique=True), of(BigInteger, unique=True), PG)
pair(
    "type under named unique",
    of(String(9), UniqueConstraint("c", name="u")),
    of(Integer, UniqueConstraint("c", name="u")),
    PG,
)
pair(
    "type under a check",
    of(String(9), CheckConstraint("c <> 'a'", name="k")),
    of(Integer, CheckConstraint("c <> 0", name="k")),
    PG,
)
pair(
    "type under an unnamed check",
    of(String(9), CheckConstraint("length(c) > 1")),
    of(Integer, CheckConstraint("c > 1")),
    PG,
)
pair(
    "type under the same check",
    of(Integer, CheckConstraint("c > 5", name="k")),
    of(BigInteger, CheckConstraint("c > 5", name="k")),
    PG,
)
pair(
    "type under a computed column",
    of(Integer, Column("d", BigInteger, Computed("c * 2", persisted=True))),
    of(BigInteger, Column("d", BigInteger, Computed("c * 2", persisted=True))),
    PG,
)
pair(
    "type under a view",
    of(Integer),
    of(BigInteger),
    PG,
    extra_sql=("CREATE VIEW v AS SELECT id, c FROM t",),
)
pair(
    "type under views on views",
    of(String(9)),
    of(Text),
    PG,
    extra_sql=(
        "CREATE VIEW v AS SELECT id, c FROM t",
        "CREATE VIEW w AS SELECT c FROM v",
        "COMMENT ON VIEW w IS 'it''s'",
    ),
)
pair(
    "type under a materialised view",
    of(Integer),
    of(BigInteger),
    PG,
    extra_sql=(
        "CREATE MATERIALIZED VIEW v AS SELECT id, c FROM t",
        "CREATE UNIQUE INDEX vi ON v (id)",
    ),
)
pair(
    "type of a key and what refers to it",
    table(Column("p", Integer, sa.ForeignKey("t.id"))),
    sa.MetaData(),
    PG,
)


def _family(type_: Any) -> MetaData:
    metadata = MetaData()
    sa.Table("p", metadata, Column("id", type_, primary_key=True, autoincrement=False))
    sa.Table(
        "c",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("pid", type_, sa.ForeignKey("p.id")),
    )
    return metadata


pair("type on both ends of a foreign key", _family(Integer), _family(BigInteger), PG)
pair("type on both ends, converted", _family(String(9)), _family(Integer), PG)


def _key(type_: Any) -> MetaData:
    metadata = MetaData()
    sa.Table("t", metadata, Column("id", type_, primary_key=True), Column("c", Integer))
    return metadata


pair("serial to bigserial", _key(Integer), _key(BigInteger), PG)
pair("smallserial to serial", _key(SmallInteger), _key(Integer), PG)
pair(
    "several at once",
    table(Column("a", String(9)), Column("b", Integer), Column("c", Date)),
    table(
        Column("a", Integer, nullable=False),
        Column("b", Text, server_default="x"),
        Column("c", DateTime, comment="then"),
    ),
    PG,
    lossy=_LOSSY,
)
pair(
    "enum to text",
    of(Enum("11", "12", name="kind")),
    of(Text),
    PG,
)
pair(
    "enum to another enum",
    of(Enum("a", "b", name="kind")),
    of(Enum("a", "b", "c", name="sort")),
    PG,
    rows_back={"t": [{"id": 1, "c": "a"}]},
)
pair(
    "enum with default to text",
    of(Enum("a", "b", name="kind"), server_default="a"),
    of(String(5), server_default="a"),
    PG,
    rows_back={"t": [{"id": 1, "c": "a"}]},
)
