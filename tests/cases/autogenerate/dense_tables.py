"""One change at a time to tables that have something of each kind, so that all of it is in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    func,
)

from tests.cases.autogenerate.builders import ALL, MARIA, PG, SERVERS, pair

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Dress:
    """The values of the models; each field can be overridden.

    Args:
        overrides: fields that differ from the defaults of this class.
    """

    key: Any = Integer
    code: Any = String(20)
    code_null = False
    code_default: Any = "x"
    code_name = "code"
    amount: Any = Numeric(8, 2)
    amount_null = True
    amount_default: Any = None
    ref_null = True
    ref_action: str | None = None
    ref_index = True
    name = "thing"
    has_code = True
    has_amount = True
    has_ref = True
    has_unique = True
    has_check = True
    has_child = True
    check_text = "amount > 0"
    unique_columns: tuple[str, ...] = ("code", "tenant")
    index_columns: tuple[str, ...] = ("tenant", "amount")
    index_unique = False
    more: Callable[[], tuple[Any, ...]] = tuple
    comment: str | None = None

    def __init__(self, **overrides: Any) -> None:
        self.__dict__.update(overrides)

    def models(self, convention: dict[str, str] | None = None) -> MetaData:
        """Return the models."""
        m = MetaData(naming_convention=convention)
        Table("parent", m, Column("id", self.key, primary_key=True), Column("name", String(10)))
        columns: list[Any] = [Column("id", self.key, primary_key=True),
                              Column("tenant", Integer, nullable=False)]  # fmt: skip
        if self.has_code:
            columns.append(Column(self.code_name, self.code, nullable=self.code_null,
                                  server_default=self.code_default, index=True))  # fmt: skip
        if self.has_amount:
            columns.append(Column("amount", self.amount, nullable=self.amount_null,
                                  server_default=self.amount_default))  # fmt: skip
        if self.has_ref:
            columns.append(Column("parent_id", self.key, ForeignKey(
                "parent.id", ondelete=self.ref_action), nullable=self.ref_null,
                index=self.ref_index))  # fmt: skip
        columns.append(Column("born", DateTime, server_default=func.now()))
        t = Table(self.name, m, *columns, *self.more(), comment=self.comment)
        there = {self.code_name if name == "code" else name for name in self.unique_columns}
        if self.has_unique and there <= set(t.c.keys()):
            unique = [self.code_name if n == "code" else n for n in self.unique_columns]
            t.append_constraint(UniqueConstraint(*unique))
        if self.has_check and self.has_amount:
            t.append_constraint(CheckConstraint(self.check_text, name="positive"))
        if set(self.index_columns) <= set(t.c.keys()):
            Index("ix_many", *(t.c[name] for name in self.index_columns), unique=self.index_unique)
        if self.has_child:
            Table("child", m, Column("id", Integer, primary_key=True),
                  Column("thing_id", self.key, ForeignKey(f"{self.name}.id"), index=True,
                         nullable=False))  # fmt: skip
        return m


def _rows(name: str = "thing", code: str = "code") -> dict[str, Any]:
    return {
        "parent": [{"id": 1, "name": "p"}, {"id": 2, "name": "q"}],
        name: [{"id": 1, "tenant": 1, code: "a", "amount": 5, "parent_id": 1},
               {"id": 2, "tenant": 2, code: "b", "amount": 7, "parent_id": 2}],
        "child": [{"id": 1, "thing_id": 2}],
    }  # fmt: skip


def _fitting(rows: dict[str, Any], models: MetaData) -> dict[str, Any]:
    """Leave out what the models have no place for."""
    return {
        name: [{key: value for key, value in row.items() if key in models.tables[name].c}
               for row in many]
        for name, many in rows.items() if name in models.tables
    }  # fmt: skip


CHANGES: dict[str, dict[str, Any]] = {
    "column with an index and a unique goes": {"has_code": False},
    "column with a check and an index goes": {"has_amount": False},
    "column with a foreign key goes": {"has_ref": False},
    "child goes": {"has_child": False},
    "text grows": {"code": String(60)},
    "text takes null": {"code_null": True, "code_default": None},
    "default changes": {"code_default": "it's %s :y"},
    "number grows": {"amount": Numeric(14, 4)},
    "number gets a default and not null": {"amount_null": False, "amount_default": "0"},
    "number becomes an integer": {"amount": Integer()},
    "foreign key cascades": {"ref_action": "CASCADE"},
    "foreign key is demanded": {"ref_null": False},
    "foreign key loses its index": {"ref_index": False},
    "unique of other columns": {"unique_columns": ("tenant", "code")},
    "unique of one column": {"unique_columns": ("code",)},
    "unique goes": {"has_unique": False},
    "check goes": {"has_check": False},
    "check says something else": {"check_text": "amount >= 0 AND amount < 1000000"},
    "index becomes unique": {"index_unique": True},
    "index of other columns": {"index_columns": ("amount", "tenant")},
    "index begins with the foreign key": {"index_columns": ("parent_id", "tenant")},
    "index begins with it and its own goes": {
        "index_columns": ("parent_id", "tenant"), "ref_index": False},
    "columns come": {"more": lambda: (Column("flag", Boolean, nullable=False, server_default=sa.true()),
                              Column("other_id", Integer, ForeignKey("parent.id"), index=True))},
    "composite foreign key comes": {"more": lambda: (
        Column("a", Integer), Column("b", Integer),
        ForeignKeyConstraint(["a", "b"], ["pair.a", "pair.b"]))},
}  # fmt: skip


def _with_pair(models: MetaData) -> MetaData:
    if any("pair" in str(fk.target_fullname) for t in models.tables.values()
           for fk in t.foreign_keys):  # fmt: skip
        Table("pair", models, Column("a", Integer, primary_key=True, autoincrement=False),
              Column("b", Integer, primary_key=True, autoincrement=False))  # fmt: skip
    return models


def _each(
    title: str, on: frozenset[str], convention: dict[str, str] | None, **options: Any
) -> None:
    for name, overrides in CHANGES.items():
        before = Dress().models(convention)
        after = _with_pair(Dress(**overrides).models(convention))
        pair(f"{title}: {name}", before, after, on, rows=_fitting(_rows(), before),
             rows_back=_fitting(_rows(), after), options=options)  # fmt: skip


_each("dressed", ALL, None)
_each("dressed by a convention", SERVERS, NAMES)
_each("dressed in batches", ALL, NAMES, render_as_batch=True)
for title, overrides, renames in (
    ("dressed: column is renamed", {"code_name": "label"}, ("thing.code=thing.label",)),
    ("dressed: table is renamed", {"name": "item"}, ("thing=item",)),
    ("dressed: table and column are renamed, text grows",
     {"name": "item", "code_name": "label", "code": String(60)},
     ("thing=item", "thing.code=item.label")),
    ("dressed: table is renamed, foreign key changes",
     {"name": "item", "ref_action": "SET NULL"}, ("thing=item",)),
    ("dressed: column is renamed and takes null",
     {"code_name": "label", "code_null": True, "code_default": None},
     ("thing.code=thing.label",)),
):  # fmt: skip
    for words, convention in (("", None), (", by a convention", NAMES)):
        before, after = Dress().models(convention), Dress(**overrides).models(convention)
        pair(title + words, before, after, rows=_rows(), renames=renames,
             rows_back=_rows(overrides.get("name", "thing"), overrides.get("code_name", "code")))  # fmt: skip
pair("dressed: keys widen", Dress().models(), Dress(key=BigInteger).models(), SERVERS, rows=_rows(),
     rows_back=_rows())  # fmt: skip
pair("dressed: keys widen, by a convention", Dress().models(NAMES),
     Dress(key=BigInteger).models(NAMES), SERVERS, rows=_rows(), rows_back=_rows())  # fmt: skip
pair("dressed: a convention is adopted", Dress().models(), Dress().models(NAMES), rows=_rows(),
     rows_back=_rows())  # fmt: skip
pair("dressed: a convention is adopted, and a text grows", Dress().models(),
     Dress(code=String(60), ref_action="CASCADE").models(NAMES), rows=_rows(),
     rows_back=_rows())  # fmt: skip
pair("dressed: all of it goes", Dress().models(NAMES), MetaData(), rows=_rows())
pair("dressed: comments come", Dress().models(), Dress(comment="it's").models(), SERVERS,
     rows=_rows(), rows_back=_rows())  # fmt: skip
pair("dressed: other engine options", Dress().models(), Dress(comment="x", more=lambda: (Column("z", Integer),)).models(NAMES), MARIA, rows=_rows(), rows_back=_rows())  # fmt: skip


def worded(type_: Any) -> MetaData:
    """Return a table whose expressions all speak of one column."""
    m = MetaData()
    t = Table("w", m, Column("id", Integer, primary_key=True), Column("c", type_), Column("n", Integer),
              CheckConstraint("c <> 'x' OR n > 0", name="k"))  # fmt: skip
    Index("ix_plain", t.c.c)
    Index("ix_where", t.c.n, postgresql_where=t.c.c != "x")
    Index("ix_expr", func.lower(t.c.c), t.c.n)
    return m


pair("dressed: text of another kind under expressions", worded(String(20)), worded(sa.Text()), PG)
pair("dressed: text grows under expressions", worded(String(20)), worded(String(30)), PG)
