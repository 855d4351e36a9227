"""Implementations of other packages are used in autogenerate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from limbeck import compat
from limbeck.autogenerate import compare_metadata
from limbeck.compat.ddl.impl import DefaultImpl, _impls
from limbeck.environment import MigrationContext

NAME = "brought"


class BroughtDialect(SQLiteDialect_pysqlite):
    name = NAME
    supports_statement_cache = True


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    compat.install()
    sa.dialects.registry.register(NAME, __name__, "BroughtDialect")
    engine = sa.create_engine(f"{NAME}://", poolclass=sa.StaticPool)
    yield engine
    engine.dispose()
    _impls.pop(NAME, None)


def compared(engine: sa.Engine, have: sa.MetaData, want: sa.MetaData, **opts: Any) -> list[Any]:
    with engine.begin() as connection:
        have.create_all(connection)
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, want))


def models(*items: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    copies = [item._copy() if isinstance(item, sa.Column) else item for item in items]
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), *copies)
    return metadata


def test_an_unknown_database_is_read_by_its_sqlalchemy_dialect(engine: sa.Engine) -> None:
    class Brought(DefaultImpl):
        __dialect__ = NAME

    old = models(sa.Column("a", sa.Integer), sa.Column("b", sa.String(5)))
    new = models(sa.Column("a", sa.String(9)), sa.UniqueConstraint("a", name="uq_a"))
    found = compared(engine, old, new)
    flat = [change for group in found for change in (group if isinstance(group, list) else [group])]
    assert sorted(change[0] for change in flat) == [
        "add_constraint",
        "modify_type",
        "remove_column",
    ]
    assert compared(engine, sa.MetaData(), old) == []


def test_the_type_comparison_of_an_implementation_is_used(engine: sa.Engine) -> None:
    class Brought(DefaultImpl):
        __dialect__ = NAME
        seen: ClassVar[list[str]] = []

        def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool:
            self.seen.append(metadata_column.name)
            return False

    old, new = models(sa.Column("a", sa.Integer)), models(sa.Column("a", sa.String(9)))
    assert compared(engine, old, new) == []
    assert "a" in Brought.seen


def test_synonyms_of_a_type_are_equal(engine: sa.Engine) -> None:
    class Brought(DefaultImpl):
        __dialect__ = NAME
        type_synonyms = ({"INTEGER", "SMALLINT"},)

    old, new = models(sa.Column("a", sa.Integer)), models(sa.Column("a", sa.SmallInteger))
    assert compared(engine, old, new) == []
    other = models(sa.Column("a", sa.Text))
    assert compared(engine, sa.MetaData(), other) != []


def test_an_implementation_can_exclude_constraints_from_comparison(engine: sa.Engine) -> None:
    class Brought(DefaultImpl):
        __dialect__ = NAME

        def correct_for_autogen_constraints(
            self,
            conn_uniques: set[Any],
            conn_indexes: set[Any],
            metadata_unique_constraints: set[Any],
            metadata_indexes: set[Any],
        ) -> None:
            for index in list(metadata_indexes):
                if index.name == "ix_mine":
                    metadata_indexes.remove(index)

    column = sa.Column("a", sa.Integer)
    new = models(column, sa.Index("ix_mine", "a"), sa.Index("ix_yours", "a"))
    found = compared(engine, models(column), new)
    assert [(word, index.name) for word, index in found] == [("add_index", "ix_yours")]


def test_an_implementation_can_change_reflected_columns(engine: sa.Engine) -> None:
    class Brought(DefaultImpl):
        __dialect__ = NAME

        def autogen_column_reflect(self, inspector: Any, table: Any, column_info: Any) -> None:
            if column_info["name"] == "a":
                column_info["type"] = sa.String(len(table.name))

    column = sa.Column("a", sa.Integer)
    ((change,),) = compared(engine, models(column), models(column))
    assert change[0] == "modify_type"
    assert change[-2].length == len("t")


def test_kinds_that_a_dialect_does_not_reflect_are_not_compared(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.engine import default, interfaces

    class Brought(DefaultImpl):
        __dialect__ = NAME

    monkeypatch.setattr(
        BroughtDialect,
        "get_unique_constraints",
        interfaces.Dialect.get_unique_constraints,
        raising=False,
    )
    monkeypatch.setattr(
        BroughtDialect,
        "get_multi_unique_constraints",
        default.DefaultDialect.get_multi_unique_constraints,
        raising=False,
    )
    column = sa.Column("a", sa.Integer)
    new = models(column, sa.UniqueConstraint("a", name="uq_a"))
    assert compared(engine, models(column), new) == []
