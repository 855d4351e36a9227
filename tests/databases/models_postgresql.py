"""Models with everything that PostgreSQL has, under unusual names."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg


class Size(enum.Enum):
    small = 1
    large = 2


def everything() -> sa.MetaData:
    metadata = sa.MetaData()
    mood = pg.ENUM("sad", "ok", "hap'py", name="mood", metadata=metadata)
    weird = pg.ENUM("a b", "Ü", name="My Mood", schema="other", metadata=metadata)
    amount = pg.DOMAIN("amount", sa.Integer, check="VALUE > 0", default="5", metadata=metadata)
    free = sa.Sequence("free_seq", start=5, increment=2, metadata=metadata)
    sa.Sequence("Int Seq", data_type=sa.Integer, schema="other", metadata=metadata,
                minvalue=-5, cycle=True, cache=7)  # fmt: skip
    table = sa.Table("a", metadata, *_types(mood, weird, amount), *_defaults(free), *_awkward(),
                     *_constraints(), comment="tabl'e")  # fmt: skip
    _indexes(table)
    _other_tables(metadata)
    return metadata


def _types(mood, weird, amount):
    col = sa.Column
    return [
        col("id", sa.Integer, primary_key=True), col("big", sa.BigInteger), col("small", sa.SmallInteger),
        col("num", sa.Numeric), col("num10", sa.Numeric(10)), col("num102", sa.Numeric(10, 2)),
        col("fl", sa.Float), col("fl24", sa.Float(24)), col("dbl", sa.Double), col("re", sa.REAL),
        col("s", sa.String), col("s50", sa.String(50)), col("tx", sa.Text), col("ch", sa.CHAR),
        col("ch5", sa.CHAR(5)), col("uni", sa.Unicode(20)), col("b", sa.Boolean), col("d", sa.Date),
        col("dt", sa.DateTime), col("dtz", sa.DateTime(timezone=True)),
        col("dt3", pg.TIMESTAMP(precision=3, timezone=True)), col("t", sa.Time),
        col("tz", sa.Time(timezone=True)), col("iv", sa.Interval), col("iv2", pg.INTERVAL(precision=3)),
        col("iv3", pg.INTERVAL(fields="DAY TO SECOND")), col("u", sa.Uuid), col("lb", sa.LargeBinary),
        col("js", sa.JSON), col("jb", pg.JSONB), col("arr", sa.ARRAY(sa.Integer)),
        col("arr2", sa.ARRAY(sa.String(10), dimensions=2)), col("moods", pg.ARRAY(mood)),
        col("m", mood, server_default="ok", nullable=False), col("om", weird), col("e", sa.Enum(Size)),
        col("en", sa.Enum("x", "y", name="en_ck", native_enum=False, create_constraint=True)),
        col("p", amount), col("inet", pg.INET), col("cidr", pg.CIDR), col("mac", pg.MACADDR),
        col("bit", pg.BIT), col("bit5", pg.BIT(5)), col("vb", pg.BIT(7, varying=True)),
        col("rng", pg.INT4RANGE), col("nr", pg.NUMRANGE), col("tsr", pg.TSTZRANGE),
        col("mr", pg.INT4MULTIRANGE), col("tsv", pg.TSVECTOR), col("oid", pg.OID), col("money", pg.MONEY),
        col("reg", pg.REGCLASS), col("coll", sa.String(collation="C")),
        col("idt", sa.BigInteger, sa.Identity(always=True, start=3, increment=2)),
        col("comp", sa.Integer, sa.Computed("num102 * 2 + big", persisted=True)),
        col("comp2", sa.Text, sa.Computed("s50 || 'x'", persisted=True)),
    ]  # fmt: skip


def _defaults(free):
    def made(number, type_, default):
        default = sa.text(default) if isinstance(default, str) else default
        return sa.Column(f"default_{number}", type_, server_default=default)

    found = [
        (sa.Integer, sa.DefaultClause("-1")), (sa.Integer, "1+2"), (sa.SmallInteger, "'0'"),
        (sa.Integer, free.next_value()), (sa.Integer, "NULL"), (sa.Integer, "CAST('5' AS integer)"),
        (sa.BigInteger, "0"), (sa.Numeric(10, 2), "'0'"), (sa.Numeric(5, 1), "-1.5"),
        (sa.Float, "1.5"), (sa.Float, "'0'"), (sa.Boolean, "true"), (sa.Boolean, "'f'"),
        (sa.Boolean, sa.false()), (sa.String(50), "'it''s'"), (sa.Text, "'x'::text"),
        (sa.Text, "'say \"hi\" \\ back'"), (sa.Text, "'100%'"), (sa.Text, "''"),
        (sa.String(10), "upper('x')"), (sa.CHAR(3), "'ab'"), (sa.Date, "'2020-01-01'"),
        (sa.Date, "CURRENT_DATE"), (sa.DateTime, sa.func.now()), (sa.DateTime, "'2020-01-01'"),
        (sa.DateTime, "(now() at time zone 'utc')"), (sa.DateTime, "timezone('utc', now())"),
        (sa.DateTime(timezone=True), "CURRENT_TIMESTAMP"),
        (sa.DateTime(timezone=True), "now() + interval '1 day'"), (sa.Interval, "'1 day'"),
        (sa.Time, "'12:00'"), (sa.Uuid, "gen_random_uuid()"), (sa.LargeBinary, "'abc'::bytea"),
        (sa.JSON, "'{}'"), (sa.JSON, "'{\"a\" : 1}'"), (pg.JSONB, "'{\"b\":1,  \"a\":2}'::jsonb"),
        (pg.JSONB, "'[]'"), (sa.ARRAY(sa.Text), "'{}'"), (sa.ARRAY(sa.Integer), "ARRAY[1, 2]"),
        (sa.ARRAY(sa.Text), "ARRAY[]::text[]"), (pg.CIDR, "'10.0.0.0/8'"), (pg.MONEY, "0"),
        (pg.BIT(3), "B'101'"), (sa.Text, "current_user"), (sa.Text, "CURRENT_SCHEMA"),
        (sa.Integer, "coalesce(1, 2)"), (sa.Integer, "CASE WHEN true THEN 1 ELSE 2 END"),
    ]  # fmt: skip
    columns = []
    for number, (type_, default) in enumerate(found):
        text = default.replace(":", "\\:") if isinstance(default, str) else default
        columns.append(made(number, type_, text))
    return columns


def _awkward():
    names = ("Ün i'code", "select", "Mixed.Dot", 'quo"te', "x" * 63, "user", "per%cent", "a:b")
    return [sa.Column(name, sa.Integer, comment=f"it's {name}") for name in names]


def _constraints():
    checks = {
        "ck1": "big > 0 and small < 5", None: "s50 in ('a','b') or s50 is null",
        "ck3": "num102 between 1 and 5", "ck4": "length(tx) > 3",
        "Ck 5": '"select" <> 3 AND "Mixed.Dot" != 4',
        "ck6": "s50 like 'a%' or s50 not in ('x','y')",
        "ck7": "CASE WHEN big > 1 THEN small = 1 ELSE false END", "ck8": "dt > '2000-01-01'",
        "ck9": "jb ? 'a' and jb->>'a' = 'x'", "ck10": "char_length(s) >= 1 AND s ~ '^[a-z]+$'",
        "ck11": "(big, small) <> (1, 2)", "ck12": "big % 2 = 0 and abs(small) < 3",
        "ck13": "arr[1] > 0 and 5 = any(arr)", "ck14": "extract(year from dt) > 2000",
    }  # fmt: skip
    return [
        *(sa.CheckConstraint(text, name=name) for name, text in checks.items()),
        sa.UniqueConstraint("big", "small", name="uq1"), sa.UniqueConstraint("s50"),
        sa.UniqueConstraint("num", deferrable=True, initially="DEFERRED", name="uqd"),
        pg.ExcludeConstraint(("rng", "&&"), name="exc", using="gist"),
        pg.ExcludeConstraint(
            (sa.text("int4range(big\\:\\:int, small)"), "&&"), name="exc2", where=sa.text("big > 0")
        ),
    ]  # fmt: skip


def _indexes(table):
    c, make = table.c, sa.Index
    make("ix1", c.big, c.small.desc())
    make("ix2", sa.func.lower(c.s50))
    make("ix3", c.big, postgresql_where=c.small > 5)
    make("ix4", c.jb, postgresql_using="gin")
    make("ix5", c.s50, postgresql_ops={"s50": "varchar_pattern_ops"})
    make("ix6", c.num, postgresql_include=["big"], unique=True)
    make("ix7", c.big.desc().nulls_last())
    make("ix8", sa.text("(s50 || tx)"), c.big)
    make("ix9", c.num, postgresql_with={"fillfactor": 50})
    make("Ix 10", c["Mixed.Dot"], c["select"])
    make("ix11", c.s50, postgresql_where=sa.text("s50 in ('a','b') and b is true and e = 'small'"))
    make("ix12", sa.func.coalesce(c.s50, "x"), unique=True)
    make("ix13", c.rng, postgresql_using="gist")
    make("ix15", c.s50.collate("C"))
    make("ix16", sa.func.date(c.dt))
    make("ix17", sa.text("lower(tx) varchar_pattern_ops"))
    make("ix18", c.jb["a"].astext)
    make("ix19", c.tx, postgresql_using="hash")
    make("ix20", sa.cast(c.jb["k"].astext, sa.Integer))


def _other_tables(metadata):
    col, key = sa.Column, sa.ForeignKey
    # SQLAlchemy 2.0 knows no storage parameters of tables
    stored = {} if sa.__version__.startswith("2.0") else {"postgresql_with": {"fillfactor": 70}}
    sa.Table(
        'B we"ird', metadata, col("id", sa.Integer, primary_key=True),
        col("a_id", key("a.id", ondelete="cascade", onupdate="SET NULL")),
        col("b_id", key('B we"ird.id', deferrable=True, initially="deferred", name="selff")),
        col("o_id", key("other.o.id", ondelete="RESTRICT")),
    )  # fmt: skip
    sa.Table(
        "o", metadata, col("id", sa.BigInteger, primary_key=True), col("b1", sa.Integer),
        col("a", key("a.id", match="FULL")), schema="other",
    )  # fmt: skip
    sa.Table(
        "o2", metadata, col("k1", sa.Integer, primary_key=True),
        col("k2", sa.Integer, primary_key=True, autoincrement=False),
        col("name", sa.String(10), index=True), schema="other",
        prefixes=["UNLOGGED"], **stored,
    )  # fmt: skip
    sa.Table(
        "fk2", metadata, col("x", sa.Integer), col("y", sa.Integer),
        sa.ForeignKeyConstraint(["x", "y"], ["other.o2.k1", "other.o2.k2"], name="fkc"),
        prefixes=["UNLOGGED"],
    )  # fmt: skip
    sa.Table(
        "part", metadata, col("id", sa.Integer, nullable=False), col("d", sa.Date),
        postgresql_partition_by="RANGE (d)",
    )  # fmt: skip
