"""Call a function with a connection to a URL, with a synchronous or asynchronous driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from limbeck.errors import RunningEventLoopError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_T = TypeVar("_T")


def call_connected(
    url: sa.URL,
    function: Callable[[Connection], _T],
    listen: Callable[[Engine], None] = lambda _engine: None,
) -> _T:
    """Connect, call the function, and return its result.

    Args:
        url: the database URL.
        function: the function, which is called with the connection.
        listen: a function called with the engine before it connects.

    Raises:
        RunningEventLoopError: the driver is asynchronous, and this thread runs an event loop.
    """
    if not url.get_dialect().is_async:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        listen(engine)
        with engine.connect() as connection:
            return function(connection)
    _refuse_running_loop(url)
    return asyncio.run(_awaited(url, function, listen))


async def _awaited(
    url: sa.URL, function: Callable[[Connection], _T], listen: Callable[[Engine], None]
) -> _T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    listen(engine.sync_engine)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _refuse_running_loop(url: sa.URL) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RunningEventLoopError(
        f"{url.drivername} is an asynchronous driver, and an event loop is running in this thread: "
        "nothing was run",
        hint="Await the function of the same name in limbeck.aio, or pass a connection= within "
        "run_sync().",
    )
