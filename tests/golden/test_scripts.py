"""Whole scripts that upgrade and downgrade write with `--sql`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compat.script_cases import ALL, CASES
from tests.golden.cases import OF_LIMBECK
from tests.golden.models import ANSWERS
from tests.golden.project import GoldenProject

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("dialect", sorted(ALL))
def test_scripts_of_written_revisions(dialect: str, golden: Golden, tmp_path: Path) -> None:
    project = GoldenProject(tmp_path, "limbeck", dialect).create()
    cases = [case for case in (*CASES, *OF_LIMBECK) if dialect in case.on]
    down = None
    for case in cases:
        project.write(case.name, down, case.up, case.down)
        down = case.name
    golden(f"scripts/written_{dialect}_upgrade.sql", project.script("upgrade", "head"))
    golden(f"scripts/written_{dialect}_downgrade.sql", project.script("downgrade", f"{down}:base"))


# SQLite's second release rebuilds tables, which a script cannot do
@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mariadb", "mssql", "oracle"])
def test_scripts_of_drafts(dialect: str, golden: Golden, tmp_path: Path) -> None:
    project = GoldenProject(tmp_path, "limbeck", dialect).create()
    project.draft("0001", "first", "--offline")
    project.draft("0002", "second", "--offline", *ANSWERS)
    folder = f"scripts/draft_{dialect}"
    golden(f"{folder}_upgrade.sql", project.script("upgrade", "head"))
    golden(f"{folder}_downgrade.sql", project.script("downgrade", "0002:base"))
