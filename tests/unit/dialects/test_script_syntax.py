"""The SQL of a script, which has to be valid without a connection to its server."""

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
        # a URL of MySQL may be MariaDB's, which does not support DROP CHECK
        ("all", "ALTER TABLE t DROP CONSTRAINT c;"),
        ("alembic", "ALTER TABLE t DROP CHECK c;"),
    ],
)
def test_a_check_is_dropped_with_syntax_of_both_mysql_and_mariadb(
    detect: str, written: str
) -> None:
    assert _script("mysql", detect=detect) == written


class Mood(sa.Enum):
    """A type of an application."""

    __module__ = "app.types"


def test_a_drafted_type_is_created_by_an_operation_and_not_by_its_table() -> None:
    without_create_type: Any = find("postgresql").autogenerate.without_create_type
    plain = without_create_type(sa.Enum("a", "b", name="kind", schema="s"))
    assert isinstance(plain, pg.ENUM)
    assert (plain.name, plain.schema, plain.enums) == ("kind", "s", ["a", "b"])
    assert not plain.create_type
    domain = pg.DOMAIN("d", sa.Integer())
    assert not without_create_type(domain).create_type
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
def test_other_types_are_not_changed(type_: Any) -> None:
    without_create_type: Any = find("postgresql").autogenerate.without_create_type
    assert without_create_type(type_) is type_
