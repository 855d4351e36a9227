"""A server that goes out of reach while a statement runs: noticed within minutes, not hours.

Whether a statement takes long or the line is cut looks the same to a driver. The system can tell:
it asks the other machine now and then, which answers whatever its server is busy with.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import socket

    from sqlalchemy import Connection

Settings: TypeAlias = dict[tuple[int, int], int]

_LONGEST = 32_767  # seconds that Linux takes for a pause (tcp(7), TCP_KEEPIDLE)
_QUIET = 0.4  # of the time, before the other machine is asked for the first time
_ASKED = 6  # times, in what is left of it


@contextmanager
def heard_within(connection: Connection | None, seconds: float) -> Iterator[None]:
    """Let the system watch a connection for the length of a block.

    What the URL or the driver says of it stays. Nothing is watched where the driver does not
    show its socket.

    Args:
        connection: None where there is none.
        seconds: of silence of the other machine, after which the session counts as lost.
    """
    before: Settings = {}
    number = None
    if connection is not None and seconds > 0:
        with suppress(OSError, ValueError):  # a driver's own idea of a socket
            number = socket_of(connection.connection.dbapi_connection)
            if number is not None:
                before = watch(number, seconds)
    try:
        yield
    finally:
        if number is not None and before:
            with suppress(OSError, ValueError):  # it may have been closed meanwhile
                put(number, before)


def socket_of(connection: Any) -> int | None:
    """Return the number of the socket of a driver's connection; None where it has none to show."""
    driver = getattr(connection, "driver_connection", None) or connection
    if hasattr(driver, "fileno"):
        return int(driver.fileno())
    # what the drivers without that method call it
    found: Any = getattr(driver, "_sock", None)
    transport: Any = getattr(driver, "_transport", None)
    if found is None and hasattr(transport, "get_extra_info"):
        found = transport.get_extra_info("socket")
    return int(found.fileno()) if hasattr(found, "fileno") else None


def watch(number: int, seconds: float) -> Settings:
    """Let the system ask after the machine at the other end of a socket.

    Args:
        number: of the socket.
        seconds: see `heard_within`.

    Returns:
        What was set before, of what is set now.
    """
    import socket  # databases in a file need none

    seconds = min(seconds, _LONGEST)
    with socket.socket(fileno=os.dup(number)) as other:
        if other.family not in (socket.AF_INET, socket.AF_INET6):
            return {}
        wanted = _asking(other, seconds)
        # what was sent, and never taken in, is not covered by asking
        limit = getattr(socket, "TCP_USER_TIMEOUT", None)
        if limit is not None and not other.getsockopt(socket.IPPROTO_TCP, limit):
            wanted[socket.IPPROTO_TCP, limit] = int(seconds * 1000)
        before = {option: other.getsockopt(*option) for option in wanted}
    put(number, wanted)
    return before


def put(number: int, settings: Settings) -> None:
    """Set options of a socket."""
    import socket

    with socket.socket(fileno=os.dup(number)) as other:
        for option, value in settings.items():
            other.setsockopt(*option, value)


def _asking(other: socket.socket, seconds: float) -> Settings:
    import socket

    quiet = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    if quiet is None:
        return {}
    with socket.socket(other.family) as fresh:
        usual = fresh.getsockopt(socket.IPPROTO_TCP, quiet)
    if other.getsockopt(socket.IPPROTO_TCP, quiet) != usual:
        return {}
    between = max(1, int(seconds * (1 - _QUIET) / _ASKED))
    wanted = {
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
        (socket.IPPROTO_TCP, quiet): max(1, int(seconds * _QUIET)),
    }
    for name, value in (("TCP_KEEPINTVL", between), ("TCP_KEEPCNT", _ASKED)):
        option = getattr(socket, name, None)
        if option is not None:
            wanted[socket.IPPROTO_TCP, option] = value
    return wanted
