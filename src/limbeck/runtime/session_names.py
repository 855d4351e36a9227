"""Restore the default schema after statements that change it, such as USE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from sqlalchemy.exc import SQLAlchemyError

from limbeck.runtime.target import Target


class SessionNames:
    """Lets limbeck's statements find its tables after a migration has changed the default schema.

    A migration may change the current database (`USE`) or the search path of the session for
    itself and for later migrations. The version table and the journal remain in the initial
    schema.

    Args:
        target: what env.py configured.
    """

    def __init__(self, target: Target) -> None:
        self._scope = target.dialect.name_scope
        self._connection = target.connection
        has_schema = target.version_table_schema is not None
        if self._scope is None or self._connection is None or has_schema:
            self._pattern = None
        else:
            self._pattern = re.compile(rf"\s*(?:{self._scope.pattern})", re.IGNORECASE)
        self._home: str | None = None
        self._is_at_home = False

    @property
    def is_away(self) -> bool:
        """Whether the default schema may differ from that at the start of the run."""
        return self._home is not None

    def schema(self) -> str | None:
        """Return the default schema if it has changed and SQLAlchemy does not know it."""
        if not self.is_away or self._scope is None or self._connection is None:
            return None
        return self._scope.read(self._connection) if self._scope.is_schema else None

    def pass_statement(self, statement: str) -> None:
        """Remember the default schema before a statement that changes it."""
        if self._home is None and self._pattern is not None and self._pattern.match(statement):
            assert self._scope is not None and self._connection is not None  # noqa: S101, PT018 - see `__init__`
            self._home = self._scope.read(self._connection)

    def at_home(self) -> AbstractContextManager[None]:
        """Return a block that has the default schema of the start of the run."""
        if self._home is None or self._is_at_home:
            return nullcontext()
        return self._return_to(self._home)

    @contextmanager
    def _return_to(self, home: str) -> Iterator[None]:
        connection, scope = self._connection, self._scope
        assert connection is not None and scope is not None  # noqa: S101, PT018 - `is_away` requires both; for mypy
        away = None
        with suppress(SQLAlchemyError):  # a failed transaction accepts no other statement
            away = scope.read(connection)
            scope.write(connection, home)
        self._is_at_home = True
        try:
            yield
        finally:
            self._is_at_home = False
            if away is not None:
                with suppress(SQLAlchemyError):
                    scope.write(connection, away)
