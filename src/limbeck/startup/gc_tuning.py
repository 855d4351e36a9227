"""Reduce garbage collection during commands, whose objects nearly all live until the end."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# The thresholds of the collector. With Python's default of 700 objects, collecting takes longer
# than creating the objects of a thousand tables.
_SELDOM = (20_000, 50, 100)
# for a listing of ten thousand revisions, which creates no garbage
_HARDLY = (500_000, 50, 100)


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Within the block, collect garbage less often.

    Thresholds that the program has changed are kept.
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
    """Collect garbage so seldom that a listing command never does."""
    gc.set_threshold(*_HARDLY)


def collect_rarely() -> None:
    """Collect garbage less often, in the process of a command.

    The process also exits without a last collection, unless a third-party dialect is loaded:
    DuckDB's driver closes its files during that collection, for which all objects are unfrozen.
    """
    gc.set_threshold(*_SELDOM)
    atexit.register(_end)


def _end() -> None:
    registry = getattr(sys.modules.get("sqlalchemy.dialects"), "registry", None)
    loaders = registry.impls.values() if registry is not None else ()
    with suppress(Exception):  # a registered dialect may not be installed
        if all(load().__module__.startswith("sqlalchemy.") for load in loaders):
            gc.freeze()
        else:
            gc.unfreeze()  # delayed imports have frozen objects that hold connections
