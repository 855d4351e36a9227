"""Names that change hands: two tables, and what is named after them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, String, UniqueConstraint

from tests.cases.autogenerate.builders import ALL, models, pair

_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


def two(first: str, second: str) -> MetaData:
    """Return two tables whose parts bear their names."""
    return models(
        (
            first,
            Column("id", Integer, primary_key=True),
            Column("a", Integer),
            UniqueConstraint("a"),
        ),
        (
            second,
            Column("id", Integer, primary_key=True),
            Column("a", Integer),
            Column("b", String(9), index=True),
            Index(None, "a"),
        ),
        naming_convention=_CONVENTION,
    )


pair(
    "two tables swap their names",
    two("users", "orders"),
    two("orders", "users"),
    ALL,
    renames=("users=orders", "orders=users"),
)
pair(
    "a table takes the name of one that goes",
    two("users", "orders"),
    models(
        (
            "orders",
            Column("id", Integer, primary_key=True),
            Column("a", Integer),
            UniqueConstraint("a"),
        ),
        naming_convention=_CONVENTION,
    ),
    ALL,
    renames=("users=orders",),
    lossy=frozenset({"orders"}),
)
