"""A remote database: a proxy on this machine that delays every packet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_PIECE = 65536


@dataclass
class Link:
    """An open port, and the number of round trips of its clients."""

    port: int = 0
    round_trips: int = 0


class _Connection:
    """One connection: delayed packets in both directions, and counted round trips."""

    def __init__(self, link: Link, delay: float) -> None:
        self._link = link
        self._delay = delay
        self._is_answered = True

    async def forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_client: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        pending: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, packet = await pending.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not packet:
                    break
                writer.write(packet)
                await writer.drain()
            writer.close()

        sender = asyncio.create_task(deliver())
        try:
            while packet := await reader.read(_PIECE):
                self._count(is_client=is_client)
                pending.put_nowait((loop.time() + self._delay, packet))
        except ConnectionError:
            pass
        pending.put_nowait((loop.time(), b""))
        await sender

    def _count(self, *, is_client: bool) -> None:
        if is_client and self._is_answered:
            self._link.round_trips += 1
        self._is_answered = not is_client


@contextmanager
def far(host: str, port: int, delay: float) -> Iterator[Link]:
    """Open a port behind which the server is `delay` seconds away, each way."""
    link = Link()
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(link, delay)
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
            await asyncio.gather(
                connection.forward(reader, far_writer, is_client=True),
                connection.forward(far_reader, writer, is_client=False),
            )
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        link.port = server.sockets[0].getsockname()[1]
        ready.set()

    def live() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
