"""Views that the models do not declare, and columns that they use."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), {columns})
"""
SETTINGS = """
[tool.limbeck]
script_location = "migs"
url = "{url}"
metadata = "models:metadata"
"""
WIDE = "sa.Column('a', sa.Integer), sa.Column('b', sa.Integer)"


@pytest.mark.parametrize("column", ["a", "b"])
def test_an_undeclared_view_of_a_dropped_column_is_kept_and_reported(
    postgresql: Database, tmp_path: Path, column: str
) -> None:
    project = cli_project(tmp_path, postgresql)
    (project.folder / "pyproject.toml").write_text(SETTINGS.format(url=postgresql.address), "utf-8")
    for name in ("alembic.ini", "migs/env.py"):
        (project.folder / name).unlink(missing_ok=True)
    project.write(
        "a1",
        f"op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), {WIDE})\n"
        "op.execute('CREATE VIEW v AS SELECT id, a FROM t')",
    )
    project.check_output("upgrade")
    kept = next(one for one in WIDE.split("), ") if f"'{column}'" not in one).rstrip(")") + ")"
    (project.folder / "models.py").write_text(MODELS.format(columns=kept), "utf-8")
    done = project.run("revision", "--autogenerate", "-m", "narrow")
    assert done.code == 0, done.text
    (draft,) = project.versions.glob("*narrow*")
    text = draft.read_text("utf-8")
    assert "VIEW" not in text
    assert f'op.drop_column("t", "{column}")' in text
    warning = "view v uses t.a, which this draft drops"
    assert (warning in done.text, warning in text) == (column == "a", column == "a")
    upgraded = project.run("upgrade")
    assert (upgraded.code == 0) == (column == "b"), upgraded.text
    if column == "a":
        assert "depend" in upgraded.text
