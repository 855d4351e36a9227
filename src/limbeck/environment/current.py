"""Which environment is running: one context variable and the list of all that run.

The variable keeps threads and asyncio tasks apart. A thread that env.py starts does not inherit
it; then the one environment that runs is meant, if there is just one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.environment.surroundings import Surroundings

_current: ContextVar[tuple[Surroundings, ...]] = ContextVar("limbeck_environment", default=())
_running: list[Surroundings] = []


def active() -> Surroundings | None:
    """Return the environment that is running here, None when none is."""
    return here() or (_running[0] if len(_running) == 1 else None)


def here() -> Surroundings | None:
    """Return the environment of this very thread or task, None when it has none."""
    for environment in reversed(_current.get()):
        if any(environment is other for other in _running):
            return environment
    return None


def running_count() -> int:
    """Return how many environments run in this process."""
    return len(_running)


def enter(environment: Surroundings) -> None:
    """Let an environment be the one that is meant here, until it is left."""
    _current.set((*_current.get(), environment))
    _running.append(environment)


def leave(environment: Surroundings) -> None:
    """Take an environment away, wherever it stands."""
    _current.set(_without(_current.get(), environment))
    _running[:] = _without(tuple(_running), environment)


@contextmanager
def running(environment: Surroundings) -> Iterator[Surroundings]:
    """Make an environment the active one for the length of a block."""
    enter(environment)
    try:
        yield environment
    finally:
        leave(environment)


def _without(
    environments: tuple[Surroundings, ...], gone: Surroundings
) -> tuple[Surroundings, ...]:
    # of the same environment entered twice, the inner one is left first
    for place in range(len(environments) - 1, -1, -1):
        if environments[place] is gone:
            return environments[:place] + environments[place + 1 :]
    return environments
