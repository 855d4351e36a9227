"""PostgreSQL: tables, renames, schemas, comments, options, awkward names, conventions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, models, one_way, pair, table

LONG = "n" * 63


def pk() -> Any:
    """Return a key column."""
    return Column("id", Integer, primary_key=True)


def full(name: str = "t", metadata: MetaData | None = None, **options: Any) -> MetaData:
    """Return models of a table with a part of each kind."""
    metadata = MetaData() if metadata is None else metadata
    Table(
        name,
        metadata,
        pk(),
        Column("e", Enum("a", "b", name="kind"), server_default="a"),
        Column("n", BigInteger, Identity(start=4)),
        Column("s", String(9), nullable=False, unique=True, comment="it's"),
        Column("x", Integer, CheckConstraint("x > 1"), index=True),
        Column("o", Integer, ForeignKey(f"{name}.id", ondelete="CASCADE")),
        Column("c", Integer, sa.Computed("x + 1", persisted=True)),
        UniqueConstraint("s", "x", name="u", deferrable=True),
        CheckConstraint("x < 100 AND s <> '%'", name="k"),
        Index("ixe", text("lower(s) DESC"), postgresql_where=text("x > 5")),
        Index("ixi", "x", unique=True, postgresql_include=["s"]),
        comment="a 'table'",
        **options,
    )
    return metadata


plain = models(("t", pk(), Column("x", Integer)))
pair("table with everything", MetaData(), full(), PG)
pair("table next to another", plain, models(("t", pk(), Column("x", Integer)), ("u", pk())), PG)
pair("tables that refer to each other in a line", MetaData(), models(
    ("c", pk(), Column("b", Integer, ForeignKey("b.id"))),
    ("b", pk(), Column("a", Integer, ForeignKey("a.id"))),
    ("a", pk())), PG)  # fmt: skip
pair("table for another", models(("t", pk())), models(("u", pk())), PG)
pair("table that others refer to goes",
     models(("a", pk()), ("b", pk(), Column("a", Integer, ForeignKey("a.id")))),
     models(("b", pk(), Column("a", Integer))), PG, rows={"a": [], "b": [{"id": 1}]},
     rows_back={"b": [{"id": 1}]})  # fmt: skip
pair("table without key", MetaData(), models(("t", Column("x", Integer))), PG)
pair("table with key of two", MetaData(), models(("t", Column("a", Integer, primary_key=True),
     Column("b", String(3), primary_key=True))), PG)  # fmt: skip
pair("table of one array", MetaData(), table(Column("a", pg.ARRAY(Text), server_default="{}")), PG)
pair("table whose key is drawn from a sequence", MetaData(), models(
    ("t", Column("id", Integer, sa.Sequence("t_counter"), primary_key=True))), PG)  # fmt: skip
pair("two tables and an enum", models(("a", pk())),
     models(("a", pk(), Column("k", Enum("x", "y", name="xy"))),
            ("b", pk(), Column("k", Enum("x", "y", name="xy")))), PG)  # fmt: skip
pair("comment of a table", table(comment="one"), table(comment="two's \\ %s :x"), PG)

# ── options ───────────────────────────────────────────────────────────────
pair("unlogged", table(), table(prefixes=["UNLOGGED"]), PG)
if not sa.__version__.startswith("2.0"):  # which knows no storage parameters of tables
    pair("storage", table(), table(postgresql_with={"fillfactor": 60}), PG)
    pair("storage changes", table(postgresql_with={"fillfactor": 60}),
         table(postgresql_with={"fillfactor": 70, "parallel_workers": 2}), PG)  # fmt: skip
    pair("new unlogged table", MetaData(), table(prefixes=["UNLOGGED"],
         postgresql_with={"fillfactor": 60}), PG)  # fmt: skip


def family(*items: Any, child: Any = ()) -> MetaData:
    """Return models of a table that inherits from another."""
    metadata = MetaData()
    Table("base", metadata, Column("x", Integer), *items)
    Table("heir", metadata, Column("y", Integer), *child, postgresql_inherits="base")
    return metadata


pair("inherits", models(("base", Column("x", Integer))), family(), PG)
pair("partitioned", MetaData(), models(("t", Column("id", Integer), Column("d", sa.Date),
     {"postgresql_partition_by": "RANGE (d)"})), PG, rows_back={"t": []})  # fmt: skip
pair("column of a partitioned table",
     models(("t", Column("id", Integer), Column("d", sa.Date),
             {"postgresql_partition_by": "RANGE (d)"})),
     models(("t", Column("id", Integer), Column("d", sa.Date), Column("n", Text, index=True),
             {"postgresql_partition_by": "RANGE (d)"})), PG,
     rows={"t": [{"id": 1}]}, rows_back={"t": [{"id": 1}]},
     extra_sql=("CREATE TABLE t1 PARTITION OF t DEFAULT",))  # fmt: skip

# ── renames ───────────────────────────────────────────────────────────────


def people(table_: str = "people", column: str = "name", **options: Any) -> MetaData:
    """Return models of people, whose table and column may have another name."""
    metadata = MetaData(**options)
    Table(table_, metadata, pk(), Column(column, String(20), nullable=False, server_default="x"),
          Column("age", Integer), UniqueConstraint(column), Index(None, column, "age"),
          CheckConstraint("age > 0"))  # fmt: skip
    Table("pets", metadata, pk(), Column("owner", Integer, ForeignKey(f"{table_}.id")))
    return metadata


def simple(column: str = "name", type_: Any = String(20), **options: Any) -> MetaData:
    """Return models of a table with a column of another name."""
    return table(Column(column, type_, **options), name="people")


RENAME = ("people.name=people.full_name",)
pair("rename column", simple(), simple("full_name"), PG, renames=RENAME)
pair("rename column and type", simple(), simple("full_name", Text), PG, renames=RENAME)
pair("rename column and nullable", simple(), simple("full_name", nullable=False), PG,
     renames=RENAME)  # fmt: skip
pair("rename column and default", simple(), simple("full_name", server_default="x"), PG,
     renames=RENAME)  # fmt: skip
pair("rename column and comment", simple(comment="a"), simple("full_name", comment="b"), PG,
     renames=RENAME)  # fmt: skip
pair("rename column and cast", simple(), simple("full_name", Integer), PG, renames=RENAME)
pair("rename column with unique", simple(unique=True), simple("full_name", unique=True), PG,
     renames=RENAME)  # fmt: skip
pair("rename column with index", simple(index=True), simple("full_name", index=True), PG,
     renames=RENAME)  # fmt: skip
pair("rename column and awkward", simple(), simple('Full "name" %'), PG,
     renames=('people.name=people.Full "name" %',))  # fmt: skip
pair("rename column with enum", simple("name", Enum("a", "b", name="kind")),
     simple("full_name", Enum("a", "b", "c", name="kind")), PG, renames=RENAME,
     rows_back={"people": [{"id": 1, "full_name": "a"}]})  # fmt: skip
NAMED = {"naming_convention": {
    "ix": "ix_%(column_0_N_label)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s"}}  # fmt: skip


def folk(table_: str = "people", column: str = "name", **options: Any) -> MetaData:
    """Return models of people with names by a convention."""
    metadata = MetaData(**options)
    Table(table_, metadata, pk(), Column(column, String(20), unique=True, index=True),
          Column("boss", Integer, ForeignKey(f"{table_}.id")))  # fmt: skip
    Table("pets", metadata, pk(), Column("owner", Integer, ForeignKey(f"{table_}.id")))
    return metadata


pair("rename table", simple(), table(Column("name", String(20)), name="persons"), PG,
     renames=("people=persons",))  # fmt: skip
pair("rename table with parts", folk(), folk("persons"), PG, renames=("people=persons",))
pair("rename table with named parts", folk(**NAMED), folk("persons", **NAMED), PG,
     renames=("people=persons",))  # fmt: skip
pair("rename column with named parts", folk(**NAMED), folk(column="full_name", **NAMED), PG,
     renames=RENAME)  # fmt: skip
pair("rename table and column", folk(**NAMED), folk("persons", "full_name", **NAMED), PG,
     renames=("people=persons", "people.name=persons.full_name"))  # fmt: skip
pair("rename table and add column", simple(),
     table(Column("name", String(20)), Column("n", Integer, server_default="4"), name="persons"),
     PG, renames=("people=persons",))  # fmt: skip
pair("rename table and type", simple(), table(Column("name", Integer), name="persons"),
     PG, renames=("people=persons",))  # fmt: skip
pair("rename columns crosswise",
     table(Column("a", Integer), Column("b", Integer), Column("c", Text)),
     table(Column("d", Integer), Column("e", Integer), Column("c", Text)), PG,
     renames=("t.a=t.d", "t.b=t.e"))  # fmt: skip
pair("rename referred column",
     models(("p", pk(), Column("k", Integer, unique=True)),
            ("c", pk(), Column("x", Integer, ForeignKey("p.k", name="fk")))),
     models(("p", pk(), Column("key", Integer, unique=True)),
            ("c", pk(), Column("x", Integer, ForeignKey("p.key", name="fk")))), PG,
     renames=("p.k=p.key",))  # fmt: skip
pair("rename primary key column",
     models(("t", Column("id", Integer, primary_key=True))),
     models(("t", Column("number", Integer, primary_key=True))), PG,
     renames=("t.id=t.number",))  # fmt: skip
pair("rename column in check and computed",
     table(Column("x", Integer), Column("c", Integer, sa.Computed("x + 1", persisted=True)),
           CheckConstraint("x > 1", name="k"), Index("ix", text("abs(x)"))),
     table(Column("y", Integer), Column("c", Integer, sa.Computed("y + 1", persisted=True)),
           CheckConstraint("y > 1", name="k"), Index("ix", text("abs(y)"))), PG,
     renames=("t.x=t.y",))  # fmt: skip
pair("rename table with enum and identity", full(), full("v"), PG, renames=("t=v",))
pair("rename in a schema", table(name="a", schema="other"), table(name="b", schema="other"), PG,
     renames=("other.a=other.b",))  # fmt: skip

# ── schemas ───────────────────────────────────────────────────────────────
S = {"schemas": ("other", "third")}


def spread(one: str | None, two: str | None, *items: Any) -> MetaData:
    """Return models of a parent and a child in two schemas."""
    metadata = MetaData()
    Table("p", metadata, pk(), schema=one)
    target = f"{one}.p.id" if one else "p.id"
    Table("c", metadata, pk(), Column("x", Integer, ForeignKey(target)), *items, schema=two)
    return metadata


pair("table in a schema", models(("t", pk(), {"schema": "other"})),
     models(("t", pk(), {"schema": "other"}), ("u", pk(), Column("e", Enum("a", name="ee",
     schema="other")), {"schema": "other"})), PG, **S)  # fmt: skip
pair("foreign key across schemas", models(("p", pk(), {"schema": "other"}), ("c", pk())),
     spread("other", None), PG, **S)  # fmt: skip
pair("child in a schema", models(("p", pk()), ("c", pk(), {"schema": "other"})),
     spread(None, "other"), PG, **S)  # fmt: skip
pair("two schemas", spread("other", "third"), spread("other", "third", Column("s", Text,
     index=True), UniqueConstraint("x")), PG, **S)  # fmt: skip
pair("same name in two schemas",
     models(("t", pk()), ("t", pk(), Column("x", Integer), {"schema": "other"})),
     models(("t", pk(), Column("y", Integer, index=True)),
            ("t", pk(), Column("x", BigInteger, index=True), {"schema": "other"})), PG,
     **S)  # fmt: skip
one_way("new schema", MetaData(), models(("t", pk(), {"schema": "fresh"})), PG)
one_way("move to another schema", models(("t", pk(), Column("x", Text, index=True))),
     models(("t", pk(), Column("x", Text, index=True), {"schema": "other"}), ("u", pk())), PG,
     renames=("t=other.t",), **S)  # fmt: skip

# ── awkward names ─────────────────────────────────────────────────────────
AWKWARD = {
    "quote": 'a"b', "dot": "a.b", "case": "MixedCase", "reserved": "order", "space": "a b",
    "unicode": "naïve☃", "percent": "100%", "colon": ":name", "long": LONG, "slash": "a\\b",
    "apostrophe": "it's", "digits": "1st", "brackets": "a(b)", "braces": "{x}", "dollar": "a$b",
}  # fmt: skip
for word, name in AWKWARD.items():
    pair(f"awkward table {word}", MetaData(), models((name, pk(), Column("x", Integer))), PG)
    pair(
        f"awkward parts {word}",
        models(("T t", pk(), Column(name, String(9)), Column("x", Integer))),
        models(("T t", pk(), Column(name, String(12), nullable=False, unique=True),
                Column("x", Integer, comment=name), Index(f"i{name}"[:63], name, "x"),
                UniqueConstraint("x", name=f"u{name}"[:63]))), PG)  # fmt: skip
pair("awkward new column", models(("Sel ect", pk())), models(("Sel ect", pk(),
     *[Column(name, Integer) for name in AWKWARD.values()])), PG)  # fmt: skip
pair("long names of server's choice", models((LONG, pk(), Column(LONG[:-1] + "x", Integer))),
     models((LONG, pk(), Column(LONG[:-1] + "x", Integer, unique=True))), PG)  # fmt: skip
pair("long index name by SQLAlchemy", models(("t" * 40, pk(), Column("c" * 40, Integer))),
     models(("t" * 40, pk(), Column("c" * 40, Integer, index=True))), PG)  # fmt: skip

# ── conventions ───────────────────────────────────────────────────────────
CONVENTION = {"naming_convention": {
    "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s"}}  # fmt: skip


def named(*items: Any, **options: Any) -> MetaData:
    """Return models with a constraint of each kind."""
    metadata = MetaData(**options)
    Table("p", metadata, pk())
    Table(
        "t",
        metadata,
        pk(),
        Column("x", Integer, ForeignKey("p.id"), index=True),
        Column("y", Integer, unique=True),
        CheckConstraint("y > 0", name="positive"),
        *items,
    )
    return metadata


pair("convention in use", models(("p", pk()), **CONVENTION), named(**CONVENTION), PG)
pair("convention new parts", named(**CONVENTION), named(
    Column("b", Boolean(create_constraint=True, name="flag")), UniqueConstraint("x", "y"),
    Column("z", Integer, ForeignKey("t.id")), **CONVENTION), PG)  # fmt: skip
pair("convention adopted", named(), named(**CONVENTION), PG)
