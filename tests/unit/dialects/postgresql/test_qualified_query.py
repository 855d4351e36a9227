"""Which types are compared by operators of the server, whatever the search path finds."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from limbeck.dialects import query_sql
from limbeck.dialects.postgresql.qualified_query import has_server_operators


class OfExtension(sa.types.UserDefinedType[str]):
    """A type that SQLAlchemy does not know."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the name of the type."""
        return "ltree"


class Decorated(sa.TypeDecorator[str]):
    """A type of a project, stored as another one."""

    impl = postgresql.CITEXT
    cache_ok = True


OWN = [
    OfExtension(),
    Decorated(),
    postgresql.CITEXT(),
    postgresql.HSTORE(),
    postgresql.DOMAIN("mail", postgresql.CITEXT()),
    sa.types.NullType(),
]
OF_SERVER = [
    sa.Integer(),
    sa.String(5),
    sa.Uuid(),
    postgresql.INET(),
    postgresql.ENUM("a", name="kind"),
    postgresql.DOMAIN("positive", sa.Integer()),
]


@pytest.mark.parametrize("type_", OWN, ids=lambda one: type(one).__name__)
def test_types_with_operators_of_their_own(type_: TypeEngine[object]) -> None:
    assert not has_server_operators(type_)


@pytest.mark.parametrize("type_", OF_SERVER, ids=lambda one: type(one).__name__)
def test_types_of_the_server(type_: TypeEngine[object]) -> None:
    assert has_server_operators(type_)


def test_a_query_qualifies_only_operators_of_the_server() -> None:
    number, path = sa.column("n", sa.Integer), sa.column("p", OfExtension())
    query = sa.select(sa.literal_column("1")).where(
        number == sa.column("m"), path == sa.column("q")
    )
    text = query_sql(query, postgresql.dialect())
    assert "(n OPERATOR(pg_catalog.=) m)" in text
    assert "p = q" in text
