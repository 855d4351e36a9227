"""How fast the server reads, writes and indexes rows, measured on a scratch database."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.planning.live_database import DEFAULT_TIME_LIMIT

if TYPE_CHECKING:
    from limbeck.dialects import Dialect
    from limbeck.scratch import ScratchDatabase

ROWS = 16_384
_REPEATS = 3
_TABLE, _COPY = "limbeck_rates", "limbeck_rates_copy"
_PADDING = "x" * 40


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds for each row, of several runs.

    Args:
        median: the middle one.
        low: the shortest.
        high: the longest.
    """

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What a server needs for the rows of a table.

    Args:
        scan: reading them all.
        rewrite: writing them all to another table.
        index: building an index of them.
        update: changing them all.
        bytes_per_row: size of the measured rows; None where the database does not know it.
        server: name and version of the server.
    """

    scan: Rate
    rewrite: Rate
    index: Rate
    update: Rate
    bytes_per_row: float | None
    server: str


def measure_rates(scratch: ScratchDatabase) -> Rates:
    """Measure the rates of a server with a table of limbeck's own.

    Args:
        scratch: an empty scratch database.
    """
    metadata = sa.MetaData()
    table, copy = _table(metadata, _TABLE), _table(metadata, _COPY)
    metadata.create_all(scratch.engine)
    with scratch.engine.connect() as connection:
        run = _Timing(connection)
        _fill(run, table)
        size = _bytes_per_row(scratch.record, connection)
        wanted = sa.select(sa.func.count()).select_from(table).where(table.c.b == "none")
        scan = run.rate(wanted)
        names = ["id", "a", "b"]
        filled = sa.insert(copy).from_select(names, sa.select(table.c.id, table.c.a, table.c.b))
        rewrite = run.rate(filled, after=lambda: run.once(sa.delete(copy)))
        index = sa.Index("ix_limbeck_rates", table.c.b)
        build = run.rate(sa.schema.CreateIndex(index), after=lambda: index.drop(connection))
        update = run.rate(sa.update(table).values(a=table.c.a + 1))
    return Rates(scan, rewrite, build, update, size, scratch.server)


def _table(metadata: sa.MetaData, name: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("a", sa.Integer),
        sa.Column("b", sa.String(80)),
    )


class _Timing:
    """Runs statements on one connection, each in its own transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def once(self, statement: Any) -> float:
        """Run a statement; return the seconds that it took."""
        began = time.perf_counter()
        result = self._connection.execute(statement)
        if result.returns_rows:
            result.all()
        self._connection.commit()
        return time.perf_counter() - began

    def rate(self, statement: Any, after: Callable[[], object] | None = None) -> Rate:
        """Run a statement several times; return its rate.

        Args:
            statement: what is measured.
            after: takes it back, where it cannot be repeated otherwise.
        """
        seconds = []
        for _ in range(_REPEATS):
            seconds.append(self.once(statement) / ROWS)
            if after is not None:
                after()
                self._connection.commit()
        return Rate(statistics.median(seconds), min(seconds), max(seconds))


def _fill(run: _Timing, table: sa.Table) -> None:
    """Double the rows until there are enough."""
    run.once(sa.insert(table).values(id=0, a=0, b=_PADDING))
    number = 1
    while number < ROWS:
        id_ = table.c.id + number
        # in no order, so that an index has to sort them
        text = sa.cast((id_ * 7919) % 16_381, sa.String(20)) + sa.literal(_PADDING)
        run.once(sa.insert(table).from_select(["id", "a", "b"], sa.select(id_, table.c.a, text)))
        number *= 2


def _bytes_per_row(record: Dialect, connection: sa.Connection) -> float | None:
    if record.live is None:
        return None
    path = (None, _TABLE)
    size = record.live.sizes(connection, [None], [path], DEFAULT_TIME_LIMIT).get(path)
    connection.rollback()
    # statistics that are older than the rows are of no use
    if size is None or not size.bytes or size.bytes < ROWS * len(_PADDING):
        return None
    return size.bytes / ROWS
