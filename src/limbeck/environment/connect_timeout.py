"""Stop waiting for a server that accepts a connection and never answers, and report it.

A driver that waits for a server's first words may wait for ever. The time between a driver's
attempt to connect and the connection's first use is watched by an alarm of the process.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from limbeck.errors import ConnectTimeoutError

_CONNECTING = ("connect", "do_connect", "initialize", "first_connect", "_do_get", "raw_connection")


@contextmanager
def answers_within(seconds: float) -> Iterator[None]:
    """Give up connecting, inside a block, to servers that do not answer in time.

    Nothing is watched outside the main thread, on systems without alarms, and where somebody
    else has set one.
    """
    alarm = getattr(signal, "SIGALRM", None)
    is_main = threading.current_thread() is threading.main_thread()
    if alarm is None or not is_main or seconds <= 0 or signal.getsignal(alarm) != signal.SIG_DFL:
        yield
        return
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
        host = cparams.get("host")
        if host:
            port = cparams.get("port")
            self._server = f" at {host}" + (f":{port}" if port else "")
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def end(self, *_event: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, _number: int, frame: FrameType | None) -> None:
        if not _is_connecting(frame):
            return  # the attempt has ended otherwise
        raise ConnectTimeoutError(
            f"The database server{self._server} took the connection but did not answer within "
            f"{self._seconds:g} s",
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
