"""MySQL and MariaDB: scratch databases, their rows and digests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.catalog import Key
from limbeck.dialects.mysql.statement_text import unwrapped
from limbeck.dialects.scratch_rules import error_state
from limbeck.sql import quote_identifier, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

# https://mariadb.com/kb/en/mariadb-error-code-reference/
# https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
_VIOLATIONS = {
    1048: "null", 1138: "null", 1364: "null", 1263: "null",
    1062: "unique", 1586: "unique",
    1216: "foreign key", 1217: "foreign key", 1451: "foreign key", 1452: "foreign key",
    4025: "check", 3819: "check",
    1264: "value", 1265: "value", 1292: "value", 1366: "value", 1406: "value", 1690: "value",
}  # fmt: skip
_TRUNCATED = 1265
_NO_PRIVILEGE = frozenset({1044, 1045, 1142, 1227})
_OUTSIDE = (
    (r"(?:CREATE|ALTER|DROP)\s+(?:DATABASE|SCHEMA)\b", "changes databases of the server"),
    (r"(?:CREATE|ALTER|DROP|RENAME)\s+(?:USER|ROLE)\b|GRANT\b|REVOKE\b|SET\s+PASSWORD\b",
     "changes accounts of the server"),
    (r"SET\s+(?:@@)?(?:GLOBAL|PERSIST)\b", "changes settings of the server"),
    (r"USE\b", "changes to another database"),
    (r"KILL\b|SHUTDOWN\b|RESET\b|PURGE\b|FLUSH\b", "acts on the whole server"),
    ((r"(?:(?:CREATE|ALTER|DROP|TRUNCATE|RENAME)\b[^(]*?\s"
      r"|(?:INSERT|REPLACE|DELETE|UPDATE|LOAD)\s+(?:\w+\s+){0,3}?)"
      r"`?(?:mysql|sys|performance_schema)`?\s*\."), "changes tables of the server"),
    (r"(?:CREATE|DROP)\s+(?:TABLESPACE|SERVER)\b|(?:UN)?INSTALL\b", "changes the server"),
)  # fmt: skip
_FIRST = tuple((re.compile(rf"\s*(?:{p})", re.IGNORECASE | re.DOTALL), w) for p, w in _OUTSIDE)
_FILE = re.compile(r"\bINTO\s+(?:OUTFILE|DUMPFILE)\b", re.IGNORECASE)
_COMMENT = re.compile(r"/\*(?![!M]).*?\*/|--\s[^\n]*|#[^\n]*", re.DOTALL)
_MARK = "`"


def list_databases(connection: Connection, prefix: str) -> list[str]:
    """Return the names of the databases that begin with a text."""
    rows = connection.execute(
        sa.text(
            "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
            " WHERE LEFT(SCHEMA_NAME, CHAR_LENGTH(:prefix)) = :prefix"
        ),
        {"prefix": prefix},
    )
    return [str(name) for (name,) in rows]


def create_database(connection: Connection, name: str, like: str | None) -> list[str]:
    """Return the SQL that creates a database with another one's character set and collation."""
    row = connection.execute(
        sa.text(
            "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME"
            " FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = :like"
        ),
        {"like": like},
    ).first()
    options = "" if row is None else f" CHARACTER SET {row[0]} COLLATE {row[1]}"
    return [f"CREATE DATABASE {quote_identifier(name, _MARK)}{options}"]


def drop_database(name: str) -> list[str]:
    """Return the SQL that drops a database."""
    return [f"DROP DATABASE IF EXISTS {quote_identifier(name, _MARK)}"]


def lacks_privilege(error: BaseException) -> bool:
    """Return whether an error means that the user may not do this."""
    return error_state(error)[1] in _NO_PRIVILEGE


def effect_outside(sql: str, name: str) -> str | None:
    """Return what a statement does outside its database, or None."""
    text = unwrapped(_COMMENT.sub(" ", sql))
    for pattern, description in _FIRST:
        if pattern.match(text) and not (name and f"`{name}`" in text):
            return description
    return "writes a file of the server" if _FILE.search(text) else None


def shared_state(cursor: Any) -> object:
    """Return a value that differs after accounts of the server have changed."""
    cursor.execute(
        "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE)))"
        " FROM information_schema.USER_PRIVILEGES"
    )
    return tuple(cursor.fetchone())


def insert_rows(table: Key, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a statement that inserts the rows which violate no constraint of the table."""
    # https://mariadb.com/kb/en/insert-ignore/
    into = f"INSERT IGNORE INTO {quote_path(*table.path, mark=_MARK)}"
    names = ", ".join(quote_identifier(column, _MARK) for column in columns)
    values = ",\n".join(f"({', '.join(row)})" for row in rows)
    return [f"{into} ({names}) VALUES\n{values}"]


def defer_checks(off: bool) -> list[str]:  # noqa: FBT001 - the record's signature
    """Return the statement that disables or enables foreign keys."""
    return [f"SET foreign_key_checks = {0 if off else 1}"]


def row_violation(error: BaseException) -> str | None:
    """Return which constraint existing rows violate; None for other errors."""
    number = error_state(error)[1] or 0
    statement = str(getattr(error, "statement", "") or "")
    if number == _TRUNCATED and re.search(r"\bNOT\s+NULL\b", statement, re.IGNORECASE):
        # MariaDB's error for NULL in a column that becomes NOT NULL
        return "null"
    return _VIOLATIONS.get(number)


def select_text(table: Key, columns: Sequence[str]) -> str:
    """Return a SELECT of the values of all rows as text."""
    shown = (
        ", ".join(f"CAST({quote_identifier(column, _MARK)} AS CHAR)" for column in columns) or "1"
    )
    return f"SELECT {shown} FROM {quote_path(*table.path, mark=_MARK)}"


def clear(connection: Connection) -> list[str]:
    """Return the SQL that drops a scratch database and creates it again, and selects it."""
    name = str(connection.scalar(sa.text("SELECT DATABASE()")))
    quoted = quote_identifier(name, _MARK)
    create = create_database(connection, name, name)
    return [f"DROP DATABASE {quoted}", *create, f"USE {quoted}"]


def digest(table: Key, columns: Sequence[str]) -> str:
    """Return a SELECT of the number of rows, a digest of the rows and one of each column.

    A sum of checksums does not depend on the order of the rows.
    """
    texts = [
        f"COALESCE(CAST({quote_identifier(column, _MARK)} AS CHAR), '~')" for column in columns
    ]
    sums = [f"COALESCE(SUM(CRC32({text})), 0)" for text in texts]
    shown = f"CONCAT_WS(',', {', '.join(sums)})" if sums else "''"
    row = f"COALESCE(SUM(CRC32(CONCAT_WS('|', {', '.join(texts)}))), 0)" if texts else "0"
    return f"SELECT COUNT(*), {row}, {shown} FROM {quote_path(*table.path, mark=_MARK)}"
