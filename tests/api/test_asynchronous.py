"""Native projects on asynchronous drivers, and with several databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

import limbeck
import limbeck.aio
from limbeck import errors
from tests.api.native_project import native_project
from tests.api.test_functions import ids, tables
from tests.cli.test_json import run
from tests.servers import Database

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
SEVERAL = """
import sqlalchemy as sa

from limbeck import op

revision = "aa11"
down_revision = None


def upgrade(engine_name):
    op.create_table(f"of_{engine_name}", sa.Column("id", sa.Integer, primary_key=True))


def downgrade(engine_name):
    op.drop_table(f"of_{engine_name}")
"""


@pytest.fixture(params=DRIVERS)
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


def url_of(database: Database) -> str:
    url = database.url.set(drivername=DRIVERS[database.kind])
    return url.render_as_string(hide_password=False)


def test_every_function_takes_an_asynchronous_url(tmp_path: Path, database: Database) -> None:
    config = native_project(tmp_path, url_of(database))
    assert ids(limbeck.upgrade(config=config)) == [("upgrade", "aa11"), ("upgrade", "bb22")]
    assert limbeck.current(config=config)[0].is_at_head
    assert limbeck.check(config=config).is_empty
    assert limbeck.compare(config=config).is_empty
    assert limbeck.status(config=config)[0].pending == ()
    assert limbeck.plan("base", config=config)[0].moves
    models = sa.MetaData()
    sa.Table("other", models, sa.Column("id", sa.Integer))
    found = limbeck.compare(models, url=url_of(database))
    assert "add table other" in found.differences
    limbeck.downgrade("base", config=config, accept_data_loss=True)
    assert tables(database) == set()
    assert run(tmp_path, "upgrade").code == 0
    assert tables(database) == {"shop"}


def test_the_functions_run_in_an_event_loop(tmp_path: Path, database: Database) -> None:
    config = native_project(tmp_path, url_of(database))

    async def work() -> None:
        with pytest.raises(errors.RunningEventLoopError, match="event loop is running") as caught:
            limbeck.upgrade(config=config)
        assert "limbeck.aio" in str(caught.value.hint)
        assert ids(await limbeck.aio.upgrade("aa11", config=config)) == [("upgrade", "aa11")]
        engine = create_async_engine(url_of(database), poolclass=sa.NullPool)
        async with engine.begin() as connection:
            with pytest.raises(errors.InvalidArgumentError, match="AsyncConnection") as refused:
                limbeck.upgrade(config=config, connection=connection)  # type: ignore[arg-type]
            assert "await limbeck.aio.upgrade()" in str(refused.value.hint).lower()
            report = await connection.run_sync(
                lambda given: limbeck.upgrade(config=config, connection=given)
            )
            assert ids(report) == [("upgrade", "bb22")]
            assert (await limbeck.aio.check(config=config, connection=connection)).is_empty
            assert (await limbeck.aio.status(config=config, connection=connection))[0].is_at_head
            assert (await limbeck.aio.plan("base", config=config, connection=connection))[0].moves
        await engine.dispose()

    asyncio.run(work())
    assert tables(database) == {"shop"}


@pytest.fixture
def several(tmp_path: Path, postgresql: Database, sqlite: Database) -> Path:
    """A project with an asynchronous and a synchronous database."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "aa11.py").write_text(SEVERAL)
    path = tmp_path / "pyproject.toml"
    path.write_text(
        "[tool.limbeck]\n"
        f"script_location = '{tmp_path / 'migrations'}'\n"
        f"[tool.limbeck.databases.first]\nurl = '{url_of(postgresql)}'\nversion_table = 'own'\n"
        f"[tool.limbeck.databases.second]\nurl = '{sqlite.address}'\n"
        f"[tool.limbeck.env.test.databases.first]\nurl = 'sqlite:///{tmp_path / 'test.db'}'\n"
    )
    return path


def test_several_databases(several: Path, postgresql: Database, sqlite: Database) -> None:
    assert len(limbeck.upgrade(config=several).moves) == 2
    assert tables(postgresql) == {"of_first", "own", "limbeck_journal_own"}
    assert tables(sqlite) == {"of_second"}
    assert [one.is_at_head for one in asyncio.run(limbeck.aio.current(config=several))] == [
        True
    ] * 2


def test_one_database_for_several_is_refused(several: Path, sqlite: Database) -> None:
    with pytest.raises(errors.OneOfSeveralDatabasesError, match="One url was given"):
        limbeck.upgrade(config=several, url=sqlite.url)
    done = run(several.parent, f"upgrade --url {sqlite.address}")
    assert done.code == 255
    assert "One url was given, and the project has several databases: first, second" in done.out
    with sqlite.engine() as engine, engine.begin() as connection:
        with pytest.raises(errors.OneOfSeveralDatabasesError, match="One connection"):
            limbeck.upgrade(config=several, connection=connection)
        with pytest.raises(errors.OneOfSeveralDatabasesError, match="for 'third'") as caught:
            limbeck.upgrade(config=several, connection={"third": connection})
        assert "first, second" in str(caught.value.hint)
    assert tables(sqlite) == set()


def test_a_connection_for_each_database(several: Path, tmp_path: Path) -> None:
    engines = [sa.create_engine(f"sqlite:///{tmp_path / name}") for name in ("a.db", "b.db")]
    with engines[0].begin() as first, engines[1].begin() as second:
        report = limbeck.upgrade(config=several, connection={"first": first, "second": second})
        assert len(report.moves) == 2
        found = [set(sa.inspect(one).get_table_names()) for one in (first, second)]
    assert "of_first" in found[0]
    assert "of_second" in found[1]
    for engine in engines:
        engine.dispose()


def test_an_environment_overrides_single_settings_of_a_database(
    several: Path, sqlite: Database, postgresql: Database
) -> None:
    assert run(several.parent, "upgrade --env test").code == 0
    engine = sa.create_engine(f"sqlite:///{several.parent / 'test.db'}")
    assert {"of_first", "own"} <= set(sa.inspect(engine).get_table_names())
    engine.dispose()
    assert tables(sqlite) == {"of_second"}
    assert tables(postgresql) == set()


def test_revisions_for_several_databases_are_not_verified(several: Path) -> None:
    template = Path(limbeck.__file__).parent / "project" / "templates" / "declared_multidb"
    (several.parent / "migrations" / "script.py.mako").write_text(
        (template / "script.py.mako").read_text()
    )
    assert run(several.parent, "upgrade").code == 0
    done = run(several.parent, "revision -m more")
    assert (done.code, "fault" in done.text) == (0, False), done.text
    done = run(several.parent, "verify aa11")
    assert done.code == 255
    assert "several databases cannot be verified: first, second" in done.out
