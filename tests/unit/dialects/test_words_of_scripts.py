"""What a script says because it cannot ask the server that it is for."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from limbeck.dialects import find
from limbeck.environment import MigrationContext
from limbeck.operations import Operations


def _script(database: str, *, detect: str) -> str:
    buffer = io.StringIO()
    opts: dict[str, Any] = {"as_sql": True, "output_buffer": buffer, "detect": detect}
    context = MigrationContext.configure(dialect_name=database, opts=opts)
    Operations(context).drop_constraint("c", "t", type_="check")
    return buffer.getvalue().strip()


@pytest.mark.parametrize(
    ("detect", "written"),
    [
        # a URL of MySQL may be MariaDB's, which knows no DROP CHECK
        ("all", "ALTER TABLE t DROP CONSTRAINT c;"),
        ("alembic", "ALTER TABLE t DROP CHECK c;"),
    ],
)
def test_a_check_goes_in_words_that_both_servers_know(detect: str, written: str) -> None:
    assert _script("mysql", detect=detect) == written


class Mood(sa.Enum):
    """A type of somebody else's."""

    __module__ = "app.types"


def test_a_drafted_type_is_created_by_an_operation_and_not_by_its_table() -> None:
    apart: Any = find("postgresql").autogenerate.without_create_type
    plain = apart(sa.Enum("a", "b", name="kind", schema="s"))
    assert isinstance(plain, pg.ENUM)
    assert (plain.name, plain.schema, plain.enums) == ("kind", "s", ["a", "b"])
    assert not plain.create_type
    domain = pg.DOMAIN("d", sa.Integer())
    assert not apart(domain).create_type
    assert domain.create_type


@pytest.mark.parametrize(
    "type_",
    [
        sa.Integer(),
        sa.Enum("a", name="kind", native_enum=False),
        Mood("a", name="kind"),
        pg.ENUM("a", name="kind", create_type=False),
    ],
    ids=str,
)
def test_other_types_stay_as_they_are(type_: Any) -> None:
    apart: Any = find("postgresql").autogenerate.without_create_type
    assert apart(type_) is type_
