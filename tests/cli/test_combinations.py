"""Squashes, snapshots, phases, skipped data migrations and rollbacks, used together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

DROP_X = "with op.batch_alter_table('t') as batch:\n    batch.drop_column('x')"
DROP_N = "with op.batch_alter_table('t') as batch:\n    batch.drop_column('n')"


def _write(project: CliProject, id_: str, setting: str, up: str, down: str, downgrade: str) -> None:
    path = project.write(id_, up, down=down, downgrade=downgrade)
    text = path.read_text("utf-8")
    path.write_text(text.replace("depends_on = None", f"depends_on = None\n{setting}"), "utf-8")


@pytest.fixture
def project(database: Database, tmp_path: Path) -> CliProject:
    """Two migrations of the phase `before`, one of data, two of the phase `after`."""
    project = cli_project(tmp_path, database)
    project.write(
        "a1",
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True),"
        " sa.Column('n', sa.Integer))\nop.execute('INSERT INTO t VALUES (1, 2)')",
        downgrade="op.drop_table('t')",
    )
    column = "op.add_column('t', sa.Column('{}', sa.Integer))"
    _write(project, "b2", 'phase = "before"', column.format("x"), "a1", DROP_X)
    _write(
        project, "c3", 'phase = "before"', column.format("y"), "b2", DROP_X.replace("'x'", "'y'")
    )
    _write(project, "d4", 'kind = "data"', "op.execute('UPDATE t SET x = 7')", "c3", "pass")
    _write(project, "e5", 'phase = "after"', DROP_N, "d4", column.format("n"))
    return project


def _columns(database: Database) -> set[str]:
    with database.engine() as engine:
        return {one["name"] for one in sa.inspect(engine).get_columns("t")}


def _revisions(project: CliProject) -> list[str]:
    (found,) = json.loads(project.check_output("status", "--json"))
    return list(found["revisions"])


def test_a_squash_of_one_phase_keeps_the_phase(project: CliProject, database: Database) -> None:
    done = project.check_output("squash", "b2:c3", "-m", "both")
    assert "different phases" not in done
    (path,) = project.versions.glob("*_both.py")
    assert re.findall(r"^phase = (.*)$", path.read_text("utf-8"), re.MULTILINE) == ['"before"']
    project.check_output("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    project.check_output("upgrade", "head", "--phase", "after")
    assert _columns(database) == {"id", "x", "y"}


def test_a_squash_of_both_phases_warns(project: CliProject, database: Database) -> None:
    project.check_output("upgrade", "c3")
    done = project.check_output("squash", "b2:e5", "-m", "all")
    assert "have different phases, and the new one has none" in done
    (path,) = project.versions.glob("*_all.py")
    assert "phase =" not in path.read_text("utf-8")
    # inside the range the old files and their phases apply
    project.check_output("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    project.check_output("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
    assert project.run("current", "--check-heads").code == 0


def test_an_older_release_downgrades_revisions_after_a_squash(
    project: CliProject, database: Database
) -> None:
    project.check_output("upgrade", "head")
    project.check_output("squash", "b2:e5", "-m", "all")
    project.check_output("upgrade", "head")
    (new,) = _revisions(project)
    project.write(
        "f6", "op.create_table('u', sa.Column('id', sa.Integer))", down=new,
        downgrade="op.drop_table('u')",
    )  # fmt: skip
    project.check_output("upgrade", "head")
    (project.versions / "f6_.py").unlink()
    assert project.run("upgrade", "head").code != 0
    project.check_output("upgrade", "head", "--allow-downgrade", "--yes")
    assert _revisions(project) == [new]
    with database.engine() as engine:
        assert not sa.inspect(engine).has_table("u")


def test_a_release_without_the_squash_downgrades_it(
    project: CliProject, database: Database
) -> None:
    project.check_output("upgrade", "a1")
    old = {path: path.read_bytes() for path in project.versions.glob("*.py")}
    project.check_output("squash", "b2:e5", "-m", "all")
    project.check_output("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
    (path,) = project.versions.glob("*_all.py")
    path.unlink()
    for id_ in ("b2", "c3", "d4", "e5"):
        (project.versions / f"{id_}_.py").unlink()
    project.check_output("upgrade", "head", "--allow-downgrade", "--yes")
    assert _revisions(project) == ["a1"]
    assert _columns(database) == {"id", "n"}
    for path, content in old.items():
        path.write_bytes(content)
    project.check_output("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}


def test_the_snapshot_is_not_used_when_data_migrations_are_skipped(
    project: CliProject, database: Database
) -> None:
    project.check_output("snapshot")
    done = project.run("upgrade", "head", "--skip-data")
    assert done.code == 0, done.text
    (found,) = json.loads(project.check_output("status", "--json"))
    assert (found["revisions"], found["skipped"]) == (["e5"], ["d4"])
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM t").scalars().all() == [None]
    assert found["snapshot"]["reason"] is None


def test_the_snapshot_is_not_used_for_one_phase(project: CliProject, database: Database) -> None:
    project.check_output("snapshot")
    project.check_output("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    project.check_output("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
