"""The other templates on live servers: asyncio drivers, several databases, no env.py."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.cli.project_fixture import Worksite, finish, worksite
from tests.cli.test_failures import BASE, ROW, rows, tables, wait_for
from tests.servers import Database

DRIVERS = {"sqlite": ["aiosqlite"], "postgresql": ["asyncpg", "psycopg_async"]}
MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("one", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def _asynchronous(folder: Path, database: Database, driver: str) -> Worksite:
    url = database.url.set(drivername=f"{database.kind}+{driver}")
    return Worksite(folder / "project", url.render_as_string(hide_password=False), template="async")


@pytest.mark.parametrize(
    ("kind", "driver"), [(kind, driver) for kind, found in DRIVERS.items() for driver in found]
)
def test_async_drivers_take_the_whole_way(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, driver: str
) -> None:
    database: Database = request.getfixturevalue(kind)
    site = _asynchronous(tmp_path, database, driver)
    (site.folder / "models.py").write_text(MODELS, "utf-8")
    text = site.env_py.read_text("utf-8")
    changed = text.replace(
        "target_metadata = None", "from models import metadata\ntarget_metadata = metadata"
    )
    assert changed != text
    site.env_py.write_text(changed, "utf-8")
    site.good("revision", "--autogenerate", "-m", "one", "--rev-id", "a1")
    site.good("upgrade", "head")
    assert "one" in tables(database)
    site.good("check")
    site.write("b2", ROW.format(1) + "op.execute('INSERT INTO nowhere VALUES (1)')", down="a1")
    done = site.run("upgrade", "head")
    assert done.code == 1
    assert "nowhere" in done.out
    assert "at a1" in done.out
    assert "b2_.py" in done.err
    assert rows(database) == []
    site.write("b2", ROW.format(1) + "open('ready', 'w').close()\ntime.sleep(60)", down="a1")
    for number in (signal.SIGTERM, signal.SIGINT):
        (site.folder / "ready").unlink(missing_ok=True)
        process = site.start("upgrade", "head")
        wait_for(site.folder / "ready")
        process.send_signal(number)
        done = finish(process, 20)
        assert done.code == 128 + number
        assert "state:" in done.err
        assert "Traceback" not in done.err
    body = (
        ROW.format(1)
        + "with op.get_context().autocommit_block():\n    op.execute('INSERT INTO one VALUES (2)')"
    )
    site.write("b2", body, down="a1")
    processes = [site.start("upgrade", "head") for _ in range(3)]
    found = [finish(process) for process in processes]
    assert [done.code for done in found] == [0, 0, 0], "".join(done.text for done in found)
    assert rows(database) == [1, 2]
    assert site.good("current") == "b2 (head)\n"
    site.good("downgrade", "base")
    assert tables(database) == {"alembic_version"}


@pytest.fixture
def pair(tmp_path: Path, request: pytest.FixtureRequest) -> list[Database]:
    """Two databases of different kinds."""
    return [request.getfixturevalue("postgresql"), request.getfixturevalue("mariadb")]


def _several(folder: Path, pair: list[Database]) -> Worksite:
    site = Worksite(folder / "project", "unused", template="multidb")
    ini = site.folder / "alembic.ini"
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
    return site


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


def test_several_databases_go_the_same_way(tmp_path: Path, pair: list[Database]) -> None:
    site = _several(tmp_path, pair)
    path = site.versions / "a1.py"
    path.write_text(REVISION.format(id="a1", down=None, table="one", second="pass"), "utf-8")
    site.good("upgrade", "head")
    assert all("one" in tables(database) for database in pair)
    assert site.good("current").count("a1 (head)") == 2
    path = site.versions / "b2.py"
    broken = "op.execute('INSERT INTO nowhere VALUES (1)')"
    path.write_text(REVISION.format(id="b2", down="a1", table="two", second=broken), "utf-8")
    done = site.run("upgrade", "head")
    assert done.code == 1
    assert "nowhere" in done.out
    assert "b2.py" in done.err
    assert all("two" not in tables(database) for database in pair)
    path.write_text(REVISION.format(id="b2", down="a1", table="two", second="pass"), "utf-8")
    site.good("upgrade", "head")
    assert all("two" in tables(database) for database in pair)
    site.good("downgrade", "base")
    # where DDL commits by itself the steps were journalled, in a table that stays
    own = {"alembic_version", "limbeck_journal"}
    assert [tables(database) - own for database in pair] == [set(), set()]


def test_a_declared_project_needs_no_env_py(database: Database, tmp_path: Path) -> None:
    site = Worksite(tmp_path / "project", "unused", template="declared")
    (site.folder / "models.py").write_text(MODELS, "utf-8")
    pyproject = site.folder / "pyproject.toml"
    text = pyproject.read_text("utf-8")
    text = re.sub(r"(?m)^#?\s*url = .*$", 'url = "${DATABASE_URL}"', text, count=1)
    text = re.sub(r"(?m)^#?\s*metadata = .*$", 'metadata = "models:metadata"', text, count=1)
    pyproject.write_text(text, "utf-8")
    done = site.run("current")
    assert done.code == 255
    assert "DATABASE_URL" in done.out
    site.environment["DATABASE_URL"] = database.address
    site.good("revision", "--autogenerate", "-m", "one", "--rev-id", "a1")
    processes = [site.start("upgrade", "head") for _ in range(3)]
    found = [finish(process) for process in processes]
    assert [done.code for done in found] == [0, 0, 0], "".join(done.text for done in found)
    site.good("check")
    assert "one" in tables(database)
    site.good("downgrade", "base")
    assert "one" not in tables(database)


def test_the_url_of_an_ini_file_may_name_a_variable(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    ini = site.folder / "alembic.ini"
    text = re.sub(
        r"(?m)^sqlalchemy\.url = .*$", "sqlalchemy.url = ${APP_DATABASE}", ini.read_text()
    )
    ini.write_text(text)
    site.write("a1", BASE)
    site.good("heads")
    done = site.run("upgrade")
    assert done.code == 255
    assert "variable APP_DATABASE, which sqlalchemy.url names, is not set" in done.out
    assert "alembic.ini" in done.err
    (site.folder / ".env").write_text(f"APP_DATABASE={sqlite.address}\n")
    site.good("upgrade")
    assert "one" in tables(sqlite)
    # an env.py of Alembic may replace the text by itself
    site.env_py.write_text(
        "from alembic import context\nprint(context.config.get_main_option('sqlalchemy.url'))\n"
    )
    assert site.run("current").out.startswith("${APP_DATABASE}\n")


def test_two_version_tables_do_not_wait_for_each_other(
    server_database: Database, tmp_path: Path
) -> None:
    first = worksite(tmp_path, server_database)
    second = Worksite(
        tmp_path / "second", server_database.address, settings="version_table='other'"
    )
    first.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(8)")
    second.write("x1", "op.create_table('two', sa.Column('id', sa.Integer, primary_key=True))")
    process = first.start("upgrade", "head")
    wait_for(first.folder / "ready")
    second.good("upgrade", "head", "--lock-timeout", "1")
    assert process.poll() is None
    assert finish(process).code == 0


def test_whoever_waits_learns_for_whom(server_database: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, server_database)
    site.write("a1", BASE + "\nopen('ready', 'w').close()\ntime.sleep(6)")
    process = site.start("upgrade", "head")
    wait_for(site.folder / "ready")
    for command in (("upgrade", "head"), ("downgrade", "base"), ("stamp", "head")):
        done = site.run(*command, "--lock-timeout", "0.5")
        assert done.code == 255
        assert "did not end within 0.5 s: session" in done.out
        assert "since" in done.out
        assert "--lock-timeout" in done.err
    assert finish(process).code == 0
