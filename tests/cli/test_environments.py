"""The other templates on live servers: asyncio drivers, several databases, no env.py."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.cli.test_failures import BASE, ROW, rows, tables, wait_for
from tests.servers import Database

DRIVERS = {"sqlite": ["aiosqlite"], "postgresql": ["asyncpg", "psycopg_async"]}
MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("one", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def _asynchronous(folder: Path, database: Database, driver: str) -> CliProject:
    url = database.url.set(drivername=f"{database.kind}+{driver}")
    return CliProject(
        folder / "project", url.render_as_string(hide_password=False), template="async"
    )


@pytest.mark.parametrize(
    ("kind", "driver"), [(kind, driver) for kind, found in DRIVERS.items() for driver in found]
)
def test_async_drivers_draft_upgrade_and_downgrade(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, driver: str
) -> None:
    database: Database = request.getfixturevalue(kind)
    project = _asynchronous(tmp_path, database, driver)
    (project.folder / "models.py").write_text(MODELS, "utf-8")
    text = project.env_py.read_text("utf-8")
    changed = text.replace(
        "target_metadata = None", "from models import metadata\ntarget_metadata = metadata"
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")
    project.check_output("revision", "--autogenerate", "-m", "one", "--rev-id", "a1")
    project.check_output("upgrade", "head")
    assert "one" in tables(database)
    project.check_output("check")
    project.write("b2", ROW.format(1) + "op.execute('INSERT INTO nowhere VALUES (1)')", down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "nowhere" in done.out
    assert "at a1" in done.out
    assert "b2_.py" in done.err
    assert rows(database) == []
    project.write("b2", ROW.format(1) + "open('ready', 'w').close()\ntime.sleep(60)", down="a1")
    for number in (signal.SIGTERM, signal.SIGINT):
        (project.folder / "ready").unlink(missing_ok=True)
        process = project.start("upgrade", "head")
        wait_for(project.folder / "ready")
        process.send_signal(number)
        done = finish(process, 20)
        assert done.code == 128 + number
        assert "state:" in done.err
        assert "Traceback" not in done.err
    body = (
        ROW.format(1)
        + "with op.get_context().autocommit_block():\n    op.execute('INSERT INTO one VALUES (2)')"
    )
    project.write("b2", body, down="a1")
    processes = [project.start("upgrade", "head") for _ in range(3)]
    found = [finish(process) for process in processes]
    assert [done.code for done in found] == [0, 0, 0], "".join(done.text for done in found)
    assert rows(database) == [1, 2]
    assert project.check_output("current") == "b2 (head)\n"
    project.check_output("downgrade", "base")
    assert tables(database) == {"alembic_version"}


@pytest.fixture
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> list[Database]:
    """Two databases of different kinds."""
    return [request.getfixturevalue("postgresql"), request.getfixturevalue("mariadb")]


def _several(folder: Path, pair: list[Database]) -> CliProject:
    project = CliProject(folder / "project", "unused", template="multidb")
    ini = project.folder / "alembic.ini"
    text = ini.read_text("utf-8")
    names = re.search(r"(?m)^databases\s*=\s*(.*)$", text)
    assert names is not None
    first, second = (name.strip() for name in names[1].split(","))
    for name, database in ((first, pair[0]), (second, pair[1])):
        text = re.sub(
            rf"(?ms)(^\[{name}\].*?^sqlalchemy\.url = )[^\n]*",
            lambda match, address=database.address: match[1] + address.replace("%", "%%"),
            text,
        )
    ini.write_text(text, "utf-8")
    return project


REVISION = """
from limbeck import op
import sqlalchemy as sa
revision = {id!r}
down_revision = {down!r}


def upgrade(engine_name):
    globals()["upgrade_" + engine_name]()


def downgrade(engine_name):
    op.drop_table("{table}")


def upgrade_engine1():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))


