"""Models with everything that MariaDB has, under unusual names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql as my


def everything(*, is_mariadb: bool = True) -> sa.MetaData:
    """Return the models; those of MySQL have no sequence, and other defaults of TEXT and JSON."""
    metadata = sa.MetaData()
    is_true = "" if is_mariadb else " = 1"
    col, key = sa.Column, sa.ForeignKey
    sa.Table(
        "p", metadata, col("id", sa.Integer, primary_key=True), col("n", sa.String(50)),
        mysql_engine="innodb", mysql_charset="utf8mb4", mysql_row_format="DYNAMIC",
        comment="it's",
    )  # fmt: skip
    sa.Table(
        "o", metadata, col("a", sa.Integer, primary_key=True, autoincrement=False),
        col("b", sa.Integer, primary_key=True),
    )  # fmt: skip
    table = sa.Table(
        "t w`eird", metadata, *_types(), *_defaults(is_mariadb=is_mariadb),
        col("pid", key("p.id", ondelete="CASCADE", onupdate="set null")),
        col("pid2", key("p.id", ondelete="RESTRICT", name="fkp2")),
        col("pid3", key("p.id"), index=True), col("oa", sa.Integer), col("ob", sa.Integer),
        sa.ForeignKeyConstraint(["oa", "ob"], ["o.a", "o.b"]),
        *(col(name, sa.Integer, comment="it's") for name in ("select", "Ün i", "x" * 63, "a.b")),
        sa.UniqueConstraint("n", "d"), sa.UniqueConstraint("b", name="uq b"),
        sa.CheckConstraint("n > 0 AND (d is not null or n<5)", name="ck1"),
        sa.CheckConstraint("nm in ('a','b') or nm like 'x%' or n between 1 and 5", name="ck2"),
        sa.CheckConstraint("char_length(nm) > 3 and not (n = 4)"),
        sa.CheckConstraint("nm REGEXP '^a' AND n != 5 && d > '2000-01-01'", name="ck3"),
        sa.CheckConstraint("`select` % 2 = 0 and `a.b` is not null", name="ck 4"),
        # MySQL takes a condition only
        sa.CheckConstraint(f"(case when n > 1 then b else false end){is_true}", name="ck5"),
    )  # fmt: skip
    c = table.c
    sa.Index("ix1", c.n.desc(), c.d)
    sa.Index("ix2", c.nm, unique=True)
    sa.Index("ix3", c.tx, mysql_length=10)
    sa.Index("ix4", c.tx2, mysql_prefix="FULLTEXT")
    sa.Index("ix5", c["select"])
    sa.Index("ix6", c.nm, c.tx, mysql_length={"tx": 5}, unique=True)
    sa.Index("ix7", c.d, mysql_using="hash")
    if is_mariadb:
        sa.Sequence("sq1", start=5, increment=2, metadata=metadata)
    return metadata


def _types():
    col = sa.Column
    return [
        col("id", sa.BigInteger, primary_key=True), col("f", sa.Boolean(create_constraint=True)),
        col("e", sa.Enum("a", "b'c", "d", name="e1")),
        col("e2", sa.Enum("x", "y", native_enum=False, create_constraint=True, name="e2ck")),
        col("st", my.SET("q", "r")), col("n", sa.Numeric(10, 2)), col("n0", sa.Numeric),
        col("d", sa.DateTime), col("ts2", sa.TIMESTAMP, nullable=True), col("d6", my.DATETIME(fsp=6)),
        col("b", sa.Boolean, server_default="1", nullable=False), col("nm", sa.String(20)),
        col("c", sa.Integer, sa.Computed("n * 2", persisted=True)),
        col("c2", sa.String(30), sa.Computed("lower(concat(nm,'x'))")),
        col("j", sa.JSON), col("bl", sa.LargeBinary), col("bl2", sa.LargeBinary(100)), col("tx", sa.Text),
        col("tx2", sa.Text(300)), col("mt", my.MEDIUMTEXT), col("u", sa.Uuid), col("fl", sa.Float),
        col("fl2", sa.Float(53)), col("dp", sa.Double), col("iv", sa.Interval), col("ti", my.TINYINT),
        col("ti1", my.TINYINT(1)), col("iu", my.INTEGER(unsigned=True)),
        col("iz", my.INTEGER(5, zerofill=True)), col("bu", my.BIGINT(20, unsigned=True)),
        col("y", my.YEAR), col("bit", my.BIT(3)), col("bit1", my.BIT), col("ch", sa.CHAR(3)),
        col("bn", sa.BINARY(4)), col("vb", sa.VARBINARY(9)), col("tm", sa.Time), col("dt", sa.Date),
        col("cl", sa.String(10, collation="utf8mb4_bin")), col("cs", my.VARCHAR(10, charset="latin1")),
        col("cs2", my.VARCHAR(10, charset="latin1", collation="latin1_bin")), col("rl", sa.REAL),
        col("dec", my.DECIMAL(5, 3, unsigned=True)),
    ]  # fmt: skip


def _defaults(*, is_mariadb: bool):
    found = [
        (sa.Integer, "-1"), (sa.Integer, "(1+2)"), (sa.Integer, "'5'"), (sa.Integer, "NULL"),
        (sa.Numeric(10, 2), "'0'"), (sa.Numeric(10, 2), "1.5"), (sa.Float, "1.5"),
        (sa.Boolean, "true"), (sa.Boolean, "0"), (sa.String(20), "'it''s \"q\"'"),
        (sa.String(9), "5"), (sa.String(9), "''"), (sa.String(9), "'100%'"),
        (sa.DateTime, "now()"), (sa.DateTime, "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
        (sa.TIMESTAMP, "'2020-01-01 00:00:00'"), (sa.TIMESTAMP, "CURRENT_TIMESTAMP"),
        (my.DATETIME(fsp=6), "CURRENT_TIMESTAMP(6)"), (sa.DateTime, "'2020-01-01'"),
        (sa.Date, "'2020-01-02'"), (sa.String(36), "(uuid())"), (my.BIT(3), "b'101'"),
        (sa.Enum("a", "b'c", name="e3"), "'b''c'"), (sa.Text, "'x'" if is_mariadb else "('x')"),
        (sa.JSON, "'{}'" if is_mariadb else "('{}')"),
        (sa.DateTime, "(now() + interval 1 day)"), (sa.String(40), "(concat('a', 'b'))"),
    ]  # fmt: skip
    return [
        sa.Column(f"default_{number}", type_, server_default=sa.text(default.replace(":", "\\:")))
        for number, (type_, default) in enumerate(found)
    ]
