"""The functions of `limbeck` on live databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import limbeck
import limbeck.aio
from limbeck import errors
from limbeck.api import FinishedMove
from limbeck.errors import HistoryError
from limbeck.project import Config
from limbeck.runtime import MigrationFailedError
from tests.api.native_project import native_project
from tests.cli.project_fixture import cli_project
from tests.servers import Database

HANDED_OVER = """
connection = config.attributes.get("connection")
if connection is not None:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
elif context.is_offline_mode():
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return native_project(tmp_path)


def tables(database: Database) -> set[str]:
    with database.engine(poolclass=sa.NullPool) as engine:
        return set(sa.inspect(engine).get_table_names()) - {"alembic_version", "limbeck_journal"}


def ids(report: limbeck.api.RunReport) -> list[tuple[str, str]]:
    return [(one.direction, one.revision) for one in report.moves]


def test_a_native_project_by_url(
    config: Path, database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    where = {"config": config, "url": database.url}
    assert [one.revision for one in limbeck.heads(**where)] == ["bb22"]
    (before,) = limbeck.status(**where)
    assert (before.revisions, before.pending) == ((), ("aa11", "bb22"))
    (planned,) = limbeck.plan(**where)
    assert [one.revision for one in planned.moves] == ["aa11", "bb22"]
    report = limbeck.upgrade(**where)
    assert report.moves == (
        FinishedMove(
            revision="aa11", direction="upgrade", message="make shops", path=report.moves[0].path
        ),
        FinishedMove(
            revision="bb22", direction="upgrade", message="name them", path=report.moves[1].path
        ),
    )
    assert str(report.moves[0].path).endswith("aa11_.py")
    assert limbeck.upgrade(**where).moves == ()
    (now,) = limbeck.current(check_heads=True, **where)
    assert now.is_at_head
    assert [one.revision for one in now.revisions] == ["bb22"]
    assert "***" in now.database or database.url.password is None
    assert limbeck.check(**where).is_empty
    assert limbeck.compare(**where).differences == ()
    listed = limbeck.list_revisions(indicate_current=True, **where)
    assert [(one.revision, one.is_current) for one in listed] == [("bb22", True), ("aa11", False)]
    assert ids(limbeck.downgrade("aa11", accept_data_loss=True, **where)) == [("downgrade", "bb22")]
    with pytest.raises(errors.NotAtHeadsError):
        limbeck.current(check_heads=True, **where)
    assert ids(limbeck.stamp("bb22", **where)) == [("stamp", "bb22")]
    with pytest.raises(errors.DifferencesFoundError, match=r"add column shop\.name"):
        limbeck.check(**where)
    assert limbeck.compare(**where).differences == ("add column shop.name",)
    assert capfd.readouterr() == ("", "")


def test_an_open_connection_is_used_and_left_open(config: Path, database: Database) -> None:
    with database.engine(poolclass=sa.NullPool) as engine:
        with engine.begin() as connection:
            limbeck.upgrade(config=config, connection=connection)
            (found,) = limbeck.current(config=config, connection=connection)
            assert found.is_at_head
        assert tables(database) == {"shop"}
        with engine.connect() as connection:
            limbeck.downgrade("base", config=config, connection=connection, accept_data_loss=True)
            assert not connection.closed
        assert tables(database) == set()


def test_migrations_belong_to_the_transaction_of_the_caller(
    config: Path, postgresql: Database
) -> None:
    with postgresql.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        transaction = connection.begin()
        limbeck.upgrade(config=config, connection=connection)
        transaction.rollback()
    assert tables(postgresql) == set()


def test_an_alembic_project_by_url(database: Database, sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("aaaa", "op.create_table('one', sa.Column('id', sa.Integer))")
    ini = project.folder / "alembic.ini"
    other = {
        "config": Config(ini, config_args={}),
        "url": sqlite.url,
    }
    other["config"].set_main_option("script_location", str(project.folder / "migs"))
    assert ids(limbeck.upgrade(**other)) == [("upgrade", "aaaa")]
    assert tables(sqlite) == {"one"}
    assert other["config"].get_main_option("sqlalchemy.url") == database.address
    assert not other["config"].attributes
    if database.kind != "sqlite":
        assert tables(database) == set()


def test_an_env_py_that_ignores_the_database_is_refused(
    sqlite: Database, postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, postgresql)
    project.write("aaaa", "op.create_table('one', sa.Column('id', sa.Integer))")
    config = Config(project.folder / "alembic.ini")
    config.set_main_option("script_location", str(project.folder / "migs"))
    with sqlite.engine() as engine, engine.connect() as connection:
        with pytest.raises(errors.GivenDatabaseIgnoredError) as caught:
            limbeck.upgrade(config=config, connection=connection)
        assert caught.value.code == "LB150"
        assert "config.attributes.get('connection')" in str(caught.value.hint)
        text = project.env_py.read_text()
        project.env_py.write_text(
            text.replace("\nif context.is_offline_mode():\n", HANDED_OVER.replace("elif", "elif"))
        )
        limbeck.upgrade(config=config, connection=connection)
    assert tables(sqlite) == {"one"}
    with postgresql.engine() as engine:
        assert sa.inspect(engine).get_table_names() == []
    project.env_py.write_text(
        text.replace(
            "config.get_section(config.config_ini_section, {})", "{'sqlalchemy.url': 'sqlite://'}"
        )
    )
    with pytest.raises(errors.GivenDatabaseIgnoredError, match="does not use the URL"):
        limbeck.upgrade(config=config, url=sqlite.url)


def test_a_script_is_returned(config: Path) -> None:
    report = limbeck.upgrade("aa11:head", sql=True, config=config, url="postgresql://h/d")
    assert "ADD COLUMN name VARCHAR(30)" in str(report.sql)
    assert ids(report) == [("upgrade", "bb22")]


def test_a_revision_is_drafted(config: Path, database: Database) -> None:
    where = {"config": config, "url": database.url}
    limbeck.upgrade(**where)
    models = next(config.parent.glob("models_*.py"))
    models.write_text(models.read_text() + "shop.append_column(sa.Column('city', sa.String(20)))\n")
    sys.modules.pop(models.stem)
    (written,) = limbeck.revision("cities", autogenerate=True, rev_id="cc33", **where)
    assert (written.revision, written.down_revision, written.is_head) == ("cc33", ("bb22",), True)
    assert "op.add_column(" in Path(str(written.path)).read_text()
    assert ids(limbeck.upgrade(**where)) == [("upgrade", "cc33")]


def test_models_are_compared_with_any_database(database: Database) -> None:
    models = sa.MetaData()
    sa.Table("one", models, sa.Column("id", sa.Integer, primary_key=True))
    assert limbeck.compare(models, url=database.url).differences == ("add table one",)
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        models.create_all(connection)
        assert limbeck.compare(models, connection=connection).is_empty


def test_an_error_lists_the_completed_moves(config: Path, database: Database) -> None:
    path = config.parent / "migrations" / "versions" / "bb22_.py"
    path.write_text(path.read_text().replace('"shop"', '"nowhere"'))
    with pytest.raises(MigrationFailedError) as caught:
        limbeck.upgrade(config=config, url=database.url)
    assert "bb22" in str(caught.value)
    with pytest.raises(HistoryError):
        limbeck.upgrade("nothing", config=config, url=database.url)


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ({"lock_timout": 3}, r"upgrade\(\) has no argument 'lock_timout'", "'lock_timeout'"),
        ({"url": "sqlite://", "connection": object()}, "both url= and connection=", "one"),
        ({"config": "/no/such.toml"}, "does not exist", "pyproject.toml"),
    ],
)
def test_invalid_arguments_are_refused(words: dict[str, object], message: str, hint: str) -> None:
    with pytest.raises(errors.InvalidArgumentError, match=message) as caught:
        limbeck.upgrade(**words)  # type: ignore[arg-type]
    assert hint in str(caught.value.hint)
    assert isinstance(caught.value, TypeError)


