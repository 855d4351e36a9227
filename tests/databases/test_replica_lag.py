"""A backfill that waits for a streaming replica of PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import cli_project
from tests.databases.private_servers import PrivateServer, private_server

# the size of batches grows up to 10,000 rows; the run must last for several seconds
ROWS, BATCH = 400_000, 100


@pytest.fixture
def primary() -> Iterator[PrivateServer]:
    with private_server("postgresql") as server:
        yield server


@pytest.fixture
def replica(primary: PrivateServer) -> Iterator[sa.Engine]:
    """A replica that streams from the primary; its replay can be paused."""
    with primary.replica() as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        yield engine
        engine.dispose()


def test_a_backfill_waits_until_the_replica_has_caught_up(
    primary: PrivateServer, replica: sa.Engine, tmp_path: Path
) -> None:
    database = primary.database
    project = cli_project(tmp_path, database)
    project.write(
        "a1",
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True),"
        " sa.Column('x', sa.Integer))\n"
        f"op.execute('INSERT INTO t (id) SELECT generate_series(1, {ROWS})')",
    )
    project.check_output("upgrade", "head")
    project.write(
        "b2",
        f"op.backfill('t', set_={{'x': sa.text('id')}}, batch={BATCH}, pause=0.2, max_lag=0.5)",
        down="a1",
    )
    with replica.connect() as connection:
        _wait_until(lambda: sa.inspect(replica).has_table("t"))
        _wait_until(lambda: _has_measured(primary))
        connection.exec_driver_sql("SELECT pg_wal_replay_pause()")
        running = project.start("upgrade", "head")
        is_waiting = running.wait_for_stderr("The backfill waits: a replica is", 90)
        assert is_waiting, running.communicate(90)
        with database.engine() as engine, engine.connect() as other:
            before = _changed(other)
            assert 0 < before < ROWS
            time.sleep(1.5)
            assert _changed(other) == before
            connection.exec_driver_sql("SELECT pg_wal_replay_resume()")
            running.communicate(90)
            assert running.returncode == 0
            assert _changed(other) == ROWS
        _wait_until(lambda: _changed(connection) == ROWS)


def _changed(connection: sa.Connection) -> int:
    found = connection.exec_driver_sql("SELECT count(*) FROM t WHERE x IS NOT NULL").scalar_one()
    connection.rollback()
    return int(found)


def _has_measured(primary: PrivateServer) -> bool:
    """Write something, and return whether the primary has measured the lag of the replica."""
    with primary.database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE t SET id = id WHERE id = 1")
        lag = "SELECT replay_lag FROM pg_stat_replication"
        return connection.exec_driver_sql(lag).scalar() is not None


def _wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
