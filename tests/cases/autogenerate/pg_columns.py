"""PostgreSQL: columns added, dropped and changed; defaults; what the server generates."""

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
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, models, pair, table

plain = table(Column("x", Integer))


def add(name: str, *items: Any, **options: Any) -> None:
    """Note down columns and other items that come."""
    pair(f"add {name}", plain, table(Column("x", Integer), *items), PG, **options)


add("every plain type",
    *[Column(f"c{n}", type_) for n, type_ in enumerate([
        SmallInteger, BigInteger, Numeric(7, 3), sa.Float, sa.REAL, pg.DOUBLE_PRECISION, Boolean,
        sa.CHAR(3), String, String(7), Text, Date, DateTime, DateTime(timezone=True), sa.Time,
        sa.Time(timezone=True), sa.Interval, pg.INTERVAL(fields="DAY"), sa.LargeBinary, sa.Uuid, sa.JSON,
        pg.TIMESTAMP(precision=2), pg.TIME(precision=1), String(9, collation="C")])])  # fmt: skip
add("every own type",
    *[Column(f"c{n}", type_) for n, type_ in enumerate([
        pg.JSONB, pg.INET, pg.CIDR, pg.MACADDR, pg.MACADDR8, pg.BIT(3), pg.BIT(varying=True),
        pg.TSVECTOR, pg.TSQUERY, pg.OID, pg.REGCLASS, pg.MONEY, pg.INT4RANGE, pg.INT8RANGE,
        pg.NUMRANGE, pg.DATERANGE, pg.TSRANGE, pg.TSTZRANGE, pg.INT4MULTIRANGE,
        pg.TSTZMULTIRANGE, pg.ARRAY(Integer), pg.ARRAY(String(5)), pg.ARRAY(Text, dimensions=2),
        pg.BYTEA, pg.UUID])])  # fmt: skip
add("not null without default on an empty table", Column("n", Integer, nullable=False),
    rows={"t": []})  # fmt: skip
add("not null with default", Column("n", Integer, nullable=False, server_default="3"))
add("not null text on rows", Column("n", String(9), nullable=False))
add("not null integer on rows", Column("n", Integer, nullable=False))
add("not null boolean on rows", Column("n", Boolean, nullable=False))
add("not null timestamp on rows", Column("n", DateTime(timezone=True), nullable=False))
add("not null enum on rows", Column("n", Enum("a", "b", name="kind"), nullable=False))
add("not null jsonb on rows", Column("n", pg.JSONB, nullable=False))
add("not null array on rows", Column("n", pg.ARRAY(Integer), nullable=False))
add("not null uuid with default", Column("n", sa.Uuid, nullable=False,
    server_default=text("gen_random_uuid()")))  # fmt: skip
add("enum", Column("e", Enum("a", "b", name="kind"), server_default="a"))
add("column with check", Column("n", Integer, CheckConstraint("n > 0")))
add("column with named check", Column("n", Integer, CheckConstraint("n > 0", name="positive")))
add("unique column", Column("n", Integer, unique=True))
add("indexed column", Column("n", Integer, index=True))
add("unique indexed column", Column("n", Integer, index=True, unique=True))
add("column that refers to itself", Column("parent", Integer, ForeignKey("t.id")))
add("column with comment", Column("n", Integer, comment='what\'s this; 100% "good"\nline'))
add("identity", Column("n", Integer, Identity()))
add("identity always", Column("n", BigInteger, Identity(always=True, start=5, increment=2)))
add("identity with all", Column("n", Integer, Identity(
    start=3, increment=3, minvalue=2, maxvalue=900, cycle=True, cache=4)))  # fmt: skip
add("computed", Column("n", Integer, Computed("x * 2", persisted=True)))
add("computed of text", Column("n", Text, Computed("x::text || ' it''s %'", persisted=True)))
add("boolean with check", Column("n", Boolean(create_constraint=True, name="n_bool")))
add("enum by check", Column("n", Enum("11", "12", name="kind", native_enum=False,
    create_constraint=True)))  # fmt: skip
add("several at once", Column("a", Integer, index=True), Column("b", Text, unique=True),
    Column("c", Enum("p", "q", name="pq")), Index("ixab", "a", "b"))  # fmt: skip

pair(
    "drop a column with all that hangs on it",
    table(
        Column("x", Integer),
        Column("y", Integer, unique=True),
        Column("z", Integer, ForeignKey("t.id")),
        Index("ixy", "y", "x"),
        CheckConstraint("y >= x", name="yx"),
        UniqueConstraint("x", "y", name="uxy"),
    ),
    plain,
    PG,
)
pair(
    "column under a computed one",
    table(Column("x", Integer), Column("y", Integer),
          Column("c", Integer, Computed("x + y", persisted=True))),
    table(Column("x", Integer), Column("c", Integer, Computed("x + 1", persisted=True))),
    PG,
)  # fmt: skip
pair(
    "column under a view",
    table(Column("x", Integer), Column("y", Integer)),
    table(Column("x", Integer)),
    PG,
    extra_sql=("CREATE VIEW v AS SELECT x FROM t",),
)
pair(
    "nullable",
    table(Column("x", Integer, nullable=False)),
    plain,
    PG,
)
pair(
    "not null with default",
    plain,
    table(Column("x", Integer, nullable=False, server_default="7")),
    PG,
)
pair("comment of a column", table(Column("x", Integer, comment="one")),
     table(Column("x", Integer, comment="two 'quoted' %s :x \\ ☃")), PG)  # fmt: skip

# ── generated ─────────────────────────────────────────────────────────────


