"""A process killed at any point of a run; the same command completes the run."""

from __future__ import annotations

import random
import time

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.dialects import find
from limbeck.runtime import failure_of
from tests.databases.crash_harness import (
    Project,
    database_state,
    deaths,
    killed_after,
    line,
    settle,
)
from tests.databases.crash_harness import line as simple_line
from tests.servers import Database

POINTS = pytest.mark.parametrize(
    "points", [5, pytest.param(None, id="all", marks=pytest.mark.slow)]
)
KILLS = pytest.mark.parametrize("kills", [4, pytest.param(30, marks=pytest.mark.slow)])


def _wipe(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
    engine.dispose()


@POINTS
@pytest.mark.parametrize("per_migration", [False, True])
def test_the_same_command_completes_a_killed_upgrade(
    database: Database, per_migration: bool, points: int | None
) -> None:
    if per_migration and database.kind != "postgresql":
        pytest.skip("only a database with transactional DDL has the choice")
    url = database.address

    def make() -> Project:
        _wipe(url)
        return line(url, transaction_per_migration=per_migration)

    make().upgrade()
    whole = database_state(url)
    assert set(whole) == {"alembic_version", "person", "place"}
    for death in deaths(make, points=points):
        line(url, transaction_per_migration=per_migration).upgrade()
        assert database_state(url) == whole, death


@POINTS
def test_the_same_command_completes_a_killed_downgrade(
    database: Database, points: int | None
) -> None:
    url = database.address

    def make() -> Project:
        _wipe(url)
        line(url).upgrade()
        return line(url)

    for death in deaths(make, way="downgrade", points=points):
        line(url).downgrade()
        found = database_state(url)
        assert set(found) == {"alembic_version"}, death
        assert found["alembic_version"][2] == [], death


@KILLS
@pytest.mark.parametrize("journal", ["auto", "keep"])
def test_random_kills_are_recovered(database: Database, kills: int, journal: str) -> None:
    url = database.address

    def line(url: str) -> Project:
        return simple_line(url, journal=journal)

    chance = random.Random(20)
    line(url).upgrade()
    top = database_state(url, without=("limbeck_journal",))
    line(url).downgrade()
    bottom = database_state(url, without=("limbeck_journal",))
    done = 0
    longest = 0.2
    for _ in range(20 * kills):
        way, goal = (
            ("upgrade", top)
            if database_state(url, without=("limbeck_journal",)) == bottom
            else ("downgrade", bottom)
        )
        begun = time.monotonic()
        if killed_after(chance.uniform(0, longest), getattr(line(url), way)):
            settle(url)
            done += 1
            getattr(line(url), way)()
        else:
            longest = max(0.02, time.monotonic() - begun)
        assert database_state(url, without=("limbeck_journal",)) == goal, (
            f"after kill {done}, {way}"
        )
        if done == kills:
            return
    pytest.fail(f"only {done} of {kills} processes could be killed in time")


def _in_blocks() -> None:
    op.create_table(
        "person", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text)
    )
    op.execute("INSERT INTO person (id, name) VALUES (1, 'Ada')")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY person_name ON person (name)")
        op.execute("INSERT INTO person (id, name) VALUES (2, 'Alan')")
        op.execute("ALTER TABLE person ADD COLUMN visits integer")
    op.execute("UPDATE person SET visits = coalesce(visits, 0) + 1")


@POINTS
@pytest.mark.parametrize("per_migration", [False, True])
def test_blocks_outside_transactions_are_not_repeated(
    postgresql: Database, per_migration: bool, points: int | None
) -> None:
    url = postgresql.address

    def make(*, wipe: bool = True) -> Project:
        if wipe:
            _wipe(url)
        configure = {"transaction_per_migration": per_migration}
        return Project(url, ups={"a1": _in_blocks}, configure=configure)

    make().upgrade()
    whole = database_state(url)
    assert whole["person"][2] == ["(1, 'Ada', 1)", "(2, 'Alan', 1)"]
    for death in deaths(make, points=points):
        make(wipe=False).upgrade()
        assert database_state(url) == whole, death


def test_a_corrected_file_continues_at_the_failed_statement(mysql_family: Database) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE one (id INT)")
        op.execute("INSERT INTO one VALUES (1)")
        op.execute("CREATE TABLE two (id INT)")
        op.execute("CREATE TABLE three (id NONSENSE)")

    def corrected() -> None:
        op.execute("CREATE TABLE one (id INT)")
        op.execute("INSERT INTO one VALUES (1)")
        op.execute("CREATE TABLE two (id INT)")
        op.execute("CREATE TABLE three (id INT)")

    with pytest.raises(sa.exc.DBAPIError) as caught:
        Project(mysql_family.address, ups={"a1": broken}).upgrade()
    story = failure_of(caught.value)
    assert story is not None
    assert "limbeck_journal" in story.state
    assert "NONSENSE" in (story.statement or "")
    Project(mysql_family.address, ups={"a1": corrected}).upgrade()
    assert set(database_state(mysql_family.address)) == {"alembic_version", "one", "two", "three"}
    assert database_state(mysql_family.address)["one"][2] == ["(1,)"]


def test_a_changed_completed_step_runs_as_a_new_one(mysql_family: Database) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE one (id INT)")
        op.execute("CREATE TABLE two (id NONSENSE)")

    def changed() -> None:
        op.execute("CREATE TABLE one (id BIGINT)")
        op.execute("CREATE TABLE two (id INT)")

    with pytest.raises(sa.exc.DBAPIError):
        Project(mysql_family.address, ups={"a1": broken}).upgrade()
    with pytest.raises(sa.exc.DBAPIError, match="already exists"):
        Project(mysql_family.address, ups={"a1": changed}).upgrade()


def test_a_step_on_a_table_with_a_percent_sign_is_recognized(mysql_family: Database) -> None:
    trace, step = find(mysql_family.kind).trace, "ALTER TABLE `a%%b` MODIFY id BIGINT"
    assert trace is not None
    with mysql_family.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE `a%%b` (id INT)")
        before = trace(connection, step)
        connection.exec_driver_sql(step)
        assert trace(connection, step) != before


def test_an_invalid_index_is_built_again(postgresql: Database) -> None:
    def make_table() -> None:
        op.execute("CREATE TABLE person (id int)")
        op.execute("INSERT INTO person VALUES (1), (1)")

    def make_index() -> None:
        with op.get_context().autocommit_block():
            op.execute("CREATE UNIQUE INDEX CONCURRENTLY person_id ON person (id)")

    def project() -> Project:
        return Project(
            postgresql.address,
            ups={"a1": make_table, "b2": make_index},
            configure={"transaction_per_migration": True},
        )

    with pytest.raises(sa.exc.IntegrityError):
        project().upgrade()
    with postgresql.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM person WHERE ctid = '(0,1)'")
    project().upgrade()
    with postgresql.engine() as engine, engine.connect() as connection:
        valid = connection.exec_driver_sql(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'person_id'::regclass"
        )
        assert valid.scalar_one() is True
