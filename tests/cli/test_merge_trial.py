"""`merge` tries both orders of the lines on scratch databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

BASE = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
ADD = 'op.add_column("t", sa.Column("{}", sa.{}))'


def _lines(project: CliProject, one: str, other: str) -> CliProject:
    project.environment["LIMBECK_VERIFY"] = "on"
    project.write("a1", BASE)
    project.write("b2", one, down="a1")
    project.write("c3", other, down="a1")
    return project


def test_branches_that_commute_are_merged(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _lines(project, ADD.format("x", "Integer"), ADD.format("y", "Integer"))
    out = project.check_output("merge", "heads", "-m", "both", "--rev-id", "d4")
    assert "Both orders produce the same schema on " in out
    assert project.check_output("heads") == "d4 (head)\n"


def test_a_branch_that_fails_after_the_other_is_reported(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _lines(project, ADD.format("x", "Integer"), ADD.format("x", "String(9)"))
    done = project.run("merge", "heads", "--rev-id", "d4")
    assert done.code == 255
    assert "fails after the other branch" in done.out
    assert "b2_.py" in done.out
    assert "c3_.py" in done.out
    assert not list(project.versions.glob("d4*"))
    project.check_output("merge", "heads", "--rev-id", "d4", "--no-verify")
    assert list(project.versions.glob("d4*"))


CREATE = """
if not sa.inspect(op.get_bind()).has_table("u"):
    op.create_table("u", sa.Column("id", sa.{}))
"""


def test_the_schema_depends_on_the_order(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}")
    _lines(project, CREATE.format("Integer"), CREATE.format("String(9)"))
    done = project.run("merge", "heads", "--rev-id", "d4")
    assert done.code == 255
    assert "the column u.id depends on the order of the branches" in done.out
    assert "b2_.py" in done.out


def test_no_server(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    _lines(project, "pass", "pass")
    out = project.check_output("merge", "heads", "--rev-id", "d4")
    assert "The orders were not compared: No scratch database can be made" in out


@pytest.mark.parametrize("is_asked", [False, True])
def test_projects_of_alembic(tmp_path: Path, *, is_asked: bool) -> None:
    project = CliProject(
        tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}", extra="detect = alembic"
    )
    _lines(project, ADD.format("x", "Integer"), ADD.format("x", "String(9)"))
    done = project.run("merge", "heads", "--rev-id", "d4", *(["--verify"] if is_asked else []))
    assert done.code == (255 if is_asked else 0), done.text
