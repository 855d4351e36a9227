"""A process killed at any point of a batch: rows, indexes and leftovers after the same command."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from limbeck import op
from tests.databases.crash_harness import Project, database_state, deaths, session
from tests.databases.test_recovery import POINTS, _wipe
from tests.servers import Database


def _start() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("age", sa.String(10)),
        sa.UniqueConstraint("name", name="person_key"),
    )
    op.create_index("person_age", "person", ["age"])
    op.execute("INSERT INTO person (id, name, age) VALUES (1, 'Ada', '36'), (2, 'Alan', NULL)")


def _start_down() -> None:
    op.drop_table("person")


def _copy() -> None:
    op.execute("UPDATE person SET age = '7' WHERE id = 2")
    with op.batch_alter_table("person", recreate="always") as batch:
        batch.add_column(sa.Column("visits", sa.Integer, server_default="1"))
        batch.alter_column("age", type_=sa.String(20), existing_type=sa.String(10))
        batch.create_index("person_visits", ["visits"])
    op.execute("UPDATE person SET visits = visits + 1")


def _copy_down() -> None:
    op.execute("UPDATE person SET visits = visits - 1")
    with op.batch_alter_table("person", recreate="always") as batch:
        batch.drop_index("person_visits")
        batch.drop_column("visits")
        batch.alter_column("age", type_=sa.String(10), existing_type=sa.String(20))
    op.execute("UPDATE person SET age = NULL WHERE id = 2")


def _project(url: str) -> Project:
    return Project(
        url, ups={"a1": _start, "b2": _copy}, downs={"a1": _start_down, "b2": _copy_down}
    )


@POINTS
def test_the_same_command_completes_a_killed_batch(database: Database, points: int | None) -> None:
    url = database.address

    def make() -> Project:
        _wipe(url)
        return _project(url)

    make().upgrade()
    whole = database_state(url)
    assert set(whole) == {"alembic_version", "person"}
    assert whole["person"][2] == ["(1, 'Ada', '36', 2)", "(2, 'Alan', '7', 2)"]
    for death in deaths(make, points=points):
        _project(url).upgrade()
        assert database_state(url) == whole, death


@POINTS
def test_the_same_command_completes_a_killed_downgrade_of_a_batch(
    database: Database, points: int | None
) -> None:
    url = database.address

    def make() -> Project:
        _wipe(url)
        _project(url).upgrade()
        return _project(url)

    for death in deaths(make, way="downgrade", points=points):
        _project(url).downgrade()
        found = database_state(url)
        assert set(found) == {"alembic_version"}, death
        assert found["alembic_version"][2] == [], death


def _index() -> None:
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY person_name ON person (name)")


@pytest.mark.parametrize("per_migration", [False, True])
def test_a_runner_that_waits_for_the_lock_does_not_block_a_concurrent_index(
    postgresql: Database, per_migration: bool
) -> None:
    url = postgresql.address

    def project() -> Project:
        def index() -> None:
            time.sleep(1)  # by now the other one waits
            _index()

        return Project(
            url,
            ups={"a1": _start, "b2": index},
            configure={"transaction_per_migration": per_migration},
        )

    failures: list[BaseException] = []

    def run() -> None:
        try:
            project().upgrade(lock_timeout=30)
        except BaseException as error:  # noqa: BLE001 - checked by the test
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert failures == []
    with session(url) as connection:
        valid = connection.exec_driver_sql(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'person_name'::regclass"
        )
        assert valid.scalar_one() is True
