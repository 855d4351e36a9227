"""`declare.file`: views, routines and triggers that are kept as `.sql` files."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck import declare
from limbeck.errors import DeclaredFileError
from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_recover import query
from tests.servers import Database

MODELS = """
import pathlib
import sqlalchemy as sa
from limbeck import declare

metadata = sa.MetaData()
sa.Table(
    "person", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("age", sa.Integer),
)
for path in sorted(pathlib.Path("sql").glob("*.sql")):
    declare.file(metadata, f"sql/{path.name}")
"""
VIEW = (
    "-- who may vote\nCREATE OR REPLACE VIEW adult AS\n  SELECT id FROM person WHERE age >= 18;\n"
)
FILES = {
    "sqlite": {
        "a_view.sql": VIEW.replace("OR REPLACE ", ""),
        "trigger.sql": "CREATE TRIGGER young AFTER INSERT ON person\n"
        "BEGIN UPDATE person SET age = 0 WHERE age IS NULL; END;",
    },
    "postgresql": {
        "a_view.sql": VIEW,
        "function.sql": "CREATE OR REPLACE FUNCTION twice(n integer, m numeric(5, 2) DEFAULT 1)\n"
        "RETURNS integer LANGUAGE sql AS $$ SELECT n * 2 $$;",
        "guard.sql": "CREATE FUNCTION young() RETURNS trigger LANGUAGE plpgsql AS\n"
        "$$ BEGIN NEW.age := coalesce(NEW.age, 0); RETURN NEW; END $$",
        "procedure.sql": "CREATE PROCEDURE clean(INOUT n integer) LANGUAGE sql AS\n$$ SELECT 1 $$",
        "trigger.sql": "CREATE TRIGGER young BEFORE INSERT ON person\n"
        "FOR EACH ROW EXECUTE FUNCTION young()",
    },
    "mysql": {
        "a_view.sql": VIEW,
        "function.sql": "CREATE FUNCTION twice(n int, m decimal(5,2)) RETURNS int DETERMINISTIC\n"
        "RETURN n * 2;",
        "procedure.sql": "CREATE PROCEDURE clean(IN n int)\nBEGIN SELECT 1; SELECT 2; END;",
        "trigger.sql": "CREATE TRIGGER young BEFORE INSERT ON person FOR EACH ROW\n"
        "SET NEW.age = coalesce(NEW.age, 0)",
    },
}
FILES["mariadb"] = FILES["mysql"]


def _project(folder: Path, database: Database) -> CliProject:
    project = cli_project(folder, database)
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(
        text.replace("target_metadata = None", "from models import metadata as target_metadata"),
        "utf-8",
    )
    (project.folder / "models.py").write_text(MODELS, "utf-8")
    (project.folder / "sql").mkdir()
    for name, content in FILES[database.kind].items():
        (project.folder / "sql" / name).write_text(content, "utf-8")
    return project


def test_files_are_drafted_compared_and_downgraded(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.check_output("revision", "--autogenerate", "-m", "first", "--rev-id", "a1")
    project.check_output("upgrade", "head")
    project.check_output("check")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO person VALUES (1, 30), (2, 17), (3, NULL)")
    assert query(database, "SELECT id FROM adult") == [(1,)]
    assert query(database, "SELECT age FROM person WHERE id = 3") == [(0,)]
    path = project.folder / "sql" / "a_view.sql"
    path.write_text(path.read_text("utf-8").replace("18", "16"), "utf-8")
    assert project.run("check").code != 0
    project.check_output("revision", "--autogenerate", "-m", "second", "--rev-id", "b2")
    path.write_text("CREATE VIEW adult AS SELECT 7 AS id", "utf-8")  # revisions do not read it
    project.check_output("upgrade", "head")
    assert query(database, "SELECT id FROM adult ORDER BY id") == [(1,), (2,)]
    project.check_output("downgrade", "a1")
    assert query(database, "SELECT id FROM adult") == [(1,)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("SELECT 1", "does not begin with CREATE"),
        ("CREATE TABLE t (id int)", "does not begin with CREATE"),
        ("CREATE VIEW v (a) AS SELECT 1", "list of columns"),
        ("CREATE VIEW v AS SELECT 1; DROP TABLE t", "more than one statement"),
        ("CREATE TRIGGER t BEFORE INSERT", "no table"),
        ("CREATE FUNCTION f RETURNS int", "no list of arguments"),
    ],
)
def test_invalid_files_are_refused(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "object.sql"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DeclaredFileError, match=words) as error:
        declare.file(sa.MetaData(), path)
    assert error.value.place == str(path)


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE FUNCTION f() RETURNS int", "f()"),
        (
            "create or replace function s.f(a int, IN b double precision, OUT c text)",
            "f(int, double precision)",
        ),
        (
            'CREATE FUNCTION "F"(VARIADIC a text[] = null, numeric(5, 2))',
            "F(text[], numeric)",
        ),
        ("CREATE PROCEDURE p(timestamp with time zone)", "p(timestamp with time zone)"),
    ],
)
def test_signatures(tmp_path: Path, sql: str, name: str) -> None:
    path = tmp_path / "object.sql"
    path.write_text(sql, "utf-8")
    assert declare.file(sa.MetaData(), path).name == name
