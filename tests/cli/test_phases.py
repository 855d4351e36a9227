"""Data migrations, and migrations before and after a new release is started."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_recover import query, schema_of
from tests.servers import Database


def _write(project: CliProject, id_: str, settings: str, body: str, down: str | None) -> None:
    path = project.write(id_, body, down=down)
    text = path.read_text("utf-8")
    path.write_text(text.replace("depends_on = None", f"depends_on = None\n{settings}"), "utf-8")


def _project(folder: Path, database: Database) -> CliProject:
    project = cli_project(folder, database)
    project.write(
        "a1", "op.create_table('t', sa.Column('id', sa.Integer), sa.Column('n', sa.Integer))"
    )
    _write(
        project, "b2", 'phase = "before"', "op.add_column('t', sa.Column('x', sa.Integer))", "a1"
    )
    _write(project, "c3", 'kind = "data"', "op.execute('INSERT INTO t VALUES (1, 2, 3)')", "b2")
    _write(project, "d4", "phase = 'after'  # later", "op.drop_column('t', 'n')", "c3")
    project.write("e5", "op.create_table('u', sa.Column('id', sa.Integer))", down="d4")
    return project


def test_the_phase_before_ends_at_the_first_migration_of_the_phase_after(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    refused = project.run("upgrade", "head", "--phase", "after")
    assert refused.code != 0
    assert "b2 has the phase 'before' and has not been run" in refused.text
    assert "t" not in schema_of(database)
    project.check_output("upgrade", "head", "--phase", "before")
    assert "c3" in project.check_output("current")
    project.check_output("upgrade", "head", "--phase", "before")
    assert "c3" in project.check_output("current")
    project.check_output("upgrade", "head", "--phase", "after")
    assert "e5" in project.check_output("current")
    assert schema_of(database)["t"] == ["id", "x"]


def test_a_script_of_one_phase(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    script = project.check_output("upgrade", "head", "--phase", "before", "--sql")
    assert "INSERT INTO t" in script
    assert "Running upgrade c3 -> d4" not in script


def test_branches_have_their_own_phases(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1")
    _write(project, "b2", 'phase = "after"', "pass", "a1")
    _write(project, "c3", 'phase = "before"', "pass", "a1")
    project.check_output("upgrade", "heads", "--phase", "before")
    assert project.check_output("current").split()[0] == "c3"
    project.check_output("upgrade", "heads", "--phase", "after")
    assert {line.split()[0] for line in project.check_output("current").splitlines()} == {
        "b2",
        "c3",
    }


def test_an_impossible_order_is_refused(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1")
    _write(project, "b2", 'phase = "after"', "pass", "a1")
    project.write("c3", down="b2")
    _write(project, "d4", 'phase = "before"', "pass", "c3")
    for phase in ("before", "after"):
        refused = project.run("upgrade", "head", "--phase", phase)
        assert refused.code != 0
        assert "d4 has the phase 'before', but follows b2 with the phase 'after'" in refused.text
    assert "a1" not in project.check_output("current")


def test_data_migrations_are_skipped_and_recorded(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.check_output("upgrade", "c3", "--skip-data")
    assert query(database, "SELECT count(*) FROM t") == [(0,)]
    assert "c3" in project.check_output("current")
    (found,) = json.loads(project.check_output("status", "--json"))
    assert found["skipped"] == ["c3"]
    project.check_output("upgrade", "head")
    assert "Skipped data migrations: c3" in project.check_output("status")
    project.check_output("stamp", "b2")
    assert "Skipped" not in project.check_output("status")


def test_skipping_needs_the_journal(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, extra="journal = off")
    _write(project, "a1", 'kind = "data"', "pass", None)
    refused = project.run("upgrade", "head", "--skip-data")
    assert refused.code != 0
    assert "journal" in refused.text


def test_new_revisions_have_kind_and_phase(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.check_output(
        "revision", "-m", "fill", "--rev-id", "a1", "--kind", "data", "--phase", "after"
    )
    (path,) = project.versions.glob("a1*.py")
    assert '\nkind = "data"\nphase = "after"\n' in path.read_text("utf-8")
    project.check_output(
        "revision", "-m", "x", "--rev-id", "b2", "--kind", "data", "--phase", "after",
        "--file-type", "sql",
    )  # fmt: skip
    (path,) = project.versions.glob("b2*.sql")
    assert "-- kind: data\n-- phase: after\n" in path.read_text("utf-8")
    project.check_output("upgrade", "head", "--skip-data")
    assert "Skipped data migrations: a1, b2" in project.check_output("status")


def test_unknown_values_are_refused(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    _write(project, "a1", 'phase = "befor"', "pass", None)
    refused = project.run("upgrade", "head")
    assert refused.code != 0
    assert "`phase` is 'befor'" in refused.text
    _write(project, "a1", "phase = {1: 2}\nkind = sa.Integer()", "pass", None)
    project.check_output("upgrade", "head")
