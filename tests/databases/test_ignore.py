"""Objects of other applications in the database, ignored by patterns in the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import commands
from limbeck.errors import LimbeckError
from limbeck.project import Project
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage
from tests.servers import Database


def tables(*names: str) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in names:
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


@pytest.fixture
def stage(database: Database, tmp_path: Path) -> Any:
    made = Stage(database, tmp_path)
    there = tables("mine", "legacy_a", "legacy_b", "other")
    made.create(there, Pair("there", there, there))
    yield made
    made.engine.dispose()


def words(stage: Stage, models: sa.MetaData, **options: str) -> tuple[str, ...]:
    project = stage.project(models, {})
    for name, value in options.items():
        project.config.set_main_option(name, value)
    return commands.check(Project.from_config(project.config)).differences


@pytest.mark.parametrize("detect", ["all", "alembic"])
def test_what_matches_is_as_if_it_was_not_there(stage: Stage, detect: str) -> None:
    mine = tables("mine")
    assert len(words(stage, mine, detect=detect)) == 3
    left = words(stage, mine, detect=detect, ignore="legacy_* view:oth*")
    assert left == ("drop table other",)
    assert words(stage, mine, detect=detect, ignore="legacy_? table:oth*") == ()


def test_what_the_models_have_is_never_ignored(stage: Stage) -> None:
    models = tables("mine", "legacy_c")
    sa.Table("legacy_a", models, sa.Column("id", sa.Integer, primary_key=True), comment=None)
    models.tables["legacy_a"].append_column(sa.Column("more", sa.Integer))
    found = words(stage, models, ignore="legacy_* other")
    assert found == ("add table legacy_c", "add column legacy_a.more")


def test_an_invalid_pattern_list_is_refused(stage: Stage) -> None:
    project = stage.project(tables("mine"), {})
    broken = Project.from_config(project.config)
    object.__setattr__(broken, "option", lambda name, default=None: 3 if name == "ignore" else None)
    with pytest.raises(LimbeckError, match="ignore is 3"):
        commands.check(broken)
