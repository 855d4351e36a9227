"""A TCP proxy for a database server that counts round trips and cuts connections on demand."""

from __future__ import annotations

import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import URL

_WRITES = re.compile(rb"(UPDATE|INSERT INTO) .?alembic_version", re.IGNORECASE)
_DELAY = 0.005  # seconds; what the client says within it needs no answer to what it said before


Loses = Callable[[bytes], str | None]


def at_commit(when: str) -> Loses:
    """Lose the session at the first COMMIT after the version table was written to."""
    is_written = False

    def loses(data: bytes) -> str | None:
        nonlocal is_written
        is_written = is_written or _WRITES.search(data) is not None
        return when if is_written and b"COMMIT" in data else None

    return loses


def at_message(number: int, when: str) -> Loses:
    """Lose the session at what the client says after so many things."""
    said = itertools.count(1)
    return lambda _data: when if next(said) == number else None


class Turns:
    """Counts, and knows the URL that leads through the port.

    Args:
        url: the server's.
        loses: says of what the client sends whether the session is lost "before" the server hears
            of it, or "after" it, the answer included; None where neither.
    """

    def __init__(self, url: URL, *, loses: Loses | None = None) -> None:
        self._near = url
        self.loses = loses
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = url.set(host="127.0.0.1", port=self._server.getsockname()[1], query=_query(url))
        self.count = 0
        self.was_lost = False
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return  # closed
            try:
                server = _connected(self._near)
            except OSError:
                client.close()  # otherwise, all later ones would wait for an answer
                continue
            for one in (client, server):
                self._open.append(one)
            _Talk(self, client, server)


class _Talk:
    """One connection: a turn is what the client says until it is answered."""

    def __init__(self, turns: Turns, client: socket.socket, server: socket.socket) -> None:
        self._turns = turns
        self._is_answered = True
        self._is_lost = False
        for source, target, is_client in ((client, server, True), (server, client, False)):
            threading.Thread(
                target=self._carry, args=(source, target, is_client), daemon=True
            ).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                loses = self._turns.loses if is_client else None
                when = None if loses is None else loses(data)
                if when is not None:
                    self._lose(when, data, source, target)
                    return
                if self._is_lost:
                    return
                if is_client:
                    self._is_answered = False
                else:
                    time.sleep(_DELAY)
                    # counted before the client hears of it; a goodbye has no answer
                    self._turns.count += not self._is_answered
                    self._is_answered = True
                target.sendall(data)
            # closing alone tells nothing while the other thread waits for the same socket
            target.shutdown(socket.SHUT_RDWR)
            target.close()

    def _lose(self, when: str, data: bytes, client: socket.socket, server: socket.socket) -> None:
        self._is_lost = True
        self._turns.was_lost = True
        if when == "after":
            server.sendall(data)
            time.sleep(0.2)  # for the server to do it; its answer goes nowhere
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _query(url: URL) -> dict[str, str | tuple[str, ...]]:
    """Return the query of a URL without a socket, and without encryption where it is the default."""
    query = {
        name: value for name, value in url.query.items() if name not in {"host", "unix_socket"}
    }
    return {**query, "ssl_disabled": "true"} if url.drivername == "mysql+pymysql" else query


def _connected(url: URL) -> socket.socket:
    path = url.query.get("unix_socket")
    folder = url.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):
        path = f"{folder}/.s.PGSQL.{url.port or 5432}"
    if isinstance(path, str):
        link = socket.socket(socket.AF_UNIX)
        link.connect(path)
        return link
    link = socket.create_connection((url.host or "127.0.0.1", url.port or 5432))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


@contextmanager
def counted(url: URL, *, loses: Loses | None = None) -> Iterator[Turns]:
    """Open the port for the length of a block."""
    turns = Turns(url, loses=loses)
    try:
        yield turns
    finally:
        turns.close()
