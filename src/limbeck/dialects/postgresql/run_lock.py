"""The run lock of PostgreSQL: an advisory lock of the transaction or the session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.driver import release_after_transaction, wait_for
from limbeck.dialects.postgresql.session import LIMIT, milliseconds

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger("alembic.runtime.migration")

# all names are schema-qualified, so that no other object on the search path is called
_SCHEMA = (
    "(SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
    " ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=)"
    " CAST(pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.substr(v.name, 2)))"
    " AS pg_catalog.oid))"
)
# The name of the version table with the schema in which it is found. Runs with different search
# paths use the same lock if they use the same version table.
_KEY = (
    "pg_catalog.hashtextextended(pg_catalog.concat('limbeck:', pg_catalog.current_database(), ':',"
    " CASE WHEN pg_catalog.starts_with(v.name, '.')"
    f" THEN COALESCE({_SCHEMA}, pg_catalog.current_schema()) END, v.name), 0)"
)
_TAKEN = {
    "session": "pg_catalog.pg_try_advisory_lock(s.k)",
    "transaction": "pg_catalog.pg_try_advisory_xact_lock(s.k)",
}
# behind a pooler, a session lock would remain in the pool: it is not taken, and NULL is returned
_IS_OWN_SESSION = (
    "(CAST(:pid AS pg_catalog.int4) OPERATOR(pg_catalog.=) 0 OR CAST(:pid AS pg_catalog.int4)"
    " OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())"
)


def _take_text(scope: str, bound: str = "") -> sa.TextClause:
    condition = _IS_OWN_SESSION if scope == "session" else "true"
    return sa.text(
        f"SELECT s.k, CASE WHEN {condition} THEN {_TAKEN[scope]} END,"  # noqa: S608 - constants
        f" pg_catalog.current_setting('transaction_isolation'){bound}"
        f" FROM (SELECT {_KEY} AS k FROM (SELECT CAST(:name AS pg_catalog.text) AS name) AS v) AS s"
    )


_TAKE = {scope: _take_text(scope) for scope in _TAKEN}
_TAKE["bounded"] = _take_text("transaction", f", {LIMIT.format(':limit')}")
_FRESH_SNAPSHOT_LEVELS = frozenset({"read committed", "read uncommitted"})
_RELEASE = sa.text("SELECT pg_catalog.pg_advisory_unlock(:key)")
_HOLDER = sa.text(
    "SELECT a.pid, a.usename,"
    " CASE WHEN a.application_name OPERATOR(pg_catalog.<>) '' THEN a.application_name"
    " ELSE '?' END,"
    " COALESCE(pg_catalog.host(a.client_addr), 'local'),"
    " pg_catalog.to_char(COALESCE(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS'), a.state"
    " FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a"
    " ON a.pid OPERATOR(pg_catalog.=) l.pid"
    " WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted"
    " AND l.objsubid OPERATOR(pg_catalog.=) 1"
    " AND ((CAST(l.classid AS pg_catalog.int8) OPERATOR(pg_catalog.<<) 32)"
    " OPERATOR(pg_catalog.|) CAST(l.objid AS pg_catalog.int8)) OPERATOR(pg_catalog.=) :key"
    " AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d"
    " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"
    " LIMIT 1"
)


@contextmanager
def mutex(
    connection: Connection,
    name: str,
    *,
    timeout: float,
    waiting: Callable[[str], None],
    lasting: bool = False,
    table_timeout: float = 0.0,
) -> Iterator[bool]:
    """Hold the run lock.

    Inside a transaction, the lock ends with the transaction; otherwise it belongs to the session.
    It is polled: a session that waits for a lock keeps a snapshot open, for which CREATE INDEX
    CONCURRENTLY in another session would wait. No snapshot is open between two tries.
    """
    inside = connection.in_transaction()
    # in AUTOCOMMIT, a transaction lock would end with the statement that takes it, unless a plain
    # BEGIN was sent before
    is_autocommit = connection._is_autocommit_isolation()
    has_none = not inside or (is_autocommit and has_transaction(connection) is not True)
    is_fresh = not has_none and _is_idle(connection)
    scope = "session" if lasting or has_none else "transaction"
    limit = table_timeout if scope == "transaction" else 0.0
    attempt = _Attempt(connection, name, scope, stays=inside, is_fresh=is_fresh, limit=limit)
    wait_for(attempt.take, timeout=timeout, waiting=waiting, holder=attempt.holder)
    if attempt.is_pooled:
        if not lasting:
            _log.warning(
                "This connection goes through a pooler, where a session lock does not last: "
                "the run lock is taken again in each transaction."
            )
        yield False
        return
    if scope == "transaction":
        if is_fresh and attempt.isolation not in _FRESH_SNAPSHOT_LEVELS:
            _restart_transaction(connection, name, limit)
        yield False
        return
    try:
        yield True
    finally:
        release_after_transaction(connection, attempt.release)


def _restart_transaction(connection: Connection, name: str, limit: float) -> None:
    """Begin the transaction again, which contains nothing but taking the lock.

    Under REPEATABLE READ it sees the database as it was before the lock was acquired. The session
    holds the lock in the meantime.
    """
    over = _Attempt(connection, name, "session", stays=True)
    over.take()
    if over.is_pooled:
        return  # the next transaction may run in another session
    connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
    _Attempt(connection, name, "transaction", stays=True, limit=limit).take()
    over.release()


def has_transaction(connection: Connection) -> bool | None:
    """Return whether the driver has a transaction open; see `Dialect.has_transaction`."""
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "is_in_transaction"):
        return bool(driver.is_in_transaction())
    status = getattr(getattr(driver, "info", None), "transaction_status", None)
    return None if status is None else int(status) != 0


def _is_idle(connection: Connection) -> bool:
    """Return whether SQLAlchemy is in a transaction that the driver has not begun."""
    return has_transaction(connection) is False


class _Attempt:
    """The attempts of one run to take the lock."""

    def __init__(
        self,
        connection: Connection,
        name: str,
        scope: str,
        *,
        stays: bool,
        is_fresh: bool = False,
        limit: float = 0.0,
    ) -> None:
        self._connection = connection
        self._name = name
        self._scope = scope
        self._stays = stays
        self._is_fresh = is_fresh
        self._limit = limit
        self._key = 0
        self.is_pooled = False
        self.isolation = ""

    def take(self) -> bool:
        """Try once; behind a pooler there is no session lock to wait for."""
        if self._scope == "session":
            pid = driver_pid(self._connection) or 0
            row = self._one(_TAKE["session"], name=self._name, pid=pid)
        elif self._limit > 0:
            row = self._one(_TAKE["bounded"], name=self._name, limit=milliseconds(self._limit))
        else:
            row = self._one(_TAKE["transaction"], name=self._name)
        self._key, self.isolation = row[0], row[2]
        self.is_pooled = row[1] is None
        is_had = self.is_pooled or bool(row[1])
        if not is_had:
            self._close_snapshot()
        return is_had

    def _close_snapshot(self) -> None:
        """Close the snapshot: that of the last statement stays open until the next statement."""
        if not self._stays or self._connection._is_autocommit_isolation():
            return
        if self._is_fresh:
            self._connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
        else:
            self._connection.begin_nested().rollback()

    def holder(self) -> str:
        """Return a description of the holder."""
        row = self._one(_HOLDER, key=self._key)
        self._close_snapshot()
        if row is None:
            return "its holder has ended"
        pid, user, program, host, since, state = row
        return f"session {pid} of {user} ({program}, {host}, {state}) since {since}"

    def release(self) -> None:
        """Release the session's lock."""
        self._one(_RELEASE, key=self._key)

    def _one(self, statement: sa.TextClause, **parameters: object) -> Any:
        row = self._connection.execute(statement, parameters).first()
        if not self._stays and self._connection.in_transaction():
            self._connection.rollback()
        return row


def lock_statement(name: str, limit: float) -> sa.TextClause:
    """Return the statement that tries to take the lock and limits the waits for tables.

    Args:
        name: the name of the lock.
        limit: how long a statement waits for a table, in seconds; 0 for the server's setting.
    """
    if limit > 0:
        return _TAKE["bounded"].bindparams(name=name, limit=milliseconds(limit))
    return _TAKE["transaction"].bindparams(name=name)


def driver_pid(connection: Connection) -> int | None:
    """Return the process id of the server process that the driver reports; None if unknown."""
    driver: Any = connection.connection.driver_connection
    pid: Any = getattr(getattr(driver, "info", None), "backend_pid", None)
    if pid is None and hasattr(driver, "get_server_pid"):
        pid = driver.get_server_pid()
    return pid if isinstance(pid, int) else None
