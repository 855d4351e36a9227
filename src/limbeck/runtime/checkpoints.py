"""The checkpoints of a move: statements of an interrupted run are skipped, others are recorded.

A statement is matched with a row by the fingerprint of its text and parameters. Equal statements
are matched in their order. A statement without a row runs. A DDL statement is skipped only if its
effect is in the catalog. `Journal` calls this class for each statement.
"""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from limbeck.dialects import (
    CatalogProbe,
    Effects,
    NetEffects,
    StatementClass,
    parse_effects,
    written_rows,
)
from limbeck.history import Move
from limbeck.runtime.errors import LockLostError, StepChangedError
from limbeck.runtime.journal_row import (
    CHOICES,
    ELSEWHERE,
    Row,
    fingerprint,
    packed,
    removed_step,
    shortened,
    took_effect,
    unknown_step,
    unseen_step,
)
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.session_names import SessionNames
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SAVEPOINT = re.compile(
    r"\s*(SAVEPOINT|ROLLBACK\s+(?:WORK\s+|TRANSACTION\s+)?TO(?:\s+SAVEPOINT)?)\s+(\S+?);?\s*\Z",
    re.IGNORECASE,
)
_log = logging.getLogger("alembic.runtime.migration")


class Checkpoint(enum.Enum):
    """What to do with a statement."""

    RUN = "run"
    SKIP = "skip"


@dataclass(slots=True, eq=False)
class _Record:
    """A statement that an earlier run has executed.

    Args:
        row: its row, or the row of several data statements that contains it.
        text: the fingerprint of its text without parameters.
        effects: its effects on the catalog; empty for a data statement.
        is_issued: whether this run has issued the statement too.
    """

    row: Row
    text: str
    effects: Effects
    is_issued: bool = False

    @property
    def writes_rows(self) -> bool:
        """Whether the effect of the statement is not visible in the catalog."""
        return not self.effects.items and self.row.trace is None


