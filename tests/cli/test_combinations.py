"""Squashes, snapshots, phases, skipped data migrations and rollbacks, used together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import Worksite, worksite
from tests.servers import Database

DROP_X = "with op.batch_alter_table('t') as batch:\n    batch.drop_column('x')"
DROP_N = "with op.batch_alter_table('t') as batch:\n    batch.drop_column('n')"


def _write(site: Worksite, id_: str, setting: str, up: str, down: str, downgrade: str) -> None:
    path = site.write(id_, up, down=down, downgrade=downgrade)
    text = path.read_text("utf-8")
    path.write_text(text.replace("depends_on = None", f"depends_on = None\n{setting}"), "utf-8")


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Worksite:
    """Two migrations of the phase `before`, one of data, two of the phase `after`."""
    site = worksite(tmp_path, database)
    site.write(
        "a1",
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True),"
        " sa.Column('n', sa.Integer))\nop.execute('INSERT INTO t VALUES (1, 2)')",
        downgrade="op.drop_table('t')",
    )
    column = "op.add_column('t', sa.Column('{}', sa.Integer))"
    _write(site, "b2", 'phase = "before"', column.format("x"), "a1", DROP_X)
    _write(site, "c3", 'phase = "before"', column.format("y"), "b2", DROP_X.replace("'x'", "'y'"))
    _write(site, "d4", 'kind = "data"', "op.execute('UPDATE t SET x = 7')", "c3", "pass")
    _write(site, "e5", 'phase = "after"', DROP_N, "d4", column.format("n"))
    return site


def _columns(database: Database) -> set[str]:
    with database.engine() as engine:
        return {one["name"] for one in sa.inspect(engine).get_columns("t")}


def _revisions(site: Worksite) -> list[str]:
    (found,) = json.loads(site.good("status", "--json"))
    return list(found["revisions"])


def test_a_squash_of_one_phase_has_it(site: Worksite, database: Database) -> None:
    done = site.good("squash", "b2:c3", "-m", "both")
    assert "different phases" not in done
    (path,) = site.versions.glob("*_both.py")
    assert re.findall(r"^phase = (.*)$", path.read_text("utf-8"), re.MULTILINE) == ['"before"']
    site.good("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    site.good("upgrade", "head", "--phase", "after")
    assert _columns(database) == {"id", "x", "y"}


def test_a_squash_of_both_phases_says_so(site: Worksite, database: Database) -> None:
    site.good("upgrade", "c3")
    done = site.good("squash", "b2:e5", "-m", "all")
    assert "have different phases, and the new one has none" in done
    (path,) = site.versions.glob("*_all.py")
    assert "phase =" not in path.read_text("utf-8")
    # inside the range the old files and their phases apply
    site.good("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    site.good("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
    assert site.run("current", "--check-heads").code == 0


def test_an_older_release_takes_back_what_follows_a_squash(
    site: Worksite, database: Database
) -> None:
    site.good("upgrade", "head")
    site.good("squash", "b2:e5", "-m", "all")
    site.good("upgrade", "head")
    (new,) = _revisions(site)
    site.write(
        "f6", "op.create_table('u', sa.Column('id', sa.Integer))", down=new,
        downgrade="op.drop_table('u')",
    )  # fmt: skip
    site.good("upgrade", "head")
    (site.versions / "f6_.py").unlink()
    assert site.run("upgrade", "head").code != 0
    site.good("upgrade", "head", "--allow-downgrade", "--yes")
    assert _revisions(site) == [new]
    with database.engine() as engine:
        assert not sa.inspect(engine).has_table("u")


def test_a_squash_is_taken_back_by_a_release_that_lacks_it(
    site: Worksite, database: Database
) -> None:
    site.good("upgrade", "a1")
    old = {path: path.read_bytes() for path in site.versions.glob("*.py")}
    site.good("squash", "b2:e5", "-m", "all")
    site.good("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
    (path,) = site.versions.glob("*_all.py")
    path.unlink()
    for id_ in ("b2", "c3", "d4", "e5"):
        (site.versions / f"{id_}_.py").unlink()
    site.good("upgrade", "head", "--allow-downgrade", "--yes")
    assert _revisions(site) == ["a1"]
    assert _columns(database) == {"id", "n"}
    for path, content in old.items():
        path.write_bytes(content)
    site.good("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}


def test_skipped_data_leaves_the_snapshot_alone(site: Worksite, database: Database) -> None:
    site.good("snapshot")
    done = site.run("upgrade", "head", "--skip-data")
    assert done.code == 0, done.text
    (found,) = json.loads(site.good("status", "--json"))
    assert (found["revisions"], found["skipped"]) == (["e5"], ["d4"])
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT x FROM t").scalars().all() == [None]
    assert found["snapshot"]["reason"] is None


def test_one_phase_leaves_the_snapshot_alone(site: Worksite, database: Database) -> None:
    site.good("snapshot")
    site.good("upgrade", "head", "--phase", "before")
    assert _columns(database) == {"id", "n", "x", "y"}
    site.good("upgrade", "head")
    assert _columns(database) == {"id", "x", "y"}
