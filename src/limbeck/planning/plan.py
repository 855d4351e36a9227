"""What an upgrade or downgrade would do to one database, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from limbeck.catalog import Catalog

if TYPE_CHECKING:
    from limbeck.dialects import TableSize

Source: TypeAlias = Literal["measured", "known", "unknown"]
CheckStatus: TypeAlias = Literal["passes", "fails", "loses", "uncertain", "not run"]
RevisionState: TypeAlias = Literal["applied", "planned", "pending"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a statement takes.

    Args:
        seconds: the most likely time.
        low: the shortest time that the measured rates allow.
        high: the longest.
        basis: how it was computed, in words.
    """

    seconds: float
    low: float
    high: float
    basis: str


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """One statement, with its effects.

    Args:
        revision: the identifier of the revision that sends it.
        sql: the text; a change that needs several statements has all of them.
        line: its line in the revision file.
        source: where locks, rewrites, scans and dangers come from: "measured" on a scratch
            database, "known" from the text, "unknown" where neither says anything.
        locks: for each table the strongest lock that the statement takes.
        strongest_lock: the strongest of them.
        rewrites: tables that are written again.
        scans: tables that are read as a whole.
        index_builds: tables of which an index is built.
        blocks: for each table what other sessions cannot do until the transaction ends.
        dangers: names of `limbeck.lint.DANGERS`.
        code: the code of the lint rule, None where there is no finding.
        details: further facts, in words.
        is_outside: it runs outside a transaction.
        is_long: its time grows with the number of rows.
        has_few_rows: the tables that it works on are small, so that it is brief.
        estimate: how long it takes, None where that is not known.
    """

    revision: str
    sql: str
    line: int | None = None
    source: Source = "unknown"
    locks: Mapping[str, str] = field(default_factory=dict)
    strongest_lock: str | None = None
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    index_builds: tuple[str, ...] = ()
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dangers: tuple[str, ...] = ()
    code: str | None = None
    details: tuple[str, ...] = ()
    is_outside: bool = False
    is_long: bool = False
    has_few_rows: bool = False
    estimate: Estimate | None = None


@dataclass(frozen=True, slots=True)
class PlannedTransaction:
    """Statements that are committed together.

    Args:
        number: its place, from 1.
        kind: "transaction"; "autocommit" where each statement is its own transaction;
            "implicit commit" where the server commits after a statement by itself.
        revisions: the revisions whose statements it has, in order.
        statements: in order.
        locks: for each table the strongest lock held at the end.
    """

    number: int
    kind: str
    revisions: tuple[str, ...]
    statements: tuple[PlannedStatement, ...]
    locks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """One revision that would be upgraded or downgraded.

    Args:
        revision: its identifier.
        direction: "upgrade" or "downgrade".
        message: the first paragraph of its docstring.
        path: its file.
        before: the version rows before it.
        after: the version rows after it.
    """

    revision: str
    direction: str
    message: str
    path: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowCheck:
    """Whether the existing rows satisfy what the plan will require of them.

    Args:
        revision: the revision that requires it.
        kind: "not null", "unique", "check", "foreign key", "type", "new column", "drop column"
            or "drop table".
        table: the table, with its schema where that is not the default one.
        columns: the columns concerned.
        message: what the plan does, in one sentence.
        query: the SELECT that counts the rows.
        status: "passes"; "fails" where the statement will fail; "loses" where values are lost;
            "uncertain" where the plan changes rows of the table before; "not run".
        count: number of rows, or of groups of duplicates; None where the query was not run.
        is_at_least: there are more rows than `count`.
        key_columns: the columns of `keys`: the primary key, or the duplicate columns.
        keys: the first rows that count, as text.
        reason: why it is uncertain or was not run, None otherwise.
    """

    revision: str
    kind: str
    table: str
    columns: tuple[str, ...]
    message: str
    query: str
    status: CheckStatus = "not run"
    count: int | None = None
    is_at_least: bool = False
    key_columns: tuple[str, ...] = ()
    keys: tuple[tuple[str | None, ...], ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GraphRevision:
    """One revision of the history, for a drawing of it.

    Args:
        id: the identifier.
        down: its parents and what it depends on.
        message: the first paragraph of its docstring.
        state: "applied", "planned" where the plan runs it, or "pending".
    """

    id: str
    down: tuple[str, ...]
    message: str
    state: RevisionState


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to one database.

    Args:
        database: its address without the password; "" without a database.
        dialect: the name of the database system.
        start: the version rows of the database.
        target: the destination, as it was given.
        direction: "upgrade" or "downgrade".
        moves: the revisions, in the order in which they run.
        transactions: their statements.
        sizes: the sizes of the tables that statements or checks concern, by name.
        sizes_from: "live", or the name of the statistics file.
        checks: the checks of existing rows.
        history: the revisions, oldest first.
        before: the schema before the plan, without limbeck's own tables.
        after: the schema after it, as far as it is known.
        scratch: name and version of the server on which was measured, None where it was not.
        notes: what could not be found out, and why.
    """

    database: str
    dialect: str
    start: tuple[str, ...]
    target: str
    direction: str
    moves: tuple[PlannedMove, ...] = ()
    transactions: tuple[PlannedTransaction, ...] = ()
    sizes: Mapping[str, TableSize] = field(default_factory=dict)
    sizes_from: str = "live"
    checks: tuple[RowCheck, ...] = ()
    history: tuple[GraphRevision, ...] = ()
    before: Catalog = field(default_factory=Catalog)
    after: Catalog = field(default_factory=Catalog)
    scratch: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[PlannedStatement, ...]:
        """All statements, in order."""
        return tuple(one for each in self.transactions for one in each.statements)

    @property
    def failing_checks(self) -> tuple[RowCheck, ...]:
        """The checks that a statement will fail on."""
        return tuple(one for one in self.checks if one.status == "fails")
