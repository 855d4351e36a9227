"""Limit the time to wait for a server that accepts a connection and never answers.

Some drivers wait without limit for the first message of a server. In the main thread, a SIGALRM
timer limits the time between the attempt to connect and the first use of the connection. In other
threads, and on systems without SIGALRM, the driver connects in a separate thread, which is
abandoned at the timeout.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FrameType
from typing import Any

from limbeck.errors import ConnectTimeoutError

_CONNECTING = ("connect", "do_connect", "initialize", "first_connect", "_do_get", "raw_connection")
_limit: ContextVar[float] = ContextVar("limbeck_connect_timeout", default=0.0)


@contextmanager
def answers_within(seconds: float) -> Iterator[None]:
    """Within the block, raise an error if a server does not answer a connection in time.

    There is no limit if the application has a SIGALRM handler in the main thread, and none for
    asyncio drivers outside the main thread, which have their own timeouts.
    """
    alarm = getattr(signal, "SIGALRM", None)
    is_main = threading.current_thread() is threading.main_thread()
    if seconds <= 0:
        yield
    elif alarm is None or not is_main:
        with _connecting_in_threads(seconds):
            yield
    elif signal.getsignal(alarm) != signal.SIG_DFL:
        yield
    else:
        with _alarmed(alarm, seconds):
            yield


@contextmanager
def _alarmed(alarm: int, seconds: float) -> Iterator[None]:
    from sqlalchemy import Engine, event
    from sqlalchemy.pool import Pool

    watch = _Watch(seconds)
    signal.signal(alarm, watch.ring)
    # the listener returns None, so that other listeners can still change the connection
    event.listen(Engine, "do_connect", watch.begin)
    event.listen(Pool, "checkout", watch.end)
    event.listen(Engine, "handle_error", watch.end)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", watch.begin)
        event.remove(Pool, "checkout", watch.end)
        event.remove(Engine, "handle_error", watch.end)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(alarm, signal.SIG_DFL)


class _Watch:
    """The alarm for one connection at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._server = ""

    def begin(self, _dialect: Any, _record: Any, _cargs: Any, cparams: dict[str, Any]) -> None:
        self._server = _server(cparams)
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def end(self, *_event: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, _number: int, frame: FrameType | None) -> None:
        if not _is_connecting(frame):
            return  # the attempt has already ended
        raise _no_answer(self._server, self._seconds)


@contextmanager
def _connecting_in_threads(seconds: float) -> Iterator[None]:
    _listen()
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


@cache
def _listen() -> None:
    """Add the listener for all engines of the process, once.

    SQLAlchemy's lists of listeners must not change while other threads connect.
    """
    from sqlalchemy import Engine, event

    event.listen(Engine, "do_connect", _connect)


def _connect(dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> Any:
    """Connect within the time limit of this thread; None lets SQLAlchemy connect."""
    seconds = _limit.get()
    if seconds <= 0 or dialect.is_async or not cparams.get("host"):
        return None
    for listener in dialect.dispatch.do_connect:
        # Returning a connection ends the event, so the other listeners are called here first.
        if listener is not _connect:
            found = listener(dialect, record, cargs, cparams)
            if found is not None:
                return found
    attempt = _Attempt(dialect, cargs, cparams)
    threading.Thread(target=attempt.run, name="limbeck-connect", daemon=True).start()
    return attempt.connection(seconds)


class _Attempt:
    """One attempt of a driver to connect, in a separate thread."""

    def __init__(self, dialect: Any, cargs: Any, cparams: dict[str, Any]) -> None:
        self._dialect = dialect
        self._cargs = cargs
        self._cparams = cparams
        self._outcome: Future[Any] = Future()

    def run(self) -> None:
        """Connect; close the connection if the timeout has passed."""
        try:
            connection = self._dialect.connect(*self._cargs, **self._cparams)
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            if self._outcome.set_running_or_notify_cancel():
                self._outcome.set_exception(error)
            return
        if self._outcome.set_running_or_notify_cancel():
            self._outcome.set_result(connection)
        else:
            connection.close()

    def connection(self, seconds: float) -> Any:
        """Wait for the connection.

        Raises:
            ConnectTimeoutError: the server did not answer in time.
        """
        try:
            return self._outcome.result(seconds)
        except FutureTimeoutError:
            if not self._outcome.done() and self._outcome.cancel():
                raise _no_answer(_server(self._cparams), seconds) from None
            return self._outcome.result()


def _server(cparams: dict[str, Any]) -> str:
    host, port = cparams.get("host"), cparams.get("port")
    if not host:
        return ""
    return f" at {host}" + (f":{port}" if port else "")


def _no_answer(server: str, seconds: float) -> ConnectTimeoutError:
    return ConnectTimeoutError(
        f"The database server{server} accepted the connection but did not answer within "
        f"{seconds:g} s",
        hint="Nothing was run. Check the server, and whether host and port are those of a "
        "database. The setting connect_timeout limits the wait.",
    )


def _is_connecting(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_name in _CONNECTING and "sqlalchemy" in code.co_filename:
            return True
        if code.co_name == "_run_once" and "asyncio" in code.co_filename:
            return True  # an asyncio driver waits in the event loop, on a separate stack
        frame = frame.f_back
    return False
