"""PostgreSQL: native enums in every way, domains, sequences."""

from __future__ import annotations

import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    CheckConstraint,
    Column,
    Enum,
    Index,
    Integer,
    MetaData,
    Sequence,
    Table,
    text,
)
from sqlalchemy.dialects import postgresql as pg

from tests.cases.autogenerate.builders import PG, one_way, pair, table


def e(*values: str, name: str = "kind", **options: Any) -> Any:
    """Return an enum type."""
    return Enum(*values, name=name, **options)


def of(*values: str, items: Any = (), **options: Any) -> MetaData:
    """Return models of a table with an enum column `c`."""
    return table(Column("c", e(*values), **options), *items)


A = {"t": [{"id": 1, "c": "a"}, {"id": 2, "c": "b"}]}


def values(name: str, one: Any, two: Any, **options: Any) -> None:
    """Note down values that change, with rows that both have."""
    pair(f"enum {name}", of(*one), of(*two), PG, rows=A, rows_back=A, **options)


values("append", "ab", "abc")
values("append several", "ab", "abcd")
values("prepend", "ab", "xab")
values("insert", "ab", "axb")
values("insert several", "ab", "xaybz")
values("drop last", "abc", "ab")
values("drop first", "xab", "ab")
values("reorder", "abc", "cab")
values("drop and append", "abc", "abd")
values("awkward", ("a", "b"), ("a", "b", "it's", 'say "x"', "per cent %", "☃", "c d", ""))
pair("enum other values", of("a", "b"), of("c", "d"), PG, rows={"t": []}, rows_back={"t": []})
pair("enum under a default", of("a", "b", server_default="a"),
     of("b", "a", "c", server_default="b"), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum new value is the default", of("a", "b", server_default="a"),
     of("a", "b", "c", server_default="c"), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under an index", of("a", "b", items=[Index("ix", "c")]),
     of("b", "a", items=[Index("ix", "c")]), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under a partial index",
     of("a", "b", items=[Index("ix", "id", postgresql_where=text("c = 'a'"))]),
     of("b", "a", items=[Index("ix", "id", postgresql_where=text("c = 'a'"))]), PG,
     rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under a check",
     of("a", "b", items=[CheckConstraint("c <> 'b' OR id > 1", name="k")]),
     of("b", "a", items=[CheckConstraint("c <> 'b' OR id > 1", name="k")]), PG,
     rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under an unnamed check",
     of("a", "b", items=[CheckConstraint("c <> 'b' OR id > 1")]),
     of("b", "a", items=[CheckConstraint("c <> 'b' OR id > 1")]), PG,
     rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under a view", of("a", "b"), of("b", "a"), PG, rows=A, rows_back=A,
     extra_sql=("CREATE VIEW v AS SELECT id, c FROM t WHERE c = 'a'",))  # fmt: skip
pair("enum rebuilt under unique", of("a", "b", unique=True), of("b", "a", unique=True), PG,
     rows=A, rows_back=A)  # fmt: skip
pair("enum rebuilt under a computed column",
     of("a", "b", items=[Column("d", sa.Boolean, sa.Computed("c = 'a'", persisted=True))]),
     of("b", "a", items=[Column("d", sa.Boolean, sa.Computed("c = 'a'", persisted=True))]), PG,
     rows=A, rows_back=A)  # fmt: skip


def shared(*columns: str, values_: str = "ab") -> MetaData:
    """Return models of two tables that share an enum type in some columns."""
    metadata = MetaData()
    kind = Enum(*values_, name="kind", metadata=metadata)
    for name in ("t", "u"):
        items = [Column(c, kind) for place, c in (w.split(".") for w in columns) if place == name]
        Table(name, metadata, Column("id", Integer, primary_key=True), *items)
    return metadata


AB = {"t": [{"id": 1, "c": "a"}], "u": [{"id": 1, "c": "b"}]}
pair("enum shared rebuilt", shared("t.c", "u.c"), shared("t.c", "u.c", values_="ba"), PG, rows=AB,
     rows_back=AB)  # fmt: skip
pair("enum shared append", shared("t.c", "u.c"), shared("t.c", "u.c", values_="abz"), PG, rows=AB,
     rows_back=AB)  # fmt: skip
pair("enum second user", shared("t.c"), shared("t.c", "t.d", "u.c"), PG)
pair("enum array", table(Column("c", pg.ARRAY(e("a", "b")))), table(Column("x", Integer)), PG)
ARR = {"t": [{"id": 1, "c": ["a", "b"]}]}
pair("enum array append", table(Column("c", pg.ARRAY(e("a", "b")))),
     table(Column("c", pg.ARRAY(e("a", "b", "c")))), PG, rows=ARR, rows_back=ARR)  # fmt: skip
pair("enum array rebuilt", table(Column("c", pg.ARRAY(e("a", "b")), server_default=text("'{}'"))),
     table(Column("c", pg.ARRAY(e("b", "a")), server_default=text("'{}'"))), PG, rows=ARR,
     rows_back=ARR)  # fmt: skip
pair("enum to array", table(Column("c", e("a", "b"))), table(Column("c", pg.ARRAY(e("a", "b")))),
     PG, lossy=frozenset({"t"}))  # fmt: skip
pair("enum from text", table(Column("c", sa.Text)), of("a", "b"), PG,
     rows={"t": [{"id": 1, "c": "a"}]})  # fmt: skip
