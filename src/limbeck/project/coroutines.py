"""Call `async def upgrade()` like an ordinary function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from limbeck.errors import ProjectError

_CO_COROUTINE = 0x80  # `inspect.CO_COROUTINE`, without the slow import of inspect


def as_plain_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs a coroutine function to its end; other functions are unchanged.

    The coroutine runs in the thread and in the greenlet of its caller, so that `op` uses the same
    connection. With an asynchronous driver, the coroutine runs in the running event loop.
    Otherwise, a new event loop is started for it.
    """
    code = getattr(function, "__code__", None)
    if not getattr(code, "co_flags", 0) & _CO_COROUTINE:
        return function

    @functools.wraps(function)
    def run(*args: Any, **kw: Any) -> Any:
        return _finish(function(*args, **kw))

    return run


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    if _is_in_greenlet():
        return _drive(coroutine)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    coroutine.close()
    raise ProjectError(
        "An asynchronous migration cannot run inside an event loop that waits for this command",
        hint="Call the functions of limbeck.aio, or run the command in a thread.",
        code="LB492",
    )


def _is_in_greenlet() -> bool:
    """Return whether SQLAlchemy runs this code for an asynchronous connection."""
    try:
        from greenlet import getcurrent  # type: ignore[import-untyped]
    except ImportError:
        return False
    return bool(getattr(getcurrent(), "__sqlalchemy_greenlet_provider__", False))


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in this greenlet; only its awaits are passed to the event loop."""
    from sqlalchemy.util import await_only

    try:
        waited = coroutine.send(None)
        while True:
            try:
                await_only(_Pause(waited))
            except BaseException as error:  # noqa: BLE001, PERF203 - the coroutine may handle it
                waited = coroutine.throw(error)
            else:
                waited = coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()


class _Pause:
    """Awaits the object that a coroutine yielded, without creating a task."""

    def __init__(self, waited: Any) -> None:
        self._waited = waited

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._waited)
