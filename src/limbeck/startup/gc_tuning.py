"""The garbage collector while a command runs: a big schema is made of objects that all stay."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# So many new objects, and so many rounds of that, before the collector looks again. Looking
# through a thousand tables each 700 objects, as is usual, takes longer than making them.
_SELDOM = (20_000, 50, 100)
# a listing of ten thousand revisions, which makes nothing that goes before it ends
_HARDLY = (500_000, 50, 100)


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look for garbage in long intervals, for the length of a block.

    Who has chosen other intervals than Python's, or none, keeps them.
    """
    before = gc.get_threshold()
    mine = gc.isenabled() and 0 < before[0] < _SELDOM[0]
    if mine:
        gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        if mine:
            gc.set_threshold(*before)


def collect_hardly() -> None:
    """Look for garbage in intervals that a process which only lists will not reach."""
    gc.set_threshold(*_HARDLY)


def collect_rarely() -> None:
    """Look for garbage in long intervals in a process that is the command and nothing else.

    It also ends without a last search: its memory goes anyway. Drivers of databases that
    SQLAlchemy does not know get theirs: DuckDB's closes its files in it.
    """
    gc.set_threshold(*_SELDOM)
    atexit.register(_end)


def _end() -> None:
    registry = getattr(sys.modules.get("sqlalchemy.dialects"), "registry", None)
    loaders = registry.impls.values() if registry is not None else ()
    with suppress(Exception):  # a dialect that was only announced may be missing
        if all(load().__module__.startswith("sqlalchemy.") for load in loaders):
            gc.freeze()
