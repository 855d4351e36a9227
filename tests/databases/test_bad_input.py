"""Invalid models and databases: the error has one line, and no file is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from limbeck import commands
from limbeck.cli.error_output import block
from limbeck.errors import LimbeckError
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage
from tests.servers import Database


class Odd(TypeEngine[Any]):
    """A type that says nowhere how it is written."""


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(database, tmp_path)
    yield made
    made.engine.dispose()


def models(*columns: sa.Column[Any], names: tuple[str, ...] = ("t",)) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in names:
        key = sa.Column("id", sa.Integer, primary_key=True)
        sa.Table(name, metadata, key, *[column._copy() for column in columns])
    return metadata


def drafted(stage: Stage, new: Any, **options: Any) -> Project:
    project = stage.project(new, {})
    project = Project.from_config(project.config)
    commands.revision(project, commands.RevisionRequest("one", autogenerate=True, **options))
    return project


def refused(stage: Stage, new: Any) -> tuple[str | None, str]:
    """Return the code and words of what stopped a draft; nothing may be written."""
    stage.create(models(), Pair("bad", models(), models()))
    with pytest.raises(LimbeckError) as caught:
        drafted(stage, new)
    assert not list((stage.folder / "project").glob("migrations/versions/*.py"))
    return caught.value.code, caught.value.message


def test_models_without_tables(stage: Stage) -> None:
    assert refused(stage, sa.MetaData()) == (
        "LB447", "The models have no tables: nothing was written",
    )  # fmt: skip


def test_all_tables_are_dropped_if_allow_drops_is_set(stage: Stage) -> None:
    stage.create(models(), Pair("bad", models(), models()))
    project = drafted(stage, sa.MetaData(), allow_drops=True)
    (written,) = project.location.glob("versions/*.py")
    assert 'op.drop_table("t")' in written.read_text("utf-8")


def test_two_tables_with_one_name_are_refused(stage: Stage) -> None:
    code, words = refused(stage, [models(), models()])
    assert code == "LB413"
    assert words == "Several MetaData objects have a table of the same name: t."


def test_names_that_the_database_treats_as_equal_are_refused(stage: Stage) -> None:
    columns = models(sa.Column("Ab", sa.Integer), sa.Column("aB", sa.Integer))
    if stage.kind == "postgresql":
        drafted(stage, columns)
        return
    code, words = refused(stage, columns)
    assert code == "LB413"
    assert words.startswith("Two columns of t, 'Ab' and 'aB', differ only in case")
    if stage.kind == "sqlite":
        _, words = refused(stage, models(names=("Ab", "aB")))
        assert words.startswith("Two tables of the models, 'Ab' and 'aB'")


@pytest.mark.parametrize("type_", [Odd(), sa.types.NullType()], ids=["odd", "none"])
def test_a_type_that_cannot_be_rendered_is_refused(stage: Stage, type_: Any) -> None:
    code, words = refused(stage, models(sa.Column("c", type_)))
    assert code == "LB410"
    assert "cannot be written for this database" in words
    assert "\n" not in words


LOW = f"limbeck_low_{os.getpid()}"
RIGHTS = {
    "postgresql": (
        (f"CREATE ROLE {LOW} LOGIN PASSWORD 'low'", "REVOKE SELECT ON pg_class FROM PUBLIC"),
        # The next test of this process may get the same database.
        ("GRANT SELECT ON pg_class TO PUBLIC", f"DROP ROLE {LOW}"),
    ),
    "mariadb": (
        (
            f"CREATE USER {LOW}@'%%' IDENTIFIED BY 'low'",
            f"GRANT INSERT ON {{name}}.* TO {LOW}@'%%'",
        ),
        (f"DROP USER {LOW}@'%%'",),
    ),
}


def test_a_user_without_access_to_the_catalog_gets_an_error(stage: Stage) -> None:
    if stage.kind not in RIGHTS:
        pytest.skip("has no users")
    stage.create(models(), Pair("bad", models(), models()))
    url = stage.database.url
    first, last = RIGHTS[stage.kind]
    high, low = stage.engine, sa.create_engine(url.set(username=LOW, password="low"))
    try:
        with high.begin() as connection:
            for sql in first:
                connection.exec_driver_sql(sql.format(name=url.database))
        stage.engine = low
        with pytest.raises(sa.exc.DBAPIError) as caught:
            drafted(stage, models(sa.Column("c", sa.Integer)))
    finally:
        low.dispose()
        stage.engine = high
        with high.begin() as connection:
            for sql in last:
                connection.exec_driver_sql(sql)
    message, below = block(caught.value)
    assert message.startswith("The user of the database lacks a privilege: ")
    assert "\n" not in message
    assert len(below) == 1
    assert not list((stage.folder / "project").glob("migrations/versions/*.py"))
