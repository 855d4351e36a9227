"""`snapshot`: a new database starts from the stored schema, and only newer revisions run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.catalog import Catalog
from limbeck.dialects import Scope, find
from limbeck.snapshots import SnapshotFile, without_own
from limbeck.snapshots.restoring import run_snapshot
from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

FIRST = """
op.create_table(
    "role",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("role.id", name="fk_parent")),
    sa.Column("at", sa.DateTime),
    sa.Column("data", sa.LargeBinary),
)
op.create_table(
    "account",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("role_id", sa.Integer, sa.ForeignKey("role.id", name="fk_role"), nullable=False),
    sa.Column("price", sa.Numeric(8, 2), server_default="0"),
)
op.create_index("ix_price", "account", ["price"])
op.create_table("50% off", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a %s", sa.Text))
"""
ROWS = r"""
role = sa.table(
    "role", sa.column("id", sa.Integer), sa.column("name", sa.String),
    sa.column("parent_id", sa.Integer), sa.column("at", sa.DateTime),
    sa.column("data", sa.LargeBinary),
)
import datetime as dt
op.bulk_insert(role, [
    {"id": 1, "name": "it's", "parent_id": None, "at": dt.datetime(2020, 1, 2, 3, 4), "data": b"\x00\xff"},
    {"id": 2, "name": "a\\b:c%d\n--é;", "parent_id": 1, "at": None, "data": b""},
])
op.execute("INSERT INTO account (role_id, price) VALUES (2, 1.5), (1, 2.25)")
op.bulk_insert(sa.table("50% off", sa.column("id"), sa.column("a %s")), [{"id": 1, "a %s": "5%"}])
"""
NEWER = """
op.add_column("account", sa.Column("note", sa.Text))
op.execute("INSERT INTO account (role_id) VALUES (1)")
"""
KILLER = """
import os, signal
from sqlalchemy import Engine, event

_left = int(os.environ.get("KILL_AT", "0"))

@event.listens_for(Engine, "after_cursor_execute" if os.environ.get("KILL_AFTER") else "before_cursor_execute")
def _kill(*_args):
    global _left
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

"""


def _line(project: CliProject) -> None:
    project.write("a1", FIRST)
    project.write("b2", ROWS, down="a1")


def _state(database: Database) -> tuple[Catalog, dict[str, list[Any]]]:
    """Read catalog and rows."""
    with database.engine() as engine, engine.connect() as connection:
        record = find(engine.dialect.name)
        catalog = record.reflect(connection, Scope())
        catalog = without_own(catalog, "alembic_version").filter(
            lambda one: one.key.kind != "namespace"
        )
        literals = record.scratch.row_literals
        rows = {table.key.name: literals(connection, table) for table in catalog.tables}
        connection.rollback()
    return catalog, rows


def _clear(database: Database) -> None:
    with database.engine() as engine:
        record = find(engine.dialect.name)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            for statement in record.scratch.clear(connection):
                connection.exec_driver_sql(statement)


def _version(database: Database) -> list[str]:
    with database.engine() as engine, engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))


def test_snapshot_and_newer_revisions_give_the_schema_of_all_revisions(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    made = json.loads(project.check_output("snapshot", "--json"))
    assert (made["revisions"], made["objects"] >= 2, made["rows"]) == (["b2"], True, 5)
    path = Path(made["path"])
    assert path.name == f"{database.kind}.sql"
    text = path.read_text("utf-8")
    project.check_output("snapshot")
    assert path.read_text("utf-8") == text
    project.write("c3", NEWER, down="b2")
    project.check_output("upgrade", "--no-snapshot")
    replayed = _state(database)
    _clear(database)
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "upgrade  -> b2, from the snapshot" in done.err
    assert "-> a1" not in done.err
    assert "-> c3" in done.err
    assert _state(database) == replayed
    assert _version(database) == ["c3"]
    assert project.run("upgrade", "head").code == 0
    # the database knows the files of all revisions, as if they had run
    project.versions.joinpath("a1_.py").unlink()
    project.check_output("restore", "a1")
    project.check_output("downgrade", "base")


@pytest.mark.parametrize(
    ("after", "step"),
    [
        ("yes", 11),
        pytest.param("", 1, marks=pytest.mark.slow),
        pytest.param("yes", 1, marks=pytest.mark.slow),
    ],
)
def test_a_kill_at_any_statement_is_recovered(
    database: Database, tmp_path: Path, after: str, step: int
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("snapshot")
    project.check_output("upgrade", "--no-snapshot")
    goal = _state(database)
    project.env_py.write_text(KILLER + project.env_py.read_text("utf-8"), "utf-8")
    kills, number = 0, 0
    while True:
        number += step
        _clear(database)
        project.environment = {"KILL_AT": str(number), "KILL_AFTER": after}
        if project.run("upgrade", "head").code == 0:
            break
        kills += 1
        project.environment = {}
        done = project.run("upgrade", "head")
        assert done.code == 0, f"killed at {number}: {done.text}"
        assert _version(database) == ["b2"]
        assert _state(database) == goal, f"killed at {number}"
    assert kills


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_snapshot_that_does_not_match_is_reported_and_not_used(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("snapshot")
    assert "belongs to the revision files" in project.check_output("snapshot", "--check")
    path = project.folder / "migs" / "snapshots" / "sqlite.sql"
    whole = path.read_text("utf-8")
    revision = project.versions / "a1_.py"
    source = revision.read_text("utf-8")

    def refused(words: str, code: str) -> None:
        _clear(database)
        done = project.run("upgrade", "head")
        assert done.code == 0
        lines = [line for line in done.err.splitlines() if "snapshot" in line]
        assert len(lines) == 1, done.err
        assert words in lines[0]
        assert "`limbeck snapshot` writes it again" in lines[0]
        assert "-> a1" in done.err
        checked = project.run("snapshot", "--check")
        assert (checked.code, code in checked.text or words in checked.text) == (255, True)

    revision.write_text(source.replace("40", "41"), "utf-8")
    refused("revision files were changed", "does not match")
    revision.write_text(source, "utf-8")
    path.write_text(whole[:-40], "utf-8")
    refused("was edited or is not complete", "LB481")
    path.write_text(whole.replace("VARCHAR(40)", "VARCHAR(44)"), "utf-8")
    refused("was edited or is not complete", "LB481")
    path.write_text("", "utf-8")
    refused("is no snapshot of this version", "LB481")
    path.write_bytes(b"\xff\xfe")
    refused("cannot be read", "LB481")
    path.write_text(re.sub(r"revisions: b2", "revisions: zz", whole), "utf-8")
    refused("zz, which no file has", "does not match")
    path.write_text(whole.replace("\n", "\r\n"), "utf-8")
    _clear(database)
    assert "from the snapshot" in project.run("upgrade", "head").err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_partial_upgrades_scripts_and_other_tables_use_no_snapshot(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("snapshot")
    assert "from the snapshot" not in project.run("upgrade", "a1").err
    done = project.run("upgrade", "head")
    assert "snapshot" not in done.err
    assert "-> b2" in done.err
    assert "CREATE TABLE role" in project.check_output("upgrade", "base:a1", "--sql")
    _clear(database)
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
    assert "from the snapshot" not in project.run("upgrade", "head").err


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_too_many_rows_are_refused(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    done = project.run("snapshot", "--max-rows", "3")
    assert done.code == 255
    assert "The revisions insert 5 rows, and a snapshot takes 3" in done.text
    assert not (project.folder / "migs" / "snapshots" / "sqlite.sql").exists()
    empty = cli_project(tmp_path / "empty", database)
    assert "There is no revision" in empty.run("snapshot").text
    assert "The project has no snapshot" in empty.run("snapshot", "--check").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_heads(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.write("c3", "op.create_table('three', sa.Column('id', sa.Integer))", down="a1")
    project.check_output("snapshot")
    done = project.run("upgrade", "heads")
    assert "upgrade  -> b2, c3, from the snapshot" in done.err
    assert sorted(_version(database)) == ["b2", "c3"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_objects_that_limbeck_does_not_read_are_refused(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", "op.execute('CREATE TYPE pair AS (one integer, two text)')")
    done = project.run("snapshot")
    assert done.code == 255
    assert "composite type pair is not read by limbeck" in done.text
    assert not (project.folder / "migs" / "snapshots").exists()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_triggers_do_not_run_for_restored_rows(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write(
        "a1",
        """
        op.execute("CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n integer)")
        op.execute("CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN NEW.n := NEW.n + 1; RETURN NEW; END $$")
        op.execute("CREATE TRIGGER up BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION up()")
        op.execute("INSERT INTO t (n) VALUES (1), (5)")
        op.execute("CREATE VIEW twice AS SELECT n * 2 AS n FROM t")
        """,
    )
    project.check_output("snapshot")
    assert "from the snapshot" in project.run("upgrade").err
    with database.engine() as engine, engine.begin() as connection:
        assert sorted(connection.scalars(sa.text("SELECT n FROM twice"))) == [4, 12]
        connection.execute(sa.text("INSERT INTO t (n) VALUES (0)"))
        assert connection.scalar(sa.text("SELECT max(id) FROM t")) == 3


UNNAMED = """
def columns(*names):
    return [sa.Column("id", sa.Integer, primary_key=True)] + [sa.Column(n, sa.Integer) for n in names]

op.create_table("base", *columns())
op.create_table(
    "old", *columns("x", "y", "z"),
    sa.ForeignKeyConstraint(["y"], ["base.id"]),
    sa.ForeignKeyConstraint(["x"], ["base.id"]),
    sa.ForeignKeyConstraint(["z"], ["base.id"], name="chosen"),
)
op.rename_table("old", "new")
"""


def test_foreign_keys_without_names(mysql_family: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, mysql_family)
    project.write("a1", UNNAMED)
    project.write("b2", "op.create_index('later', 'new', ['y'])", down="a1")
    project.check_output("snapshot", "a1")
    states = []
    for words in ((), ("--no-snapshot",)):
        project.check_output("upgrade", *words)
        states.append(_state(mysql_family))
        _clear(mysql_family)
    assert states[0] == states[1]
    table = states[0][0].table("new")
    assert table is not None
    assert {index.name for index in table.indexes} == {"later", "x", "chosen"}


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_an_interrupted_restore_of_another_snapshot(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    _line(project)
    project.check_output("snapshot")
    env = project.env_py.read_text("utf-8")
    project.env_py.write_text(KILLER + env, "utf-8")
    number = 20
    while True:
        project.environment = {"KILL_AT": str(number)}
        project.run("upgrade", "head")
        with database.engine() as engine:
            if sa.inspect(engine).has_table("role"):
                break
        _clear(database)
        number += 1
    project.environment = {}
    path = project.folder / "migs" / "snapshots" / "mariadb.sql"
    whole = path.read_text("utf-8")
    path.write_text(whole[:-10], "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert "interrupted while it restored snapshot-" in done.text
    assert "recover --undo" in done.text
    assert "upgrade of snapshot-" in project.check_output("status")
    project.check_output("recover", "--undo")
    assert "-> a1" in project.run("upgrade", "head").err
    assert _version(database) == ["b2"]


def test_the_failing_statement_of_a_restore_is_named(postgresql: Database) -> None:
    """All statements are one message, but the error is about one of them."""
    first, second = "CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id no_such_type)"
    snapshot = SnapshotFile("postgresql", "public", ("a1",), "", f"{first};\n\n{second};\n")
    with postgresql.engine() as engine, engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError) as failed:
            run_snapshot(connection, snapshot)
        assert failed.value.statement == second
        connection.rollback()
        assert not sa.inspect(connection).has_table("one")


def test_a_key_without_autoincrement_is_restored_without_it(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    key = 'sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)'
    project.write("a1", f'op.create_table("one", {key})', downgrade='op.drop_table("one")')
    added = 'op.add_column("one", sa.Column("x", sa.Integer))'
    project.write("b2", added, down="a1", downgrade='op.drop_column("one", "x")')
    assert "equal to the result of the revisions" in project.check_output("snapshot")
    assert "produce the same schema" in project.check_output("squash", "a1:b2", "-m", "both")
