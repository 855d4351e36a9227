"""One SQL statement with its costs, and the plan that holds many."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from limbeck.history import Move


class Tx(enum.Enum):
    """Whether a statement may run inside a transaction."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    EITHER = "either"


class Hazard(enum.Enum):
    """What a statement may do to the people who use the database meanwhile."""

    DATA_LOSS = "data loss"
    REWRITE = "table rewrite"
    SCAN = "full scan"
    BLOCKS_READS = "blocks reads"
    BLOCKS_WRITES = "blocks writes"
    MAY_FAIL = "may fail on the data"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a statement takes: on which table, in which mode."""

    table: str
    mode: str


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds for one statement; None leaves the session's own."""

    lock: float | None = None
    statement: float | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in a revision file a statement comes from."""

    path: str
    line: int
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement as it will be sent."""

    sql: str
    tx: Tx = Tx.EITHER
    locks: tuple[Lock, ...] = ()
    hazards: frozenset[Hazard] = frozenset()
    origin: Origin | None = None
    timeout: Timeouts | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Steps that share a transaction (or run outside any)."""

    steps: tuple[Step, ...]
    transactional: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do. `opaque` names places whose SQL depends on data."""

    route: tuple[Move, ...]
    blocks: tuple[Block, ...] = ()
    opaque: tuple[Origin, ...] = ()
