"""`declare.rows`: reference rows of the models, drafted, applied, downgraded and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import declare
from limbeck.errors import DeclaredRowsError
from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_recover import query
from tests.servers import Database

MODELS = """
import datetime, decimal, enum, uuid
import sqlalchemy as sa
from limbeck import declare

metadata = sa.MetaData()


class Kind(enum.Enum):
    hard = "h"
    soft = "s"


area = sa.Table(
    "area", metadata,
    sa.Column("code", sa.String(9), primary_key=True),
    sa.Column("name", sa.String(30), nullable=False),
    sa.Column("remark", sa.String(30)),
)
currency = sa.Table(
    "currency", metadata,
    sa.Column("code", sa.String(9), primary_key=True),
    sa.Column("area", sa.String(9), sa.ForeignKey("area.code")),
    sa.Column("rate", sa.Numeric(10, 4)),
    sa.Column("since", sa.Date),
    sa.Column("seen", sa.DateTime),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Enum(Kind)),
    sa.Column("more", sa.JSON),
    sa.Column("mark", sa.Uuid),
)
"""
FIRST = """
declare.rows(area, [{"code": "eu", "name": "Europe"}, {"code": "us", "name": "it's 100% :us"}])
declare.rows(currency, [
    {"code": "EUR", "area": "eu", "rate": decimal.Decimal("1.5"), "active": True,
     "since": datetime.date(1999, 1, 1), "seen": datetime.datetime(2020, 1, 2, 3, 4, 5),
     "kind": Kind.hard, "more": {"sign": "€", "list": [1, None]}, "mark": uuid.UUID(int=7)},
    {"code": "USD", "area": "us", "rate": 2, "active": False, "since": None, "kind": Kind.soft,
     "more": None},
])
"""
SECOND = """
declare.rows(area, [{"code": "eu", "name": "Europe"}, {"code": "jp", "name": "Japan"}])
declare.rows(currency, [
    {"code": "EUR", "area": "eu", "rate": decimal.Decimal("1.25"), "active": True,
     "since": None, "kind": Kind.soft, "more": {"sign": "E"}, "mark": uuid.UUID(int=8)},
    {"code": "JPY", "area": "jp", "active": True},
])
"""
ALL = "SELECT code, area, rate, since, seen, active, kind, mark FROM currency ORDER BY code"


def _project(folder: Path, database: Database, rows: str = FIRST) -> CliProject:
    project = cli_project(folder, database)
    text = project.env_py.read_text("utf-8")
    changed = text.replace(
        "target_metadata = None", "from models import metadata as target_metadata"
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")
    _declare(project, rows)
    return project


def _declare(project: CliProject, rows: str, models: str = MODELS) -> None:
    (project.folder / "models.py").write_text(models + rows, "utf-8")


def _draft(project: CliProject, name: str) -> str:
    project.check_output("revision", "--autogenerate", "-m", name, "--rev-id", name)
    (path,) = project.versions.glob(f"{name}*.py")
    return path.read_text("utf-8")


def test_rows_are_drafted_applied_and_downgraded(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    first = _draft(project, "first").replace('"', "'")
    assert first.index("create_table") < first.index("op.insert_rows(\n        'area'")
    assert first.index("'area',\n        [") < first.index("'currency',\n        [")
    assert "delete_rows" not in first
    project.check_output("upgrade", "head")
    project.check_output("check")
    before = query(database, ALL), query(database, "SELECT * FROM area ORDER BY code")
    _declare(project, SECOND)
    drift = project.run("check")
    assert drift.code != 0
    assert "add rows area: jp" in drift.text
    assert "change rows currency: EUR" in drift.text
    assert "drop rows currency: USD" in drift.text
    second = _draft(project, "second").replace('"', "'")
    assert "op.update_rows(" in second
    words = "".join(second.split())
    assert words.index("'currency',[{'code':'USD'") < words.index("{'code':'us'}")
    project.check_output("upgrade", "head")
    project.check_output("check")
    assert [row[0] for row in query(database, ALL)] == ["EUR", "JPY"]
    project.check_output("downgrade", "first")
    after = query(database, ALL), query(database, "SELECT * FROM area ORDER BY code")
    assert after == before
    project.check_output("upgrade", "head")
    project.check_output("check")
    project.check_output("downgrade", "base")


def test_changed_rows_are_found(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    _draft(project, "first")
    project.check_output("upgrade", "head")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE area SET remark = 'not compared'")
        connection.exec_driver_sql(
            "UPDATE currency SET mark = mark, seen = NULL WHERE code = 'USD'"
        )
    project.check_output("check")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE currency SET rate = 3 WHERE code = 'USD'")
    assert "change rows currency: USD" in project.run("check").text


def test_rows_of_new_and_of_renamed_columns(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    _draft(project, "first")
    project.check_output("upgrade", "head")
    before = query(database, "SELECT * FROM area ORDER BY code")
    models = MODELS.replace(
        'sa.Column("remark", sa.String(30)),',
        'sa.Column("note", sa.String(30)), sa.Column("size", sa.Integer),',
    )
    rows = FIRST.replace(
        '{"code": "eu", "name": "Europe"}, {"code": "us", "name": "it\'s 100% :us"}',
        '{"code": "eu", "name": "Europe", "note": "n", "size": 4},'
        ' {"code": "us", "name": "US", "size": None}',
    )
    _declare(project, rows, models)
    project.check_output(
        "revision",
        "--autogenerate",
        "--rename",
        "area.remark=area.note",
        "-m",
        "b",
        "--rev-id",
        "b2",
    )
    project.check_output("upgrade", "head")
    project.check_output("check", "--json")
    wanted = [("eu", "Europe", "n", 4), ("us", "US", None, None)]
    assert query(database, "SELECT code, name, note, size FROM area ORDER BY code") == wanted
    project.check_output("downgrade", "first")
    assert query(database, "SELECT code, name, remark FROM area ORDER BY code") == [
        tuple(row) for row in before
    ]


def test_a_script_of_rows(server_database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, server_database)
    _draft(project, "first")
    script = project.check_output("upgrade", "head", "--sql")
    assert "INSERT INTO area (code, name) VALUES ('eu', 'Europe')" in script
    assert not [line for line in script.splitlines() if "INTO area" in line and "RETURN" in line]
    assert json.dumps({"sign": "€"})[1:-1].split(":")[0] in script


def test_undeclared_rows_can_be_kept(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    _draft(project, "first")
    project.check_output("upgrade", "head")
    with sqlite.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO area VALUES ('xx', 'own', NULL)")
    assert "drop rows area: xx" in project.run("check").text
    _declare(
        project,
        FIRST.replace("declare.rows(area, [", 'declare.rows(area, undeclared="keep", rows=['),
    )
    project.check_output("check")


TABLE = sa.Table(
    "t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)
)
KEYLESS = sa.Table("k", sa.MetaData(), sa.Column("n", sa.Integer))


@pytest.mark.parametrize(
    ("table", "rows", "options", "words"),
    [
        (TABLE, [{"n": 1}], {}, "has no id"),
        (TABLE, [{"id": 1}, {"id": 1}], {}, "occurs twice"),
        (TABLE, [{"id": 1, "x": 1}], {}, "no column x"),
        (TABLE, [{"id": 1, "n": sa.func.now()}], {}, "is SQL"),
        (TABLE, [{"id": 1}], {"key": "x"}, "has no x"),
        (TABLE, [{"id": 1}], {"undeclared": "drop"}, "has to be"),
        (KEYLESS, [{"n": 1}], {}, "no primary key"),
    ],
)
def test_declarations_that_cannot_be_compared_are_refused(
    table: sa.Table, rows: list[dict[str, Any]], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(DeclaredRowsError, match=words) as error:
        declare.rows(table, rows, **options)
    assert error.value.place is not None
    assert Path(__file__).name in error.value.place


def test_a_table_is_declared_once() -> None:
    table = TABLE.to_metadata(sa.MetaData())
    declare.rows(table, [{"id": 1}])
    with pytest.raises(DeclaredRowsError, match="twice"):
        declare.rows(table, [{"id": 2}])