def of(*items: Any, **options: Any) -> MetaData:
    """Return models of one table with a column `c`."""
    return table(Column("x", Integer), Column("c", *items, **options))


def identity(**options: Any) -> MetaData:
    """Return models with an identity column."""
    return of(Integer, Identity(**options))


pair("identity comes to a column", of(Integer, nullable=False), identity(), PG)
pair("identity always", identity(), identity(always=True), PG)
pair("identity start", identity(), identity(start=10), PG)
pair("identity increment", identity(), identity(increment=5), PG)
pair("identity bounds", identity(), identity(minvalue=-5, maxvalue=500), PG)
pair("identity cycle and cache", identity(), identity(cycle=True, cache=10), PG)
pair("identity all options", identity(always=True, start=2, increment=2, cache=3),
     identity(start=7, increment=7, minvalue=7, maxvalue=700, cycle=True), PG)  # fmt: skip
pair("identity wider", of(Integer, Identity()), of(BigInteger, Identity()), PG)
pair("identity from default", of(Integer, server_default="4", nullable=False), identity(), PG)
pair("serial to identity", models(("t", Column("id", Integer, primary_key=True))),
     models(("t", Column("id", Integer, Identity(), primary_key=True))), PG)  # fmt: skip
pair("serial to plain", models(("t", Column("id", Integer, primary_key=True))),
     models(("t", Column("id", Integer, primary_key=True, autoincrement=False))), PG)  # fmt: skip
pair("identity to bigserial",
     models(("t", Column("id", Integer, Identity(), primary_key=True))),
     models(("t", Column("id", BigInteger, primary_key=True))), PG)  # fmt: skip
pair("computed expression", of(Integer, Computed("x + 1", persisted=True)),
     of(Integer, Computed("x + 2", persisted=True)), PG)  # fmt: skip
pair("computed type", of(Integer, Computed("x + 1", persisted=True)),
     of(BigInteger, Computed("x + 1", persisted=True)), PG)  # fmt: skip
pair("computed to plain", of(Integer, Computed("x + 1", persisted=True)), of(Integer), PG)
pair("computed to default", of(Integer, Computed("x + 1", persisted=True)),
     of(Integer, server_default="1"), PG)  # fmt: skip
pair("computed under an index",
     table(Column("x", Integer), Column("c", Integer, Computed("x + 1", persisted=True)),
           Index("ixc", "c"), UniqueConstraint("c", name="uc")),
     table(Column("x", Integer), Column("c", Integer, Computed("x + 9", persisted=True)),
           Index("ixc", "c"), UniqueConstraint("c", name="uc")), PG)  # fmt: skip

# ── defaults ──────────────────────────────────────────────────────────────


def default(name: str, type_: Any, one: Any, two: Any, **options: Any) -> None:
    """Note down a default that changes, and one that comes."""
    pair(f"default {name}", of(type_, server_default=one), of(type_, server_default=two), PG,
         **options)  # fmt: skip
    pair(f"default {name} comes", of(type_), of(type_, server_default=two), PG, **options)


default("number", Integer, "1", text("-2"))
default("expression", Integer, "1", text("1 + 2 * 3"))
default("numeric", Numeric(8, 2), "1.5", text("2.50"))
default("text with quotes", Text, "a", 'it\'s "%" \\ :x')
default("empty text", String(9), "x", "")
default("function", DateTime, func.now(), func.statement_timestamp())
default("now", DateTime(timezone=True), func.now(), text("CURRENT_TIMESTAMP"))
default("clock", DateTime(timezone=True), func.now(), func.clock_timestamp())
default("today", Date, text("CURRENT_DATE"), text("'2020-01-01'"))
default("interval arithmetic", DateTime, func.now(), text("now() + interval '1 day'"))
default("json", pg.JSONB, text("'{}'"), text("""'{"a": [1, 2]}'::jsonb"""))
default("array", pg.ARRAY(Text), text("'{}'"), text("ARRAY['a','b']::text[]"))
default("array of numbers", pg.ARRAY(Integer), text("'{}'::integer[]"), text("'{1,2}'"))
default("uuid", sa.Uuid, text("gen_random_uuid()"),
        text("'00000000-0000-0000-0000-000000000001'"))  # fmt: skip
default("boolean", Boolean, sa.false(), text("1 = 1"))
default("enum", Enum("a", "b", name="kind"), "a", "b")
default("interval", sa.Interval, text("'1 day'"), text("interval '2 hours'"))
default("bytea", sa.LargeBinary, text("'\\x00'"), text("'\\xdeadbeef'::bytea"))
default("inet", pg.INET, "127.0.0.1", "10.0.0.1")
default("cast", Integer, text("'5'::integer"), text("CAST('6' AS integer)"))
default("user", String(30), text("CURRENT_USER"), text("SESSION_USER"))
default("timestamp literal", DateTime, text("'2020-01-01 00:00:00'"), text("'2021-02-03'"))
default("null", Text, text("NULL::text"), "x")
default("case", Text, "a", text("CASE WHEN 1 > 2 THEN 'x' ELSE 'y' END"))
default("char", sa.CHAR(3), "a", "bcd")
default("range", pg.INT4RANGE, text("'[1,2)'"), text("int4range(3, 9)"))


def _counted(name: str | None) -> MetaData:
    metadata = MetaData()
    counter = Sequence(name, metadata=metadata, start=100) if name else None
    default_ = counter.next_value() if counter is not None else None
    sa.Table("t", metadata, Column("id", Integer, primary_key=True),
             Column("c", Integer, server_default=default_))  # fmt: skip
    return metadata


pair("default from a sequence", _counted(None), _counted("counter"), PG)
pair("default from another sequence", _counted("one"), _counted("two"), PG)
