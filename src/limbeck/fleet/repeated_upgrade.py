"""Repeat an upgrade of one tenant for other tenants in the same state.

Tenants at the same revision get the same statements. A worker runs the migration scripts for the
first tenant of an engine, and sends the statements to later tenants in one message.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
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
    limit_silence,
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
# fails, and with it the transaction, unless the statement changes one row
_CHANGES_ONE = (
    "WITH changed AS ({} RETURNING 1)"
    " SELECT 1 OPERATOR(pg_catalog./) CASE WHEN pg_catalog.count(*) OPERATOR(pg_catalog.=) 1"
    " THEN 1 ELSE 0 END FROM changed"
)
_TIME = "limbeckwritesthetimehere"
_MOST_STATES = 16
_HAD = (True, "read committed")  # at other levels the rows are read as of before the lock
_STATEMENT_EVENTS = (
    "before_execute", "after_execute", "before_cursor_execute", "after_cursor_execute"
)  # fmt: skip
_CONCURRENTLY = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)


class UpgradeRecorder:
    """Collects the statements of an upgrade; a listener.

    Attributes:
        statements: the statements, as they were passed to the driver.
        titles: the log message of each migration.
        is_plain: True if all statements create objects or add to tables, and the run was not
            delayed, resumed or restarted.
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
            self.is_plain = False  # it waited, skipped a statement or was restarted


