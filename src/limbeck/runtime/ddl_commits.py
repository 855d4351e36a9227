"""Commit DDL before other statements of a migration, where only COMMIT makes it usable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from limbeck.runtime.journal import Journal
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DDL = re.compile(r"\s*(?:CREATE|RECREATE|ALTER|DROP|COMMENT)\b", re.IGNORECASE)


class DdlCommits:
    """Listens to the statements of a migration, and commits DDL before a statement of another kind.

    Args:
        target: what env.py configured.
        journal: records the statements that are committed.
    """

    def __init__(self, target: Target, journal: Journal) -> None:
        self._connection = target.connection
        self._is_needed = target.dialect.capabilities.rows_need_committed_ddl
        self._journal = journal
        self._is_watching = self._has_ddl = False

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Listen to the connection during a run.

        This must come before the journal, which adds each statement to those of the transaction.
        """
        connection = self._connection
        if not self._is_needed or connection is None:
            yield
            return
        event.listen(connection, "before_cursor_execute", self._before)
        event.listen(connection, "commit", self._on_end)
        event.listen(connection, "rollback", self._on_end)
        try:
            yield
        finally:
            event.remove(connection, "rollback", self._on_end)
            event.remove(connection, "commit", self._on_end)
            event.remove(connection, "before_cursor_execute", self._before)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Process the statements of one move."""
        self._is_watching, self._has_ddl = True, False
        try:
            yield
        finally:
            self._is_watching = False

    def _before(self, conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not self._is_watching:
            return
        if _DDL.match(statement):
            self._has_ddl = True
        elif self._has_ddl and self._journal.record_commit():
            # by the driver: SQLAlchemy's transaction, of the run or of env.py, continues
            conn.connection.commit()
            self._has_ddl = False

    def _on_end(self, _connection: Connection) -> None:
        self._has_ddl = False
