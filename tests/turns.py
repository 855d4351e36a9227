"""A port before a server: counts how often the client waits, and loses a session at its COMMIT."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import URL

_WRITES = re.compile(rb"(UPDATE|INSERT INTO) .?alembic_version", re.IGNORECASE)
_DELAY = 0.005  # seconds; what the client says within it needs no answer to what it said before


class Turns:
    """Counts, and knows the URL that leads through the port.

    Args:
        url: the server's.
        loses: the session is lost at the first COMMIT after the version table was written to:
            "before" the server hears of it, or "after" it, the answer included.
    """

    def __init__(self, url: URL, *, loses: str | None = None) -> None:
        self._near = url
        self.loses = loses
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = url.set(
            host="127.0.0.1", port=self._server.getsockname()[1], query=_without_socket(url)
        )
        self.count = 0
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = _connected(self._near)
                for one in (client, server):
                    self._open.append(one)
                _Talk(self, client, server)


class _Talk:
    """One connection: a turn is what the client says until it is answered."""

    def __init__(self, turns: Turns, client: socket.socket, server: socket.socket) -> None:
        self._turns = turns
        self._is_answered = True
        self._is_written = False
        self._is_lost = False
        for source, target, is_client in ((client, server, True), (server, client, False)):
            threading.Thread(
                target=self._carry, args=(source, target, is_client), daemon=True
            ).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._turns.loses and is_client and self._is_to_be_lost(data):
                    self._lose(data, source, target)
                    return
                if self._is_lost:
                    return
                if not is_client:
                    time.sleep(_DELAY)
                elif self._is_answered:
                    self._turns.count += 1
                self._is_answered = not is_client
                target.sendall(data)
            target.close()

    def _is_to_be_lost(self, data: bytes) -> bool:
        self._is_written = self._is_written or _WRITES.search(data) is not None
        return self._is_written and b"COMMIT" in data

    def _lose(self, data: bytes, client: socket.socket, server: socket.socket) -> None:
        self._is_lost = True
        if self._turns.loses == "after":
            server.sendall(data)
            time.sleep(0.2)  # for the server to do it; its answer goes nowhere
        for one in (client, server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _without_socket(url: URL) -> dict[str, str | tuple[str, ...]]:
    return {name: value for name, value in url.query.items() if name not in {"host", "unix_socket"}}


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
def counted(url: URL, *, loses: str | None = None) -> Iterator[Turns]:
    """Open the port for the length of a block."""
    turns = Turns(url, loses=loses)
    try:
        yield turns
    finally:
        turns.close()
