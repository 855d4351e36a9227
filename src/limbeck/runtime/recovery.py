"""Interrupted moves: read their steps from the journal, and revert or discard them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import CatalogProbe, Effects, Reverse, parse_effects, reverse_of, written_rows
from limbeck.errors import UndoFailedError
from limbeck.runtime.errors import StepUnknownError
from limbeck.runtime.journal_row import ELSEWHERE, Row, move_name, took_effect
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.lock import RunLock
from limbeck.runtime.target import Target
from limbeck.runtime.version_table import scope
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.operations import Sink

DONE, NOT_DONE, UNKNOWN = "done", "not done", "unknown"
REPEATED = "runs again"  # it may have run, and can be repeated
PARTIAL = "partly done"  # some batches of a backfill are committed


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of an interrupted move, or the data statements of one transaction.

    Args:
        row: its row in the journal.
        outcome: done, not done, partly done (a backfill), unknown (the database does not show it),
            or runs again (it can be repeated).
        statements: the number of statements in the row.
    """

    row: Row
    outcome: str
    statements: int = 1

    @property
    def text(self) -> str:
        """The statement on one line; for data statements, a summary."""
        if not self.row.changes_rows:
            text = " ".join(self.row.sql.split())
            if self.row.state == ELSEWHERE:
                return f"{text} (in another default schema)"
            return text if self.outcome != PARTIAL else f"{text} ({_changed(self.row)} rows so far)"
        tables = sorted({_dotted(target[0]) for target in _targets(self.row) if target})
        where = f" in {', '.join(tables)}" if tables else ""
        noun = "statement that changes" if self.statements == 1 else "statements that change"
        return f"{self.statements} {noun} rows{where}"