class RepeatedUpgrades:
    """Keeps the upgrades of each engine that can be repeated; each engine is used by one thread.

    A tenant whose version rows and journal are those of an earlier one gets its statements, after
    the run lock is taken and in one transaction. If the state differs, or the server rejects a
    statement, the transaction is rolled back and the migration scripts are run, which report what
    is wrong.

    An upgrade is kept only if it cannot depend on the tenant: its files call operations with
    constants (see `fixed_program`), and its statements create objects or add to tables, read
    nothing and do not contain the name of the tenant's schema. The database must roll back such
    statements with their transaction, and the driver must send several statements in one message.
    Functions that listen to the statements of the engine could change them, or miss them.
    """

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[sa.Engine, _Known] = WeakKeyDictionary()

    def run(self, connection: sa.Connection, order: Order) -> tuple[Move, ...]:
        """Repeat an earlier upgrade for a tenant.

        Args:
            connection: a connection to the tenant without an open transaction.
            order: the order for the tenant.

        Returns:
            The moves; empty if no upgrade was kept for the state of the tenant.

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
        self, connection: sa.Connection, order: Order, result: MoveResult, recorder: UpgradeRecorder
    ) -> None:
        """Keep an upgrade that has been run, if it can be repeated."""
        try:
            self._keep(connection, order, result, recorder)
        except sa.exc.SQLAlchemyError as error:
            # the tenant has been upgraded; later tenants run the migration scripts
            _log.debug("The upgrade is not kept for other tenants: %s", error)

    def _keep(
        self, connection: sa.Connection, order: Order, result: MoveResult, recorder: UpgradeRecorder
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
    """The upgrades of an engine that can be repeated.

    Args:
        order: the order that they were run for.
        checks: the statements that read the state of a tenant.
        upgrades: the upgrade for each state.
    """

    order: Order
    checks: _Checks
    upgrades: dict[_State, _Upgrade]

    def run(self, connection: sa.Connection) -> tuple[Move, ...]:
        """Repeat the upgrade for the state of a tenant; return its moves, none without one."""
        limit_silence(connection, self.checks.silence_timeout)
        with _own_transaction(connection):
            state = self.checks.state(connection, begin=True)
            upgrade = self.upgrades.get(state) if state is not None else None
            if upgrade is None:
                return ()
            upgrade.send(connection)
        return upgrade.moves


@dataclass(frozen=True, slots=True)
class _Upgrade:
    """An upgrade that can be repeated.

    Args:
        moves: its moves.
        titles: the log message of each move.
        script: the statements of the migrations, then those of the journal and the version table,
            and COMMIT.
    """

    moves: tuple[Move, ...]
    titles: tuple[str, ...]
    script: str

    def send(self, connection: sa.Connection) -> None:
        """Send the script.

        Raises:
            DBAPIError: the server rejects a statement, or a version row was not changed. COMMIT is
                not run.
        """
        for title in self.titles:
            _log.info("Running %s", title)
        send_script(connection, self.script.replace(_TIME, utc_time()))


@dataclass(frozen=True, slots=True)
class _State:
    """The state of a tenant.

    Args:
        facts: facts about the version table.
        rows: the version rows.
        journal: the rows of the journal, None without a journal.
    """

    facts: tuple[str, ...]
    rows: frozenset[object]
    journal: frozenset[tuple[object, ...]] | None


@dataclass(frozen=True, slots=True)
class _Checks:
    """The statements that take the run lock and read the state of a tenant.

    Args:
        script: the statements for the run lock, the facts, the version rows and the journal.
        silence_timeout: see `Target`.
        has_journal: True if the tenant has a journal.
    """

    script: str
    silence_timeout: float
    has_journal: bool

    @classmethod
    def of(cls, connection: sa.Connection, target: Target) -> _Checks:
        """Return the statements for tenants with the configuration of a target."""
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

    def state(self, connection: sa.Connection, *, begin: bool = False) -> _State | None:
        """Take the run lock and read the state of a tenant; None if the lock is held.

        Args:
            connection: a connection to the tenant.
            begin: begin a transaction in the same message.
        """
        script = f"BEGIN{_SEPARATOR}{self.script}" if begin else self.script
        answers = [one.rows for one in send_script(connection, script)]
        lock, facts, rows, *journal = answers[begin:]
        if tuple(lock[0][1:3]) != _HAD:
            return None
        return _State(
            facts=tuple(map(repr, facts)),
            rows=frozenset(row[0] for row in rows),
            journal=frozenset(journal[0]) if journal else None,
        )


@contextmanager
def _own_transaction(connection: sa.Connection) -> Iterator[None]:
    """Let the block begin and commit a transaction with statements of its own.

    The driver would send BEGIN and COMMIT in messages of their own. A transaction that the block
    has not committed is rolled back.
    """
    driver: Any = connection.connection.dbapi_connection
    driver.autocommit = True
    try:
        yield
    finally:
        if not (connection.closed or connection.invalidated):
            driver.rollback()
            driver.autocommit = False


def _can_be_repeated(
    connection: sa.Connection, result: MoveResult, recorder: UpgradeRecorder
) -> bool:
    """Return whether an upgrade is the same for each tenant in the same state."""
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
        or _has_listeners(connection.engine)
        or not result.moves[0].before  # the tables of versions and of the journal are new
        or _is_named(connection.dialect.default_schema_name, recorder.statements)
        or not all(_is_fixed(move) for move in result.moves)
    ):
        return False
    facts = VersionTable(_version_table(target), connection).verify(is_strict=target.is_strict)
    # the migration scripts are run where a warning is due
    return facts is not None and not facts.triggers and facts.fault(frozenset()) is None


def _written(
    connection: sa.Connection,
    moves: tuple[Move, ...],
    recorder: UpgradeRecorder,
    target: Target,
    checks: _Checks,
) -> _Upgrade:
    """Return an upgrade as a script."""
    sink = _sink(connection, target)
    script = [one.replace("%%", "%") for one in recorder.statements]
    if checks.has_journal and target.journal == "keep":
        rows = [row for move in moves for row in applied_rows(move, at=_TIME)]
        script += [sink.text(one) for one in JournalTable(target).applied_inserts(rows)]
    writes = _version_writes(_version_table(target), moves, sink)
    script += [_CHANGES_ONE.format(one) for one in writes]
    return _Upgrade(moves, tuple(recorder.titles), _SEPARATOR.join([*script, "COMMIT"]))


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


def _has_listeners(engine: sa.Engine) -> bool:
    """Return whether functions listen to the statements of an engine."""
    return any(getattr(engine.dispatch, name) for name in _STATEMENT_EVENTS)


def _is_named(schema: str | None, statements: Sequence[str]) -> bool:
    """Return whether a statement contains the name of a schema."""
    name = re.compile(rf"(?<!\w){re.escape(schema or '')}(?!\w)")
    return schema is not None and any(name.search(one) for one in statements)


def _is_plain(statement: str) -> bool:
    # a percent sign that is not part of a parameter is doubled
    has_parameters = "%" in statement.replace("%%", "")
    is_outside = _CONCURRENTLY.search(statement) is not None
    return _CREATES.match(statement) is not None and not (has_parameters or is_outside)
