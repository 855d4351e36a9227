"""Reflected objects of a database without a dialect of limbeck, compared with the written ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import DDLCompiler

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Enum,
    Expr,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Sequence,
    Table,
    Type,
    Unique,
)
from limbeck.dialects import find
from limbeck.dialects.inspector_normalize import as_inspected
from limbeck.dialects.inspector_reflection import enum_text

KEY = Key("table", (None, "t"))
ID = Column("id", Type("INTEGER"), nullable=False)


def table(*columns: Column, **parts: Any) -> Table:
    return Table(KEY, (ID, *columns), PrimaryKey(("id",)), **parts)


def compared(have: Table, want: Table, *named: Any) -> tuple[Table, Table]:
    old, new = as_inspected(Catalog.of([have]), Catalog.of([want, *named]), None)
    one, two = old.get(KEY), new.get(KEY)
    assert isinstance(one, Table)
    assert isinstance(two, Table)
    return one, two


@pytest.mark.parametrize(
    ("shown", "written", "is_same"),
    [
        (Type("VARCHAR"), Type("varchar", ("20",)), True),
        (Type("VARCHAR"), Type("TEXT"), True),
        (Type("DOUBLE"), Type("DOUBLE PRECISION"), True),
        (Type("blob sub_type text segment size 80", extras=(("charset", "UTF8"),)),
         Type("blob sub_type text"), True),
        (Type("varchar", ("20",), extras=(("charset", "UTF8"),)), Type("varchar", ("20",)), True),
        (Type("NUMERIC", ("8", "2")), Type("NUMERIC", ("9", "2")), False),
        (Type("VARCHAR"), Type("INTEGER"), False),
        (Type("varchar", ("20",)), Type("varchar", ("20",), collation="nocase"), False),
    ],
)  # fmt: skip
def test_types(shown: Type, written: Type, is_same: bool) -> None:
    have, want = compared(table(Column("c", shown)), table(Column("c", written)))
    assert (have == want) is is_same


def test_an_enum_that_is_shown_without_its_name_is_compared_by_its_values() -> None:
    key = Key("enum", (None, "colour"))
    wanted = table(Column("c", Type("colour", ref=key)))
    shown = table(Column("c", Type.parse(enum_text(["red", "it's"]), keep_quotes=True)))
    have, want = compared(shown, wanted, Enum(key, ("red", "it's")))
    assert have == want
    have, want = compared(shown, wanted, Enum(key, ("red", "blue")))
    assert have != want


@pytest.mark.parametrize(
    "shown",
    [Identity(start=1, increment=1), Expr("nextval('t_id_seq')"), Expr("NEXT VALUE FOR s")],
)
def test_the_numbering_of_a_primary_key_is_no_default(shown: Identity | Expr) -> None:
    numbered = replace(table(), columns=(replace(ID, default=shown),))
    have, want = compared(numbered, table())
    assert have == want
    have, want = compared(table(Column("c", Type("INTEGER"), default=shown)), table(
        Column("c", Type("INTEGER"))))  # fmt: skip
    assert have != want


def test_an_identity_is_shown_with_its_values() -> None:
    numbered = replace(table(), columns=(replace(ID, default=Identity(start=1, increment=1)),))
    for given, is_same in ((Identity(), True), (Identity(start=5), False)):
        have, want = compared(
            numbered, replace(table(), columns=(replace(ID, default=given),))
        )  # fmt: skip
        assert (have == want) is is_same


def test_a_constraint_may_be_shown_with_a_name_of_the_database() -> None:
    other = Key("table", (None, "o"))
    columns = (Column("x", Type("INTEGER")), Column("y", Type("INTEGER")))
    shown = table(
        *columns,
        uniques=(Unique(("x",), "t_x_key"), Unique(("y",), "gone")),
        checks=(Check(Expr('("x" > 0)'), "t_x_check"),),
        foreign_keys=(ForeignKey(("x",), other, ("id",), "t_x_id_fkey"),),
    )
    wanted = table(
        *columns,
        uniques=(Unique(("x",), "uq_x"), Unique(("x", "y"), "uq_xy")),
        checks=(Check(Expr("x > 0"), "ck_x"),),
        foreign_keys=(ForeignKey(("x",), other, ("id",), "fk_x"),),
    )
    have, want = compared(shown, wanted)
    assert have.checks == want.checks
    assert have.foreign_keys == want.foreign_keys
    assert have.uniques == (Unique(("x",), "uq_x"), Unique(("y",), "gone"))


def test_the_index_of_a_unique_constraint_is_no_index() -> None:
    element = IndexElement("x")
    columns = (Column("x", Type("INTEGER")),)
    shown = table(
        *columns,
        uniques=(Unique(("x",), "u"),),
        indexes=(Index("rdb$3", (element,), unique=True), Index("ix", (element,))),
    )
    have, _ = compared(shown, table(*columns, uniques=(Unique(("x",), "u"),)))
    assert [one.name for one in have.indexes] == ["ix"]


def test_only_the_existence_of_a_sequence_is_compared() -> None:
    one, two, three = (Key("sequence", (None, name)) for name in ("one", "two", "three"))
    shown = Catalog.of([Sequence(one), Sequence(three)])
    have, want = as_inspected(shown, Catalog.of([Sequence(one, start=9), Sequence(two)]), None)
    assert have.get(one) == want.get(one)
    assert two not in have
    assert three not in have


class _Compiler(DDLCompiler):
    def visit_foreign_key_constraint(self, constraint: Any, **kw: Any) -> str:
        return ""

    def visit_unique_constraint(self, constraint: Any, **kw: Any) -> str:
        return ""


class _Dialect(DefaultDialect):
    ddl_compiler = _Compiler


def test_constraints_that_the_dialect_does_not_write_are_not_expected() -> None:
    wanted = table(
        Column("x", Type("INTEGER")),
        uniques=(Unique(("x",), "u"),),
        checks=(Check(Expr("x > 0"), "c"),),
        foreign_keys=(ForeignKey(("x",), KEY, ("id",), "f"),),
    )

    class Connection:
        dialect = _Dialect()

    connection: Any = Connection()
    _, want = as_inspected(Catalog.of([]), Catalog.of([wanted]), connection)
    found = want.get(KEY)
    assert isinstance(found, Table)
    assert (found.uniques, found.foreign_keys) == ((), ())
    assert found.checks == wanted.checks


def test_databases_without_a_dialect_of_limbeck_use_the_inspector() -> None:
    assert find("duckdb").normalize is as_inspected
    assert find(sa.create_engine("sqlite://").dialect.name).normalize is not as_inspected
