"""The checkpoints of a move: each is recorded before it runs, or found to be done already.

`Journal` decides which statement is a checkpoint; here statements are compared with the rows of
an earlier run. Nothing here listens to the connection.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from limbeck.errors import DatabaseError
from limbeck.history import Move
from limbeck.runtime.journal_table import JournalTable, Row
from limbeck.runtime.statement_class import StatementClass
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COMMIT = "-- commit"


class StepChangedError(DatabaseError):
    """A step that an interrupted run has done is another one now."""

    code = "LB350"


class StepUnknownError(DatabaseError):
    """It cannot be seen in the database whether an interrupted step took effect."""

    code = "LB351"


class Checkpoint(enum.Enum):
    """What to do with a statement."""

    RUN = "run"
    SKIP = "skip"


class Checkpoints:
    """Records the checkpoints of one move after the other, and finds those of an earlier run.

    Args:
        target: what env.py configured.
        table: the journal's table.

    Attributes:
        is_step_running: the last recorded step has not ended.
        in_bracket: a transaction is open around a statement of an autocommit block.
    """

    def __init__(self, target: Target, table: JournalTable) -> None:
        self._target = target
        self._table = table
        self._move: Move | None = None
        self._known: list[Row] = []
        self._position = 0
        self._recorded = 0
        self.is_step_running = False
        self.in_bracket = False

    # ── around a move ─────────────────────────────────────────────────────

    def clear(self) -> None:
        """Forget the checkpoints of the move before."""
        self._known = []
        self._position = self._recorded = 0
        self.is_step_running = False

    def load(self, connection: Connection, move: Move) -> bool:
        """Read what an earlier run has recorded of a move; return whether there is anything."""
        self._move = move
        self._known = self._table.steps(connection, move)
        return bool(self._known)

    @property
    def _current(self) -> Move:
        assert self._move is not None  # noqa: S101 - `load` comes first; for mypy
        return self._move

    @property
    def steps(self) -> int:
        """How many steps of the move the journal holds."""
        return self._recorded or len(self._known)

    @property
    def _is_replaying(self) -> bool:
        """True while an earlier run has done what comes next."""
        return self._position < len(self._known)

    def expect_all_issued(self, connection: Connection) -> None:
        """Verify at the end of a move that it has issued every recorded step.

        Raises:
            StepChangedError: a step that was done is no longer in the file.
            StepUnknownError: the same, and it is not known whether the step took effect.
        """
        if not self._is_replaying:
            return
        row = self._known[self._position]
        is_last = self._position == len(self._known) - 1
        if row.is_done or not is_last or self._took_effect(connection, row, row.sql):
            raise _removed(row, table=self._table.name)
        self._table.delete_step(connection, self._current, row)
        self._known.pop()
        self._recorded = max(self._recorded, 1)  # the rows before it are still to be deleted

    # ── one checkpoint ────────────────────────────────────────────────────

    def pass_transactional(self) -> Checkpoint:
        """Return whether an earlier run has committed a statement of a transaction."""
        return Checkpoint.SKIP if self._is_replaying else Checkpoint.RUN

    def pass_step(self, connection: Connection, statement: str, kind: StatementClass) -> Checkpoint:
        """Record a step that no transaction undoes, unless it is done already.

        Args:
            connection: where it is about to be sent.
            statement: SQL text.
            kind: AUTOCOMMIT_BLOCK or NON_TRANSACTIONAL.

        Raises:
            StepChangedError: an earlier run did something else in its place.
            StepUnknownError: it is not known whether the step took effect.
        """
        position = self._position
        self._position += 1
        if position < len(self._known):
            row = self._known[position]
            is_last = position == len(self._known) - 1
            if row.is_done or not is_last or self._took_effect(connection, row, statement):
                _expect_same(row, statement, table=self._table.name)
                return Checkpoint.SKIP
            self._table.delete_step(connection, self._current, row)
            self._known.pop()
        self._table.create(connection)
        if kind is StatementClass.AUTOCOMMIT_BLOCK:
            self._begin_bracket(connection)
            self._record(connection, position, statement, None)
        else:
            trace = self._trace(connection, statement)
            self._record(connection, position, statement, trace, is_done=False)
            self.is_step_running = True
        return Checkpoint.RUN

    def pass_commit(self, connection: Connection) -> Checkpoint:
        """Record, in the transaction that ends in the middle of a move, that it was done.

        Raises:
            StepChangedError: an earlier run did something else in its place.
        """
        position = self._position
        self._position += 1
        if position < len(self._known):
            _expect_same(self._known[position], _COMMIT, table=self._table.name)
            return Checkpoint.SKIP
        self._table.create(connection)
        self._record(connection, position, _COMMIT, None)
        return Checkpoint.RUN

    def step_succeeded(self) -> bool:
        """Take the running step for done; return whether there was one."""
        was_running, self.is_step_running = self.is_step_running, False
        return was_running

    def _begin_bracket(self, connection: Connection) -> None:
        """Begin one transaction for a statement of an autocommit block and its row."""
        connection.exec_driver_sql("BEGIN")
        self.in_bracket = True
        patience = self._target.dialect.patience
        if patience is not None and self._target.table_timeout > 0:
            patience.bound(connection, self._target.table_timeout)

    def end_bracket(self, connection: Connection, statement: str) -> None:
        """End the transaction around a statement of an autocommit block.

        Args:
            connection: where.
            statement: COMMIT or ROLLBACK.
        """
        self.in_bracket = False
        connection.exec_driver_sql(statement)

    def _record(
        self,
        connection: Connection,
        position: int,
        statement: str,
        trace: str | None,
        *,
        is_done: bool = True,
    ) -> None:
        row = Row(
            revision=self._current.revision.id,
            position=position,
            sql=statement,
            fingerprint=fingerprint(statement),
            trace=trace,
            is_done=is_done,
        )
        self._table.add_step(connection, self._current, row)
        self._recorded = position + 1

    # ── whether a step took effect ────────────────────────────────────────

    def _took_effect(self, connection: Connection, row: Row, statement: str) -> bool:
        if row.trace is None:
            raise _unknown(row, table=self._table.name)
        if not row.trace:
            return False
        # the row may hold less than the whole statement
        same = statement if row.fingerprint == fingerprint(statement) else row.sql
        return self._trace(connection, same, clear=True) != row.trace

    def _trace(self, connection: Connection, statement: str, *, clear: bool = False) -> str | None:
        trace = self._target.dialect.trace
        return None if trace is None else trace(connection, statement, clear=clear)


def fingerprint(statement: str) -> str:
    """Return a hash of a statement that does not depend on white space."""
    import hashlib  # most runs record no step

    return hashlib.sha256(" ".join(statement.split()).encode()).hexdigest()


def _expect_same(row: Row, statement: str, *, table: str) -> None:
    if row.fingerprint == fingerprint(statement):
        return
    raise StepChangedError(
        f"Step {row.position + 1} of {row.revision} was done by an earlier run as\n  "
        f"{_shorten(row.sql)}\nbut is now\n  {_shorten(statement)}",
        hint="Restore the step as it was, or undo it in the database by hand and delete the "
        f"rows of this revision from {table}. Then run the same command again.",
    )


def _removed(row: Row, *, table: str) -> StepChangedError:
    return StepChangedError(
        f"Step {row.position + 1} of {row.revision} was done by an earlier run, but is no longer "
        f"in the file: {_shorten(row.sql)}",
        hint="Restore the step, or undo it in the database by hand and delete the rows of "
        f"this revision from {table}. Then run the same command again.",
    )


def _unknown(row: Row, *, table: str) -> StepUnknownError:
    return StepUnknownError(
        f"An earlier run was interrupted at step {row.position + 1} of {row.revision}, and it "
        "cannot be seen in the database whether the step took effect",
        place=f"Statement: {row.sql}",
        hint=f"If it did, set column state of its row in {table} to 'done' "
        f"(revision {row.revision}, place {row.position}); if not, delete that row. Then run "
        "the same command again.",
    )


def _shorten(statement: str) -> str:
    text = " ".join(statement.split())
    return text if len(text) <= 200 else text[:200] + " ..."  # noqa: PLR2004 - a line or two
