"""Arguments of types that a database without a dialect of limbeck does not show."""

from __future__ import annotations

import sqlalchemy as sa

from limbeck.catalog import Catalog, Column, Key, Table, Type
from limbeck.dialects import find
from limbeck.dialects.inspector_reflection import without_unread_arguments

KEY = Key("table", (None, "t"))


def catalog(*types: Type) -> Catalog:
    columns = tuple(Column(f"c{place}", type_) for place, type_ in enumerate(types))
    return Catalog.of([Table(KEY, columns)])


def test_an_argument_that_is_not_shown_is_not_compared() -> None:
    have = catalog(Type("VARCHAR"), Type("NUMERIC", ("8", "2")), Type("VARCHAR"))
    want = catalog(Type("varchar", ("20",)), Type("NUMERIC", ("9", "2")), Type("TEXT", ("9",)))
    shown, wanted = without_unread_arguments(have, want, None)
    assert shown is have
    table = wanted.get(KEY)
    assert isinstance(table, Table)
    assert [column.type.args for column in table.columns] == [(), ("9", "2"), ("9",)]


def test_databases_without_a_dialect_of_limbeck_use_it() -> None:
    assert find("duckdb").normalize is without_unread_arguments
    assert find(sa.create_engine("sqlite://").dialect.name).normalize is not None
