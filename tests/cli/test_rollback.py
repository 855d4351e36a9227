"""A release with older files downgrades the database with one command."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

TABLE = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
GONE = 'op.drop_table("{0}")'


def _project(tmp_path: Path, database: Database, detect: str) -> CliProject:
    project = cli_project(tmp_path, database, extra=f"detect = {detect}\njournal = keep")
    below: str | None = None
    for id_ in ("a1", "b2", "c3"):
        project.write(id_, TABLE.format(id_), down=below, downgrade=GONE.format(id_))
        below = id_
    return project


def _tables(database: Database) -> set[str]:
    engine = sa.create_engine(database.address)
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found & {"a1", "b2", "c3", "d4"}


@pytest.mark.parametrize("detect", ["all", "alembic"])
def test_one_command_downgrades_to_the_older_files(
    database: Database, tmp_path: Path, detect: str
) -> None:
    project = _project(tmp_path, database, detect)
    project.check_output("upgrade", "head")
    for name in ("b2_.py", "c3_.py"):
        (project.versions / name).unlink()
    # the older release has another revision
    project.write("d4", TABLE.format("d4"), down="a1", downgrade=GONE.format("d4"))
    refused = project.run("upgrade", "head")
    assert (refused.code, "The database has it: it was applied on" in refused.out) == (255, True)
    done = project.run("upgrade", "head", "--allow-downgrade")
    assert done.code == 0, done.text
    assert done.err.index("c3 -> b2") < done.err.index("b2 -> a1") < done.err.index("a1 -> d4")
    assert _tables(database) == {"a1", "d4"}
    assert project.check_output("current") == "d4 (head)\n"
    assert project.check_output("upgrade", "head", "--allow-downgrade") == ""


def test_without_the_journal(tmp_path: Path) -> None:
    project = CliProject(
        tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}", extra="journal = off"
    )
    project.write("a1")
    project.write("b2", down="a1")
    project.check_output("upgrade", "head")
    (project.versions / "b2_.py").unlink()
    done = project.run("upgrade", "head", "--allow-downgrade")
    assert done.code == 255
    assert "its journal does not have the source" in done.out
    assert "only with `journal = keep`" in done.err


def test_a_squash_of_newer_files_runs_nothing(tmp_path: Path) -> None:
    project = CliProject(
        tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}", extra="journal = keep"
    )
    project.write("a1", TABLE.format("a1"), downgrade=GONE.format("a1"))
    project.write("b2", TABLE.format("b2"), down="a1", downgrade=GONE.format("b2"))
    project.check_output("squash", "a1:b2", "--rev-id", "s9")
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "s9 (head)\n"
    next(project.versions.glob("s9_*.py")).unlink()
    done = project.run("upgrade", "head", "--allow-downgrade")
    assert done.code == 0, done.text
    assert "Running downgrade" not in done.err
    assert project.check_output("current") == "b2 (head)\n"
