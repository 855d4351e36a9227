"""Equal columns are still compared by a comparison function of the project or the type."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

import limbeck.compat
from limbeck.compat.autogenerate import compare_metadata
from limbeck.compat.migration import MigrationContext


class TypeWithComparison(sa.types.TypeDecorator[str]):
    """A type with its own comparison against the database."""

    impl = sa.String
    cache_ok = True

    def compare_against_backend(self, dialect: Any, conn_type: Any) -> bool:
        del dialect
        return conn_type.length != 7


@pytest.mark.parametrize(
    ("type_", "options", "found"),
    [
        (sa.String(7), {}, 0),
        (sa.String(7), {"compare_type": lambda *_: True}, 2),
        (sa.String(7), {"compare_type": lambda *_: None}, 0),
        (sa.String(7), {"compare_server_default": lambda *_: True}, 1),
        (TypeWithComparison(7), {}, 1),
        (TypeWithComparison(8), {}, 0),
    ],
)
def test_equal_columns_are_compared_by_custom_comparison_functions(
    type_: sa.types.TypeEngine[str], options: dict[str, Any], found: int
) -> None:
    limbeck.compat.install()
    metadata = sa.MetaData()
    name = sa.Column("name", type_, server_default="x")
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), name)
    with sa.create_engine("sqlite://", poolclass=sa.NullPool).connect() as connection:
        metadata.create_all(connection)
        opts = {"compare_type": True, **options}
        context = MigrationContext.configure(connection, opts=opts)
        assert len(compare_metadata(context, metadata)) == found
