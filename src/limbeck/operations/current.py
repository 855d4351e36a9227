"""Which `Operations` the module `op` speaks to, in this thread or task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.operations.abstract import AbstractOperations

_here: ContextVar[tuple[AbstractOperations, ...]] = ContextVar("limbeck_operations", default=())
_anywhere: list[AbstractOperations] = []


@contextmanager
def speaking(operations: AbstractOperations) -> Iterator[None]:
    """Let `op` speak to these operations for the length of a block."""
    token = _here.set((*_here.get(), operations))
    _anywhere.append(operations)
    try:
        yield
    finally:
        _here.reset(token)
        _anywhere.remove(operations)


def speaker() -> AbstractOperations | None:
    """Return what `op` speaks to.

    A plain thread started by a script does not inherit the context; where exactly one is
    speaking in the whole process, it is meant.
    """
    return here() or (_anywhere[0] if len(_anywhere) == 1 else None)


def here() -> AbstractOperations | None:
    """Return what `op` speaks to in this very thread or task, None for nothing."""
    found = _here.get()
    return found[-1] if found else None
