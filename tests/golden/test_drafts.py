"""Whole revision files that autogenerate writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.golden.models import ANSWERS, DIALECTS
from tests.golden.project import GoldenProject
from tests.servers import Database

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("package", ["limbeck", "alembic"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_drafts_without_a_database(
    dialect: str, package: str, golden: Golden, tmp_path: Path
) -> None:
    project = GoldenProject(tmp_path, package, dialect).create()
    folder = f"drafts/offline/{package}_{dialect}"
    golden(f"{folder}_1.py", project.draft("0001", "first", "--offline"))
    # a project of Alembic's knows no renames: it drops and adds
    answers = ANSWERS if package == "limbeck" else ()
    golden(f"{folder}_2.py", project.draft("0002", "second", "--offline", *answers))


@pytest.mark.parametrize("package", ["limbeck", "alembic"])
def test_drafts_on_a_database(
    database: Database, package: str, golden: Golden, tmp_path: Path
) -> None:
    project = GoldenProject(tmp_path, package, database.kind, database.address).create()
    if package == "alembic" and database.kind == "postgresql":
        # Alembic's drafts create no schemas
        with database.engine() as engine, engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA hotel")
    folder = f"drafts/live/{package}_{database.kind}"
    golden(f"{folder}_1.py", project.draft("0001", "first"))
    project.run("first", "upgrade", "head")
    answers = ANSWERS if package == "limbeck" else ()
    golden(f"{folder}_2.py", project.draft("0002", "second", *answers))


def test_drafts_of_rows_and_files(database: Database, golden: Golden, tmp_path: Path) -> None:
    project = GoldenProject(
        tmp_path, "limbeck", database.kind, database.address, models="tests.golden.declared"
    ).create()
    folder = f"drafts/declared/{database.kind}"
    golden(f"{folder}_1.py", project.draft("0001", "first"))
    project.run("first", "upgrade", "head")
    golden(f"{folder}_2.py", project.draft("0002", "second"))
    project.run("second", "upgrade", "head")
    project.run("second", "check")
    project.run("first", "downgrade", "base")
