"""`safe = true`: drafts that block others for less time, in a revision for each side of a release."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True), {columns})
"""
SETTINGS = """
[tool.limbeck]
script_location = "migs"
url = "{url}"
metadata = "models:metadata"
safe = {safe}
"""
OLD = "sa.Column('email', sa.String(40)), sa.Column('age', sa.Integer)"
NEW = "sa.Column('email', sa.String(40), index=True), sa.Column('city', sa.String(20))"


def _project(tmp_path: Path, database: Database, *, safe: str = "true") -> CliProject:
    """Return a project with a table that has rows, at its newest revision."""
    project = cli_project(tmp_path, database)
    url = database.url.render_as_string(hide_password=False)
    (project.folder / "pyproject.toml").write_text(SETTINGS.format(url=url, safe=safe), "utf-8")
    for name in ("alembic.ini", "migs/env.py"):
        (project.folder / name).unlink(missing_ok=True)
    project.write(
        "a1",
        "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),"
        f" {OLD})\nop.execute(\"INSERT INTO users VALUES (1, 'a@b', 30)\")",
        downgrade="op.drop_table('users')",
    )
    project.check_output("upgrade")
    return project


def _models(project: CliProject, columns: str) -> None:
    (project.folder / "models.py").write_text(MODELS.format(columns=columns), "utf-8")


def _written(project: CliProject) -> list[str]:
    texts = {
        path.name: path.read_text("utf-8")
        for path in project.versions.glob("*.py")
        if path.name != "a1_.py"
    }
    return [texts[name] for name in sorted(texts, key=lambda name: "after_the" in name)]


def test_a_draft_for_each_side_of_a_release(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    _models(project, NEW)
    done = project.run("revision", "--autogenerate", "-m", "move", timeout=120)
    assert done.code == 0, done.text
    before, after = _written(project)
    assert 'phase = "before"' in before
    assert 'phase = "after"' in after
    assert "drop_column" not in before.partition("def downgrade")[0]
    assert "op.drop_column" in after.partition("def downgrade")[0]
    # the index is built while others write, where the database can do that
    assert ("CONCURRENTLY" in before) == (database.kind == "postgresql")
    found = json.loads(project.run("lint", "a1:head", "--json", timeout=120).out)
    assert not [one for one in found["findings"] if "breaks" in one["dangers"]]
    project.check_output("upgrade", "--phase", "before")
    with database.engine() as engine:
        assert "age" in {one["name"] for one in sa.inspect(engine).get_columns("users")}
    project.check_output("upgrade", "--phase", "after")
    assert project.run("check").code == 0
    project.check_output("downgrade", "a1", "--yes")


def test_a_draft_that_only_drops_runs_after_the_release(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    _models(project, "sa.Column('email', sa.String(40))")
    project.check_output("revision", "--autogenerate", "-m", "move")
    (after,) = _written(project)
    assert 'phase = "after"' in after


def test_rows_are_filled_before_the_column_becomes_not_null(
    sqlite: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, sqlite)
    _models(
        project, f"{OLD.replace('Integer', 'Integer, nullable=False')}, sa.Column('x', sa.Integer)"
    )
    project.check_output("revision", "--autogenerate", "-m", "move", "--fill", "users.age=0")
    before, after = _written(project)
    assert "UPDATE users" not in before
    assert "add_column" in before.partition("def downgrade")[0]
    assert "age = 0" in after
    project.check_output("upgrade")
    assert project.run("check").code == 0


def test_without_the_setting_there_is_one_draft(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, safe="false")
    _models(project, NEW)
    project.check_output("revision", "--autogenerate", "-m", "move")
    (text,) = _written(project)
    assert "phase = " not in text
