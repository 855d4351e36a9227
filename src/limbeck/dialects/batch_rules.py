"""The rules of a database for changes in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class BatchLoop:
    """The parts of a script for a loop over the batches.

    Args:
        table: the table, quoted.
        keys: the columns of its primary key, quoted.
        first: reads the first key.
        boundary: reads the key at which the next batch begins, using the variables of `variable`.
        change: changes the rows between both variables.
        rest: changes the rows from the first variable on.
        pause: seconds between two batches.
    """

    table: str
    keys: tuple[str, ...]
    first: str
    boundary: str
    change: str
    rest: str
    pause: float


@dataclass(frozen=True, slots=True)
class BatchRules:
    """The rules for changing rows in batches.

    Args:
        row_values: a comparison of row values, `(a, b) >= (x, y)`, can use an index.
        unusable_key: takes the type of a column; returns why the order of a key of that type does
            not match comparisons with a value, or None if it does.
        replica_lag: returns the lag in seconds of the replicas that this role can see; None if it
            sees none.
        variable: returns the name of a script variable: for the n-th column of the key at which a
            batch begins ("lower") or ends ("upper").
        script: yields the statements of a loop that needs no client; None if there is no such
            loop, in which case one statement changes all rows.
        explains: the server explains an UPDATE, and so finds its errors without running it.
    """

    row_values: bool = False
    unusable_key: Callable[[TypeEngine[Any]], str | None] | None = None
    replica_lag: Callable[[Connection], float | None] | None = None
    variable: Callable[[str, int], str] | None = None
    script: Callable[[BatchLoop], Iterator[str]] | None = None
    explains: bool = False
