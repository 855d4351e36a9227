"""Applications whose models change in many ways at once, as they do between two releases."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from tests.cases.autogenerate.builders import ALL, MARIA, NOT_MARIA, PG, SERVERS, pair

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Status(enum.Enum):
    """States of an order."""

    new = 1
    paid = 2
    sent = 3


class MoreStatus(enum.Enum):
    """States of an order, one more."""

    new = 1
    paid = 2
    sent = 3
    back = 4


def pk(name: str = "id", type_: Any = Integer) -> Any:
    """Return a key column."""
    return Column(name, type_, primary_key=True)


def shop(release: int, **options: Any) -> MetaData:
    """Return the models of a shop at one of three releases."""
    m = MetaData(**options)
    Table(
        "customer", m, pk(),
        Column("email", String(100 if release < 2 else 254), nullable=False),
        *([Column("name", String(60))] if release < 3 else []),
        *([Column("given", String(60)), Column("family", String(60))] if release > 2 else []),
        Column("active", Boolean, nullable=False, server_default=sa.true()),
        *([Column("created_at", DateTime, server_default=func.now(), nullable=False)]
          if release > 1 else []),
        UniqueConstraint("email", name="uq_customer_email"),
        Index("ix_customer_active_email", "active", "email", unique=release > 1),
    )  # fmt: skip
    Table(
        "orders", m, pk(),
        Column("customer_id", Integer, ForeignKey(
            "customer.id", name="fk_orders_customer", ondelete="CASCADE" if release > 1 else None),
            nullable=release == 1),
        Column("total", Numeric(8 if release == 1 else 12, 2), nullable=False, server_default="0"),
        Column("status", Enum(MoreStatus if release > 2 else Status, name="order_status"),
               nullable=False, server_default="new"),
        Column("note", Text if release > 1 else String(200)),
        CheckConstraint("total >= 0" if release < 3 else "total >= 0 AND total < 100000",
                        name="ck_orders_total"),
    )  # fmt: skip
    if release > 1:
        Table(
            "line", m,
            Column("order_id", Integer, ForeignKey("orders.id", name="fk_line_order"),
                   primary_key=True, autoincrement=False),
            Column("pos", SmallInteger, primary_key=True, autoincrement=False),
            Column("amount", Integer, nullable=False, server_default=text("1")),
            Index("ix_line_amount", "amount"),
        )  # fmt: skip
    if release == 1:
        Table("cart", m, pk(), Column("customer_id", Integer, ForeignKey("customer.id")),
              Index("ix_cart", "customer_id"))  # fmt: skip
    return m


CUSTOMERS = {
    "customer": [{"id": 1, "email": "a@b.c"}, {"id": 2, "email": "it's@x.y"}],
    "orders": [{"id": 1, "customer_id": 1, "total": 5}, {"id": 2, "customer_id": 2, "total": 0}],
}
LINES = {**CUSTOMERS, "line": [{"order_id": 2, "pos": 1}, {"order_id": 2, "pos": 2}]}
for before, after in ((1, 2), (2, 3), (1, 3)):
    pair(f"shop, release {before} to {after}", shop(before), shop(after), rows=CUSTOMERS if before == 1 else LINES,
         rows_back=LINES, lossy=frozenset({"cart"}) if before == 1 else frozenset())  # fmt: skip
    pair(f"shop by a convention, release {before} to {after}",
         shop(before, naming_convention=CONVENTION), shop(after, naming_convention=CONVENTION),
         rows=CUSTOMERS if before == 1 else LINES, rows_back=LINES)  # fmt: skip
pair("shop, in batches", shop(1), shop(3), frozenset({"sqlite"}), rows=CUSTOMERS,
     rows_back=LINES, options={"render_as_batch": True})  # fmt: skip


def tree(*, is_later: bool, name: str = "node", key: Any = Integer) -> MetaData:
    """Return models of a tree, its closure and what hangs on it."""
    m = MetaData()
    Table(
        name, m, pk(type_=key),
        Column("parent_id", key, ForeignKey(f"{name}.id", ondelete="SET NULL" if is_later else None)),
        Column("label" if not is_later else "title", String(30), nullable=False),
        *([Column("depth", Integer, nullable=False, server_default="0")] if is_later else []),
        UniqueConstraint("parent_id", "label" if not is_later else "title"),
    )  # fmt: skip
    Table(
        "closure", m,
        Column("up", key, ForeignKey(f"{name}.id"), primary_key=True),
        Column("down", key, ForeignKey(f"{name}.id"), primary_key=True),
        *([Column("steps", Integer)] if is_later else []),
    )  # fmt: skip
    Table(
        "photo", m, pk(), Column("up", key), Column("down", key),
        Column("data", LargeBinary, nullable=is_later),
        ForeignKeyConstraint(["up", "down"], ["closure.up", "closure.down"],
                             onupdate="CASCADE" if is_later else None),
    )  # fmt: skip
    return m


NODES = {
    "node": [{"id": 1, "parent_id": None, "label": "a"}, {"id": 2, "parent_id": 1, "label": "b"}],
    "closure": [{"up": 1, "down": 2}],
    "photo": [{"id": 1, "up": 1, "down": 2, "data": b"x"}],
}
pair("a tree with a renamed label", tree(is_later=False), tree(is_later=True), rows=NODES,
     renames=("node.label=node.title",), rows_back={
         **NODES, "node": [{"id": 1, "parent_id": None, "title": "a"},
                           {"id": 2, "parent_id": 1, "title": "b"}]})  # fmt: skip
pair("keys of a whole tree widen", tree(is_later=False), tree(is_later=False, key=BigInteger),
     SERVERS, rows=NODES, rows_back=NODES)  # fmt: skip
pair("a tree is renamed and changed", tree(is_later=False), tree(is_later=True, name="item"),
     rows=NODES, renames=("node=item", "node.label=item.title"))  # fmt: skip


def split(*, is_later: bool) -> MetaData:
    """Return models in which a table is split into two, in a circle."""
    m = MetaData()
    Table(
        "account", m, pk(), Column("login", String(30), unique=True, nullable=False),
        *([Column("profile_id", Integer, ForeignKey("profile.id", use_alter=True, name="fk_ap"))]
          if is_later else [Column("bio", Text), Column("born", Date)]),
    )  # fmt: skip
    if is_later:
        Table("profile", m, pk(), Column("account_id", Integer, ForeignKey(
            "account.id", name="fk_pa"), nullable=False, unique=True), Column("bio", Text),
            Column("born", Date, index=True))  # fmt: skip
    return m


pair("a table is split into two that refer to each other", split(is_later=False),
     split(is_later=True))  # fmt: skip


def many(*, is_later: bool) -> MetaData:
    """Return models of many to many, whose table in the middle becomes one of its own."""
    m = MetaData(naming_convention=CONVENTION)
    Table("post", m, pk(), Column("slug", String(40), index=True, unique=True))
    Table("tag", m, pk(), Column("name", String(40), nullable=False))
    middle: list[Any] = [
        Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False,
               primary_key=not is_later),
        Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), nullable=False,
               primary_key=not is_later),
    ]  # fmt: skip
    if is_later:
        middle += [Column("weight", Integer), CheckConstraint("weight > 0", name="positive"),
                   UniqueConstraint("post_id", "tag_id")]  # fmt: skip
    Table("post_tag", m, *middle)
    return m


LINKS = {"post": [{"id": 1, "slug": "x"}], "tag": [{"id": 1, "name": "n"}],
         "post_tag": [{"post_id": 1, "tag_id": 1}]}  # fmt: skip
pair("the key of a table in the middle becomes unique", many(is_later=False), many(is_later=True),
     rows=LINKS, rows_back=LINKS)  # fmt: skip


def awkward(*, is_later: bool) -> MetaData:
    """Return models whose names are what no one should choose."""
    m = MetaData()
    Table(
        "Order By", m, Column("select", Integer, primary_key=True),
        Column("from.to", String(10), nullable=not is_later, server_default="it's"),
        Column('a"b', Integer), CheckConstraint("groß > 0", name='c"k'),
        Column("groß", Integer, ForeignKey("Order By.select", name="f k")),
        *([Column("%(x)s", Integer), Column("new:col", Text)] if is_later else []),
        Index("i.x", "from.to", unique=is_later), UniqueConstraint("groß", name="u:q"),
    )  # fmt: skip
    return m


pair("names that no one should choose change", awkward(is_later=False), awkward(is_later=True),
     rows={"Order By": [{"select": 1, "from.to": "%s :x"}]},
     rows_back={"Order By": [{"select": 1, "from.to": "%s :x", "new:col": "?"}]})  # fmt: skip


def typed(release: int) -> MetaData:
    """Return a table in which every column takes another type at once."""
    m = MetaData()
    types: list[tuple[Any, Any]] = [
        (Integer(), BigInteger()), (SmallInteger(), Integer()), (String(10), String(20)),
        (String(10), Text()), (Numeric(5, 2), Numeric(9, 4)), (Integer(), Numeric(12, 2)),
        (sa.Float(), sa.Double()), (Date(), DateTime()), (Boolean(), SmallInteger()),
        (Integer(), String(20)),
    ]  # fmt: skip
    Table("typed", m, pk(), *(
        Column(f"c{place}", two[release], nullable=bool(place % 2), index=place == 3)
        for place, two in enumerate(types)))  # fmt: skip
    return m


pair("every column takes another type", typed(0), typed(1), SERVERS,
     rows={"typed": []}, rows_back={"typed": []})  # fmt: skip


def defaults(release: int) -> MetaData:
    """Return a table in which every default changes at once."""
    one, two = [
        ("1", "2"), ("x", None), (None, "it's"), (text("0"), text("7")), ("", "''"),
        (sa.true(), sa.false()), (func.now(), None), (None, text("CURRENT_TIMESTAMP")),
        ("a\\b", "a%b"), ("1.50", "2.5"),
    ], [Integer, String(9), String(9), Integer, String(9), Boolean, DateTime, DateTime,
        String(9), Numeric(5, 2)]  # fmt: skip
    m = MetaData()
    Table("d", m, pk(), *(
        Column(f"c{place}", type_, server_default=given[release], nullable=place % 3 == 0)
        for place, (given, type_) in enumerate(zip(one, two, strict=True))))  # fmt: skip
    return m


pair("every default changes", defaults(0), defaults(1), rows={"d": []}, rows_back={"d": []})


def keyed(release: int) -> MetaData:
    """Return models whose primary keys and what refers to them change."""
    m = MetaData()
    if release == 0:
        Table("a", m, Column("x", Integer, primary_key=True, autoincrement=False),
              Column("y", Integer, nullable=False))  # fmt: skip
        Table("b", m, pk(), Column("x", Integer, ForeignKey("a.x", name="fk_b")))
    else:
        Table("a", m, Column("x", Integer), Column("y", Integer),
              PrimaryKeyConstraint("x", "y", name="pk_a"))  # fmt: skip
        Table("b", m, pk(), Column("x", Integer), Column("y", Integer),
              ForeignKeyConstraint(["x", "y"], ["a.x", "a.y"], name="fk_b"))  # fmt: skip
    return m


pair("a key grows, and what refers to it", keyed(0), keyed(1),
     rows={"a": [{"x": 1, "y": 1}], "b": [{"id": 1, "x": 1}]},
     rows_back={"a": [{"x": 1, "y": 1}], "b": [{"id": 1, "x": 1, "y": 1}]})  # fmt: skip


def moved(schema: str | None, *, is_later: bool = False) -> MetaData:
    """Return models in a schema, with an enum type, that change as they move."""
    m = MetaData(schema=schema)
    kind: Any = Enum("a", "b", *(["c"] if is_later else []), name="kind", metadata=m)
    Table("p", m, pk(), Column("k", kind, server_default="a"))
    Table("q", m, pk(), Column("p_id", Integer, ForeignKey(m.tables[
        "p" if schema is None else f"{schema}.p"].c.id)), *([Column("n", Integer, index=True)]
        if is_later else []))  # fmt: skip
    return m


KINDS = {"s.p": [{"id": 1, "k": "a"}], "s.q": [{"id": 1, "p_id": 1}]}
pair("an enum of a schema grows with its tables", moved("s"), moved("s", is_later=True), PG,
     schemas=("s",), rows=KINDS, rows_back=KINDS)  # fmt: skip
pair("tables and their enum move to a schema", moved(None), moved("s", is_later=True), PG,
     schemas=("s",), renames=("p=s.p", "q=s.q"), rows_back=KINDS,
     options={"include_schemas": True})  # fmt: skip


def engine(release: int) -> MetaData:
    """Return tables of MariaDB with options and columns of its own that change at once."""
    from sqlalchemy.dialects import mysql

    m = MetaData()
    Table(
        "e", m, Column("id", mysql.INTEGER(unsigned=True), primary_key=True),
        Column("s", mysql.VARCHAR(40, collation="utf8mb4_bin" if release else None)),
        Column("k", mysql.ENUM("a", "b", *(["c"] if release else []))),
        Column("t", mysql.TIMESTAMP, server_default=text(
            "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP" if release else "CURRENT_TIMESTAMP"),
            nullable=False),
        Column("f", mysql.TEXT),
        *([Index("ft", "f", mysql_prefix="FULLTEXT")] if release
          else [Index("ft", "f", mysql_length=10)]),
        mysql_charset="utf8mb4", mysql_engine="InnoDB",
        mysql_row_format="DYNAMIC" if release else "COMPACT",
        comment="later" if release else None,
    )  # fmt: skip
    return m


pair("options and columns of MariaDB change together", engine(0), engine(1), MARIA,
     rows={"e": [{"id": 1, "s": "x", "k": "a", "f": "t"}]},
     rows_back={"e": [{"id": 1, "s": "x", "k": "b", "f": "t"}]})  # fmt: skip


def generated(release: int) -> MetaData:
    """Return a table with generated columns that change, and what hangs on them."""
    m = MetaData()
    Table(
        "g", m, pk(), Column("a", Integer), Column("b", Integer),
        Column("c", Integer, sa.Computed("a + b" if release == 0 else "a * b", persisted=True)),
        *([Column("d", Integer, sa.Computed("a + 1", persisted=True))] if release else []),
        *([Column("z", Integer)] if release == 0 else []),
        CheckConstraint("c > 0" if release == 0 else "c >= 0", name="ck_c"),
        Index("ix_c", "c"),
    )  # fmt: skip
    return m


pair("generated columns change with what hangs on them", generated(0), generated(1),
     rows={"g": [{"id": 1, "a": 1, "b": 2}]}, rows_back={"g": [{"id": 1, "a": 1, "b": 2}]},
     lossy=frozenset())  # fmt: skip


def partial(release: int) -> MetaData:
    """Return indexes that change what they are under the names they have."""
    m = MetaData()
    t = Table("i", m, pk(), Column("a", String(20)), Column("b", Integer), Column("c", Integer))
    if release == 0:
        Index("x1", t.c.a)
        Index("x2", t.c.b, t.c.c)
        Index("x3", func.lower(t.c.a))
        Index("x4", t.c.b, sqlite_where=t.c.b > 1, postgresql_where=t.c.b > 1)
    else:
        Index("x1", t.c.a.desc())
        Index("x2", t.c.c, t.c.b)
        Index("x3", func.upper(t.c.a), unique=True)
        Index("x4", t.c.b, sqlite_where=t.c.b > 2, postgresql_where=t.c.b > 2)
    return m


pair("indexes change under their names", partial(0), partial(1), NOT_MARIA)
pair("new tables, all at once", MetaData(), shop(3), ALL)
