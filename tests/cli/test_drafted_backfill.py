"""A hook of env.py adds `BackfillOp` to a draft; the draft then runs on rows."""

from __future__ import annotations

from pathlib import Path

from tests.cli.project_fixture import cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("item", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer){})
"""
HOOK = """
import datetime, decimal
import sqlalchemy as sa
from limbeck.operations import AddColumnOp, BackfillOp, ModifyTableOps
from models import metadata as target_metadata

item = sa.table("item", sa.column("id"), sa.column("n"))


def fill(context, revision, directives):
    for script in directives:
        added = [
            operation
            for block in script.upgrade_ops.ops if isinstance(block, ModifyTableOps)
            for operation in block.ops if isinstance(operation, AddColumnOp)
        ]
        if not added:
            continue
        values = {
            "double": item.c.n * 2,
            "label": sa.literal("50%: it's"),
            "price": decimal.Decimal("1.50"),
            "since": datetime.date(2020, 1, 2),
        }
        script.upgrade_ops.ops.append(
            BackfillOp("item", values, where=item.c.n.isnot(None), batch=2, seconds=None)
        )
        script.downgrade_ops.ops.insert(0, BackfillOp("item", "n = n + 1", where="n IS NOT NULL"))
"""
COLUMNS = """,
    sa.Column("double", sa.Integer), sa.Column("label", sa.String(20)),
    sa.Column("price", sa.Numeric(8, 2)), sa.Column("since", sa.Date)"""


def test_a_hook_adds_a_backfill(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database, settings="process_revision_directives=fill")
    text = project.env_py.read_text("utf-8")
    assert "target_metadata = None" in text
    project.env_py.write_text(text.replace("target_metadata = None", HOOK), "utf-8")
    (project.folder / "models.py").write_text(MODELS.format(""), "utf-8")
    project.check_output("revision", "--autogenerate", "-m", "one")
    project.check_output("upgrade", "head")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO item VALUES (1, 1), (2, 2), (3, NULL), (4, 4)")
    (project.folder / "models.py").write_text(MODELS.format(COLUMNS), "utf-8")
    project.check_output("revision", "--autogenerate", "-m", "two")
    (path,) = project.versions.glob("*_two.py")
    source = path.read_text("utf-8")
    assert source.count("op.backfill(") == 2
    assert [source.count(one) for one in ("batch=2", "seconds=None")] == [1, 1]
    project.check_output("upgrade", "head")
    query = "SELECT n, double, label, price, since FROM item ORDER BY id"
    if database.kind in {"mariadb", "mysql"}:
        query = query.replace("double", "`double`")
    with database.engine() as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    kept = ("50%: it's", "1.5", "2020-01-02")
    assert [(row[0], row[1]) for row in rows] == [(1, 2), (2, 4), (None, None), (4, 8)]
    for row in (rows[0], rows[1], rows[3]):
        assert (row[2], f"{row[3]:.1f}", str(row[4])) == kept
    assert list(rows[2][2:]) == [None, None, None]
    script = project.check_output("upgrade", "base:head", "--sql")
    assert "50%: it''s" in script
    project.check_output("downgrade", "-1")
    with database.engine() as engine, engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT n FROM item ORDER BY id").scalars().all()
    assert list(found) == [2, 3, None, 5]
