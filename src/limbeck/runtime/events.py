"""What a run tells: events for its listener, and the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from limbeck.history import Move


@dataclass(frozen=True, slots=True)
class Started:
    """A move begins."""

    move: Move
    doc: str
    text: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """One statement of the move has run."""

    move: Move
    sql: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchDone:
    """A batch of a backfill is committed.

    Args:
        move: the move.
        table: the table.
        rows: how many rows the backfill has changed so far.
        share: how much of the table's keys it has passed, from 0 to 1; None where that is unknown.
    """

    move: Move
    table: str
    rows: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement was left out because an earlier, interrupted run had done it."""

    move: Move
    sql: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The move is done and its version rows are written."""

    move: Move
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The move was broken off."""

    move: Move
    seconds: float
    error: BaseException


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another session holds the run lock or a table."""

    words: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The run rolls back all it has done on this database, and begins again.

    Args:
        moves: how many finished moves that undoes.
    """

    moves: int


Event: TypeAlias = (
    Started | Stepped | BatchDone | Skipped | Finished | Failed | Waiting | RolledBack
)
Listener: TypeAlias = Callable[[Event], None]


class FinishedMoves:
    """Collects the moves that a run finishes; a listener.

    Args:
        listener: called with each event as well.

    Attributes:
        moves: the moves, in order; those that were rolled back are left out.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self.moves: list[Move] = []
        self._listener = listener

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, Finished):
            self.moves.append(event.move)
        elif isinstance(event, RolledBack) and event.moves:
            del self.moves[-event.moves :]
        if self._listener is not None:
            self._listener(event)


@contextmanager
def quiet_migration_log() -> Iterator[None]:
    """Keep what this thread logs about migrations below a warning out of the log.

    A log that names the migrations of a scratch database reads as if the project's database
    were changed.
    """
    own = threading.get_ident()

    def is_shown(record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or record.thread != own

    logger = logging.getLogger("alembic.runtime.migration")
    logger.addFilter(is_shown)
    try:
        yield
    finally:
        logger.removeFilter(is_shown)
