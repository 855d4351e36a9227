"""Stop waiting for a server that accepts a connection and never answers, and report it.

A driver that waits for a server's first words may wait for ever. In the main thread the time
between a driver's attempt to connect and the connection's first use is watched by an alarm of the
process. In other threads, and on systems without alarms, the driver connects in a thread of its
own, which is abandoned when the time is up.
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
    """Give up connecting, inside a block, to servers that do not answer in time.

    Nothing is watched where somebody else has set an alarm in the main thread, and for drivers of
    asyncio outside the main thread: those have limits of their own.
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
    # nothing is decided here: other listeners may still change how to connect
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
            return  # the attempt has ended otherwise
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
    """Listen to every engine of the process.

    Once and for all: SQLAlchemy's lists of listeners must not change while other threads connect.
    """
    from sqlalchemy import Engine, event

    event.listen(Engine, "do_connect", _connect)


def _connect(dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> Any:
    """Connect within the limit of this thread; return None to leave it to SQLAlchemy."""
    seconds = _limit.get()
    if seconds <= 0 or dialect.is_async or not cparams.get("host"):
        return None
    for listener in dialect.dispatch.do_connect:
        # who returns a connection ends the event, and others may want to change how to connect
        if listener is not _connect:
            found = listener(dialect, record, cargs, cparams)
            if found is not None:
                return found
    attempt = _Attempt(dialect, cargs, cparams)
    threading.Thread(target=attempt.run, name="limbeck-connect", daemon=True).start()
    return attempt.connection(seconds)


class _Attempt:
    """One attempt of a driver to connect, in a thread of its own."""

    def __init__(self, dialect: Any, cargs: Any, cparams: dict[str, Any]) -> None:
        self._dialect = dialect
        self._cargs = cargs
        self._cparams = cparams
        self._outcome: Future[Any] = Future()

    def run(self) -> None:
        """Connect; close a connection that comes when nobody waits for it any more."""
        try:
            connection = self._dialect.connect(*self._cargs, **self._cparams)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
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
            ConnectTimeoutError: the time is up.
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
        f"The database server{server} took the connection but did not answer within {seconds:g} s",
        hint="Nothing was run. See whether the server is well, and whether host and port are "
        "those of a database; connect_timeout says how long to wait.",
    )


def _is_connecting(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_name in _CONNECTING and "sqlalchemy" in code.co_filename:
            return True
        if code.co_name == "_run_once" and "asyncio" in code.co_filename:
            return True  # a driver for asyncio waits in the event loop, on a stack of its own
        frame = frame.f_back
    return False
