"""The screen of `status`: what was applied, the files of the history, the snapshot, the head file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.project_fixture import Worksite, worksite
from tests.cli.test_failures import BASE
from tests.servers import Database


def _status(site: Worksite) -> dict[str, Any]:
    (found,) = json.loads(site.good("status", "--json"))
    return found


def _project(tmp_path: Path, database: Database) -> Worksite:
    site = worksite(tmp_path, database)
    site.write("a1", BASE, downgrade="op.drop_table('one')")
    site.write("b2", "op.add_column('one', sa.Column('note', sa.String(9)))", down="a1")
    return site


def test_status_shows_what_was_applied(database: Database, tmp_path: Path) -> None:
    site = _project(tmp_path, database)
    found = _status(site)
    assert (found["applied"], found["edited"], found["inserted"]) == ([], [], [])
    assert (found["snapshot"], found["head_file"]) == (None, None)
    site.good("upgrade", "head")
    applied = {one["revision"]: one for one in _status(site)["applied"]}
    assert list(applied) == ["b2", "a1"]
    for id_, one in applied.items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", one["at"])
        assert "@" in one["by"]
        assert one["seconds"] >= 0
        assert one["file"] == f"{id_}_.py"
    text = site.good("status")
    assert "Applied: 2\n" in text
    assert re.search(r"    b2: .* UTC by .*@.*, [\d.e-]+ s \(b2_\.py\)", text)
    site.good("downgrade", "a1")
    assert [one["revision"] for one in _status(site)["applied"]] == ["a1"]


def test_status_names_edited_and_inserted_revisions(database: Database, tmp_path: Path) -> None:
    site = _project(tmp_path, database)
    site.good("upgrade", "head")
    path = site.versions / "b2_.py"
    path.write_text(path.read_text("utf-8").replace("'a1'", "'m5'").replace("(9)", "(12)"), "utf-8")
    site.write("m5", "pass", down="a1")
    found = _status(site)
    assert (found["edited"], found["inserted"]) == (["b2"], ["m5"])
    text = site.good("status")
    assert "Edited after they were applied: b2" in text
    assert "Inserted below the revision and never run: m5" in text


def test_status_tells_whether_the_snapshot_can_be_used(database: Database, tmp_path: Path) -> None:
    site = _project(tmp_path, database)
    site.good("snapshot")
    found = _status(site)["snapshot"]
    assert (found["revisions"], found["reason"]) == (["b2"], None)
    path = site.versions / "a1_.py"
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    assert "revision files were changed" in _status(site)["snapshot"]["reason"]
    assert "; not used: revision files were changed" in site.good("status")
    snapshot = Path(found["path"])
    snapshot.write_text(snapshot.read_text("utf-8") + "-- more\n", "utf-8")
    assert "was edited" in _status(site)["snapshot"]["reason"]


def test_status_tells_whether_the_head_file_agrees(sqlite: Database, tmp_path: Path) -> None:
    site = _project(tmp_path, sqlite)
    site.good("heads", "--fix")
    found = _status(site)["head_file"]
    assert found["fault"] is None
    assert f"Head file: {found['path']}" in site.good("status")
    Path(found["path"]).write_text("a1\n", "utf-8")
    assert "names a1, but the history ends at b2" in _status(site)["head_file"]["fault"]
    assert "Head file: " in site.good("status")


def test_status_of_a_database_whose_revision_has_no_file(
    database: Database, tmp_path: Path
) -> None:
    site = _project(tmp_path, database)
    site.good("heads", "--fix")
    site.good("upgrade", "head")
    (site.versions / "b2_.py").unlink()
    done = site.run("status")
    assert done.code == 255
    assert "Revision: b2 (no file)\nPending: unknown, because b2 has no file\n" in done.out
    assert "Applied: 2\n" in done.out
    assert "Head file: " in done.out
    assert "Can't locate revision identified by 'b2'. The database has it" in done.out
    assert "Restore the file with `restore b2`" in done.err
    done = site.run("status", "--json")
    assert done.code == 255
    (found,) = json.loads(done.out)
    assert (found["missing"], found["revisions"], found["pending"]) == (["b2"], [], [])
    assert not found["is_at_head"]
    assert [one["revision"] for one in found["applied"]] == ["b2", "a1"]
    site.good("restore", "b2")
    assert _status(site)["missing"] == []


def test_status_reports_known_rows_and_interrupted_work_with_a_missing_file(
    mysql_family: Database, tmp_path: Path
) -> None:
    site = worksite(tmp_path, mysql_family)
    site.write("a1", BASE, downgrade="op.drop_table('one')")
    site.write("x1", "pass")
    site.write("b2", "op.execute('CREATE TABLE two (id INT)'); op.execute('NONSENSE')", down="a1")
    site.good("upgrade", "a1")
    site.good("upgrade", "x1")
    assert site.run("upgrade", "b2").code == 1
    (site.versions / "x1_.py").unlink()
    done = site.run("status")
    assert done.code == 255
    assert "Revision: a1, x1 (no file)\n" in done.out
    assert "Interrupted: upgrade of b2" in done.out
    assert "done: CREATE TABLE two" in done.out