pair("enum from text under a default", table(Column("c", sa.Text, server_default="a")),
     of("a", "b", server_default="b"), PG, rows={"t": [{"id": 1, "c": "a"}]})  # fmt: skip
pair("enum renamed by answer", table(Column("c", e("a", "b"))),
     table(Column("c", e("a", "b", name="sort"))), PG)  # fmt: skip
pair("enum to check", of("a", "b"), table(Column("c", e("a", "b", native_enum=False,
     create_constraint=True, length=5))), PG)  # fmt: skip
pair("enum by check values", table(Column("c", e("a", "b", native_enum=False,
     create_constraint=True, length=5))), table(Column("c", e("a", "b", "z", native_enum=False,
     create_constraint=True, length=5))), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum by length", table(Column("c", e("a", "b", native_enum=False))),
     table(Column("c", e("a", "b", "long", native_enum=False))), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum in a schema", table(Column("c", e("a", "b", schema="other"))),
     table(Column("c", e("a", "b", "c", schema="other"))), PG, schemas=("other",), rows=A,
     rows_back=A)  # fmt: skip
pair("enum in a schema rebuilt", table(Column("c", e("a", "b", schema="other"))),
     table(Column("c", e("b", "a", schema="other"))), PG, schemas=("other",), rows=A,
     rows_back=A)  # fmt: skip
one_way("enum new in a schema", table(), table(Column("c", e("a", "b", schema="other"))), PG,
        schemas=("other",))  # fmt: skip
one_way("enum moves to a schema", table(Column("c", e("a", "b"))),
        table(Column("c", e("a", "b", schema="other"))), PG, schemas=("other",))  # fmt: skip
pair("enum of awkward name", table(), table(Column("c", e("a", "b", name='Kind "of" it\'s'))), PG)
pair("enum of awkward name append", table(Column("c", e("a", "b", name='Kind "of" it\'s'))),
     table(Column("c", e("a", "b", "c", name='Kind "of" it\'s'))), PG, rows=A, rows_back=A)  # fmt: skip
pair("enum of awkward name rebuilt", table(Column('C "c"', e("a", "b", name="Kind % it's"))),
     table(Column('C "c"', e("b", "a", name="Kind % it's"))), PG)  # fmt: skip


class Colour(enum.Enum):
    """Names are what is stored."""

    red = 1
    green = 2


class Colours(enum.Enum):
    """One more."""

    red = 1
    green = 2
    blue = 3


pair("enum of a class", table(Column("c", Enum(Colour, name="colour"))),
     table(Column("c", Enum(Colours, name="colour"))), PG,
     rows={"t": [{"id": 1, "c": Colour.red}]}, rows_back={"t": [{"id": 1, "c": Colours.red}]})  # fmt: skip
pair("enum several at once",
     table(Column("c", e("a", "b")), Column("d", e("p", "q", name="pq"))),
     table(Column("c", e("a", "b", "z")), Column("f", e("m", name="mm"))), PG,
     rows_back={"t": [{"id": 1, "c": "a"}]})  # fmt: skip

# ── domains ───────────────────────────────────────────────────────────────


def domain(type_: Any = Integer, **options: Any) -> Any:
    """Return a domain called amount."""
    return pg.DOMAIN("amount", type_, **options)


def domained(type_: Any) -> MetaData:
    """Return models of a table with a column `c`."""
    return table(Column("c", type_))


pair("domain comes", table(), domained(domain(check="VALUE > 0")), PG)
pair("domain from plain", domained(Integer), domained(domain()), PG)
pair("domain from text", domained(sa.Text), domained(domain(sa.Text, check="VALUE <> ''")), PG)
pair("domain not null", domained(domain()), domained(domain(not_null=True)), PG)
pair("domain default", domained(domain()), domained(domain(default="5")), PG)
pair("domain check", domained(domain(check="VALUE > 0", constraint_name="k")),
     domained(domain(check="VALUE > 1", constraint_name="k")), PG)  # fmt: skip
pair("domain check comes", domained(domain()), domained(domain(check="VALUE > 0",
     constraint_name="k")), PG)  # fmt: skip
pair("domain unnamed check", domained(domain(check="VALUE > 0")),
     domained(domain(check="VALUE > 1")), PG)  # fmt: skip
pair("domain base type", domained(domain(Integer)), domained(domain(sa.BigInteger)), PG)
pair("domain in an array", table(), domained(pg.ARRAY(domain())), PG)

# ── sequences ─────────────────────────────────────────────────────────────


def counting(**options: Any) -> MetaData:
    """Return models with a free sequence."""
    metadata = table(Column("x", Integer))
    Sequence("counter", metadata=metadata, **options)
    return metadata


pair("sequence start", counting(), counting(start=50), PG)
pair("sequence increment", counting(), counting(increment=5), PG)
pair("sequence bounds", counting(), counting(minvalue=-3, maxvalue=300), PG)
pair("sequence down", counting(), counting(increment=-1), PG)
pair("sequence cycle and cache", counting(), counting(cycle=True, cache=8), PG)
pair("sequence type", counting(), counting(data_type=Integer), PG)
pair("sequence all", counting(start=2, increment=2), counting(start=9, increment=9, minvalue=9,
     maxvalue=900, cycle=True, cache=3, data_type=sa.SmallInteger), PG)  # fmt: skip
