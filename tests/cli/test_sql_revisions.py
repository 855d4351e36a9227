"""Revisions that are written in SQL, in one history with those in Python."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

SETUP = """\
-- Add users
--
-- revision: a1
-- down_revision:

-- limbeck: upgrade
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40));
-- not a parameter: :x, and 5 percent are 5%
INSERT INTO users (id, name) VALUES (1, '10:30; 5% :x');

-- limbeck: downgrade
DROP TABLE users;
"""
INDEX = """\
-- Index the names
--
-- revision: c3
-- down_revision: b2

-- limbeck: upgrade no-transaction
CREATE INDEX {how} ix_name ON users (name);

-- limbeck: downgrade no-transaction
DROP INDEX {which};
"""


def _rows(database: Database) -> list[tuple[object, ...]]:
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text("SELECT * FROM users"))]


def _project(folder: Path, database: Database) -> CliProject:
    project = cli_project(folder, database)
    (project.versions / "a1_users.sql").write_text(SETUP, "utf-8")
    (project.versions / "helper.sql").write_text("SELECT 1;\n", "utf-8")
    project.write("b2", "op.add_column('users', sa.Column('age', sa.Integer))", down="a1")
    is_server = database.kind == "postgresql"
    which = "CONCURRENTLY ix_name" if is_server else "ix_name"
    if database.kind in {"mariadb", "mysql"}:
        which += " ON users"
    text = INDEX.format(how="CONCURRENTLY" if is_server else "", which=which)
    (project.versions / "c3_index.sql").write_text(text, "utf-8")
    return project


def test_an_sql_revision_is_upgraded_and_downgraded(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    assert project.check_output("heads") == "c3 (head)\n"
    project.check_output("upgrade", "head")
    assert _rows(database) == [(1, "10:30; 5% :x", None)]
    with database.engine() as engine:
        assert [one["name"] for one in sa.inspect(engine).get_indexes("users")] == ["ix_name"]
    project.check_output("downgrade", "b2")
    with database.engine() as engine:
        assert sa.inspect(engine).get_indexes("users") == []


def test_an_sql_revision_is_part_of_scripts(database: Database, tmp_path: Path) -> None:
    out = _project(tmp_path, database).check_output("upgrade", "head", "--sql")
    assert "INSERT INTO users (id, name) VALUES (1, '10:30; 5% :x');" in out
    assert out.index("CREATE TABLE users") < out.index("ADD COLUMN age") < out.index("ix_name")


def test_a_failing_statement_is_reported_with_its_line(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    path = project.versions / "a1_users.sql"
    path.write_text(SETUP.replace("INTO users", "INTO nowhere"), "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert f'File "{path}", line 9' in done.err.replace("migs/../", "")
    assert "Statement: INSERT INTO nowhere" in done.out
    path.write_text(SETUP, "utf-8")
    project.check_output("upgrade", "head")
    assert len(_rows(database)) == 1


def test_data_losses_are_reported(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.check_output("upgrade", "a1")
    done = project.run("downgrade", "base", "-y")
    assert "drops table users, which holds 1 row" in done.err
    assert '.sql", line 12' in done.err


def test_an_edited_file_is_reported(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database, extra="journal = keep")
    path = project.versions / "a1_users.sql"
    path.write_text(SETUP, "utf-8")
    project.check_output("upgrade", "head")
    path.write_text(SETUP.replace("INSERT", "-- a remark\n  INSERT"), "utf-8")
    assert "edited" not in project.run("upgrade", "head").err
    path.write_text(SETUP.replace("DROP TABLE", "DROP TABLE IF EXISTS"), "utf-8")
    assert "edited" not in project.run("upgrade", "head").err
    path.write_text(SETUP.replace("'10:30", "'11:30"), "utf-8")
    assert "Revision a1 was edited after it had been applied" in project.run("upgrade", "head").err


def test_invalid_markers_are_refused(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    path = project.versions / "a1_users.sql"
    for change, words in (
        (("limbeck: downgrade", "limbeck: down"), "sql:11: `-- limbeck: down` is not known"),
        (("limbeck: downgrade", "limbeck: upgrade"), "sql:11: the upgrade part is given twice"),
        (("upgrade\n", "upgrade fast\n"), "sql:6: `-- limbeck: upgrade fast` is not known"),
        (("limbeck: upgrade", "upgrade"), "sql:7: the statement belongs to no part"),
        ((SETUP, "-- revision: a1\n"), "sql:1: the file has no part `-- limbeck: upgrade`"),
        ((SETUP, "-- revision: a1\n# x\n/* a\nb */\nSELECT 1;\n"), "sql:5: the statement"),
        (("-- limbeck: up", "SELECT 1;\n-- limbeck: up"), "sql:6: the statement belongs to no"),
    ):
        path.write_text(SETUP.replace(*change), "utf-8")
        done = project.run("upgrade", "head")
        assert (done.code, words in done.out) == (255, True), done.text


def test_new_files(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///x.db")
    project.check_output("revision", "-m", "it's -- one", "--rev-id", "a1", "--file-type", "sql")
    project.check_output("revision", "-m", "two", "--rev-id", "b2", "--depends-on", "a1", "--head", "base",
              "--splice", "--branch-label", "side", "--file-type", "sql")  # fmt: skip
    assert (project.versions / "a1_it_s_one.sql").read_text("utf-8") == (
        "-- it's -- one\n--\n-- revision: a1\n-- down_revision:\n\n"
        "-- limbeck: upgrade\n\n-- limbeck: downgrade\n"
    )
    assert project.check_output("history").splitlines() == [
        "<base> (a1) -> b2 (side) (head), two",
        "<base> -> a1 (effective head), it's -- one",
    ]
    project.check_output("upgrade", "heads")
    done = project.run("revision", "--autogenerate", "-m", "x", "--file-type", "sql")
    assert (done.code, "is for revisions written by hand" in done.out) == (255, True)