class Checkpoints:
    """Records the checkpoints of each move, and finds those of an earlier run.

    Args:
        target: what env.py configured.
        table: the journal's table.
        names: the default schema of the session.

    Attributes:
        rows: the number of rows that the journal has for the move.
        unknown_rows: the number of those whose outcome is unknown.
        is_step_running: whether the last recorded step has not ended.
        in_bracket: whether a transaction is open around a statement of an autocommit block.
    """

    def __init__(self, target: Target, table: JournalTable, names: SessionNames) -> None:
        self._target = target
        self._table = table
        self._names = names
        self._dialect_name = target.sql_dialect.name
        self._move: Move | None = None
        self.clear()

    # ── around a move ─────────────────────────────────────────────────────

    def clear(self) -> None:
        """Forget the checkpoints of the previous move."""
        self.rows = self.unknown_rows = 0
        self.is_step_running = False
        self.in_bracket = False
        self._records: list[_Record] = []
        self._failed: dict[str, Row] = {}
        self._partial: dict[str, Row] = {}
        self._by_fingerprint: dict[str, list[_Record]] = {}
        self._net = NetEffects()
        self._last_matched = -1
        self._next_position = 0
        self._pending: list[tuple[str, Any]] = []
        self._savepoints: dict[str, int] = {}
        self._step: Row | None = None
        self._executed: list[Effects] = []
        self._before_bracket = (0, 0)

    @property
    def steps(self) -> int:
        """The number of rows of steps that did not fail, and whose outcome is known."""
        return self.rows - len(self._failed) - self.unknown_rows

    def load(self, connection: Connection, move: Move) -> bool:
        """Read the checkpoints of an earlier run; return whether there are any.

        Raises:
            StepUnknownError: the last step was interrupted, and it is not known whether it took
                effect.
        """
        self._move = move
        rows = self._table.steps(connection, move)
        if not rows:
            return False
        self.rows, self._next_position = len(rows), rows[-1].position + 1
        for row in rows:
            is_uncertain = row.state == "running" and row is rows[-1]
            if row.state == "unknown":
                self.unknown_rows = 1
                raise unknown_step(row)
            if row.state == "failed" or (is_uncertain and not self._settle(connection, row)):
                self._failed[row.fingerprint] = row
            elif row.state == "partial":
                self._partial[row.fingerprint] = row
            else:
                self._add_records(row)
        return True

    def _add_records(self, row: Row) -> None:
        if row.changes_rows:
            lines = [line.split(" ", 2) for line in row.sql.splitlines()]
            records = [(full, _Record(row, text, Effects())) for full, text, *_ in lines]
        else:
            effects = parse_effects(row.sql, self._dialect_name)
            text = fingerprint(row.sql)[:16]
            records = [(row.fingerprint[:16], _Record(row, text, effects))]
        for full, record in records:
            self._records.append(record)
            self._by_fingerprint.setdefault(full, []).append(record)
            self._net.add(record, record.effects)

    @property
    def _current(self) -> Move:
        assert self._move is not None  # noqa: S101 - `load` comes first; for mypy
        return self._move

    def verify(self, connection: Connection) -> None:
        """Verify at the end of a resumed move that every recorded effect is in the catalog.

        Raises:
            StepChangedError: a step is no longer in the file and cannot be verified, or its effect
                is not in the database.
        """
        self._expect_no_partial()
        if not self._records:
            return
        for record in self._records:
            if record.is_issued or record.row.trace == "":
                continue
            if not record.effects.items and not self._target.accept_removed:
                raise removed_step(record.row)
            _log.warning(
                "A statement that an earlier run executed was not issued by this run: %s",
                shortened(record.row.sql),
            )
        self._rows_of(self._pending)
        for effects in self._executed:
            self._net.add(None, effects)
        probe = CatalogProbe(connection, self._names.schema())
        missing = [item for _, item in self._net.all() if not probe.holds(item)]
        if missing and self._names.is_away:
            with self._names.at_home():
                probe = CatalogProbe(connection, self._names.schema())
                missing = [item for item in missing if not probe.holds(item)]
        if missing:
            raise StepChangedError(
                f"The effects of an earlier run of {self._current.revision.id} are missing in the "
                f"database: {', '.join(map(str, missing))}",
                hint=f"Restore it, or choose: {CHOICES}",
            )

    # ── one statement ─────────────────────────────────────────────────────

    def pass_transactional(
        self, connection: Connection, statement: str, parameters: Any
    ) -> Checkpoint:
        """Return what to do with a statement that a rollback undoes."""
        found = self._find(connection, statement, parameters)
        if found is not None:
            return found
        self._pending.append((statement, parameters))
        if isinstance(parameters, list):  # keep the fingerprint instead of the rows
            self._pending[-1] = (statement, fingerprint(statement, parameters))
        return Checkpoint.RUN

    def pass_rollback(self) -> None:
        """Discard the statements of a transaction that is rolled back."""
        self._pending.clear()
        self._savepoints.clear()

    def pass_savepoint(self, statement: str) -> None:
        """Keep track of savepoints, because a rollback to one undoes statements."""
        match = _SAVEPOINT.match(statement)
        if match is None:
            return
        if match[1].upper().startswith("ROLLBACK"):
            del self._pending[self._savepoints.get(match[2], len(self._pending)) :]
        else:
            self._savepoints[match[2]] = len(self._pending)

    def pass_unseen_end(self, connection: Connection) -> None:
        """Record statements for which it is unknown whether they were committed."""
        unseen = [] if self._pending else [unseen_step(self._current.revision.id)]
        before = self.rows
        self._write(connection, unseen, state="unknown")
        self.unknown_rows += self.rows - before

    def _state_of(self, state: str) -> str:
        """Return the state of a step that is done, in the default schema of the run or not."""
        return ELSEWHERE if self._names.is_away else state

    def mark_done(self, connection: Connection) -> None:
        """Record that the running step is done."""
        if self._step is not None:
            state = self._state_of("done")
            self._table.set_state(connection, self._current.direction, self._step, state)

    def pass_step(
        self, connection: Connection, statement: str, parameters: Any, kind: StatementClass
    ) -> Checkpoint:
        """Record a step that a transaction cannot undo, unless it is already done.

        Args:
            connection: the connection that is about to execute it.
            statement: SQL text.
            parameters: its parameters.
            kind: AUTOCOMMIT_BLOCK or NON_TRANSACTIONAL.

        Raises:
            StepChangedError: the statement seems to replace one that an earlier run has executed.
        """
        found = self._find(connection, statement, parameters)
        if found is Checkpoint.SKIP:
            return found
        effects = parse_effects(statement, self._dialect_name)
        is_bracket = kind is StatementClass.AUTOCOMMIT_BLOCK
        full = fingerprint(statement, parameters)
        failed = self._failed.pop(full, None)
        trace, read_trace = None, self._target.dialect.trace
        if is_bracket:
            self._begin_bracket(connection)
        elif read_trace is not None and not effects.is_complete:
            trace = read_trace(connection, statement, clear=failed is not None)
        if found is not None:  # it is recorded, but its effect is missing
            self._write(connection, [])
            return Checkpoint.RUN
        if failed is not None:
            self._table.delete_step(connection, self._current.direction, failed)
            self.rows -= 1
        row = Row(
            revision=self._current.revision.id,
            position=0,
            sql=statement,
            fingerprint=full,
            trace=trace,
            state=self._state_of("done") if is_bracket else "running",
        )
        is_new_data = is_bracket and not effects.items
        self._write(connection, [row], text=fingerprint(statement)[:16] if is_new_data else None)
        self.is_step_running = not is_bracket
        self._executed.append(effects)
        return Checkpoint.RUN

    def pass_backfill(
        self, connection: Connection, statement: str, parameters: Any, start: str
    ) -> Row | None:
        """Record a backfill before its first batch, unless an earlier run has begun it.

        Args:
            connection: the connection, in the transaction of the previous statements.
            statement: the change of all rows in one statement.
            parameters: its parameters.
            start: the position before the first batch.

        Returns:
            Its row with the position to continue from, None if it is done.

        Raises:
            StepChangedError: an earlier run has begun it with another statement.
        """
        if self._find(connection, statement, parameters) is not None:
            return None
        full = fingerprint(statement, parameters)
        row = self._partial.pop(full, None)
        if row is not None:
            self._write(connection, [])
            return row
        self._expect_no_partial()
        row = Row(self._current.revision.id, 0, statement, full, start, "partial")
        self._write(connection, [row], text=fingerprint(statement)[:16])
        return self._step

    def pass_batch(self, connection: Connection, row: Row, position: str | None) -> Row:
        """Record the position of the next batch in the transaction of a batch; None for the end.

        Raises:
            LockLostError: another run has continued the backfill.
        """
        if not self._table.set_position(connection, self._current.direction, row, position):
            raise LockLostError
        return replace(row, trace=position, state="done" if position is None else "partial")

    def _expect_no_partial(self) -> None:
        """Raise an error if an earlier run has begun a backfill that is no longer in the file."""
        for row in self._partial.values():
            if not self._target.accept_removed:
                raise removed_step(row)

    def pass_commit(self, connection: Connection) -> None:
        """Record the statements of a transaction that is committed in the middle of a move.

        Raises:
            StepChangedError: the statement seems to replace one that an earlier run has executed.
        """
        self._write(connection, [])

    def step_succeeded(self) -> bool:
        """Consider the running step done; return whether there was one."""
        was_running, self.is_step_running = self.is_step_running, False
        return was_running

    def mark_failed(self, connection: Connection) -> None:
        """Record that the running step failed, and had no effect."""
        if self._step is not None and self.is_step_running:
            self._table.set_state(connection, self._current.direction, self._step, "failed")

    def _begin_bracket(self, connection: Connection) -> None:
        """Begin one transaction for a statement of an autocommit block and its row."""
        connection.exec_driver_sql("BEGIN")
        self.in_bracket = True
        self._before_bracket = (self.rows, self._next_position)
        table_lock_timeout = self._target.dialect.table_lock_timeout
        if table_lock_timeout is not None and self._target.table_timeout > 0:
            table_lock_timeout.limit(connection, self._target.table_timeout)

    def end_bracket(self, connection: Connection, statement: str) -> None:
        """End the transaction around a statement of an autocommit block by COMMIT or ROLLBACK."""
        self.in_bracket = False
        connection.exec_driver_sql(statement)
        if statement == "ROLLBACK":
            self.rows, self._next_position = self._before_bracket

    # ── rows of this run ──────────────────────────────────────────────────

    def _write(
        self,
        connection: Connection,
        steps: list[Row],
        *,
        text: str | None = None,
        state: str | None = None,
    ) -> None:
        """Record the statements of the transaction and the next step, before the commit.

        Args:
            connection: the connection.
            steps: the next step, if any.
            text: the fingerprint of its text, if it changes data.
            state: the state of the statements, if it is not "done".
        """
        pending, self._pending = self._pending, []
        self._savepoints.clear()
        rows, texts = self._rows_of(pending)
        if state is not None:
            rows = [replace(row, state=state) for row in rows]
        if text is not None:
            texts.add(text)
        self._expect_no_replacement(texts)
        rows += steps
        if not rows:
            return
        rows = [row.at(position) for position, row in enumerate(rows, start=self._next_position)]
        self._table.create(connection)
        self._table.add_steps(connection, self._current, rows)
        self._next_position += len(rows)
        self.rows += len(rows)
        self._step = rows[-1] if steps else None

    def _rows_of(self, pending: Iterable[tuple[str, Any]]) -> tuple[list[Row], set[str]]:
        """Return the rows for statements, and the fingerprints of the data statements' texts."""
        rows: list[Row] = []
        lines: list[str] = []
        texts: set[str] = set()

        def make(sql: str, full: str, state: str) -> Row:
            return Row(self._current.revision.id, 0, sql, full, None, self._state_of(state))

        def pack() -> None:
            rows.extend(make(text, "", "data") for text in packed(lines))
            lines.clear()

        for statement, parameters in pending:
            effects = parse_effects(statement, self._dialect_name)
            full = parameters if isinstance(parameters, str) else fingerprint(statement, parameters)
            if effects.items:
                pack()
                rows.append(make(statement, full, "done"))
                self._executed.append(effects)
            else:
                text = fingerprint(statement)[:16]
                lines.append(f"{full[:16]} {text} {self._encode_target(statement)}".rstrip())
                texts.add(text)
        pack()
        return rows, texts

    def _encode_target(self, statement: str) -> str:
        """Return the table and columns that a statement writes, in JSON."""
        found = written_rows(statement, self._dialect_name)
        import json  # few runs need it

        return "" if found is None else json.dumps(found, separators=(",", ":"))

    # ── rows of an earlier run ────────────────────────────────────────────

    def _find(self, connection: Connection, statement: str, parameters: Any) -> Checkpoint | None:
        """Find a statement among those that are done: SKIP it or RUN it again; None if not found.

        Raises:
            StepChangedError: its effect is missing, and data was changed after it.
        """
        if not self._records:
            return None
        open_ones = self._by_fingerprint.get(fingerprint(statement, parameters)[:16])
        if not open_ones:
            return None
        record = open_ones.pop(0)
        record.is_issued = True
        position = record.row.position
        self._last_matched = max(self._last_matched, position)
        effects = self._net.of(record)
        probe = CatalogProbe(connection, self._names.schema()) if effects else None
        missing = [item for item in effects if probe is not None and not probe.holds(item)]
        if not missing:
            return Checkpoint.SKIP
        if any(other.writes_rows and other.row.position > position for other in self._records):
            raise StepChangedError(
                f"The effect of a step of {self._current.revision.id} that an earlier run has "
                f"executed is missing, and data was changed after it: {shortened(statement)}",
                hint=f"Restore it, or choose: {CHOICES}",
            )
        return Checkpoint.RUN

    def _expect_no_replacement(self, texts: set[str]) -> None:
        """Raise an error if data statements with these texts seem to replace ones that are done."""
        if not texts or self._target.accept_removed:
            return
        for record in self._records:
            if record.is_issued or not record.writes_rows:
                continue
            if record.row.position < self._last_matched or record.text in texts:
                raise removed_step(record.row)

    def _settle(self, connection: Connection, row: Row) -> bool:
        """Return whether an interrupted step took effect, and record the answer."""
        outcome = took_effect(self._target, connection, row)
        if outcome is None:
            raise unknown_step(row)
        state = "done" if outcome else "failed"
        self._table.set_state(connection, self._current.direction, row, state)
        return outcome
