"""Types of PostgreSQL extensions that no revision creates: an administrator has created them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

COLUMN = "op.add_column('t', sa.Column('mail', postgresql.CITEXT()))"
IMPORT = "from sqlalchemy.dialects import postgresql"


@pytest.fixture
def project(postgresql: Database, tmp_path: Path) -> CliProject:
    """Return a project whose database has an extension, and a revision that uses its type."""
    with postgresql.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION citext")
    project = cli_project(tmp_path, postgresql)
    project.write("a1", "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))")
    project.write("a2", f"{IMPORT}\n{COLUMN}", down="a1", downgrade="op.drop_column('t', 'mail')")
    project.write(
        "a3",
        f"{IMPORT}\n{COLUMN.replace('mail', 'other')}",
        down="a2",
        downgrade="op.drop_column('t', 'other')",
    )
    return project


@pytest.mark.parametrize("revision", ["a2", "a3"])
@pytest.mark.parametrize("build", ["auto", "history"])
def test_verify_creates_the_extension(project: CliProject, revision: str, build: str) -> None:
    done = project.run("verify", revision, "--build", build)
    assert done.code == 0, done.text
    assert f"{revision}: verified up, down and up again" in done.text


def test_lint_creates_the_extension(project: CliProject) -> None:
    done = project.run("lint", "a1:a3")
    assert done.code == 0, done.text
    assert "0 errors" in done.text


def test_a_type_that_exists_nowhere_is_an_error(project: CliProject) -> None:
    project.write("a4", "op.execute('ALTER TABLE t ADD COLUMN x no_such_type')", down="a3")
    done = project.run("verify", "a4")
    assert done.code != 0, done.text
    assert 'type "no_such_type" does not exist' in done.text


def test_values_of_extensions_are_compared_by_their_own_operators(
    postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, postgresql)
    with postgresql.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION citext")
        connection.exec_driver_sql("CREATE EXTENSION ltree")
        connection.exec_driver_sql("CREATE TABLE parent (code citext PRIMARY KEY, n int)")
        connection.exec_driver_sql("CREATE TABLE child (id int PRIMARY KEY, code citext)")
        connection.exec_driver_sql("CREATE TABLE path (path ltree PRIMARY KEY, n int)")
        # the order of these keys depends on whether case is ignored
        connection.exec_driver_sql(
            "INSERT INTO parent SELECT CASE pg_catalog.mod(i, 2) WHEN 0 THEN 'k' ELSE 'K' END || i"
            " FROM pg_catalog.generate_series(1, 200) i"
        )
        connection.exec_driver_sql("INSERT INTO child VALUES (1, 'K2'), (2, 'k1')")
        connection.exec_driver_sql(
            "INSERT INTO path SELECT ('a' || i)::ltree FROM pg_catalog.generate_series(1, 200) i"
        )
    project.write(
        "a1",
        'op.create_foreign_key("fk", "child", "parent", ["code"], ["code"])\n'
        'op.backfill("parent", {"n": "1"}, batch=7)\nop.backfill("path", {"n": "1"}, batch=7)',
    )
    assert "ok: a1 adds a foreign key from child (code) to parent" in project.check_output("plan")
    project.check_output("upgrade", "head")
    with postgresql.engine() as engine, engine.connect() as connection:
        for table in ("parent", "path"):
            count = connection.exec_driver_sql(f"SELECT count(*), sum(n) FROM {table}").one()
            assert tuple(count) == (200, 200)
