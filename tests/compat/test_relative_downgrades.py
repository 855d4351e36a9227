"""`downgrade -N` at several heads and with dependencies, compared with Alembic."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import cli_project
from tests.compat import side_by_side
from tests.servers import Database

ENV = """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine("sqlite:///here.sqlite")
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
revision, down_revision, depends_on = {!r}, {!r}, {!r}

def upgrade(): pass

def downgrade(): print("down", revision)
"""
HISTORIES: dict[str, list[tuple[object, ...]]] = {
    "two heads": [("a1", None, None), ("b1", "a1", None), ("b2", "a1", None)],
    "a longer one": [("a1", None, None), ("b1", "a1", None), ("b2", "a1", None), ("c2", "b2", None)],
    "two bases": [("a1", None, None), ("z1", None, None), ("z2", "z1", None)],
    "a dependency": [("a1", None, None), ("z1", None, "a1"), ("z2", "z1", None)],
}  # fmt: skip


@pytest.mark.parametrize("steps", ["-1", "-2", "-9"])
@pytest.mark.parametrize("history", sorted(HISTORIES))
def test_relative_downgrades_equal_those_of_alembic(
    history: str, steps: str, tmp_path: Path
) -> None:
    ended = []
    for side in ("alembic", "limbeck"):
        folder = tmp_path / side
        files = {"alembic.ini": "[alembic]\nscript_location = migs\n", "migs/env.py": ENV}
        for one in HISTORIES[history]:
            files[f"migs/versions/{one[0]}.py"] = REVISION.format(*one)
        side_by_side.write(folder, files)
        # the order of the version rows decides which head is meant
        assert side_by_side.run("alembic", folder, "upgrade", "heads").code == 0
        done = side_by_side.run(side, folder, "downgrade", steps)
        now = side_by_side.run("alembic", folder, "current")
        down = [line for line in done.out.splitlines() if line.startswith("down")]
        ended.append((done.code != 0, down, sorted(now.out.splitlines())))
    assert ended[0] == ended[1]


def test_a_native_project_names_the_branch(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, settings="detect='all'")
    project.write("a1")
    project.write("b1", down="a1")
    project.write("b2", down="a1")
    project.check_output("upgrade", "heads")
    done = project.run("downgrade", "-1")
    assert done.code == 255
    assert "downgrade -1 from multiple heads is ambiguous" in done.out
    project.check_output("downgrade", "b1@-1")
    assert project.check_output("heads").split() == ["b1", "(head)", "b2", "(head)"]
    assert project.check_output("current") == "b2 (head)\n"
