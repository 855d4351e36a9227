"""PostgreSQL: constraints of every kind."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, models, pair, table


def of(*items: Any, **options: Any) -> MetaData:
    """Return models of one table with a key and the columns a, b and s."""
    columns = (Column("a", Integer), Column("b", Integer), Column("s", String(20)))
    return table(*columns, *items, **options)


def change(name: str, one: Any, two: Any, **options: Any) -> None:
    """Note down a change from one constraint to another; None for no constraint."""
    before, after = ([] if item is None else [item] for item in (one, two))
    pair(name, of(*before), of(*after), PG, **options)


U, C, F = UniqueConstraint, CheckConstraint, ForeignKeyConstraint

# ── unique ────────────────────────────────────────────────────────────────
change("unique of two", None, U("a", "b", name="u"))
change("unique columns", U("a", name="u"), U("a", "b", name="u"))
change("unique order of columns", U("a", "b", name="u"), U("b", "a", name="u"))
change("unique renamed", U("a", name="u"), U("a", name="v"))
change("unique gets a name", U("a"), U("a", name="v"))
change("unique deferrable", U("a", name="u"), U("a", name="u", deferrable=True))
change("unique initially deferred", U("a", name="u", deferrable=True),
       U("a", name="u", deferrable=True, initially="DEFERRED"))  # fmt: skip
change("unique nulls not distinct", U("a", name="u"),
       U("a", name="u", postgresql_nulls_not_distinct=True))  # fmt: skip
change("unique include", U("a", name="u"), U("a", name="u", postgresql_include=["b"]))
change("unique to index", U("a", name="u"), sa.Index("u", "a", unique=True))
change("unnamed unique columns", U("a"), U("a", "b"))
pair("unnamed uniques of one column", of(U("a")), of(U("b"), U("a", "b")), PG)
pair("unique on the column", table(Column("a", Integer, unique=True)), table(Column("a", Integer)),
     PG)  # fmt: skip

# ── checks ────────────────────────────────────────────────────────────────
change("check unnamed", None, C("a > 0"))
change("check unnamed text", C("a > 0"), C("a > 1"))
change("check unnamed of two columns", None, C("a >= b"))
change("check renamed", C("a > 0", name="one"), C("a > 0", name="two"))
change("check with words", None, C("s in ('11', '12', 'it''s', '100%') or s is null", name="c"))
change("check between", C("a BETWEEN 1 AND 100", name="c"), C("a >= 1 and a <= 100", name="c"))
change("check like", C("s LIKE '1%'", name="c"), C("s LIKE '%1%'", name="c"))
change("check regular expression", None, C(r"s ~ '^[0-9]+\s*$'", name="c"))
pair("check on a column", table(Column("a", Integer, C("a > 1"))),
     table(Column("a", Integer, C("a > 2"))), PG)  # fmt: skip
pair("two checks", of(C("a > 1", name="one"), C("b > 1", name="two")),
     of(C("a > 1", name="two"), C("b > 1", name="one")), PG)  # fmt: skip
change("check of SQL expression", None, C(sa.column("a") > 5, name="c"))

# ── primary keys ──────────────────────────────────────────────────────────


def keyed(*columns: str, name: str | None = None, **options: Any) -> MetaData:
    """Return models whose key has these columns."""
    items: list[Any] = [Column(word, Integer, nullable=False) for word in ("a", "b", "c")]
    if columns:
        items.append(PrimaryKeyConstraint(*columns, name=name, **options))
    return models(("t", *items))


pair("primary key comes", keyed(), keyed("a"), PG)
pair("primary key of two", keyed("a"), keyed("a", "b"), PG)
pair("primary key other column", keyed("a"), keyed("b"), PG)
pair("primary key named", keyed("a"), keyed("a", name="key"), PG)
pair("primary key renamed", keyed("a", name="one"), keyed("a", name="two"), PG)
pair("primary key order", keyed("a", "b", name="k"), keyed("b", "a", name="k"), PG)
pair("primary key deferrable", keyed("a", name="k"), keyed("a", name="k", deferrable=True), PG)
pair("primary key over nullable",
     models(("t", Column("a", Integer))), models(("t", Column("a", Integer, primary_key=True,
     autoincrement=False))), PG)  # fmt: skip


def pointed(*columns: str) -> MetaData:
    """Return models with a child that refers to a key."""
    metadata = MetaData()
    Table("p", metadata, Column("a", Integer, nullable=False), Column("b", Integer, nullable=False),
          U("a", name="ua"), PrimaryKeyConstraint(*columns, name="pk"))  # fmt: skip
    Table("c", metadata, Column("id", Integer, primary_key=True), Column("x", Integer),
          ForeignKeyConstraint(["x"], ["p.a"], name="fk"))  # fmt: skip
    return metadata


pair("primary key next to a referenced unique constraint", pointed("b"), pointed("b", "a"), PG)

# ── foreign keys ──────────────────────────────────────────────────────────


def two(*items: Any) -> MetaData:
    """Return models of two parents and a child."""
    metadata = MetaData()
    for name in ("p", "q"):
        Table(
            name,
            metadata,
            Column("id", Integer, primary_key=True),
            Column("k", Integer, unique=True),
            Column("l", Integer),
            U("k", "l", name=f"u{name}"),
        )
    Table(
        "c",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("x", Integer),
        Column("y", Integer),
        *items,
    )
    return metadata


def fk(target: str = "p.id", name: str | None = "fk", **options: Any) -> Any:
    """Return a foreign key of x."""
    return F(["x"], [target], name=name, **options)


def refer(name: str, one: Any, two_: Any) -> None:
    """Note down a change from one foreign key to another."""
    before, after = ([] if item is None else [item] for item in (one, two_))
    pair(f"foreign key {name}", two(*before), two(*after), PG)


refer("target", fk(), fk("q.id"))
refer("target column", fk(), fk("p.k"))
refer("renamed", fk(), fk(name="other"))
refer("unnamed", None, fk(name=None))
refer("unnamed target", fk(name=None), fk("q.id", name=None))
refer("gets a name", fk(name=None), fk())
for action in ("CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"):
    refer(f"on delete {action}", fk(onupdate="CASCADE"), fk(ondelete=action))
refer("on update", fk(), fk(onupdate="SET NULL"))
refer("unnamed on delete", fk(name=None), fk(name=None, ondelete="CASCADE"))
refer("deferrable", fk(), fk(deferrable=True))
refer("initially", fk(deferrable=True), fk(deferrable=True, initially="DEFERRED"))
refer("match full", fk(), fk(match="FULL"))
refer("composite", None, F(["x", "y"], ["p.k", "p.l"], name="fk"))
refer("composite order", F(["x", "y"], ["p.k", "p.l"], name="fk"),
      F(["y", "x"], ["p.k", "p.l"], name="fk"))  # fmt: skip
refer("composite to one", F(["x", "y"], ["p.k", "p.l"], name="fk"), fk())
refer("to itself", None, fk("c.id"))
refer("use_alter", None, fk(use_alter=True))
refer("columns to delete", fk(ondelete="CASCADE"), fk(ondelete="SET NULL (x)"))
pair("foreign key and its column", two(), two(Column("z", Integer, ForeignKey("q.id"))), PG)
pair("foreign key to a unique that comes",
     models(("p", Column("id", Integer, primary_key=True), Column("k", Integer)),
            ("c", Column("id", Integer, primary_key=True), Column("x", Integer))),
     models(("p", Column("id", Integer, primary_key=True), Column("k", Integer, unique=True)),
            ("c", Column("id", Integer, primary_key=True), Column("x", Integer,
             ForeignKey("p.k")))), PG)  # fmt: skip


def circle(*, closed: bool) -> MetaData:
    """Return models of three tables, in a circle or in a line."""
    metadata = MetaData()
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        items: list[Any] = [Column("id", Integer, primary_key=True), Column("o", Integer)]
        if name != "c" or closed:
            items.append(F(["o"], [f"{other}.id"], name=f"fk_{name}"))
        Table(name, metadata, *items)
    return metadata


pair("circle closes", circle(closed=False), circle(closed=True), PG)


def ring() -> MetaData:
    """Return models of a circle of foreign keys with use_alter."""
    metadata = MetaData()
    Table("a", metadata, Column("id", Integer, primary_key=True),
          Column("o", Integer, ForeignKey("b.id", use_alter=True, name="fka")))  # fmt: skip
    Table("b", metadata, Column("id", Integer, primary_key=True),
          Column("o", Integer, ForeignKey("a.id", name="fkb")), Column("e", Text))  # fmt: skip
    return metadata


pair("ring", MetaData(), ring(), PG)
pair("ring to one table", ring(), models(("a", Column("id", Integer, primary_key=True))), PG)

# ── exclusion ─────────────────────────────────────────────────────────────


def booked(*items: Any) -> MetaData:
    """Return models of bookings."""
    return table(Column("room", Integer), Column("during", pg.INT4RANGE), *items)


def excluding(name: str | None = "ex", **options: Any) -> Any:
    """Return an exclusion constraint."""
    return pg.ExcludeConstraint((sa.column("during"), "&&"), name=name, **options)


pair("exclusion", booked(), booked(excluding()), PG)
pair("exclusion unnamed", booked(), booked(excluding(None)), PG)
pair("exclusion where", booked(excluding()), booked(excluding(where=text("room > 5"))), PG)
pair("exclusion deferrable", booked(excluding()), booked(excluding(deferrable=True)), PG)
pair("exclusion renamed", booked(excluding()), booked(excluding("other")), PG)
