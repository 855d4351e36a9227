"""Models with many similar columns: each has its own default and key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from limbeck.catalog import Column, Expr, Key, Sequence
from limbeck.sqlalchemy_io import read


def tables(metadata: sa.MetaData, *names: str) -> None:
    for name in names:
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("made", sa.DateTime, server_default=sa.func.now()),
            sa.Column("is_on", sa.Boolean, server_default=sa.text("false")),
        )


def columns(metadata: sa.MetaData, name: str, dialect: sa.Dialect | None = None) -> list[Column]:
    snapshot = read(metadata, dialect or sqlite.dialect())
    table = snapshot.catalog.table(name)
    assert table is not None
    return list(table.columns)


def test_reading_does_not_change_the_models() -> None:
    metadata = sa.MetaData()
    tables(metadata, "a", "b")
    read(metadata, sqlite.dialect())
    second = metadata.tables["b"]
    # SQLAlchemy stores the result of such an attribute with the object
    assert "dialect_options" not in vars(second.c.made)
    assert "dialect_options" not in vars(second.c.is_on)
    assert "comparator" not in vars(second.c.made.server_default.arg)  # type: ignore[union-attr]


def test_functions_with_arguments_and_bound_texts_are_distinguished() -> None:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", sa.Text, server_default=sa.func.lower("A")),
        sa.Column("b", sa.Text, server_default=sa.func.lower("B")),
        sa.Column("c", sa.Text, server_default=sa.text(":word").bindparams(word="C")),
        sa.Column("d", sa.Text, server_default=sa.text(":word").bindparams(word="D")),
        sa.Column("e", sa.Text, server_default=sa.func.one.f()),
        sa.Column("f", sa.Text, server_default=sa.func.two.f()),
    )
    found = [column.default for column in columns(metadata, "t")]
    words = ["lower('A')", "lower('B')", "'C'", "'D'", "one.f()", "two.f()"]
    assert found == [Expr(text) for text in words]


def test_defaults_from_sequences_are_distinguished_and_depend_on_their_sequence() -> None:
    metadata = sa.MetaData()
    for name in "ab":
        numbers = sa.Sequence(f"numbers_{name}", metadata=metadata)
        sa.Table(name, metadata, sa.Column("n", sa.Integer, server_default=numbers.next_value()))
    catalog = read(metadata, postgresql.dialect()).catalog
    for name in "ab":
        table = catalog.table(name)
        assert table is not None
        assert table.columns[0].default == Expr(f"nextval('numbers_{name}')")
        assert table.needs == {Key("sequence", (None, f"numbers_{name}"))}
    assert len([thing for thing in catalog if isinstance(thing, Sequence)]) == 2


def test_primary_keys_with_and_without_autoincrement_are_distinguished() -> None:
    metadata = sa.MetaData()
    key = {"primary_key": True}
    sa.Table("plain", metadata, sa.Column("id", sa.Integer, **key))
    sa.Table("still", metadata, sa.Column("id", sa.Integer, **key, autoincrement=False))
    sa.Table("asked", metadata, sa.Column("id", sa.Integer, **key), sqlite_autoincrement=True)
    sa.Table("again", metadata, sa.Column("id", sa.Integer, **key))
    counting = ("autoincrement", True)
    found = {n: counting in columns(metadata, n)[0].extras for n in metadata.tables}
    assert found == {"plain": False, "still": False, "asked": True, "again": False}
    serial = {
        n: ("serial", True) in columns(metadata, n, postgresql.dialect())[0].extras
        for n in metadata.tables
    }
    assert serial == {"plain": True, "still": False, "asked": True, "again": True}


def test_origins_are_found_by_key() -> None:
    metadata = sa.MetaData()
    tables(metadata, "a", "b")
    origins = read(metadata, sqlite.dialect()).origins
    made = Key("column", (None, "b", "made"))
    assert origins[made] is metadata.tables["b"].c.made
    assert origins.get(Key("column", (None, "b", "none"))) is None
    assert origins.get(Key("column", (None, "none", "made"))) is None
    assert made in list(origins)
    assert len(origins) == len(list(origins)) == len(list(origins.objects()))
    assert origins.collect(lambda one: True if one is metadata.tables["b"].c.made else None) == {
        made: True
    }
