"""Detect within minutes that a server became unreachable while a statement runs.

A driver cannot distinguish a long statement from a broken connection. TCP keepalive can: the
operating system of the server answers keepalive probes even while the server is busy.
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

_MAX_IDLE = 32_767  # seconds; the maximum of TCP_KEEPIDLE on Linux, see tcp(7)
_IDLE_PART = 0.4  # the part of the time limit before the first probe
_LIMITED = "limbeck_silence_timeout"
_PROBES = 6  # the number of probes in the rest of the time limit


@contextmanager
def limited_silence(connection: Connection | None, seconds: float) -> Iterator[None]:
    """Within the block, use TCP keepalive for a connection.

    Options that the URL or the driver has set are not changed. Without access to the driver's
    socket, the block has no effect.

    Args:
        connection: the connection, or None.
        seconds: the time without an answer after which the connection is considered lost.
    """
    before: Settings = {}
    number = None
    if connection is not None and seconds > 0:
        with suppress(OSError, ValueError):  # the driver's object may not be a real socket
            number = socket_of(connection.connection.dbapi_connection)
            if number is not None:
                before = watch(number, seconds)
    try:
        yield
    finally:
        if number is not None and before:
            with suppress(OSError, ValueError):  # the socket may have been closed
                put(number, before)


def limit_silence(connection: Connection, seconds: float) -> None:
    """Use TCP keepalive for a connection until it is closed.

    Args:
        connection: a connection whose pool belongs to the caller.
        seconds: see `limited_silence`.
    """
    if connection.info.get(_LIMITED) == seconds:
        return
    connection.info[_LIMITED] = seconds
    with suppress(OSError, ValueError):
        number = socket_of(connection.connection.dbapi_connection)
        if number is not None and seconds > 0:
            watch(number, seconds)


def socket_of(connection: Any) -> int | None:
    """Return the file descriptor of a connection's socket, None if the driver does not show it."""
    driver = getattr(connection, "driver_connection", None) or connection
    if hasattr(driver, "fileno"):
        return int(driver.fileno())
    # the attribute names of drivers without that method
    found: Any = getattr(driver, "_sock", None)
    transport: Any = getattr(driver, "_transport", None)
    if found is None and hasattr(transport, "get_extra_info"):
        found = transport.get_extra_info("socket")
    return int(found.fileno()) if hasattr(found, "fileno") else None


def watch(number: int, seconds: float) -> Settings:
    """Enable TCP keepalive for a socket.

    Args:
        number: the file descriptor of the socket.
        seconds: see `limited_silence`.

    Returns:
        The previous values of the options that were changed.
    """
    import socket  # not needed for SQLite

    seconds = min(seconds, _MAX_IDLE)
    with socket.socket(fileno=os.dup(number)) as other:
        if other.family not in (socket.AF_INET, socket.AF_INET6):
            return {}
        wanted = _keepalive_settings(other, seconds)
        # keepalive does not cover sent data that is never acknowledged
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


def _keepalive_settings(other: socket.socket, seconds: float) -> Settings:
    import socket

    quiet = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    if quiet is None:
        return {}
    with socket.socket(other.family) as fresh:
        usual = fresh.getsockopt(socket.IPPROTO_TCP, quiet)
    if other.getsockopt(socket.IPPROTO_TCP, quiet) != usual:
        return {}
    between = max(1, int(seconds * (1 - _IDLE_PART) / _PROBES))
    wanted = {
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
        (socket.IPPROTO_TCP, quiet): max(1, int(seconds * _IDLE_PART)),
    }
    for name, value in (("TCP_KEEPINTVL", between), ("TCP_KEEPCNT", _PROBES)):
        option = getattr(socket, name, None)
        if option is not None:
            wanted[socket.IPPROTO_TCP, option] = value
    return wanted
