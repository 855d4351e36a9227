"""The limit on connecting, outside the main thread."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from limbeck.environment import answers_within
from limbeck.errors import ConnectTimeoutError


def _connect(url: str, seconds: float) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with answers_within(seconds), engine.connect():
        pass


@pytest.mark.parametrize("driver", ["postgresql+psycopg", "mysql+pymysql"])
def test_a_thread_stops_waiting_for_a_server_that_does_not_answer(driver: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(3) as pool:
        url = f"{driver}://bob:secret@127.0.0.1:{silent.getsockname()[1]}/db"
        begun = time.monotonic()
        errors = [pool.submit(_connect, url, 0.3).exception(timeout=10) for _ in range(3)]
        took = time.monotonic() - begun
    assert [type(error) for error in errors] == [ConnectTimeoutError] * 3
    assert "did not answer within 0.3 s" in str(errors[0])
    assert "secret" not in str(errors[0])
    assert took < 5


def test_the_error_of_the_driver_is_raised() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"mysql+pymysql://bob@127.0.0.1:{port}/db"  # no process listens on it any more
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(_connect, url, 5).exception(timeout=10)
    assert isinstance(error, sa.exc.OperationalError)


def test_other_listeners_still_change_the_connection_arguments() -> None:
    engine = sa.create_engine("mysql+pymysql://bob@127.0.0.1:1/db", poolclass=sa.NullPool)
    seen: list[str] = []

    @sa.event.listens_for(engine, "do_connect")
    def change(_dialect, _record, _cargs, cparams):
        seen.append(threading.current_thread().name)
        cparams["port"] = 2

    def work() -> None:
        with answers_within(5), engine.connect():
            pass

    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
        error = pool.submit(work).exception(timeout=10)
    assert isinstance(error, sa.exc.OperationalError)
    assert seen == ["mine_0"]
