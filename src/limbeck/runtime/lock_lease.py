"""A lock as a row of the journal, for databases where no session can hold a lock.

Behind a pooler in transaction mode, the run lock ends with its transaction. Before a run commits in
the middle of a move, it writes a row with its identity and an expiry time, and it deletes the row
in the next transaction. Another run that takes the run lock in between finds the row. It waits
until the row is deleted, or until the row has expired and its statement is no longer running.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import same
from limbeck.runtime.errors import LockLostError
from limbeck.runtime.session_names import SessionNames
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

DURATION = 60.0
DIRECTION = "lock"  # the direction of the row; no move has it


class LockLease:
    """Writes and reads the row of one target.

    Args:
        target: what env.py configured.
        table: the journal's table.
        scope: the version table that the row belongs to.
        names: the default schema of the session.
    """

    def __init__(self, target: Target, table: Table, scope: str, names: SessionNames) -> None:
        self._activity = target.dialect.activity
        self._table = table
        self._scope = scope
        self._names = names
        self._owner = uuid.uuid4().hex
        self.is_held = False
        self._lasts = False

    def take(self, connection: Connection, *, lasts: bool = False) -> None:
        """Write the row in the transaction that is about to end. The table must exist.

        Args:
            connection: the connection.
            lasts: whether to keep the row until the end of the run.
        """
        if self._activity is None or self.is_held:
            return
        with self._names.at_home():
            connection.execute(self._table.delete().where(*self._where()))
            connection.execute(
                self._table.insert().values(
                    lane=self._scope,
                    revision="",
                    direction=DIRECTION,
                    place=0,
                    state=DIRECTION,
                    fingerprint=self._owner,
                    statement="",
                    trace=self._end(connection),
                )
            )
        self.is_held, self._lasts = True, lasts

    def renew(self, connection: Connection, statement: str) -> None:
        """Extend the expiry time before a statement, and record the statement.

        Raises:
            LockLostError: the row had expired, and another run has taken the lock.
        """
        if not self.is_held:
            return
        with self._names.at_home():
            found = connection.execute(
                self._table.update()
                .where(*self._where(), same(self._table.c.fingerprint, self._owner))
                .values(trace=self._end(connection), statement=_start(statement))
            )
        if found.rowcount == 0:
            self.is_held = self._lasts = False
            raise LockLostError

    def release(self, connection: Connection, *, at_end: bool = False) -> bool:
        """Delete the row; return whether it still existed.

        Args:
            connection: the connection.
            at_end: whether the run ends; a row with `lasts` is only deleted then.
        """
        if not self.is_held or (self._lasts and not at_end):
            return True
        self.is_held = self._lasts = False
        with self._names.at_home():
            found = connection.execute(
                self._table.delete().where(
                    *self._where(), same(self._table.c.fingerprint, self._owner)
                )
            )
        return found.rowcount != 0

    def find_other(self, connection: Connection) -> str | None:
        """Return the description of another holder of the lock, or None. The table must exist."""
        if self._activity is None or self.is_held:
            return None
        columns = self._table.c
        row = connection.execute(
            sa.select(columns.fingerprint, columns.statement, columns.trace).where(*self._where())
        ).first()
        if row is None or row.fingerprint == self._owner:
            return None
        now = self._activity.now(connection)
        if float(row.trace or 0) < now and not self._activity.runs(connection, row.statement):
            return None
        doing = f", which runs {row.statement!r}" if row.statement else ""
        return f"a run behind a connection pooler{doing}"

    def _end(self, connection: Connection) -> str:
        assert self._activity is not None  # noqa: S101 - `take` comes first; for mypy
        return f"{self._activity.now(connection) + DURATION:.3f}"

    def _where(self) -> tuple[Any, ...]:
        columns = self._table.c
        return same(columns.lane, self._scope), same(columns.direction, DIRECTION)


def _start(statement: str) -> str:
    return statement.encode("ascii", "replace").decode("ascii")[:200]
