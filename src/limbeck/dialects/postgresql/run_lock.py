"""The run lock of PostgreSQL: an advisory lock of the transaction, or of the session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.lock_wait import let_go, wait_for
from limbeck.dialects.postgresql.session import LIMIT, milliseconds

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger("alembic.runtime.migration")

_KEY = (
    "hashtextextended('limbeck:' || current_database() || ':' || CASE WHEN left(:name, 1) = '.' "
    "THEN coalesce(current_schema(), '') ELSE '' END || :name, 0)"
)
_TAKE = {
    scope: sa.text(
        f"SELECT k, {function}(k), pg_backend_pid(), current_setting('transaction_isolation')"  # noqa: S608
        f"{more} FROM (SELECT {_KEY} AS k) AS s"
    )
    for scope, function, more in (
        ("session", "pg_try_advisory_lock", ""),
        ("transaction", "pg_try_advisory_xact_lock", ""),
        ("bounded", "pg_try_advisory_xact_lock", f", {LIMIT.format(':limit')}"),
    )
}
_FRESH_SNAPSHOT_LEVELS = frozenset({"read committed", "read uncommitted"})
_RELEASE = sa.text("SELECT pg_advisory_unlock(:key)")
_HOLDER = sa.text(
    "SELECT a.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'),"
    " coalesce(host(a.client_addr), 'local'),"
    " to_char(coalesce(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS'), a.state"
    " FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND (l.classid::bigint << 32) | l.objid::bigint = :key"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
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

    Inside a transaction it is the transaction's, and ends with it; elsewhere the session's.
    Waiting is polling: a session that blocks in a lock has a snapshot open, for which another
    session's CREATE INDEX CONCURRENTLY would wait in turn. None is left open between two tries.
    """
    inside = connection.in_transaction()
    is_fresh = inside and _is_idle(connection)
    scope = "session" if lasting or not inside else "transaction"
    limit = table_timeout if scope == "transaction" else 0.0
    attempt = _Attempt(connection, name, scope, stays=inside, is_fresh=is_fresh, limit=limit)
    wait_for(attempt.take, timeout=timeout, waiting=waiting, holder=attempt.holder)
    if scope == "transaction":
        if is_fresh and attempt.isolation not in _FRESH_SNAPSHOT_LEVELS:
            _restart_transaction(connection, name, limit)
        yield False
        return
    if attempt.is_pooled:
        attempt.release()
        _log.warning(
            "This connection goes through a pooler, where a session's lock does not last: "
            "the run lock is taken again in each transaction."
        )
        yield False
        return
    try:
        yield True
    finally:
        let_go(connection, attempt.release)


def _restart_transaction(connection: Connection, name: str, limit: float) -> None:
    """Begin the transaction again, which had nothing in it but the taking of the lock.

    Under REPEATABLE READ it sees the database as it was before the lock was had. The session
    holds the lock meanwhile.
    """
    over = _Attempt(connection, name, "session", stays=True)
    over.take()
    if over.is_pooled:
        over.release()  # the next transaction may be another session's
        return
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
    """True where the driver has not begun the transaction that SQLAlchemy believes in."""
    return has_transaction(connection) is False


class _Attempt:
    """One runner's tries to take the lock."""

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
        self._pid: int | None = None
        self.isolation = ""

    def take(self) -> bool:
        """Try once."""
        if self._limit > 0:
            limit = milliseconds(self._limit)
            row = self._one(_TAKE["bounded"], name=self._name, limit=limit)
        else:
            row = self._one(_TAKE[self._scope], name=self._name)
        self._key, self._pid, self.isolation = row[0], row[2], row[3]
        is_had = bool(row[1])
        if not is_had:
            self._rest()
        return is_had

    def _rest(self) -> None:
        """Leave no snapshot open: the last statement's stays with its portal until the next."""
        if not self._stays:
            return
        if self._is_fresh:
            self._connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
        else:
            self._connection.begin_nested().rollback()

    def holder(self) -> str:
        """Say who holds it."""
        row = self._one(_HOLDER, key=self._key)
        self._rest()
        if row is None:
            return "its holder has just gone"
        pid, user, program, host, since, state = row
        return f"session {pid} of {user} ({program}, {host}, {state}) since {since}"

    def release(self) -> None:
        """Release the session's lock."""
        self._one(_RELEASE, key=self._key)

    @property
    def is_pooled(self) -> bool:
        """True when the driver talks to another process than the server's backend."""
        known = driver_pid(self._connection)
        return known is not None and self._pid is not None and known != self._pid

    def _one(self, statement: sa.TextClause, **parameters: object) -> Any:
        row = self._connection.execute(statement, parameters).first()
        if not self._stays and self._connection.in_transaction():
            self._connection.rollback()
        return row


def driver_pid(connection: Connection) -> int | None:
    """Return the process that the driver believes it speaks with, None where it does not know."""
    driver: Any = connection.connection.driver_connection
    found: Any = getattr(getattr(driver, "info", None), "backend_pid", None)
    if found is None and hasattr(driver, "get_server_pid"):
        found = driver.get_server_pid()
    return found if isinstance(found, int) else None
