"""The output of `status`: applied revisions, files of the history, the snapshot, the head file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_failures import BASE
from tests.servers import Database


def _status(project: CliProject) -> dict[str, Any]:
    (found,) = json.loads(project.check_output("status", "--json"))
    return found


def _project(tmp_path: Path, database: Database) -> CliProject:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE, downgrade="op.drop_table('one')")
    project.write("b2", "op.add_column('one', sa.Column('note', sa.String(9)))", down="a1")
    return project


def test_status_shows_applied_revisions(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    found = _status(project)
    assert (found["applied"], found["edited"], found["inserted"]) == ([], [], [])
    assert (found["snapshot"], found["head_file"]) == (None, None)
    project.check_output("upgrade", "head")
    applied = {one["revision"]: one for one in _status(project)["applied"]}
    assert list(applied) == ["b2", "a1"]
    for id_, one in applied.items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", one["at"])
        assert "@" in one["by"]
        assert one["seconds"] >= 0
        assert one["file"] == f"{id_}_.py"
    text = project.check_output("status")
    assert "Applied: 2\n" in text
    assert re.search(r"    b2: .* UTC by .*@.*, [\d.e-]+ s \(b2_\.py\)", text)
    project.check_output("downgrade", "a1")
    assert [one["revision"] for one in _status(project)["applied"]] == ["a1"]


def test_status_names_edited_and_inserted_revisions(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.check_output("upgrade", "head")
    path = project.versions / "b2_.py"
    path.write_text(path.read_text("utf-8").replace("'a1'", "'m5'").replace("(9)", "(12)"), "utf-8")
    project.write("m5", "pass", down="a1")
    found = _status(project)
    assert (found["edited"], found["inserted"]) == (["b2"], ["m5"])
    text = project.check_output("status")
    assert "Edited after they were applied: b2" in text
    assert "Inserted below the revision and never run: m5" in text


def test_status_shows_whether_the_snapshot_can_be_used(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.check_output("snapshot")
    found = _status(project)["snapshot"]
    assert (found["revisions"], found["reason"]) == (["b2"], None)
    path = project.versions / "a1_.py"
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert "revision files were changed" in _status(project)["snapshot"]["reason"]
    assert "; not used: revision files were changed" in project.check_output("status")
    snapshot = Path(found["path"])
    snapshot.write_text(snapshot.read_text("utf-8") + "-- more\n", "utf-8")
    assert "was edited" in _status(project)["snapshot"]["reason"]


def test_status_shows_whether_the_head_file_matches(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    project.check_output("heads", "--fix")
    found = _status(project)["head_file"]
    assert found["fault"] is None
    assert f"Head file: {found['path']}" in project.check_output("status")
    Path(found["path"]).write_text("a1\n", "utf-8")
    assert "names a1, but the history ends at b2" in _status(project)["head_file"]["fault"]
    assert "Head file: " in project.check_output("status")


def test_status_of_a_database_whose_revision_has_no_file(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    project.check_output("heads", "--fix")
    project.check_output("upgrade", "head")
    (project.versions / "b2_.py").unlink()
    done = project.run("status")
    assert done.code == 255
    assert "Revision: b2 (no file)\nPending: unknown, because b2 has no file\n" in done.out
    assert "Applied: 2\n" in done.out
    assert "Head file: " in done.out
    assert "Can't locate revision identified by 'b2'. The database has it" in done.out
    assert "Restore the file with `restore b2`" in done.err
    done = project.run("status", "--json")
    assert done.code == 255
    (found,) = json.loads(done.out)
    assert (found["missing"], found["revisions"], found["pending"]) == (["b2"], [], [])
    assert not found["is_at_head"]
    assert [one["revision"] for one in found["applied"]] == ["b2", "a1"]
    project.check_output("restore", "b2")
    assert _status(project)["missing"] == []


def test_status_reports_known_rows_and_interrupted_work_with_a_missing_file(
    mysql_family: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, mysql_family)
    project.write("a1", BASE, downgrade="op.drop_table('one')")
    project.write("x1", "pass")
    project.write(
        "b2", "op.execute('CREATE TABLE two (id INT)'); op.execute('NONSENSE')", down="a1"
    )
    project.check_output("upgrade", "a1")
    project.check_output("upgrade", "x1")
    assert project.run("upgrade", "b2").code == 1
    (project.versions / "x1_.py").unlink()
    done = project.run("status")
    assert done.code == 255
    assert "Revision: a1, x1 (no file)\n" in done.out
    assert "Interrupted: upgrade of b2" in done.out
    assert "done: CREATE TABLE two" in done.out