def test_timeouts_are_used(config: Path, sqlite: Database) -> None:
    with pytest.raises(errors.InvalidValueError, match="silence_timeout"):
        limbeck.status(config=config, url=sqlite.url, silence_timeout=-1)
    assert limbeck.upgrade(
        config=config,
        url=sqlite.url,
        lock_timeout=1,
        table_timeout=0.5,
        connect_timeout=2,
        silence_timeout=9,
    ).moves


def test_a_password_with_special_characters_is_used(config: Path) -> None:
    url = sa.URL.create("postgresql+psycopg", "me", "p$HOME%40%(x)s", "nowhere.invalid", 1, "d")
    with pytest.raises(sa.exc.OperationalError) as caught:
        limbeck.upgrade(config=config, url=url)
    assert "p$HOME" not in str(caught.value)


def test_the_folder_of_a_configuration_is_enough(
    config: Path, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limbeck.upgrade(config=config.parent, url=sqlite.url).moves
    monkeypatch.chdir(config.parent)
    assert limbeck.current(url=sqlite.url)[0].is_at_head


def test_the_asynchronous_functions_are_awaited(config: Path, sqlite: Database) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    async def work() -> None:
        url = sqlite.url.set(drivername="sqlite+aiosqlite")
        assert (await limbeck.aio.upgrade("aa11", config=config, url=url)).moves
        engine = create_async_engine(url, poolclass=sa.NullPool)
        async with engine.begin() as connection:
            report = await limbeck.aio.upgrade(config=config, connection=connection)
            assert ids(report) == [("upgrade", "bb22")]
        async with engine.connect() as connection:
            (found,) = await limbeck.aio.current(config=config, connection=connection)
            assert found.is_at_head
        await engine.dispose()

    asyncio.run(work())
    assert tables(sqlite) == {"shop"}


def test_every_function_has_an_asynchronous_version() -> None:
    functions = {name for name in limbeck.api.__all__ if name.islower()}
    assert set(limbeck.aio.__all__) == functions
    assert functions <= set(limbeck.__all__)


def test_importing_loads_no_sqlalchemy() -> None:
    code = (
        "import sys, limbeck, limbeck.api\n"
        "limbeck.upgrade, limbeck.current, limbeck.check, limbeck.api.Options\n"
        "heavy = {'sqlalchemy', 'mako', 'rich', 'dataclasses', 'inspect', 'logging', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_program_that_uses_the_real_alembic_runs_native_projects(
    config: Path, sqlite: Database
) -> None:
    (config.parent / "fake").mkdir()
    (config.parent / "fake" / "alembic.py").write_text("")
    code = (
        f"import sys; sys.path.insert(0, {str(config.parent / 'fake')!r})\n"
        "import alembic, limbeck\n"
        f"limbeck.upgrade(config={str(config)!r}, url={sqlite.address!r})\n"
        "assert not alembic.__name__.startswith('limbeck')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert tables(sqlite) == {"shop"}
