"""`schema`: the schema of a revision as SQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.dialects import Scope, find
from limbeck.sql import split_script
from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

TABLES = """
op.create_table(
    "team",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("lead_id", sa.Integer),
    sa.Column("name", sa.String(40), nullable=False, server_default="it's"),
)
op.create_table(
    "person",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id", name="fk_team")),
    sa.Column("age", sa.SmallInteger),
    sa.CheckConstraint("age > 0", name="ck_age"),
)
op.create_index("ix_age", "person", ["age"])
"""
CHANGES = """
with op.batch_alter_table("person") as batch:
    batch.add_column(sa.Column("note", sa.Text))
    batch.drop_column("age")
op.drop_table("gone")
"""


def _line(project: CliProject) -> None:
    project.write("a1", TABLES)
    project.write("b2", "op.create_table('gone', sa.Column('id', sa.Integer))", down="a1")
    project.write(
        "c3",
        "with op.batch_alter_table('person') as batch:\n"
        "    batch.add_column(sa.Column('note', sa.Text))\n"
        "op.drop_table('gone')",
        down="b2",
    )


def test_the_printed_sql_creates_the_schema_of_an_upgrade(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    printed = project.check_output("schema")
    assert printed.startswith("-- The schema at c3, for ")
    assert "gone" not in printed
    with database.engine() as engine:
        record = find(engine.dialect.name)
        with engine.begin() as connection:
            for statement in split_script(printed, record.capabilities.quoting):
                connection.exec_driver_sql(
                    statement.text, execution_options={"no_parameters": True}
                )
        with engine.connect() as connection:
            made = record.reflect(connection, Scope())
        assert {table.key.name for table in made.tables} == {"team", "person"}
        with engine.begin() as connection:
            sa.Table("person", sa.MetaData(), autoload_with=connection).drop(connection)
            sa.Table("team", sa.MetaData(), autoload_with=connection).drop(connection)
        project.check_output("upgrade", "head")
        with engine.connect() as connection:
            wanted = record.reflect(connection, Scope()).filter(
                lambda one: one.key.name in {"team", "person"}
            )
    assert made == wanted


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_earlier_revision_and_another_dialect(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    printed = project.check_output("schema", "b2", "--dialect", "postgresql")
    assert "CREATE TABLE gone" in printed
    assert "id SERIAL NOT NULL" in printed
    found = json.loads(project.check_output("schema", "a1", "--json"))
    assert (found["revisions"], found["dialect"], found["complete"]) == (["a1"], "sqlite", True)
    assert [one["name"] for one in found["objects"]] == ["person", "team"]
    assert project.check_output("schema", "base").strip() == "-- The schema at base, for sqlite"
    assert not (project.folder / "app.db").exists()
    done = project.run("schema", "--dialect", "nonesuch")
    assert (done.code, "not a dialect that SQLAlchemy knows" in done.text) == (255, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_opaque_steps_are_named(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    rows = "op.execute('-- all\\nINSERT INTO person (id) VALUES (1); DELETE FROM person')"
    path = project.write("d4", f"op.execute('CREATE TABLE hidden (id INTEGER)')\n{rows}", down="c3")
    done = project.run("schema")
    assert done.code == 0
    assert "-- INCOMPLETE" in done.out
    line = path.read_text("utf-8").split("op.execute")[0].count("\n") + 1
    assert f"--   d4 ({path}, line {line}): raw SQL may do anything" in done.out
    assert "The schema may not be complete: d4" in done.err
    found = json.loads(project.run("schema", "--json").out)
    assert not found["complete"]
    assert [(one["revision"], one["line"]) for one in found["opaque"]] == [("d4", line)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_revision_that_reads_the_database_is_named(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", "print(op.get_bind().execute(sa.text('SELECT 1')).scalar())")
    done = project.run("schema")
    assert done.code == 255
    assert "Revision a1 cannot be replayed without a database" in done.text
    assert "`snapshot` runs the history" in done.text
