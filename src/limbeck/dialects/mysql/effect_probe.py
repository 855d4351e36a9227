"""The current state of the object of a MySQL statement, to see later whether it ran."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from limbeck.dialects.driver import read_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = r"(?:`(?:[^`]|``)+`|[\w$]+)(?:\s*\.\s*(?:`(?:[^`]|``)+`|[\w$]+))?"
_IF = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
_REPEATABLE = re.compile(
    r"\s*(?:TRUNCATE|ANALYZE|OPTIMIZE|REPAIR|CHECK|GRANT|REVOKE|SET|FLUSH|RESET|LOCK|UNLOCK"
    r"|COMMIT|BEGIN|START|LOAD\s+INDEX|CACHE\s+INDEX)\b",
    re.IGNORECASE,
)
_TABLES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+{_IF}({_NAME})",
        rf"\s*ALTER\s+(?:ONLINE\s+)?(?:IGNORE\s+)?TABLE\s+{_IF}({_NAME})",
        rf"\s*CREATE\s+.*?INDEX\s+{_IF}{_NAME}\s+(?:USING\s+\w+\s+)?ON\s+({_NAME})",
        rf"\s*DROP\s+INDEX\s+{_IF}{_NAME}\s+ON\s+({_NAME})",
    )
)
_LISTS = re.compile(rf"\s*(?:DROP|RENAME)\s+TABLES?\s+{_IF}(.*)", re.IGNORECASE | re.DOTALL)
_NAMES = re.compile(_NAME)
_OTHER = re.compile(
    rf"\s*(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:ALGORITHM\s*=\s*\w+\s+)?"
    rf"(?:DEFINER\s*=\s*\S+\s+)?(?:SQL\s+SECURITY\s+\w+\s+)?"
    rf"(VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|SEQUENCE|DATABASE|SCHEMA)\s+{_IF}({_NAME})",
    re.IGNORECASE,
)
# errors that MySQL and MariaDB report before a statement changes any row: syntax, unknown tables
# and columns, privileges: https://mariadb.com/kb/en/mariadb-error-code-reference/
_REFUSED = frozenset({1044, 1045, 1046, 1048, 1051, 1052, 1054, 1064, 1142, 1143, 1146, 1149})
# "Some non-transactional changed tables couldn't be rolled back"
_NOT_ROLLED_BACK = 1196
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")


def trace(connection: Connection, sql: str, *, clear: bool = False) -> str | None:
    """Describe the current state of the object of a statement; see `Trace`.

    Statements of MariaDB 10.6 and MySQL 8 are atomic, so nothing has to be cleared.
    """
    del clear
    if _REPEATABLE.match(sql):
        return ""
    for pattern in _TABLES:
        match = pattern.match(sql)
        if match:
            keeps_counter = "AUTO_INCREMENT" in sql.upper()
            return _shown(connection, [f"TABLE {match[1]}"], keeps_counter=keeps_counter)
    listed = _LISTS.match(sql)
    if listed:
        words = {"to", "cascade", "restrict"}
        names = [name for name in _NAMES.findall(listed[1]) if name.lower() not in words]
        return _shown(connection, [f"TABLE {name}" for name in names])
    other = _OTHER.match(sql)
    if other:
        return _shown(connection, [f"{other[1].upper()} {other[2]}"])
    return None


def _shown(connection: Connection, objects: list[str], *, keeps_counter: bool = False) -> str:
    digest = hashlib.sha256()
    for obj in objects:
        text = _show(connection, obj)
        digest.update((text if keeps_counter else _COUNTER.sub("", text)).encode() + b"\0")
    return digest.hexdigest()


def _show(connection: Connection, obj: str) -> str:
    try:
        row = connection.exec_driver_sql("SHOW CREATE " + obj).one()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise  # a lost session does not mean that the object does not exist
        return "absent"
    return "\0".join(str(part) for part in row)


def current_database(connection: Connection) -> str:
    """Return the database of the session."""
    return str(read_row(connection, "SELECT DATABASE()")[0] or "")


def use_database(connection: Connection, name: str) -> None:
    """Select the database of the session."""
    if name:
        read_row(connection, f"USE `{name.replace('`', '``')}`")


def is_permanent(connection: Connection, schema: str | None, table: str) -> bool:
    """Return whether the engine of a table does not support transactions."""
    row = read_row(
        connection,
        "SELECT 1 FROM information_schema.TABLES AS t JOIN information_schema.ENGINES AS e"
        " ON e.ENGINE = t.ENGINE WHERE t.TABLE_SCHEMA = COALESCE(%s, DATABASE())"
        " AND t.TABLE_NAME = %s AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'",
        (schema, table),
    )
    return bool(row)


def had_no_effect(error: BaseException) -> bool:
    """Return whether a statement was refused before it changed any row."""
    arguments: tuple[object, ...] = getattr(getattr(error, "orig", None), "args", ())
    return bool(arguments) and arguments[0] in _REFUSED


def left_rows(connection: Connection) -> bool:
    """Return whether the rollback, if it was the last statement, has left changed rows."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute("SHOW WARNINGS")
        return any(row[1] == _NOT_ROLLED_BACK for row in cursor.fetchall())
    finally:
        cursor.close()


def table_options(connection: Connection) -> dict[str, str]:
    """Return the engine option for a new table that must support transactions."""
    row = read_row(
        connection,
        "SELECT 1 FROM information_schema.ENGINES"
        " WHERE SUPPORT = 'DEFAULT' AND COALESCE(TRANSACTIONS, 'NO') <> 'YES'",
    )
    return {"mysql_engine": "InnoDB", "mariadb_engine": "InnoDB"} if row else {}
