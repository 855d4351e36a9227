"""PostgreSQL: kinds of change that no other file has, and several of them at once."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, models, one_way, pair, table


def pk() -> Any:
    """Return a key column."""
    return Column("id", Integer, primary_key=True)


# ── comments on parts ─────────────────────────────────────────────────────


def remarked(**comments: str | None) -> MetaData:
    """Return models whose constraints say something."""
    return models(
        ("p", pk()),
        (
            "t",
            Column("id", Integer),
            Column("x", Integer),
            Column("y", Integer),
            PrimaryKeyConstraint("id", name="pk", comment=comments.get("pk")),
            UniqueConstraint("x", name="uq", comment=comments.get("uq")),
            CheckConstraint("x > 0", name="ck", comment=comments.get("ck")),
            ForeignKeyConstraint(["y"], ["p.id"], name="fk", comment=comments.get("fk")),
            pg.ExcludeConstraint((sa.column("y"), "="), name="ex", using="btree"),
        ),
    )


for _word in ("pk", "uq", "ck", "fk"):
    pair(f"comment on {_word}", remarked(), remarked(**{_word: "it's 100% :x"}), PG)
    pair(f"comment on {_word} changes", remarked(**{_word: "one"}), remarked(**{_word: "two"}), PG)
pair("comments on constraints of a new table", MetaData(), remarked(pk="a", uq="b", ck="c",
     fk="d"), PG)  # fmt: skip
pair(
    "constraint with a comment changes",
    table(Column("x", Integer), CheckConstraint("x > 1", name="c", comment="one")),
    table(Column("x", Integer), CheckConstraint("x > 2", name="c", comment="two")),
    PG,
)
pair(
    "constraint with a comment comes",
    table(Column("x", Integer)),
    table(Column("x", Integer), UniqueConstraint("x", name="u", comment="one")),
    PG,
)
pair(
    "type under a constraint with a comment",
    table(Column("x", Integer), CheckConstraint("x > 1", name="c", comment="one")),
    table(Column("x", BigInteger), CheckConstraint("x > 1", name="c", comment="one")),
    PG,
)

# ── not proven ────────────────────────────────────────────────────────────


def unproven(*items: Any) -> MetaData:
    """Return models of a parent and a child."""
    return models(("p", pk()), ("t", pk(), Column("x", Integer), *items))


pair("check becomes valid", unproven(CheckConstraint("x > 0", name="c", postgresql_not_valid=True)),
     unproven(CheckConstraint("x > 0", name="c")), PG)  # fmt: skip
pair("foreign key becomes valid", unproven(ForeignKeyConstraint(["x"], ["p.id"], name="f",
     postgresql_not_valid=True)), unproven(ForeignKeyConstraint(["x"], ["p.id"], name="f")),
     PG)  # fmt: skip
# ── partitions and heirs ──────────────────────────────────────────────────


def parted(*items: Any, kind: Any = Integer, by: str = "RANGE (id)") -> MetaData:
    """Return models of a table in parts."""
    return models(("t", Column("id", Integer, nullable=False), Column("x", kind), *items,
                   {"postgresql_partition_by": by}))  # fmt: skip


_PARTS = {
    "extra_sql": ("CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (100)",
               "CREATE TABLE t_rest PARTITION OF t DEFAULT",
               "CREATE INDEX own ON t_low (x)"),
    "rows": {"t": [{"id": 1, "x": 5}, {"id": 500}]}, "rows_back": {"t": [{"id": 1, "x": 5}]},
}  # fmt: skip
pair("type of a column in parts", parted(), parted(kind=BigInteger), PG, **_PARTS)
pair("index of a table in parts", parted(), parted(Index("ix", "x", "id")), PG, **_PARTS)
pair("key of a table in parts", parted(), parted(PrimaryKeyConstraint("id", name="k")), PG,
     **_PARTS)  # fmt: skip
pair("unique and check of a table in parts", parted(), parted(UniqueConstraint("id", "x", name="u"),
     CheckConstraint("x > 0", name="c")), PG, **_PARTS)  # fmt: skip
pair("default and comment of a table in parts", parted(), parted(Column("n", Text,
     server_default="a", nullable=False, comment="it's")), PG, **_PARTS)  # fmt: skip
pair(
    "table in parts by list",
    MetaData(),
    models(
        (
            "t",
            Column("k", String(9)),
            Column("n", Integer, index=True),
            {"postgresql_partition_by": "LIST (k)"},
        )
    ),
    PG,
    rows_back={"t": []},
)
pair("subpartitioned table is kept in a change", parted(), parted(Column("n", Integer)), PG,
     extra_sql=(("CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (100)"
             " PARTITION BY LIST (x)"), "CREATE TABLE t_low_1 PARTITION OF t_low DEFAULT",
             "CREATE TABLE t_rest PARTITION OF t DEFAULT"),
     rows=_PARTS["rows"], rows_back=_PARTS["rows_back"])  # fmt: skip
one_way("table in parts goes", parted(Index("ix", "x")), models(("u", pk())), PG,
        rows={"t": []})  # fmt: skip
pair("foreign key to a table in parts",
     models(("t", Column("id", Integer, primary_key=True),
             {"postgresql_partition_by": "RANGE (id)"}), ("c", pk(), Column("t_id", Integer))),
     models(("t", Column("id", Integer, primary_key=True),
             {"postgresql_partition_by": "RANGE (id)"}),
            ("c", pk(), Column("t_id", Integer, ForeignKey("t.id", name="f")))), PG,
     extra_sql=("CREATE TABLE t_rest PARTITION OF t DEFAULT",))  # fmt: skip


def heirs(*items: Any, kind: Any = Integer, own: Any = ()) -> MetaData:
    """Return models of a table and one that inherits from it."""
    metadata = MetaData()
    Table("base", metadata, Column("x", kind), *items)
    Table("heir", metadata, Column("y", Integer), *own, postgresql_inherits="base")
    return metadata


pair("column of a table with an heir", heirs(), heirs(Column("n", Integer)), PG)
pair("type of a column that an heir has", heirs(), heirs(kind=BigInteger), PG)
pair("column of an heir", heirs(), heirs(own=(Column("z", Text, index=True),)), PG)
pair("check that an heir has", heirs(), heirs(CheckConstraint("x > 0", name="c")), PG)
pair("two parents", models(("a", Column("x", Integer)), ("b", Column("y", Integer))), models(
    ("a", Column("x", Integer)), ("b", Column("y", Integer)),
    ("heir", Column("z", Integer), {"postgresql_inherits": ("a", "b")})), PG)  # fmt: skip

# ── domains, enum types, sequences ────────────────────────────────────────


def of(kind: Any, *more: Any, **options: Any) -> MetaData:
    """Return models of a table with a column `c`."""
    return table(Column("c", kind, **options), *more)


def dom(name: str = "amount", kind: Any = Integer, **options: Any) -> Any:
    """Return a domain."""
    return pg.DOMAIN(name, kind, **options)


pair("domain of another name", of(dom(check="VALUE > 0")), of(dom("sum", check="VALUE > 0")), PG)
one_way("domain comes in a schema", table(), of(dom(schema="other", check="VALUE > 0")), PG,
        schemas=("other",))  # fmt: skip
pair("domain under a default and an index", of(dom(), Index("ix", "c"), server_default="4"),
     of(dom(check="VALUE > 0"), Index("ix", "c"), server_default="5"), PG)  # fmt: skip
pair("domain base type under a view", of(dom()), of(dom(kind=BigInteger)), PG,
     extra_sql=("CREATE VIEW v AS SELECT c FROM t",))  # fmt: skip
pair("domain with collation", of(dom(kind=Text)), of(dom(kind=Text, collation="C")), PG)
pair("domain of awkward name", table(), of(dom('Am"ount', check="VALUE > 0", default="5",
     constraint_name="k 'x'")), PG)  # fmt: skip
pair("domain shared", models(("a", pk(), Column("c", dom())), ("b", pk(), Column("c", dom()))),
     models(("a", pk(), Column("c", dom(check="VALUE > 0"))),
            ("b", pk(), Column("c", dom(check="VALUE > 0")))), PG)  # fmt: skip
pair("domain to plain under a check", of(dom(), CheckConstraint("c < 1000", name="k")),
     of(Integer, CheckConstraint("c < 1000", name="k")), PG)  # fmt: skip


def counted(column: Any, **options: Any) -> MetaData:
    """Return models of a table and a sequence."""
    metadata = MetaData()
    counter = Sequence("counter", metadata=metadata, **options)
    Table("t", metadata, Column("id", Integer, primary_key=True), column(counter))
    return metadata


pair(
    "default draws from a sequence that changes",
    counted(lambda s: Column("n", BigInteger, server_default=s.next_value())),
    counted(lambda s: Column("n", BigInteger, server_default=s.next_value()), increment=5),
    PG,
)
# ── JSON, variants, decorated types, arrays ───────────────────────────────


class Coins(sa.TypeDecorator[int]):
    """Money in cents."""

    impl = Integer
    cache_ok = True


class MoreCoins(sa.TypeDecorator[int]):
    """Money of a whole country in cents."""

    impl = BigInteger
    cache_ok = True


pair("json with a variant", of(sa.JSON), of(sa.JSON().with_variant(pg.JSONB(), "postgresql")), PG)
pair("decorated type gets wider", of(Coins), of(MoreCoins), PG)
pair("decorated type in an array", table(), of(pg.ARRAY(Coins)), PG)
pair("variant of an enum", of(String(9)), of(String(9).with_variant(Enum("11", "12", name="k"),
     "postgresql")), PG)  # fmt: skip
pair("array of domains", of(pg.ARRAY(Integer)), of(pg.ARRAY(dom())), PG)
pair("range under an exclusion", table(Column("c", pg.INT4RANGE), pg.ExcludeConstraint(
     (sa.column("c"), "&&"), name="ex")), table(Column("c", pg.INT8RANGE), pg.ExcludeConstraint(
     (sa.column("c"), "&&"), name="ex")), PG, rows={"t": [{"id": 1}]},
     rows_back={"t": [{"id": 1}]})  # fmt: skip
pair("string to array of enum", of(String(9)), of(pg.ARRAY(Enum("11", "12", name="k"))), PG,
     lossy=frozenset({"t"}))  # fmt: skip

# ── several at once ───────────────────────────────────────────────────────


def shop(*, later: bool) -> MetaData:
    """Return models of a shop, before and after a busy month."""
    metadata = MetaData()
    kind = Enum(*(("new", "paid", "sent") if later else ("new", "paid")), name="state")
    Table("customer", metadata, pk(), Column("name", String(80 if later else 40), nullable=False),
          Column("mail", Text, unique=later), comment="who buys" if later else None)  # fmt: skip
    items: list[Any] = [
        Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE" if later else None)),
        Column("state", kind, server_default="new", nullable=False),
        Column("total", sa.Numeric(12 if later else 8, 2)),
        CheckConstraint("total >= 0", name="total_positive"),
    ]
    if later:
        items += [
            Column("number", BigInteger, Identity(start=1000)),
            Column("day", Date, server_default=text("CURRENT_DATE")),
            Column("gross", sa.Numeric(12, 2), Computed("total * 1.19", persisted=True)),
            Index("open_orders", "customer_id", postgresql_where=text("state = 'new'")),
        ]
    Table("orders", metadata, pk(), *items)
    if later:
        Table("line", metadata, Column("order_id", ForeignKey("orders.id"), primary_key=True),
              Column("place", Integer, primary_key=True), Column("state", kind))  # fmt: skip
    else:
        Table("basket", metadata, pk(), Column("customer_id", ForeignKey("customer.id")))
    return metadata


_ORDERS = {"customer": [{"id": 1, "name": "a"}],
           "orders": [{"id": 1, "customer_id": 1, "state": "paid", "total": 3}]}  # fmt: skip
pair("a busy month", shop(later=False), shop(later=True), PG, rows={**_ORDERS, "basket": []},
     rows_back={**_ORDERS, "line": []})  # fmt: skip
pair("column order is left alone", table(Column("a", Integer), Column("b", Text)),
     table(Column("b", Text), Column("a", Integer), Column("aa", Integer)), PG)  # fmt: skip
pair("computed column under a view and an index",
     table(Column("x", Integer), Column("c", Integer, Computed("x + 1", persisted=True)),
           Index("ix", "c")),
     table(Column("x", Integer), Column("c", Integer, Computed("x + 2", persisted=True)),
           Index("ix", "c")), PG,
     extra_sql=("CREATE VIEW v AS SELECT id, c FROM t", "GRANT SELECT ON v TO public"))  # fmt: skip
pair("dropped column under a view of all others", table(Column("x", Integer), Column("y", Integer)),
     table(Column("x", Integer)), PG, extra_sql=("CREATE VIEW v AS SELECT id, x FROM t",
     "CREATE VIEW w AS SELECT count(*) AS n FROM v"))  # fmt: skip

pair(
    "index with a comment",
    models(("t", pk(), Column("x", Integer))),
    models(("t", pk(), Column("x", Integer, index=True))),
    PG,
)
