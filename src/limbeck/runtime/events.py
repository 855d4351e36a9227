"""Events that a run sends to its listener."""

from __future__ import annotations

from collections.abc import Callable
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


Event: TypeAlias = Started | Stepped | BatchDone | Skipped | Finished | Failed | Waiting
Listener: TypeAlias = Callable[[Event], None]
