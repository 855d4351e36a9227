"""The functions of `limbeck.command` for programs that run an event loop.

Each runs its command in a thread, so that an env.py may start an event loop of its own. A call
that is cancelled ends when its command has ended: no migration is left running.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from limbeck import command

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _in_thread(function: Callable[_P, _T]) -> Callable[_P, Coroutine[Any, Any, _T]]:
    @functools.wraps(function)
    async def run(*args: _P.args, **kw: _P.kwargs) -> _T:
        thread = asyncio.ensure_future(asyncio.to_thread(function, *args, **kw))
        try:
            return await asyncio.shield(thread)
        except asyncio.CancelledError:
            await asyncio.wait((thread,))
            raise

    return run


branches = _in_thread(command.branches)
check = _in_thread(command.check)
current = _in_thread(command.current)
downgrade = _in_thread(command.downgrade)
edit = _in_thread(command.edit)
ensure_version = _in_thread(command.ensure_version)
heads = _in_thread(command.heads)
history = _in_thread(command.history)
init = _in_thread(command.init)
list_templates = _in_thread(command.list_templates)
merge = _in_thread(command.merge)
revision = _in_thread(command.revision)
show = _in_thread(command.show)
stamp = _in_thread(command.stamp)
upgrade = _in_thread(command.upgrade)

__all__ = [
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "merge",
    "revision",
    "show",
    "stamp",
    "upgrade",
]