def upgrade_engine2():
    {second}
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))
"""


def test_several_databases_draft_upgrade_and_downgrade(
    tmp_path: Path, pair: list[Database]
) -> None:
    project = _several(tmp_path, pair)
    path = project.versions / "a1.py"
    path.write_text(REVISION.format(id="a1", down=None, table="one", second="pass"), "utf-8")
    project.check_output("upgrade", "head")
    assert all("one" in tables(database) for database in pair)
    assert project.check_output("current").count("a1 (head)") == 2
    path = project.versions / "b2.py"
    broken = "op.execute('INSERT INTO nowhere VALUES (1)')"
    path.write_text(REVISION.format(id="b2", down="a1", table="two", second=broken), "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "nowhere" in done.out
    assert "b2.py" in done.err
    assert all("two" not in tables(database) for database in pair)
    path.write_text(REVISION.format(id="b2", down="a1", table="two", second="pass"), "utf-8")
    project.check_output("upgrade", "head")
    assert all("two" in tables(database) for database in pair)
    project.check_output("downgrade", "base")
    # where DDL commits implicitly the steps were journalled, in a table that is kept
    own = {"alembic_version", "limbeck_journal"}
    assert [tables(database) - own for database in pair] == [set(), set()]


def test_a_declared_project_needs_no_env_py(database: Database, tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "unused", template="declared")
    (project.folder / "models.py").write_text(MODELS, "utf-8")
    pyproject = project.folder / "pyproject.toml"
    text = pyproject.read_text("utf-8")
    text = re.sub(r"(?m)^#?\s*url = .*$", 'url = "${DATABASE_URL}"', text, count=1)
    text = re.sub(r"(?m)^#?\s*metadata = .*$", 'metadata = "models:metadata"', text, count=1)
    pyproject.write_text(text, "utf-8")
    done = project.run("current")
    assert done.code == 255
    assert "DATABASE_URL" in done.out
    project.environment["DATABASE_URL"] = database.address
    project.check_output("revision", "--autogenerate", "-m", "one", "--rev-id", "a1")
    processes = [project.start("upgrade", "head") for _ in range(3)]
    found = [finish(process) for process in processes]
    assert [done.code for done in found] == [0, 0, 0], "".join(done.text for done in found)
    project.check_output("check")
    assert "one" in tables(database)
    project.check_output("downgrade", "base")
    assert "one" not in tables(database)


def test_the_url_of_an_ini_file_may_name_a_variable(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    ini = project.folder / "alembic.ini"
    text = re.sub(
        r"(?m)^sqlalchemy\.url = .*$", "sqlalchemy.url = ${APP_DATABASE}", ini.read_text()
    )
    ini.write_text(text)
    project.write("a1", BASE)
    project.check_output("heads")
    done = project.run("upgrade")
    assert done.code == 255
    assert "variable APP_DATABASE, which sqlalchemy.url names, is not set" in done.out
    assert "alembic.ini" in done.err
    (project.folder / ".env").write_text(f"APP_DATABASE={sqlite.address}\n")
    project.check_output("upgrade")
    assert "one" in tables(sqlite)
    # an env.py of Alembic may replace the text by itself
    project.env_py.write_text(
        "from alembic import context\nprint(context.config.get_main_option('sqlalchemy.url'))\n"
    )
    assert project.run("current").out.startswith("${APP_DATABASE}\n")


def test_two_version_tables_do_not_wait_for_each_other(
    server_database: Database, tmp_path: Path
) -> None:
    first = cli_project(tmp_path, server_database)
    second = CliProject(
        tmp_path / "second", server_database.address, settings="version_table='other'"
    )
    first.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(8)")
    second.write("x1", "op.create_table('two', sa.Column('id', sa.Integer, primary_key=True))")
    process = first.start("upgrade", "head")
    wait_for(first.folder / "ready")
    second.check_output("upgrade", "head", "--lock-timeout", "1")
    assert process.poll() is None
    assert finish(process).code == 0


def test_a_waiting_runner_reports_who_holds_the_lock(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    project.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(6)")
    process = project.start("upgrade", "head")
    wait_for(project.folder / "ready")
    for command in (("upgrade", "head"), ("downgrade", "base"), ("stamp", "head")):
        done = project.run(*command, "--lock-timeout", "0.5")
        assert done.code == 255
        assert "did not end within 0.5 s: session" in done.out
        assert "since" in done.out
        assert "--lock-timeout" in done.err
    assert finish(process).code == 0
