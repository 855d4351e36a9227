"""Sessions of MySQL and MariaDB: the limit on waits for tables, and lists of tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.dialect import TableFacts
from limbeck.dialects.driver import read_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BEFORE = "@limbeck_lock_wait_timeout"
# for metadata locks, and for locked rows, which include the version row
_LIMITS = ("lock_wait_timeout", "innodb_lock_wait_timeout")
_REFUSALS = frozenset({1205, 1213})
_IN_TRANSACTION = 1  # SERVER_STATUS_IN_TRANS of the protocol
_HOLDERS = (
    "SELECT p.ID, p.USER, p.HOST, p.COMMAND, t.trx_started"
    " FROM information_schema.INNODB_TRX AS t"
    " JOIN information_schema.PROCESSLIST AS p ON p.ID = t.trx_mysql_thread_id"
    " WHERE p.ID <> CONNECTION_ID() AND p.DB = DATABASE() ORDER BY t.trx_started LIMIT 1"
)
_IDLE = (
    "SELECT ID, USER, HOST, COMMAND, NOW() - INTERVAL TIME SECOND"
    " FROM information_schema.PROCESSLIST"
    " WHERE ID <> CONNECTION_ID() AND DB = DATABASE() ORDER BY TIME DESC LIMIT 1"
)
_LISTING = re.compile(
    r"\s*SHOW\s+(?:EXTENDED\s+)?(?:FULL\s+)?TABLES\s+(?:FROM|IN)\s+"
    r"(?:`(?P<quoted>(?:[^`]|``)+)`|(?P<plain>\w+))\s*;?\s*\Z",
    re.IGNORECASE,
)


def limit_waits(connection: Connection, seconds: float) -> Callable[[], None]:
    """Limit how long this session waits for a table; the default may be a day."""
    read_row(connection, bounded(seconds, _BEFORE))

    def back() -> None:
        if not (connection.closed or connection.invalidated):
            with suppress(Exception):  # a lost session has lost its settings too
                read_row(connection, f"SET {unbounded(_BEFORE)}")

    return back


def bounded(seconds: float, before: str) -> str:
    """Return the statement that sets a limit; the server stores the old one in a variable.

    This saves a query for the old value. Nested limits need separate variables.
    """
    limits = (
        f"{before}_{number} = @@session.{name}, SESSION {name} ="
        f" CAST(LEAST(@@session.{name}, {max(1, int(seconds))}) AS UNSIGNED)"
        for number, name in enumerate(_LIMITS)
    )
    return f"SET {', '.join(limits)}"


def unbounded(before: str) -> str:
    """Return the assignment of SET that restores a limit."""
    return ", ".join(f"SESSION {name} = {before}_{number}" for number, name in enumerate(_LIMITS))


def is_lock_error(error: BaseException) -> bool:
    """Return whether the server stopped waiting for a lock, or resolved a deadlock."""
    arguments: tuple[object, ...] = getattr(getattr(error, "orig", None), "args", ())
    return bool(arguments) and arguments[0] in _REFUSALS


def holders(connection: Connection) -> str:
    """Return the other session with the oldest transaction, or the one that was idle longest."""
    row: tuple[object, ...] = ()
    with suppress(Exception):  # a user without the privilege PROCESS may not read it
        row = read_row(connection, _HOLDERS)
    row = row or read_row(connection, _IDLE)
    if not row:
        return ""
    number, user, host, command, since = row
    return f"session {number} of {user} ({host}, {command}) has been active since {since}"


def hide_table(statement: str, table: str) -> str:
    """Return a list of all tables of a database without one of them.

    Args:
        statement: any statement; one that does not list tables is returned without changes.
        table: the name of the table.
    """
    match = _LISTING.match(statement)
    if match is None:
        return statement
    database = match["quoted"] or match["plain"]
    literal = table.replace("\\", "\\\\").replace("'", "''").replace("%", "%%")
    column = f"Tables_in_{database}"
    return f"{statement.strip().rstrip(';')} WHERE `{column}` <> '{literal}'"


# tables have no owner
_FACTS = sa.text(
    "SELECT t.TABLE_TYPE,"
    " (SELECT GROUP_CONCAT(c.COLUMN_NAME) FROM information_schema.COLUMNS AS c"
    " WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME),"
    " (SELECT GROUP_CONCAT(g.TRIGGER_NAME) FROM information_schema.TRIGGERS AS g"
    " WHERE g.EVENT_OBJECT_SCHEMA = t.TABLE_SCHEMA AND g.EVENT_OBJECT_TABLE = t.TABLE_NAME)"
    " FROM information_schema.TABLES AS t"
    " WHERE t.TABLE_SCHEMA = COALESCE(:schema, DATABASE()) AND t.TABLE_NAME = :name"
)


def table_facts(connection: Connection, schema: str | None, table: str) -> TableFacts | None:
    """Return the columns of a table and its triggers; see `Dialect.table_facts`."""
    row = connection.execute(_FACTS, {"schema": schema, "name": table}).first()
    if row is None:
        return None
    kind, columns, triggers = row
    return TableFacts(
        is_table=kind in {"BASE TABLE", "SYSTEM VERSIONED"},
        columns=frozenset((columns or "").split(",")),
        triggers=tuple(triggers.split(",")) if triggers else (),
    )


def has_transaction(connection: Connection) -> bool | None:
    """Return whether the driver has a transaction open; see `Dialect.has_transaction`."""
    driver: Any = connection.connection.driver_connection
    inside = getattr(driver, "in_transaction", None)  # MySQL Connector
    if isinstance(inside, bool):
        return inside
    status = getattr(driver, "server_status", None)  # PyMySQL
    return bool(status & _IN_TRANSACTION) if isinstance(status, int) else None
