"""TCP keepalive is set for the connection of a run, and not for other connections."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.compat.migration import MigrationContext
from limbeck.runtime.tcp_keepalive import limit_silence, limited_silence, socket_of, watch
from tests.cli.project_fixture import cli_project
from tests.servers import Database

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")

DRIVERS = {
    "postgresql": ("postgresql+psycopg", "postgresql+psycopg2"),
    "mariadb": ("mysql+pymysql", "mysql+mysqldb"),
    "mysql": ("mysql+pymysql", "mysql+mysqldb"),
}


def _settings(number: int) -> dict[str, int]:
    with socket.socket(fileno=socket.dup(number)) as seen:
        return {
            "on": seen.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
            "quiet": seen.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
            "between": seen.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
            "times": seen.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
            "sent": seen.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
        }


def _is_network(database: Database) -> bool:
    return not any(name in database.url.query for name in ("host", "unix_socket"))


@pytest.mark.parametrize("place", [0, 1])
def test_keepalive_is_set_inside_the_block(server_database: Database, place: int) -> None:
    driver = DRIVERS[server_database.kind][place]
    pytest.importorskip({"mysql+mysqldb": "MySQLdb"}.get(driver, driver.partition("+")[2]))
    if not _is_network(server_database):
        pytest.skip("a server on this machine, without a network in between")
    url = server_database.url.set(drivername=driver)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        number = socket_of(connection.connection.dbapi_connection)
        if number is None:
            pytest.skip(f"{driver} does not show its socket")
        before = _settings(number)
        with limited_silence(connection, 200):
            found = _settings(number)
        assert found == {"on": 1, "quiet": 80, "between": 20, "times": 6, "sent": 200_000}
        assert _settings(number) == before


def test_keepalive_is_set_until_the_connection_is_closed(server_database: Database) -> None:
    if not _is_network(server_database):
        pytest.skip("a server on this machine, without a network in between")
    wanted = {"on": 1, "quiet": 80, "between": 20, "times": 6, "sent": 200_000}
    with server_database.engine(pool_size=1) as engine:
        for _ in range(2):
            with engine.connect() as connection:
                limit_silence(connection, 200)
                number = socket_of(connection.connection.dbapi_connection)
                assert number is not None
                assert _settings(number) == wanted
        engine.dispose()
        with engine.connect() as connection:
            number = socket_of(connection.connection.dbapi_connection)
            assert number is not None
            assert _settings(number) != wanted


def test_no_time_is_too_long(server_database: Database) -> None:
    with server_database.engine() as engine, engine.connect() as connection:
        number = socket_of(connection.connection.dbapi_connection)
        assert number is not None
        with limited_silence(connection, 1e12):
            assert not _is_network(server_database) or _settings(number)["on"] == 1


def test_the_setting_of_alembic_ini_is_used_in_the_run(
    server_database: Database, tmp_path: Path
) -> None:
    if not _is_network(server_database):
        pytest.skip("a server on this machine, without a network in between")
    project = cli_project(tmp_path, server_database, extra="silence_timeout = 77")
    look = (
        "import socket\nfrom limbeck.runtime.tcp_keepalive import socket_of\n"
        "raw = op.get_bind().connection.dbapi_connection\n"
        "with socket.socket(fileno=socket.dup(socket_of(raw))) as seen:\n"
        "    print('limit', seen.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))\n"
    )
    project.write("a1", look)
    assert "limit 77000" in project.check_output("upgrade", "head")


def test_the_keepalive_time_of_a_run_is_that_of_its_options(server_database: Database) -> None:
    if not _is_network(server_database):
        pytest.skip("a server on this machine, without a network in between")
    found: list[int] = []
    with server_database.engine() as engine, engine.connect() as connection:
        number = socket_of(connection.connection.dbapi_connection)
        assert number is not None

        def job(_rows: object, _context: object) -> list[object]:
            found.append(_settings(number)["sent"])
            return []

        MigrationContext.configure(
            connection, opts={"fn": job, "silence_timeout": 100}
        ).run_migrations()
        connection.rollback()
        assert found == [100_000]
        assert _settings(number)["sent"] == 0


def test_keepalive_is_set_with_asyncpg(postgresql: Database) -> None:
    pytest.importorskip("asyncpg")
    if not _is_network(postgresql):
        pytest.skip("a server on this machine, without a network in between")
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    async def look() -> int:
        engine = create_async_engine(postgresql.async_address, poolclass=sa.NullPool)

        def inside(connection: sa.Connection) -> int:
            number = socket_of(connection.connection.dbapi_connection)
            assert number is not None
            with limited_silence(connection, 200):
                return _settings(number)["sent"]

        async with engine.connect() as connection:
            found = await connection.run_sync(inside)
        await engine.dispose()
        return found

    assert asyncio.run(look()) == 200_000


def test_keepalive_options_of_the_url_are_kept(postgresql: Database) -> None:
    if not _is_network(postgresql):
        pytest.skip("a server on this machine, without a network in between")
    url = postgresql.url.update_query_dict(
        {"keepalives_idle": "7", "keepalives_interval": "3", "tcp_user_timeout": "9000"}
    )
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection, limited_silence(connection, 200):
        number = socket_of(connection.connection.dbapi_connection)
        assert number is not None
        found = _settings(number)
    assert (found["quiet"], found["between"], found["sent"]) == (7, 3, 9000)


def test_connections_without_a_network_are_not_changed() -> None:
    first, second = socket.socketpair()
    with first, second:
        watch(first.fileno(), 200)
        assert not first.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool)
    with engine.connect() as connection, limited_silence(connection, 200):
        assert socket_of(connection.connection.dbapi_connection) is None


def test_keepalive_can_be_switched_off(server_database: Database) -> None:
    with (
        server_database.engine() as engine,
        engine.connect() as connection,
        limited_silence(connection, 0),
    ):
        number = socket_of(connection.connection.dbapi_connection)
        assert number is not None
        if _is_network(server_database):
            assert _settings(number)["sent"] == 0
