"""An upgrade that was made for one tenant, made again for the next one.

Thousands of tenants that stand at the same revision get the same statements. The first one of a
connection's engine is upgraded as a single database is, and its statements are kept. A tenant that
stands where the first one stood, by its version rows and its journal, gets them in one message,
behind the same run lock and in one transaction. Where anything is not as it was with the first
one, or the server refuses a statement, nothing is done, and the tenant is upgraded in the ordinary
way, which says what is wrong.

Kept are only upgrades that cannot depend on the tenant: of files that call operations with
constants (see `fixed_program`), whose statements create objects or add to tables, read nothing, and
do not name the tenant's schema; on databases that undo such statements with their transaction, and
take several in one message.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from limbeck.commands import MoveResult
from limbeck.dialects import send_script
from limbeck.fleet.fixed_program import is_fixed
from limbeck.fleet.order import Order
from limbeck.history import Move
from limbeck.runtime import (
    Event,
    Finished,
    JournalTable,
    RunLock,
    ScriptSink,
    Started,
    Stepped,
    Target,
    VersionTable,
    applied_rows,
    heard_within,
    shared_version_table,
    utc_time,
)

_log = logging.getLogger("alembic.runtime.migration")
_CREATES = re.compile(
    r"\s*(?:CREATE\s+(?:TABLE|(?:UNIQUE\s+)?INDEX|SEQUENCE|TYPE|VIEW)\s"
    r"|ALTER\s+TABLE\s+(?:[\w.]+|\"[^\"]+\")\s+ADD\s|COMMENT\s+ON\s)",
    re.IGNORECASE,
)
_SEPARATOR = "\n;\n"  # the statement before may end with a comment
_TIME = "limbeckwritesthetimehere"
_MOST_STATES = 16
_HAD = (True, "read committed")  # elsewhere the rows would be those from before the lock
_CONCURRENTLY = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)


class Recorder:
    """Listens to an upgrade, and keeps what it sends.

    Attributes:
        statements: the statements, as the driver got them.
        titles: the words in which the log names each migration.
        is_plain: the statements create objects or add to tables, and the run had no incident.
    """

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.titles: list[str] = []
        self.is_plain = True

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, Stepped):
            self.statements.append(event.sql)
            self.is_plain = self.is_plain and _is_plain(event.sql)
        elif isinstance(event, Started):
            self.titles.append(event.text)
        elif not isinstance(event, Finished):
            self.is_plain = False  # it waited, left something out, or began again


class RepeatedUpgrades:
    """Keeps for each engine what was made on its tenants. An engine is of one thread."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[sa.Engine, _Known] = WeakKeyDictionary()

    def run(self, connection: sa.Connection, order: Order) -> tuple[Move, ...]:
        """Upgrade a tenant as one before it was; return the moves, nothing if none stood so.

        Args:
            connection: in the tenant's schema or database; no transaction is open.
            order: what is to be done.

        Raises:
            DBAPIError: the connection is lost.
        """
        known = self._known.get(connection.engine)
        if known is None or known.order != order:
            return ()
        try:
            return known.run(connection)
        except sa.exc.DBAPIError:
            if connection.closed or connection.invalidated:
                raise
            return ()

    def keep(
        self, connection: sa.Connection, order: Order, result: MoveResult, recorder: Recorder
    ) -> None:
        """Keep an upgrade that was made in the ordinary way, if it can be made again."""
        try:
            self._keep(connection, order, result, recorder)
        except sa.exc.SQLAlchemyError as error:
            # this tenant is done, and the next one goes the ordinary way
            _log.debug("The upgrade cannot be kept for other tenants: %s", error)

    def _keep(
        self, connection: sa.Connection, order: Order, result: MoveResult, recorder: Recorder
    ) -> None:
        if not _can_be_repeated(connection, result, recorder):
            return
        (target,) = result.targets
        checks = _Checks.of(connection, target)
        state = checks.state(connection)
        connection.rollback()
        if state is None:
            return
        known = self._known.get(connection.engine)
        if known is None or (known.order, known.checks) != (order, checks):
            known = self._known[connection.engine] = _Known(order, checks, {})
        if len(known.upgrades) >= _MOST_STATES:
            known.upgrades.clear()
        made = {move.revision.id for move in result.moves}
        before = replace(
            state,
            rows=result.moves[0].before,
            journal=state.journal and frozenset(row for row in state.journal if row[0] not in made),
        )
        known.upgrades[before] = _written(connection, result.moves, recorder, target, checks)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was made on the tenants of an engine.

    Args:
        order: what was asked for.
        checks: take the run lock of the transaction, and read where a tenant stands.
        upgrades: what was made on a tenant that stood so.
    """

    order: Order
    checks: _Checks
    upgrades: dict[_State, _Upgrade]

    def run(self, connection: sa.Connection) -> tuple[Move, ...]:
        """Make on a tenant what was made on one that stood as it does; return the moves."""
        silence = heard_within(connection, self.checks.silence_timeout)
        with silence, connection.begin() as transaction:
            state = self.checks.state(connection)
            upgrade = self.upgrades.get(state) if state is not None else None
            if upgrade is None or not upgrade.send(connection):
                transaction.rollback()
                return ()
        return upgrade.moves


@dataclass(frozen=True, slots=True)
class _Upgrade:
    """An upgrade that can be made again.

    Args:
        moves: its moves.
        titles: the words in which the log names each of them.
        script: the statements of the migrations, and those that record them.
        writes: how many statements at the end of the script change one version row each.
    """

    moves: tuple[Move, ...]
    titles: tuple[str, ...]
    script: str
    writes: int

    def send(self, connection: sa.Connection) -> bool:
        """Send the script; return whether the version rows changed as they should."""
        for title in self.titles:
            _log.info("Running %s", title)
        answers = send_script(connection, self.script.replace(_TIME, utc_time()))
        return all(one.rowcount == 1 for one in answers[-self.writes :])


@dataclass(frozen=True, slots=True)
class _State:
    """Where a tenant stands.

    Args:
        facts: about the version table.
        rows: the version rows.
        journal: the rows of the journal, None without a journal.
    """

    facts: tuple[str, ...]
    rows: frozenset[object]
    journal: frozenset[tuple[object, ...]] | None


@dataclass(frozen=True, slots=True)
class _Checks:
    """What is read of a tenant before its upgrade.

    Args:
        script: the statements: for the run lock, facts, version rows, and those of the journal.
        silence_timeout: see `Target`.
        has_journal: there is a journal.
    """

    script: str
    silence_timeout: float
    has_journal: bool

    @classmethod
    def of(cls, connection: sa.Connection, target: Target) -> _Checks:
        """Write the statements for the tenants that are configured as this one is."""
        make = target.dialect.tenancy.checks
        assert make is not None  # noqa: S101 - `_can_be_repeated` requires it; for mypy
        table, journal = _version_table(target), JournalTable(target)
        has_journal = target.journal != "off" and journal.find_table(connection)
        wanted: list[sa.Executable] = [
            *make(RunLock(target).name, target.table_timeout, table), sa.select(table)
        ]  # fmt: skip
        if has_journal:
            wanted.append(journal.summary())
        sink = _sink(connection, target)
        script = _SEPARATOR.join(sink.text(one) for one in wanted)
        return cls(script, target.silence_timeout, has_journal)

    def state(self, connection: sa.Connection) -> _State | None:
        """Take the run lock and read where a tenant stands; None if the lock is not to be had."""
        lock, facts, rows, *journal = (one.rows for one in send_script(connection, self.script))
        if tuple(lock[0][1:3]) != _HAD:
            return None
        return _State(
            facts=tuple(map(repr, facts)),
            rows=frozenset(row[0] for row in rows),
            journal=frozenset(journal[0]) if journal else None,
        )


def _can_be_repeated(connection: sa.Connection, result: MoveResult, recorder: Recorder) -> bool:
    """Return whether an upgrade is the same for each tenant that stands as this one stood."""
    if not (recorder.is_plain and result.moves and len(result.targets) == 1) or result.losses:
        return False
    target = result.targets[0]
    tenancy = target.dialect.tenancy
    if (
        tenancy.checks is None
        or connection.dialect.driver not in tenancy.script_drivers
        or not (target.transactional_ddl and target.locking)
        or target.transaction_per_migration
        or target.on_version_apply
        or not result.moves[0].before  # the tables of versions and of the journal are new
        or _is_named(connection.dialect.default_schema_name, recorder.statements)
        or not all(_is_fixed(move) for move in result.moves)
    ):
        return False
    facts = VersionTable(_version_table(target), connection).verify(is_strict=target.is_strict)
    # each tenant gets its warning
    return facts is not None and not facts.triggers and facts.fault(frozenset()) is None


def _written(
    connection: sa.Connection,
    moves: tuple[Move, ...],
    recorder: Recorder,
    target: Target,
    checks: _Checks,
) -> _Upgrade:
    """Write the statements of an upgrade as a script."""
    sink = _sink(connection, target)
    script = [one.replace("%%", "%") for one in recorder.statements]
    if checks.has_journal and target.journal == "keep":
        rows = [row for move in moves for row in applied_rows(move, at=_TIME)]
        script += [sink.text(one) for one in JournalTable(target).applied_inserts(rows)]
    writes = _version_writes(_version_table(target), moves, sink)
    return _Upgrade(moves, tuple(recorder.titles), _SEPARATOR.join([*script, *writes]), len(writes))


def _sink(connection: sa.Connection, target: Target) -> ScriptSink:
    return ScriptSink(connection.dialect, target.dialect, {}, output=io.StringIO())


def _version_table(target: Target) -> sa.Table:
    return shared_version_table(target.version_table, target.version_table_schema)


def _version_writes(table: sa.Table, moves: Sequence[Move], sink: ScriptSink) -> list[str]:
    """Return the statements that bring the version rows from before the moves to after them."""
    written = []
    before = moves[0].before
    for move in moves:
        output = sink.output = io.StringIO()
        before = VersionTable(table, None).write(move, before, sink)
        written += [one for one in output.getvalue().split(";\n") if one.strip()]
    return written


def _is_fixed(move: Move) -> bool:
    revision = move.revision
    if move.direction != "up" or move.covers or revision.replaces or revision.path is None:
        return False
    try:
        return revision.path.suffix == ".py" and is_fixed(revision.path.read_bytes())
    except OSError:
        return False


def _is_named(schema: str | None, statements: Sequence[str]) -> bool:
    """Return whether a statement has the name of a schema in it."""
    name = re.compile(rf"(?<!\w){re.escape(schema or '')}(?!\w)")
    return schema is not None and any(name.search(one) for one in statements)


def _is_plain(statement: str) -> bool:
    # a percent sign stands doubled where it is none of the driver's parameters
    has_parameters = "%" in statement.replace("%%", "")
    is_outside = _CONCURRENTLY.search(statement) is not None
    return _CREATES.match(statement) is not None and not (has_parameters or is_outside)
