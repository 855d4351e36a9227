"""Types for the measured effects of a statement, which all dialects share."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from limbeck.dialects.safe_recipes import SafeStep

READ, INSERT, UPDATE, LOCK_ROW = "select", "insert", "update", "select for update"
EVERYTHING = (READ, INSERT, UPDATE, LOCK_ROW)
WRITES = (INSERT, UPDATE, LOCK_ROW)
ReleaseTables: TypeAlias = Mapping[str, Collection[str]]
"""The columns of each table that a release knows; the table name includes its schema, if any."""
_NAMES = re.compile(r"[\w$]+|`([^`]+)`|\"([^\"]+)\"|\[([^\]]+)\]")


def names_in(statement: str) -> set[str]:
    """Return the words of a statement that may be names, including quoted ones, in lower case."""
    found = set()
    for one in _NAMES.finditer(statement):
        quoted = next((name for name in one.groups() if name), None)
        found |= {one[0]} if quoted is None else {quoted, *re.findall(r"[\w$]+", quoted)}
    return {name.lower() for name in found}


@dataclass(frozen=True, slots=True)
class Measured:
    """The effects of one statement, except on tables that the same revision created.

    Args:
        locks: for each table the strongest lock that the statement took.
        strongest: the strongest of these locks; None if there are none.
        rewrites: tables of which the statement wrote a new copy.
        index_builds: tables of which it built an index.
        scans: tables that it read completely.
        written: tables with the number of rows that it inserted, updated or deleted.
        blocks: for each table what other sessions cannot do until the transaction ends.
        algorithm: how the server changes the table, if it has several algorithms.
        is_long: its duration grows with the number of rows.
        lost: descriptions of the data that was lost.
        dropped: dropped objects that the statement does not name.
        rejects: descriptions of allowed rows with which the statement would fail.
        changed_behaviour: descriptions of what works differently for others.
        half_applied: descriptions of what would remain if a later statement failed.
        made_not_null: columns that could hold NULL before the statement, and cannot after it.
        restored: tables that an earlier statement dropped and that exist again with rows.
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
    rejects: tuple[str, ...] = ()
    changed_behaviour: tuple[str, ...] = ()
    half_applied: tuple[str, ...] = ()
    made_not_null: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    source: str = "measured"


class Probe(Protocol):
    """Measures the statements of one run of a revision on a scratch database.

    It is opened before the first statement, on the connection that runs the revision.
    """

    def before(self, statement: str, *, in_transaction: bool, continues: bool) -> str | None:
        """Prepare to measure a statement.

        Args:
            statement: the SQL.
            in_transaction: False if it runs outside a transaction.
            continues: it belongs to the same operation as the previous statement; their effects are
                measured together.

        Returns:
            The statement to run instead, if the probe has already run this one; otherwise None.
        """

    def after(self, statement: str, *, in_transaction: bool) -> Measured:
        """Return the effects of the statement."""

    def left_behind(self) -> tuple[str, ...]:
        """Return what remains of a statement that failed outside a transaction."""

    def rejects_every_row(self, error: BaseException) -> bool:
        """Return whether a statement failed because of a column for which no row has a value."""

    def failing_queries(self) -> Mapping[str, str]:
        """Run the queries of the running release; return those that fail now, with the reason."""

    def missing_at_end(self) -> tuple[str, ...]:
        """Return objects that are missing after the last statement and that no statement named."""

    def close(self) -> None:
        """Release the resources of the probe."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """How statements are measured on this database.

    Args:
        open_probe: returns a probe for a connection. Further sessions come from the engine. With
            `words`, those of a revision's statements, only queries of the tables that they name
            are tried; with `release`, only queries of the tables and columns that it has.
        fill: fills the tables of a scratch database with rows, and commits. With `spoiled` it
            adds rows that the constraints allow: NULLs, duplicates, orphans, long values. With
            `words`, those of a revision's statements, it fills only the tables that they need.
        lock_order: the names of the locks, the weakest first.
        silent_locks: locks that reading and writing rows takes as well.
        rolls_back: a run can be rolled back completely.
        commits_ddl: every change of a schema commits what preceded it.
        many_rows: the number of rows of a scratch table that counts as most of them.
        mass_change: the name of the danger of a transaction that has changed that many rows.
        refused_in_transaction: returns whether an error means that a transaction cannot contain
            the statement, so that it may succeed outside.
        safe_steps: takes a statement and a function that runs a query on a scratch database;
            returns steps that may replace the statement and block others for less time.
    """

    open_probe: Callable[..., Probe]
    fill: Callable[..., None]
    lock_order: tuple[str, ...] = ()
    silent_locks: frozenset[str] = frozenset()
    rolls_back: bool = False
    commits_ddl: bool = False
    many_rows: int = 100
    mass_change: str = "writes-long"
    refused_in_transaction: Callable[[BaseException], bool] = lambda _error: False
    safe_steps: Callable[[str, Callable[[str], Sequence[Any]]], Sequence[SafeStep]] | None = None
