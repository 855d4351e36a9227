"""What a statement does to a database, measured while it runs: types that every dialect shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

READ, INSERT, UPDATE, LOCK_ROW = "select", "insert", "update", "select for update"
EVERYTHING = (READ, INSERT, UPDATE, LOCK_ROW)
WRITES = (INSERT, UPDATE, LOCK_ROW)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one statement did. Tables that the same revision created are left out.

    Args:
        locks: for each table the strongest lock that the statement took.
        strongest: the strongest of these locks, None for none.
        rewrites: tables of which the statement wrote a new copy.
        index_builds: tables of which it built an index.
        scans: tables that it read as a whole.
        written: tables with the number of rows that it inserted, updated or deleted.
        blocks: for each table what other sessions cannot do until the transaction ends.
        algorithm: how the server changes the table, where it has several ways.
        is_long: the time that it takes grows with the number of rows.
        lost: the data that is gone, in words.
        dropped: objects that were dropped and that the statement does not name.
        changed_behaviour: what works otherwise for others, in words.
        half_applied: what would stay if a later statement failed, in words.
        restored: tables that an earlier statement dropped, and that are there again with rows.
        source: "measured" or "known".
    """

    locks: Mapping[str, str] = field(default_factory=dict)
    strongest: str | None = None
    rewrites: tuple[str, ...] = ()
    index_builds: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    written: Mapping[str, int] = field(default_factory=dict)
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    algorithm: str | None = None
    is_long: bool = False
    lost: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    changed_behaviour: tuple[str, ...] = ()
    half_applied: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    source: str = "measured"


class Probe(Protocol):
    """Measures the statements of one run of a revision on a scratch database.

    It is opened on the connection that runs the revision, before the first statement.
    """

    def before(self, statement: str, *, in_transaction: bool, continues: bool) -> str | None:
        """Prepare to measure a statement.

        Args:
            statement: the SQL.
            in_transaction: False where it runs outside a transaction.
            continues: it belongs to the same operation as the statement before; their effects are
                measured together.

        Returns:
            The statement to run in its place, where the probe has run it already; else None.
        """

    def after(self, statement: str, *, in_transaction: bool) -> Measured:
        """Return what the statement did."""

    def left_behind(self) -> tuple[str, ...]:
        """Return what a statement that failed outside a transaction has left."""

    def rejects_every_row(self, error: BaseException) -> bool:
        """Return whether a statement failed because of a column that no row has a value for."""

    def failing_queries(self) -> Mapping[str, str]:
        """Run the queries of the running release; return those that fail now, with the reason."""

    def missing_at_end(self) -> tuple[str, ...]:
        """Return objects that are gone after the last statement, and that none has named."""

    def close(self) -> None:
        """Release what the probe has opened."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """How statements are measured on this database.

    Args:
        open_probe: returns a probe for a connection. Further sessions come from the engine.
        fill: fills the tables of a scratch database with rows, and commits. With `spoiled` the
            rows are whatever the constraints allow: NULLs, duplicates, orphans, long values. With
            `words`, those of a revision's statements, only the tables that matter to them.
        lock_order: the names of the locks, the weakest first.
        silent_locks: locks that reading and writing rows takes as well.
        rolls_back: a run can be rolled back, and leaves the database as it was.
        commits_ddl: every change of a schema commits what preceded it.
        many_rows: so many rows of a scratch table are most of them.
        mass_change: the danger of a transaction that has changed so many, by its name.
        refused_in_transaction: returns whether an error means that a transaction cannot contain
            the statement, and that it may succeed outside.
    """

    open_probe: Callable[[Connection, Engine], Probe]
    fill: Callable[..., None]
    lock_order: tuple[str, ...] = ()
    silent_locks: frozenset[str] = frozenset()
    rolls_back: bool = False
    commits_ddl: bool = False
    many_rows: int = 100
    mass_change: str = "writes-long"
    refused_in_transaction: Callable[[BaseException], bool] = lambda _error: False
