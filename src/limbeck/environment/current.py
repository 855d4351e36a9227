"""The environment that is running: one context variable and the list of all that run.

The context variable separates threads and asyncio tasks. A thread that env.py starts does not
inherit it; such a thread uses the one environment of the process, if there is exactly one.
"""

from __future__ import annotations

from _thread import allocate_lock  # importing `threading` takes longer
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from limbeck.project import Config


class EnvironmentProtocol(Protocol):
    """The part of `Environment` that the other modules of this package use."""

    config: Config
    context_opts: dict[str, Any]

    def is_offline_mode(self) -> bool:
        """Return whether statements are written to a script instead of being executed."""

    def configure(self, **options: Any) -> None:
        """Configure the migration context: the database and the models."""

    def begin_transaction(self) -> AbstractContextManager[Any]:
        """Begin the transaction of the whole run."""

    def run_migrations(self, **kw: Any) -> None:
        """Run the job of the current command."""


_current: ContextVar[tuple[EnvironmentProtocol, ...]] = ContextVar(
    "limbeck_environment", default=()
)
# The tuple is replaced under the lock, so that other threads read a consistent value.
_running: tuple[EnvironmentProtocol, ...] = ()
_change = allocate_lock()


def current_environment() -> EnvironmentProtocol | None:
    """Return the environment of the running code, or None."""
    everywhere = _running
    return current_in_context() or (everywhere[0] if len(everywhere) == 1 else None)


def current_in_context() -> EnvironmentProtocol | None:
    """Return the innermost running environment of this thread or task, or None."""
    everywhere = _running
    for environment in reversed(_current.get()):
        if any(environment is other for other in everywhere):
            return environment
    return None


def running_count() -> int:
    """Return how many environments run in this process."""
    return len(_running)


def push(environment: EnvironmentProtocol) -> None:
    """Make an environment the current one until it is popped."""
    global _running  # noqa: PLW0603 - state of the process
    _current.set((*_current.get(), environment))
    with _change:
        _running = (*_running, environment)


def pop(environment: EnvironmentProtocol) -> None:
    """Remove an environment, whatever its position on the stack."""
    global _running  # noqa: PLW0603 - see `push`
    _current.set(_without(_current.get(), environment))
    with _change:
        _running = _without(_running, environment)


@contextmanager
def running(environment: EnvironmentProtocol) -> Iterator[EnvironmentProtocol]:
    """Make an environment the current one within the block."""
    push(environment)
    try:
        yield environment
    finally:
        pop(environment)


def _without(
    environments: tuple[EnvironmentProtocol, ...], removed: EnvironmentProtocol
) -> tuple[EnvironmentProtocol, ...]:
    # if the same environment was pushed twice, remove the inner one first
    for index in range(len(environments) - 1, -1, -1):
        if environments[index] is removed:
            return environments[:index] + environments[index + 1 :]
    return environments
