"""Values become SQLAlchemy objects, and reading those gives the values back."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Domain,
    Enum,
    Expr,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
    extras,
    table_key,
)
from limbeck.sqlalchemy_io import Writer, read

PG, MY, LITE = postgresql.dialect(), mysql.dialect(), sqlite.dialect()
MOOD = Enum(Key("enum", (None, "mood")), ("sad", "glad"))
EMAIL = Domain(Key("domain", (None, "email")), Type("text"), nullable=False)


@pytest.mark.parametrize(
    ("dialect", "written", "expected"),
    [
        (PG, "character varying(50)", "VARCHAR(length=50)"),
        (PG, "numeric(10,2)", "NUMERIC(precision=10, scale=2)"),
        (PG, "timestamp(3) with time zone", "TIMESTAMP(timezone=True, precision=3)"),
        (PG, "integer[]", "ARRAY(INTEGER())"),
        (PG, "bit varying(4)", "BIT(length=4, varying=True)"),
        (PG, "interval day to second", "INTERVAL(fields='day to second')"),
        (PG, "jsonb", "JSONB(astext_type=Text())"),
        (MY, "int unsigned", "INTEGER(unsigned=True)"),
        (MY, "datetime(6)", "DATETIME(fsp=6)"),
        (MY, "enum('a','it''s')", "ENUM('a', \"it's\")"),
        (MY, "varchar(20) collate utf8mb4_bin", "VARCHAR(collation='utf8mb4_bin', length=20)"),
        (LITE, "varchar(5)", "VARCHAR(length=5)"),
        (LITE, "integer", "INTEGER()"),
    ],
)
def test_types_are_those_of_reflection(dialect, written, expected):
    assert repr(Writer(Catalog.of([]), dialect).type(Type.parse(written))) == expected


def test_an_enum_is_not_created_with_a_table():
    writer = Writer(Catalog.of([MOOD]), PG)
    made = writer.type(Type("mood", ref=MOOD.key))
    assert isinstance(made, postgresql.ENUM)
    assert (made.enums, made.name, made.create_type) == (["sad", "glad"], "mood", False)


def test_a_domain_keeps_its_base():
    made = Writer(Catalog.of([EMAIL]), PG).type(Type("email", ref=EMAIL.key))
    assert isinstance(made, postgresql.DOMAIN)
    assert made.not_null
    assert not made.create_type


def test_written_objects_are_read_back_as_equal_values():
    other = Table(
        table_key("other", "s"),
        (Column("id", Type("integer"), nullable=False),),
        PrimaryKey(("id",), "other_pkey"),
    )
    table = Table(
        table_key("t"),
        (
            Column("id", Type("integer"), nullable=False, extras=extras(serial=True)),
            Column("a", Type("varchar", ("50",)), default=Expr("'x'::text"), comment="it's"),
            Column("b", Type("bigint"), nullable=False, default=Identity(always=True, start=5)),
            Column("c", Type("integer"), default=Computed(Expr("id + 1"))),
            Column("m", Type("mood", ref=MOOD.key)),
        ),
        PrimaryKey(("id",), "t_pkey"),
        (Unique(("a",), "uq", extras(deferrable=True, initially="deferred")),),
        (Check(Expr("a <> ':x'"), "ck"),),
        (ForeignKey(("id",), other.key, ("id",), "fk", on_delete="CASCADE"),),
        (),
        (
            Index(
                "ix",
                (IndexElement("a", descending=True, opclass=None), IndexElement(expr=Expr("lower(a)"))),
                unique=True,
                where=Expr("id > 3"),
                method="gist",
                include=("id",),
                extras=extras(**{"with.fillfactor": "70"}),
            ),
        ),
        "words",
        extras(unlogged=True),
        frozenset({MOOD.key}),
    )  # fmt: skip
    catalog = Catalog.of([MOOD, other, table])
    writer = Writer(catalog, PG)
    for key in (other.key, table.key):
        writer.table(key)
    assert writer.table(table.key) is writer.table(table.key)
    again = read(writer.metadata, PG)
    assert again.catalog.table("t") == table
    assert again.catalog.table("other", "s") == other
    assert again.borrowed == {MOOD.key}
    assert isinstance(again.origins[table.key], sa.Table)
