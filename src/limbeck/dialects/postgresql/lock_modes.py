"""The lock modes of PostgreSQL, and what other sessions cannot do while one is held.

https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from limbeck.dialects.measurement import (
    EVERYTHING,
    INSERT,
    LOCK_ROW,
    READ,
    UPDATE,
    WRITES,
)
from limbeck.dialects.postgresql.qualified_sql import qualified

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ORDER = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
RANKS = MappingProxyType({mode: rank for rank, mode in enumerate(ORDER)})
BLOCKED = MappingProxyType(
    {
        "SHARE": ("insert", "update"),
        "SHARE ROW EXCLUSIVE": ("insert", "update"),
        "EXCLUSIVE": WRITES,
        "ACCESS EXCLUSIVE": EVERYTHING,
    }
)
_WORD_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = r"((?:\"[^\"]+\"|[\w$]+)(?:\.(?:\"[^\"]+\"|[\w$]+))?)"
# The locks of statements outside a transaction; they are released before they can be read.
# https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
_OUTSIDE = (
    (
        re.compile(
            rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\b.*?\sON\s+(?:ONLY\s+)?{_NAME}",
            re.IGNORECASE | re.DOTALL,
        ),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(
            rf"ALTER\s+TABLE\s+{_NAME}\s+DETACH\s+PARTITION\s+{_NAME}\s+CONCURRENTLY",
            re.IGNORECASE,
        ),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(rf"VACUUM\b(?=.*\bFULL\b).*?\s{_NAME}\s*;?\s*$", re.IGNORECASE | re.DOTALL),
        "ACCESS EXCLUSIVE",
    ),
    (
        re.compile(rf"VACUUM\b.*?\s{_NAME}\s*;?\s*$", re.IGNORECASE | re.DOTALL),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(rf"REINDEX\s+.*?TABLE\s+CONCURRENTLY\s+{_NAME}", re.IGNORECASE | re.DOTALL),
        "SHARE UPDATE EXCLUSIVE",
    ),
)
_INDEX = re.compile(
    rf"(?:DROP\s+INDEX|REINDEX\s+(?:\([^)]*\)\s*)?INDEX)\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)


_REINDEX_ALL = re.compile(
    r"REINDEX\s+(?:\([^)]*\)\s*)?(?:SCHEMA|DATABASE)\s+CONCURRENTLY\b", re.IGNORECASE
)
_WEAK = frozenset({"ACCESS SHARE"})
_WRITABLE_COLUMN = qualified(
    "SELECT quote_ident(a.attname) FROM pg_attribute a WHERE a.attrelid = to_regclass(%s)"
    " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a'"
    " ORDER BY a.attnum LIMIT 1"
)
_TRY_TIMEOUT = "SET LOCAL lock_timeout = '40ms'"


def mode_name(mode: str) -> str:
    """Return a mode of `pg_locks` as the manual spells it: AccessShareLock is ACCESS SHARE."""
    return _WORD_BOUNDARY.sub(" ", mode.removesuffix("Lock")).upper()


def strongest(modes: Iterable[str]) -> str | None:
    """Return the strongest lock mode, or None."""
    return max(modes, key=RANKS.__getitem__, default=None)


def outside_locks(
    statement: str, tables_of_indexes: Mapping[str, str], rebuilt: Iterable[str] = ()
) -> dict[str, str]:
    """Return the locks of a statement that runs outside a transaction.

    Args:
        statement: the SQL.
        tables_of_indexes: the table of each index.
        rebuilt: the tables of which it has rebuilt indexes.
    """
    if _REINDEX_ALL.match(statement.strip()):
        return dict.fromkeys(rebuilt, "SHARE UPDATE EXCLUSIVE")
    for pattern, mode in _OUTSIDE:
        if match := pattern.match(statement.strip()):
            return {plain(name): mode for name in match.groups() if name}
    if match := _INDEX.match(statement.strip()):
        table = tables_of_indexes.get(plain(match[1]))
        return {} if table is None else {table: "SHARE UPDATE EXCLUSIVE"}
    return {}


def plain(name: str) -> str:
    """Return a name as stored in the catalog, without the schema `public`."""
    parts = [
        part[1:-1] if part.startswith('"') else part.lower()
        for part in re.findall(r"\"[^\"]+\"|[\w$]+", name)
    ]
    return ".".join(parts[1:] if parts[:1] == ["public"] else parts)


def refusals(
    engine: Engine, held: Mapping[str, str], blocks: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Try to read and write in a second session, and return what has to wait, by table.

    Args:
        engine: the engine of the scratch database.
        held: the strongest lock on each table.
        blocks: what is known to wait; these tables are tried even if their lock is weak.
    """
    found = {}
    names = [name for name, mode in held.items() if mode not in _WEAK or name in blocks]
    with engine.connect() as second:
        cursor = second.connection.cursor()
        for name in names:
            if blocks.get(name) != EVERYTHING:
                found[name] = tuple(_refusals(second, cursor, quoted_name(name)))
    return {name: refused for name, refused in found.items() if refused or name in blocks}


def quoted_name(name: str) -> str:
    """Return the quoted name of a table, which may include a schema."""
    schema, _, table = name.rpartition(".")
    quote = '"{}"'.format
    return quote(table) if not schema else f"{quote(schema)}.{quote(table)}"


def _refusals(second: Connection, cursor: Any, table: str) -> Iterator[str]:
    driver = second.connection.dbapi_connection
    cursor.execute(_WRITABLE_COLUMN, (table,))
    row = cursor.fetchone()
    driver.rollback()  # type: ignore[union-attr]
    tries = {
        READ: f"SELECT 1 FROM {table} LIMIT 1",
        INSERT: f"INSERT INTO {table} SELECT * FROM {table} WHERE false",
        LOCK_ROW: f"SELECT 1 FROM {table} FOR UPDATE",
    }
    if row is not None:
        tries[UPDATE] = f"UPDATE {table} SET {row[0]} = {row[0]}"
    for what in EVERYTHING:
        if what not in tries:
            continue
        cursor.execute(_TRY_TIMEOUT)
        try:
            cursor.execute(tries[what])
        except Exception as error:
            code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
            if code == "55P03":
                yield what
        finally:
            driver.rollback()  # type: ignore[union-attr]
