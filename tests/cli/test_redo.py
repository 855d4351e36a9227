"""`revision --redo` and `--empty`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
t = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True){more})
"""


def _project(project: CliProject) -> CliProject:
    _models(project, "")
    text = project.env_py.read_text("utf-8")
    changed = text.replace(
        "target_metadata = None", "from redo_models import metadata\ntarget_metadata = metadata"
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")
    return project


def _models(project: CliProject, more: str) -> None:
    (project.folder / "redo_models.py").write_text(MODELS.format(more=more), "utf-8")


def _draft(project: CliProject, *words: str) -> str:
    return project.check_output("revision", "--autogenerate", *words)


def test_redo_writes_the_last_draft_again(database: Database, tmp_path: Path) -> None:
    project = _project(cli_project(tmp_path, database, extra="detect = all"))
    _draft(project, "-m", "one", "--rev-id", "a1")
    _models(project, ', sa.Column("x", sa.String(9))')
    project.check_output("revision", "--redo")
    (path,) = project.versions.glob("*.py")
    assert path.name == "a1_one.py"
    assert 'sa.Column("x"' in path.read_text("utf-8").replace("'", '"')
    project.check_output("upgrade", "head")
    done = project.run("revision", "--redo")
    assert (done.code, "a1 is already applied to the database" in done.out) == (255, True)
    project.check_output("downgrade", "base")
    path.write_text(path.read_text("utf-8") + "# by hand\n", "utf-8")
    done = project.run("revision", "--redo")
    assert (done.code, "was edited after it had been drafted" in done.out) == (255, True)
    project.check_output("revision", "--redo", "--force", "-m", "other")
    assert [one.name for one in project.versions.glob("*.py")] == ["a1_other.py"]
    assert project.check_output("heads") == "a1 (head)\n"


def test_revisions_that_cannot_be_redone_are_refused(tmp_path: Path) -> None:
    project = _project(
        CliProject(tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}", extra="detect = all")
    )
    done = project.run("revision", "--redo")
    assert (done.code, "There is no draft" in done.out) == (255, True)
    _draft(project, "--rev-id", "a1")
    project.write("b2", down="a1")
    done = project.run("revision", "--redo")
    assert (done.code, "b2 follows a1, the last draft" in done.out) == (255, True)


@pytest.mark.parametrize("detect", ["all", "alembic"])
def test_a_draft_without_differences_is_written_only_in_projects_of_alembic(
    tmp_path: Path, detect: str
) -> None:
    project = _project(
        CliProject(
            tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}", extra=f"detect = {detect}"
        )
    )
    _draft(project, "--rev-id", "a1")
    project.check_output("upgrade", "head")
    out = _draft(project, "--rev-id", "b2")
    is_written = bool(list(project.versions.glob("b2*")))
    assert is_written == (detect == "alembic")
    assert ("Models and database do not differ: no file was written" in out) != is_written
    if not is_written:
        _draft(project, "--rev-id", "b2", "--empty")
        assert list(project.versions.glob("b2*"))
