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
# seconds; a message that the client sends within it does not depend on the previous answer
_DELAY = 0.005


LossRule = Callable[[bytes], str | None]


def lose_at_commit(when: str) -> LossRule:
    """Lose the session at the first COMMIT after the version table was written to."""
    is_written = False

    def loss_rule(data: bytes) -> str | None:
        nonlocal is_written
        is_written = is_written or _WRITES.search(data) is not None
        return when if is_written and b"COMMIT" in data else None

    return loss_rule


def lose_at_message(number: int, when: str) -> LossRule:
    """Lose the session at the message of the client with this number."""
    numbers = itertools.count(1)
    return lambda _data: when if next(numbers) == number else None


class CountingProxy:
    """A proxy that counts round trips; `url` is the URL through its port.

    Args:
        url: the URL of the server.
        loss_rule: returns for a message of the client whether the session is lost "before" the
            server receives it or "after" it, without the answer; None if it is not lost.
    """

    def __init__(self, url: URL, *, loss_rule: LossRule | None = None) -> None:
        self._server_url = url
        self.loss_rule = loss_rule
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
                server = _connected(self._server_url)
            except OSError:
                client.close()  # otherwise, all later ones would wait for an answer
                continue
            for one in (client, server):
                self._open.append(one)
            _Connection(self, client, server)


class _Connection:
    """One connection; a round trip is everything that the client sends before an answer."""

    def __init__(self, proxy: CountingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._is_answered = True
        self._is_lost = False
        for source, target, is_client in ((client, server, True), (server, client, False)):
            threading.Thread(
                target=self._forward, args=(source, target, is_client), daemon=True
            ).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                loss_rule = self._proxy.loss_rule if is_client else None
                when = None if loss_rule is None else loss_rule(data)
                if when is not None:
                    self._lose(when, data, source, target)
                    return
                if self._is_lost:
                    return
                if is_client:
                    self._is_answered = False
                else:
                    time.sleep(_DELAY)
                    # counted before the client receives it; the last message has no answer
                    self._proxy.count += not self._is_answered
                    self._is_answered = True
                target.sendall(data)
            # closing alone is not noticed while the other thread waits for the same socket
            target.shutdown(socket.SHUT_RDWR)
            target.close()

    def _lose(self, when: str, data: bytes, client: socket.socket, server: socket.socket) -> None:
        self._is_lost = True
        self._proxy.was_lost = True
        if when == "after":
            server.sendall(data)
            time.sleep(0.2)  # until the server has processed it; its answer is discarded
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
def counting_proxy(url: URL, *, loss_rule: LossRule | None = None) -> Iterator[CountingProxy]:
    """Run a proxy for the length of a block."""
    proxy = CountingProxy(url, loss_rule=loss_rule)
    try:
        yield proxy
    finally:
        proxy.close()
