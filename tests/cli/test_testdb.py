"""Test databases: copies of a template that is made once."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.testing import close_templates, template_database
from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

PROGRAM = """
import sys
import sqlalchemy as sa
from limbeck.testing import template_database
for _ in range(2):
    with template_database("alembic.ini") as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO one (id) VALUES (5)"))
            print(connection.scalar(sa.text("SELECT count(*) FROM one")))
"""


@pytest.fixture
def project(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CliProject]:
    files = tmp_path / "temporary"
    files.mkdir()
    monkeypatch.setenv("TMPDIR", str(files))
    monkeypatch.setattr("tempfile.tempdir", str(files))
    made = cli_project(tmp_path, database)
    made.write(
        "a1",
        "op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))\n"
        "op.execute('INSERT INTO one (id) VALUES (1)')\n"
        "import sys\n"
        "print('a1 runs', file=sys.stderr)",
    )
    monkeypatch.chdir(made.folder)
    yield made
    close_templates()
    _templates(database, made, drop=True)


def _templates(database: Database, project: CliProject, *, drop: bool = False) -> list[str]:
    """Return the templates of a project on the server."""
    digest = hashlib.sha256(str(project.env_py.parent.resolve()).encode()).hexdigest()[:8]
    if database.kind != "postgresql":
        return []
    engine = sa.create_engine(database.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        names = list(
            connection.scalars(
                sa.text("SELECT datname FROM pg_database WHERE datname LIKE :like"),
                {"like": f"limbeck_template_{digest}_%"},
            )
        )
        for name in names if drop else ():
            connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name}"))
    engine.dispose()
    return names


def _rows(url: sa.URL) -> list[int]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return sorted(connection.scalars(sa.text("SELECT id FROM one")))


def test_each_test_has_its_own_database(project: CliProject, database: Database) -> None:
    with template_database("alembic.ini") as first, template_database("alembic.ini") as second:
        assert first.database != second.database
        engine = sa.create_engine(first, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO one (id) VALUES (7)"))
            assert list(connection.scalars(sa.text("SELECT version_num FROM alembic_version"))) == [
                "a1"
            ]
        assert (_rows(first), _rows(second)) == ([1, 7], [1])
    with database.engine() as engine:
        assert not sa.inspect(engine).has_table("one")
        if database.kind != "sqlite":
            with pytest.raises(sa.exc.OperationalError):
                _rows(first)


def test_another_history_has_another_template(project: CliProject, database: Database) -> None:
    with template_database("alembic.ini") as url:
        assert _rows(url) == [1]
    before = set(_templates(database, project))
    close_templates()
    project.write("b2", "op.execute('INSERT INTO one (id) VALUES (2)')", down="a1")
    with template_database("alembic.ini") as url:
        assert _rows(url) == [1, 2]
    if database.kind == "postgresql":
        after = set(_templates(database, project))
        assert len(after - before) == 1
        assert len(before - after) == 1
    assert "No template is stale" in project.check_output("testdb", "prune")


def test_several_processes_create_one_template(project: CliProject) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=project.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    done = [process.communicate(timeout=120) for process in running]
    assert [out for out, _ in done] == ["2\n2\n"] * 3, done
    assert sum(err.count("a1 runs") for _, err in done) == 1


def test_the_command_line(project: CliProject, database: Database, tmp_path: Path) -> None:
    name = (
        str(tmp_path / "my_test.db")
        if database.kind == "sqlite"
        else f"{database.url.database}_test"
    )
    made = json.loads(project.check_output("testdb", "create", name, "--json"))
    assert made["database"] == name
    assert _rows(database.url.set(database=name)) == [1]
    taken = project.run("testdb", "create", name)
    assert (taken.code, "There is a database" in taken.text) == (255, True)
    assert "is dropped" in project.check_output("testdb", "drop", name)
    assert "There is no database" in project.check_output("testdb", "drop", name)
    own = str(database.url.database)
    refused = project.run("testdb", "drop", own)
    assert (refused.code, "is not the name of a test database" in refused.text) == (255, True)
