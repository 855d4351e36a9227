"""`limbeck test`, and the plugin for pytest that runs the same checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.servers import Database

BASE = (
    "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),"
    " sa.Column('email', sa.String(40)))"
)
MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("users", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(40)))
"""
REVISION = """
import sqlalchemy as sa
from limbeck import op

revision = {id!r}
down_revision = {down!r}


def upgrade():
    {up}


def downgrade():
    {undo}
"""


def _project(folder: Path, database: Database) -> Path:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    url = database.address
    (folder / "models.py").write_text(MODELS)
    (folder / "pyproject.toml").write_text(
        f'[tool.limbeck]\nscript_location = "migrations"\nurl = "{url}"\n'
        'metadata = "models:metadata"\n'
    )
    _revision(folder, "a1", None, BASE, "op.drop_table('users')")
    return folder


def _revision(folder: Path, id_: str, down: str | None, up: str, undo: str) -> None:
    path = folder / "migrations" / "versions" / f"{id_}.py"
    path.write_text(REVISION.format(id=id_, down=down, up=up, undo=undo))


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_project_without_faults_passes(database: Database, tmp_path: Path) -> None:
    folder = _project(tmp_path, database)
    done = _run(folder, "limbeck", "test", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["ok"]
    assert [(one["check"], one["revision"]) for one in found["checks"]] == [
        ("single-head", None),
        ("verified", "a1"),
        ("models-agree", "a1"),
        ("lint", "a1"),
    ]


def test_each_check_names_its_problems(tmp_path: Path) -> None:
    folder = _project(tmp_path, Database("sqlite", _file(tmp_path)))
    _revision(folder, "b2", "a1", "op.drop_column('users', 'email')", "pass")
    _revision(folder, "c3", "a1", "pass", "pass")
    done = _run(folder, "limbeck", "test")
    assert done.returncode != 0
    assert "failed: single-head\n  the history has 2 heads: b2, c3" in done.stdout
    assert "failed: verified b2\n  down-leaves-trace" in done.stdout
    assert "failed: lint b2\n  LM302" in done.stdout
    assert "(migrations/versions/b2" in done.stdout
    assert "ok: lint c3" in done.stdout
    assert "5 of 7 checks failed" in done.stdout + done.stderr


def test_revisions_since_a_reference(tmp_path: Path) -> None:
    folder = _project(tmp_path, Database("sqlite", _file(tmp_path)))
    add = "op.create_table('{0}', sa.Column('id', sa.Integer, primary_key=True))"
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    _revision(folder, "b2", "a1", add.format("shop"), "op.drop_table('shop')")
    _revision(folder, "c3", "b2", "op.drop_table('shop')", add.format("shop"))
    found = json.loads(_run(folder, "limbeck", "test", "--since", "HEAD", "--json").stdout)
    assert [one["revision"] for one in found["checks"] if one["check"] == "verified"] == [
        "b2",
        "c3",
    ]


def _file(folder: Path) -> object:
    import sqlalchemy as sa

    return sa.engine.make_url(f"sqlite:///{folder / 'shop.sqlite'}")


TESTS = """
import sqlalchemy as sa

def test_the_table_is_there(migrated_database):
    assert sa.inspect(migrated_database).has_table("users")
    with migrated_database.begin() as connection:
        connection.execute(sa.text("INSERT INTO users (id) VALUES (1)"))

def test_it_is_empty(migrated_database):
    with migrated_database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM users")).scalar() == 0

def test_the_project(limbeck_project):
    assert len(limbeck_project.history().heads) == 1
"""
_PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")


def test_fixtures_of_the_plugin(database: Database, tmp_path: Path) -> None:
    folder = _project(tmp_path, database)
    (folder / "test_app.py").write_text(TESTS)
    done = _run(folder, *_PYTEST, "test_app.py")
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_tests_of_the_plugin_are_off_by_default(tmp_path: Path) -> None:
    folder = _project(tmp_path, Database("sqlite", _file(tmp_path)))
    (folder / "test_app.py").write_text("def test_nothing():\n    assert True\n")
    assert "1 passed" in _run(folder, *_PYTEST).stdout
    done = _run(folder, *_PYTEST, "--limbeck", "-vv")
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert "verify[a1]" in done.stdout
    _revision(folder, "b2", "a1", "op.add_column('users', sa.Column('age', sa.Integer))", "pass")
    failing = _run(folder, *_PYTEST, "--limbeck")
    assert failing.returncode == 1
    assert "down-leaves-trace" in failing.stdout
    assert "models-differ" in failing.stdout
    assert "Traceback" not in failing.stdout
