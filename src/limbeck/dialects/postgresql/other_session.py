"""What a second session cannot do on PostgreSQL while a statement's locks are held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from limbeck.dialects.measurement import EVERYTHING, INSERT, LOCK_ROW, READ, UPDATE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_WEAK = frozenset({"ACCESS SHARE", "ROW SHARE"})
_TRY_TIMEOUT = "SET LOCAL lock_timeout = '40ms'"


def refusals(
    engine: Engine, held: Mapping[str, str], blocks: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Try to read and write from a second session, and return what waits, by table.

    Args:
        engine: of the scratch database.
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
    """Return the name of a table, which may have a schema, in quotes."""
    schema, _, table = name.rpartition(".")
    quote = '"{}"'.format
    return quote(table) if not schema else f"{quote(schema)}.{quote(table)}"


def _refusals(second: Connection, cursor: Any, table: str) -> Iterator[str]:
    driver = second.connection.dbapi_connection
    cursor.execute(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = to_regclass(%s)"
        " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'"
        " ORDER BY attnum LIMIT 1",
        (table,),
    )
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
