"""Models with everything that SQLite has, under unusual names."""

from __future__ import annotations

import sqlalchemy as sa


def everything() -> sa.MetaData:
    metadata = sa.MetaData()
    col, key = sa.Column, sa.ForeignKey
    sa.Table(
        "p", metadata, col("id", sa.Integer, primary_key=True),
        col("n", sa.String(50, collation="NOCASE"), server_default="it's"), sqlite_autoincrement=True,
    )  # fmt: skip
    table = sa.Table(
        't w"eird', metadata, col("id", sa.Integer, primary_key=True),
        col("select", sa.Integer, sa.CheckConstraint('"select" > 0')),
        col("f", sa.Boolean(create_constraint=True, name="bcx")),
        col("e", sa.Enum("a", "b", create_constraint=True)),
        col("n", sa.Numeric(10, 2), server_default="0"),
        col("d", sa.DateTime, server_default=sa.func.now()),
        col("d2", sa.DateTime, server_default=sa.text("CURRENT_TIMESTAMP")),
        col("b", sa.Boolean, server_default=sa.true()),
        col("c", sa.Integer, sa.Computed("n * 2", persisted=True)),
        col("c2", sa.Text, sa.Computed("lower(\"select\" || 'x')")),
        col("pid", key("p.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED")),
        col("self", key('t w"eird.id', name="fks")),
        col("j", sa.JSON, server_default='{"a": [1, (2]}'),
        col("bl", sa.LargeBinary, server_default=sa.text("x'00'")),
        col("neg", sa.Integer, server_default=sa.text("-1")),
        col("ex", sa.Integer, server_default=sa.text("(1+2)")), col("u", sa.Uuid), col("fl", sa.Float),
        col("dp", sa.Double), col("iv", sa.Interval), col("Ün.i", sa.Unicode(5), nullable=False),
        col("x" * 63, sa.BigInteger), col("quo'te", sa.Text),
        sa.UniqueConstraint("n", "d"),
        sa.UniqueConstraint("b", name="uq b", sqlite_on_conflict="REPLACE"),
        sa.CheckConstraint("n > 0 AND (d is not null or n<5)", name="ck1"),
    )  # fmt: skip
    sa.Table(
        "wr", metadata, col("a", sa.Integer, primary_key=True, autoincrement=False),
        col("b", sa.Integer, primary_key=True), sqlite_with_rowid=False,
    )  # fmt: skip
    sa.Table(
        "st",
        metadata,
        col("a", sa.Integer, primary_key=True),
        col("b", sa.Text),
        sqlite_strict=True,
    )
    c = table.c
    sa.Index("ix1", c.n.desc(), c.d)
    sa.Index("ix2", sa.func.lower(c["Ün.i"]), unique=True)
    sa.Index("ix3", c.n, sqlite_where=c.n > 5)
    sa.Index("ix4", sa.text("n COLLATE NOCASE DESC"))
    sa.Index("ix 5", c["select"])
    return metadata
