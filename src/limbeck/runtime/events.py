"""The events that a run sends to its listener."""

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
        rows: the number of rows that the backfill has changed so far.
        share: the share of the key range that is processed, from 0 to 1; None if it is unknown.
    """

    move: Move
    table: str
    rows: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A statement was skipped because an earlier, interrupted run has executed it."""

    move: Move
    sql: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The move is done and its version rows are written."""

    move: Move
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The move failed."""

    move: Move
    seconds: float
    error: BaseException


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another session holds the run lock or a table."""

    text: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The run rolls back its transaction and starts again.

    Args:
        moves: the number of finished moves that are rolled back.
    """

    moves: int


Event: TypeAlias = (
    Started | Stepped | BatchDone | Skipped | Finished | Failed | Waiting | RolledBack
)
Listener: TypeAlias = Callable[[Event], None]


class FinishedMoves:
    """A listener that collects the finished moves of a run.

    Args:
        listener: another listener, which is called with each event.

    Attributes:
        moves: the moves in order, without those that were rolled back.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self.moves: list[Move] = []
        self._listener = listener

    def __call__(self, event: Event) -> None:
        """Process one event of the run."""
        if isinstance(event, Finished):
            self.moves.append(event.move)
        elif isinstance(event, RolledBack) and event.moves:
            del self.moves[-event.moves :]
        if self._listener is not None:
            self._listener(event)


@contextmanager
def quiet_migration_log() -> Iterator[None]:
    """Suppress the log messages of this thread about migrations, except warnings and errors.

    Messages about the migrations of a scratch database would look as if the project's database
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
