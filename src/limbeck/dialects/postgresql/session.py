"""How long statements wait for tables on PostgreSQL, and who has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.dialects.lock_wait import ask

if TYPE_CHECKING:
    from sqlalchemy import Connection

# a limit that others have set stays
LIMIT = (
    "CASE WHEN current_setting('lock_timeout') = '0' THEN set_config('lock_timeout', {}, true) END"
)
_REFUSALS = frozenset({"55P03", "40P01"})
_HOLDERS = sa.text(
    "SELECT a.pid, a.usename, coalesce(nullif(a.application_name, ''), '?'), a.state,"
    " to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'),"
    " string_agg(DISTINCT l.relation::regclass::text, ', ')"
    " FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"
    " JOIN pg_class AS c ON c.oid = l.relation JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'pg_toast')"
    " GROUP BY a.pid, a.usename, a.application_name, a.state, a.xact_start"
    " ORDER BY a.xact_start LIMIT 3"
)


def bound(connection: Connection, seconds: float) -> Callable[[], None]:
    """Limit the waits of this transaction; the limit goes with it."""
    ask(connection, f"SELECT {LIMIT.format(repr(milliseconds(seconds)))}")
    return _nothing


def milliseconds(seconds: float) -> str:
    """Return a time as the server's settings have it."""
    return f"{int(seconds * 1000)}ms"


def _nothing() -> None:
    """Leave it to the end of the transaction."""


def refused(error: BaseException) -> bool:
    """Say whether the server gave up waiting for a lock, or broke a deadlock."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    return code in _REFUSALS


def holders(connection: Connection) -> str:
    """Say which sessions hold tables of this database, those with the oldest transaction first."""
    return "; ".join(
        f"session {pid} of {user} ({program}, {state}) holds {tables} since {since}"
        for pid, user, program, state, since, tables in connection.execute(_HOLDERS)
    )


def search_path(connection: Connection) -> str:
    """Return the search path of the session."""
    return str(ask(connection, "SELECT pg_catalog.current_setting('search_path')")[0])


def set_search_path(connection: Connection, value: str) -> None:
    """Set the search path, inside a transaction for its length only."""
    is_local = "true" if connection.in_transaction() else "false"
    literal = value.replace("'", "''")
    ask(connection, f"SELECT pg_catalog.set_config('search_path', '{literal}', {is_local})")
