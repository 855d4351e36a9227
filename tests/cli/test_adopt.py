"""`adopt`: which revision a database without version is at."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.commands import existing_tables
from tests.cli.project_fixture import LIMBECK, CliProject, cli_project
from tests.servers import Database

FIRST = """
op.create_table(
    "team",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, server_default="it's"),
)
"""
SECOND = """
op.create_table(
    "person",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", name="fk_team")),
    sa.Column("price", sa.Numeric(8, 2), server_default="0"),
)
op.create_index("ix_price", "person", ["price"])
"""
THIRD = "op.add_column('person', sa.Column('note', sa.Text))"


def _line(project: CliProject) -> None:
    project.write("a1", FIRST)
    project.write("b2", SECOND, down="a1")
    project.write("c3", THIRD, down="b2")


def _execute(database: Database, *statements: str) -> None:
    with database.engine() as engine, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _drop_version_table(database: Database) -> None:
    with database.engine() as engine:
        names = [
            one
            for one in ("alembic_version", "limbeck_journal")
            if sa.inspect(engine).has_table(one)
        ]
    _execute(database, *(f"DROP TABLE {name}" for name in names))


def _version(database: Database) -> list[str]:
    with database.engine() as engine:
        if not sa.inspect(engine).has_table("alembic_version"):
            return []
        with engine.connect() as connection:
            return list(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))


def test_the_matching_revision_is_found_and_stamped(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("upgrade", "b2")
    _drop_version_table(database)
    refused = project.run("upgrade", "head")
    assert refused.code == 255
    assert (
        "no version rows, but 2 of the tables that the revisions create: person, team"
        in refused.text
    )
    assert "`adopt` finds the revision" in refused.text
    assert _version(database) == []
    unsure = project.run("adopt")
    assert unsure.code == 255
    assert "The database is at b2, and setting its version was not confirmed" in unsure.text
    assert _version(database) == []
    found = json.loads(project.check_output("adopt", "--yes", "--json"))
    assert found == {"revisions": ["b2"], "exact": True, "stamped": True, "differences": []}
    assert _version(database) == ["b2"]
    assert "-> c3" in project.run("upgrade", "head").err
    again = project.run("adopt", "--yes")
    assert (again.code, "already has a version: c3" in again.text) == (255, True)


def test_the_nearest_revision_is_shown_with_the_differences(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("upgrade", "head")
    _drop_version_table(database)
    on = " ON person" if database.kind in {"mariadb", "mysql"} else ""
    _execute(
        database,
        f"DROP INDEX ix_price{on}",
        "CREATE TABLE other (id INTEGER)",
        "ALTER TABLE person ADD COLUMN more INTEGER",
    )
    done = project.run("adopt", "--yes")
    assert done.code == 255
    assert "Compared with c3:" in done.out
    for words in (
        "index ix_price of person is missing in the database",
        "table other is only in the database",
        "column person.more is only in the database",
    ):
        assert words in done.out
    assert "the most similar is c3, with 3 differences" in done.text
    assert _version(database) == []
    found = json.loads(project.run("adopt", "--json").out)
    assert (found["exact"], len(found["differences"])) == (False, 3)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_databases_that_cannot_be_adopted_are_refused(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    assert "The history has no revisions" in project.run("adopt").text
    _line(project)
    done = project.run("adopt", "--yes")
    assert (done.code, "The database is empty" in done.text) == (255, True)
    _execute(database, "CREATE TABLE audit (id INTEGER)")
    assert "-> c3" in project.run("upgrade", "head").err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_force_runs_the_pending_revisions(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    _execute(database, "CREATE TABLE team (id INTEGER)")
    refused = project.run("upgrade", "head")
    assert (refused.code, "LB479" in refused.err) == (255, True)
    forced = project.run("upgrade", "--force")
    assert (forced.code, "table team already exists" in forced.err) == (1, True)
    project.write("a1", FIRST.replace("\n)", "\n    if_not_exists=True,\n)"))
    project.check_output("upgrade", "head")
    assert _version(database) == ["c3"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_project_of_alembic_is_warned(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(text.replace("from limbeck import", "from alembic import"), "utf-8")
    _line(project)
    _execute(database, "CREATE TABLE person (id INTEGER)")
    done = project.run("upgrade", "head")
    assert "no version rows, but 1 of the tables that the revisions create: person" in done.err
    assert "`limbeck adopt` finds its revision" in done.err
    assert "LB479" not in done.err
    assert "-> a1" in done.err


def test_first_revisions_are_created_for_existing_tables(
    database: Database, tmp_path: Path
) -> None:
    _execute(
        database,
        "CREATE TABLE team (id INTEGER)",
        "CREATE TABLE person (id INTEGER)",
        "CREATE TABLE price (id INTEGER)",
    )
    project = cli_project(tmp_path, database)
    project.write(
        "a1",
        """
        op.rename_table("team", "old_team")
        op.execute("DROP TABLE person")
        with op.batch_alter_table("price") as batch:
            batch.add_column(sa.Column("n", sa.Integer))
        op.execute("CREATE TABLE IF NOT EXISTS price (id INTEGER)")
        """,
    )
    project.write("b2", FIRST, down="a1")
    project.write("c3", SECOND, down="b2")
    project.check_output("upgrade", "head")
    assert _version(database) == ["c3"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_tables_of_other_schemas(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _execute(database, "CREATE SCHEMA other", "CREATE TABLE other.team (id INTEGER)")
    project.write("a1", FIRST)
    project.check_output("upgrade", "head")
    assert _version(database) == ["a1"]
    _drop_version_table(database)
    _execute(database, "DROP TABLE team")
    project.write("a1", FIRST.replace("\n)", '\n    schema="other",\n)'))
    refused = project.run("upgrade", "head")
    assert (refused.code, "the revisions create: other.team" in refused.err) == (255, True)


def test_an_interrupted_first_revision_is_continued(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    stop = tmp_path / "stop"
    stop.touch()
    fails = f"""
import os
if os.path.exists({str(stop)!r}):
    raise RuntimeError("stopped by the test")
"""
    project.write("a1", FIRST + fails)
    assert "stopped by the test" in project.run("upgrade", "head").err
    stop.unlink()
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert _version(database) == ["a1"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_tables_created_by_another_runner_are_adopted(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    check = existing_tables.check_existing_tables

    def behind_another_runner(*arguments: Any) -> None:
        monkeypatch.undo()
        subprocess.run(
            [*LIMBECK, "upgrade", "head"], cwd=project.folder, check=True, capture_output=True
        )
        check(*arguments)

    monkeypatch.setattr(existing_tables, "check_existing_tables", behind_another_runner)
    done = project.run("upgrade", "head")
    assert (done.code, "Running upgrade" in done.err) == (0, False), done.text
    assert _version(database) == ["c3"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ignored_tables_are_not_compared(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database, extra="ignore = legacy_*")
    _line(project)
    project.check_output("upgrade", "b2")
    _drop_version_table(database)
    _execute(database, "CREATE TABLE legacy_one (id INTEGER)")
    project.check_output("adopt", "--yes")
    assert _version(database) == ["b2"]