@dataclass(frozen=True, slots=True)
class InterruptedMove:
    """A migration that was interrupted, and its steps in the journal.

    Args:
        revision: the identifier of its revision.
        direction: up or down.
        steps: its steps, in the order in which they ran.
    """

    revision: str
    direction: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The description of the move in messages."""
        return move_name(self.revision, self.direction)

    def with_outcome(self, outcome: str) -> tuple[Step, ...]:
        """Return the steps that have an outcome."""
        return tuple(step for step in self.steps if step.outcome == outcome)


@dataclass(frozen=True, slots=True)
class Undone:
    """The reverted and the remaining steps of an interrupted move.

    Args:
        move: the move.
        reverted: the reverse statements that were run.
        remaining: the steps that are still done. The last of them has no reverse statement. The
            steps before it are not reverted either, so that the steps that are done are always the
            first ones of the migration.
    """

    move: InterruptedMove
    reverted: tuple[str, ...] = ()
    remaining: tuple[Step, ...] = ()


def read_interrupted(target: Target) -> tuple[InterruptedMove, ...]:
    """Return the interrupted moves of a database, without writing to it."""
    connection = target.connection
    if connection is None:
        return ()
    was_inside = connection.in_transaction()
    try:
        return _read(target, JournalTable(target), connection)
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def count_outcomes(
    target: Target, table: JournalTable, connection: Connection, key: tuple[str, str]
) -> Counter[str]:
    """Return the number of steps of a move with each outcome.

    Args:
        target: what env.py configured.
        table: the journal's table, which is looked up again.
        connection: the connection, after the move has failed.
        key: the revision and the direction of the move.
    """
    table.forget_reads()
    rows = table.all_steps(connection).get(key, [])
    return Counter(step.outcome for step in _steps(target, connection, rows))


def read_skipped(target: Target) -> tuple[str, ...]:
    """Return the revisions that were stamped instead of run, without writing to the database."""
    connection = target.connection
    if connection is None:
        return ()
    was_inside = connection.in_transaction()
    try:
        return JournalTable(target).skipped(connection)
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def _read(
    target: Target, table: JournalTable, connection: Connection
) -> tuple[InterruptedMove, ...]:
    found = table.all_steps(connection)
    return tuple(
        InterruptedMove(revision, direction, tuple(_steps(target, connection, rows)))
        for (revision, direction), rows in sorted(found.items())
    )


def _steps(target: Target, connection: Connection, rows: Sequence[Row]) -> Iterator[Step]:
    for row in rows:
        match row.state:
            case "failed":
                yield Step(row, NOT_DONE, statements=_count(row))
            case "running" if row is rows[-1] and row.trace == "":
                yield Step(row, REPEATED)
            case "running" if row is rows[-1]:
                found = took_effect(target, connection, row)
                yield Step(row, {True: DONE, False: NOT_DONE, None: UNKNOWN}[found])
            case "partial":
                yield Step(row, PARTIAL)
            case "unknown":
                yield Step(row, UNKNOWN, statements=_count(row))
            case "data" | "elsewhere":
                yield Step(row, DONE, statements=_count(row))
            case _:
                yield Step(row, DONE)


def _count(row: Row) -> int:
    return len(row.sql.splitlines()) if row.changes_rows else 1


def _changed(row: Row) -> int:
    """Return the number of rows that a backfill has changed so far."""
    import json  # few runs need it

    return int(json.loads(row.trace or "{}").get("rows", 0))


class Recovery:
    """Reverts or discards interrupted moves, while holding the run lock.

    Args:
        target: what env.py configured.
        sink: the sink for the reverse statements.
    """

    def __init__(self, target: Target, sink: Sink) -> None:
        assert target.connection is not None  # noqa: S101 - no script recovers anything; for mypy
        self._target = target
        self._connection = target.connection
        self._sink = sink
        self._table = JournalTable(target)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with RunLock(self._target) as lock, scope(self._connection):
            lock.take_in_transaction()
            self._table.forget_reads()
            yield

    def record_outcome(self, outcome: str | None) -> tuple[InterruptedMove, ...]:
        """Record the outcome of the statements whose outcome is unknown.

        Args:
            outcome: DONE or NOT_DONE; None if the user has not given it.

        Returns:
            The interrupted moves.

        Raises:
            StepUnknownError: there is such a statement, and `outcome` is None.
        """
        with self._locked():
            moves = _read(self._target, self._table, self._connection)
            for move in moves:
                for step in move.with_outcome(UNKNOWN):
                    if outcome is None:
                        raise _unanswered(move, step)
                    done = "data" if step.row.changes_rows else "done"
                    state = done if outcome == DONE else "failed"
                    self._table.set_state(self._connection, move.direction, step.row, state)
            self._table.forget_reads()
            return _read(self._target, self._table, self._connection)

    def forget(self) -> tuple[InterruptedMove, ...]:
        """Delete the steps of all interrupted moves from the journal, and return the moves."""
        with self._locked():
            moves = _read(self._target, self._table, self._connection)
            self._table.delete_all_steps(self._connection)
            self._drop_empty()
        return moves

    def undo(self) -> tuple[Undone, ...]:
        """Revert the steps of the interrupted moves, from the last step to the first.

        Raises:
            StepUnknownError: it is unknown whether a statement took effect.
            UndoFailedError: a reverse statement failed.
        """
        with self._locked():
            moves = _read(self._target, self._table, self._connection)
            for move in moves:
                for step in move.with_outcome(UNKNOWN):
                    raise _unanswered(move, step)
            found = tuple(self._undo(move) for move in moves)
            self._drop_empty()
        return found

    def _undo(self, move: InterruptedMove) -> Undone:
        reverted: list[str] = []
        remaining = list(move.steps)
        plan = _plan(move, self._target.sql_dialect.name)
        while remaining:
            step = remaining[-1]
            reverses = plan[step] if step.outcome in {DONE, PARTIAL} else ()
            if reverses is None:
                break
            for reverse in reverses:
                if self._is_needed(reverse):
                    self._revert(move, reverse, done=len(reverted))
                    reverted.append(str(reverse))
            self._table.delete_step(self._connection, move.direction, step.row)
            remaining.pop()
        return Undone(move, tuple(reverted), tuple(remaining))

    def _is_needed(self, reverse: Reverse) -> bool:
        return reverse.fact is None or CatalogProbe(self._connection).holds(reverse.fact)

    def _revert(self, move: InterruptedMove, reverse: Reverse, *, done: int) -> None:
        try:
            if reverse.operation is not None:
                self._sink.apply(reverse.operation)
            else:
                self._connection.exec_driver_sql(
                    self._sql(reverse), execution_options={"no_parameters": True}
                )
        except sa.exc.DBAPIError as error:
            keeps = not self._target.dialect.capabilities.transactional_ddl
            state = f"{done} steps are reverted" if keeps else "everything was rolled back"
            raise UndoFailedError(
                f"The {move.name} cannot be undone: {reverse} failed: {error.orig}. State: {state}",
                hint="Fix the cause of the error and run `recover --undo` again; or correct the "
                "database by hand and run `recover --forget`.",
            ) from error

    def _sql(self, reverse: Reverse) -> str:
        if reverse.rename is None:
            return reverse.sql
        mark = self._target.sql_dialect.identifier_preparer.initial_quote
        (schema, table), *names = reverse.rename
        now, before = (quote_identifier(name, mark) for name in names)
        path = quote_path(schema, table, mark=mark)
        return f"ALTER TABLE {path} RENAME COLUMN {now} TO {before}"

    def _drop_empty(self) -> None:
        if self._target.journal != "keep":
            self._table.drop_if_empty(self._connection, in_transaction=True)


def _unanswered(move: InterruptedMove, step: Step) -> StepUnknownError:
    return StepUnknownError(
        f"The database does not show whether a statement of the interrupted {move.name} took "
        "effect",
        place=f"Statement: {step.text}",
        hint="Find out, then use `--unknown done` or `--unknown not-done`; or run `recover` in a "
        "terminal, where it asks.",
    )


def _plan(move: InterruptedMove, dialect: str) -> Mapping[Step, tuple[Reverse, ...] | None]:
    """Return the reverse statements of each step that is done; None if it has none.

    Changes of rows need no reverse statement in tables or columns that an earlier step has created.
    """
    new = _NewObjects()
    plan: dict[Step, tuple[Reverse, ...] | None] = {}
    for step in move.steps:
        if step.outcome not in {DONE, PARTIAL}:
            continue
        row = step.row
        reverses: tuple[Reverse, ...] | None
        if row.state == ELSEWHERE:
            reverses = None  # the same names may stand for other objects here
        elif row.changes_rows:
            reverses = () if all(map(new.hold, _targets(row))) else None
        else:
            reverses = reverse_of(row.sql, dialect)
            if reverses is None and (row.trace == "" or new.hold(written_rows(row.sql, dialect))):
                reverses = ()
            elif reverses:
                new.add(parse_effects(row.sql, dialect))
        plan[step] = reverses
    return plan


class _NewObjects:
    """The tables and columns that the steps of a move have created."""

    def __init__(self) -> None:
        self._tables: set[tuple[str | None, str]] = set()
        self._columns: set[tuple[tuple[str | None, str], str]] = set()

    def add(self, effects: Effects) -> None:
        """Add the objects that a statement creates or renames."""
        for item in effects.items:
            old = item.renamed_from
            if not item.is_present:
                continue
            if item.kind == "table" and (old is None or old in self._tables):
                self._tables.add(item.table)
            elif item.kind == "column" and (
                old is None or (item.table, old[1].lower()) in self._columns
            ):
                self._columns.add((item.table, item.name.lower()))

    def hold(self, target: Any) -> bool:
        """Return whether a statement writes only to these tables and columns."""
        if target is None:
            return False
        (schema, name), columns = target
        if (schema, name) in self._tables:
            return True
        return bool(columns) and all(
            ((schema, name), column.lower()) in self._columns for column in columns
        )


def _targets(row: Row) -> list[Any]:
    """Return the table and columns that each data statement of a row writes."""
    import json  # few runs need it

    found: list[Any] = []
    for line in row.sql.splitlines():
        parts = line.split(" ", 2)
        found.append(json.loads(parts[2]) if len(parts) > 2 else None)  # noqa: PLR2004 - see above
    return found


def _dotted(table: Sequence[str | None]) -> str:
    return ".".join(part for part in table if part)
