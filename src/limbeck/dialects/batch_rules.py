"""What a database's record says of changes in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine


@dataclass(frozen=True, slots=True)
class BatchLoop:
    """What a script needs for a loop over the batches.

    Args:
        table: the table, quoted.
        keys: the columns of its primary key, quoted.
        first: reads the first key.
        boundary: reads the key at which the next batch begins, from the variables of `variable`.
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
    """How rows are changed in batches.

    Args:
        row_values: a comparison of row values, `(a, b) >= (x, y)`, is looked up in an index.
        unusable_key: takes the type of a column; returns why a key of that type has no order that a
            comparison with a value follows, None where it has.
        replica_lag: returns by how many seconds the replicas are behind that this role can see,
            None where it sees none.
        variable: returns the name of a variable in a script: the n-th column of the key at which a
            batch begins ("lower") or ends ("upper").
        script: yields the statements of a loop that needs no client; None where there is no such
            loop, and one statement changes all rows.
    """

    row_values: bool = False
    unusable_key: Callable[[TypeEngine[Any]], str | None] | None = None
    replica_lag: Callable[[Connection], float | None] | None = None
    variable: Callable[[str, int], str] | None = None
    script: Callable[[BatchLoop], Iterator[str]] | None = None
