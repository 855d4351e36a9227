"""The functions of `limbeck` as coroutines, for programs that run an event loop.

Each function runs in a thread, so that env.py may start its own event loop. With an
`AsyncConnection`, it runs on that connection. A cancelled call returns after its run has ended, so
that no migration continues in the background.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from limbeck import api

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _awaited(function: Callable[_P, _T]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    @functools.wraps(function)
    async def run(*args: _P.args, **kw: _P.kwargs) -> _T:
        connection: Any = kw.get("connection")
        if hasattr(connection, "run_sync"):
            return await _shielded(connection.run_sync(_on_connection(function, *args, **kw)))
        return await _shielded(asyncio.to_thread(function, *args, **kw))

    return run


def _on_connection(function: Callable[_P, _T], *args: _P.args, **kw: _P.kwargs) -> Any:
    """Return the call with the connection that SQLAlchemy passes to `run_sync`."""
    call: Any = functools.partial(function, *args, **kw)
    return lambda connection: call(connection=connection)


async def _shielded(work: Coroutine[Any, Any, _T]) -> _T:
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,))
        raise


check = _awaited(api.check)
compare = _awaited(api.compare)
current = _awaited(api.current)
downgrade = _awaited(api.downgrade)
heads = _awaited(api.heads)
list_revisions = _awaited(api.list_revisions)
plan = _awaited(api.plan)
revision = _awaited(api.revision)
stamp = _awaited(api.stamp)
status = _awaited(api.status)
upgrade = _awaited(api.upgrade)

__all__ = [
    "check",
    "compare",
    "current",
    "downgrade",
    "heads",
    "list_revisions",
    "plan",
    "revision",
    "stamp",
    "status",
    "upgrade",
]
