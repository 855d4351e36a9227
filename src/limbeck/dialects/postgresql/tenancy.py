"""Use schemas of one PostgreSQL database like separate databases, by the search path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.driver import read_row, send_script
from limbeck.dialects.postgresql.catalog_queries import quoted
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.run_lock import driver_pid, lock_statement
from limbeck.dialects.postgresql.session import facts_statement
from limbeck.errors import MissingSchemaError, PooledTenantError
from limbeck.sql import quote_identifier

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REUSED = "limbeck_has_tenant"
# removes what scripts of the previous tenant have left in the session
_RESET = "DISCARD TEMP; RESET ALL"
_ENTER = qualified(
    "SELECT set_config('search_path', {path}, false), pg_backend_pid(),"
    " EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = {schema})"
)
_DEFAULT = sa.text("SELECT pg_catalog.current_schema()")
# the drivers that return the rows of each statement of a message; see `Tenancy.script_drivers`
_SCRIPT_DRIVERS = frozenset({"psycopg"})
# the key of the run lock
_LOCKED = sa.text(
    "SELECT s.place FROM pg_catalog.unnest(CAST(:names AS pg_catalog.text[]))"
    " WITH ORDINALITY AS s(name, place) JOIN pg_catalog.pg_locks AS l"
    " ON ((CAST(l.classid AS pg_catalog.int8) OPERATOR(pg_catalog.<<) 32)"
    " OPERATOR(pg_catalog.|) CAST(l.objid AS pg_catalog.int8)) OPERATOR(pg_catalog.=)"
    " pg_catalog.hashtextextended(pg_catalog.concat('limbeck:', pg_catalog.current_database(), ':',"
    " CASE WHEN pg_catalog.starts_with(s.name, '.') THEN pg_catalog.current_schema() END,"
    " s.name), 0)"
    " WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted"
    " AND l.objsubid OPERATOR(pg_catalog.=) 1 AND l.database OPERATOR(pg_catalog.=)"
    " (SELECT d.oid FROM pg_catalog.pg_database AS d"
    " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"
)


def default_schema(connection: Connection) -> str | None:
    """Return the default schema of a session; see `Tenancy`."""
    found: str | None = connection.scalar(_DEFAULT)
    return found


def enter_schema(connection: Connection, schema: str) -> None:
    """Make a schema the only one on the session's search path, and reset the session.

    The search path has no second schema, because the names of tables that the tenant lacks would
    refer to tables in it.

    Raises:
        MissingSchemaError: the schema does not exist.
        PooledTenantError: a pooler passes the session's settings to other clients.
    """
    script = _ENTER.format(path=quoted(quote_identifier(schema)), schema=quoted(schema))
    is_reused = _REUSED in connection.info
    connection.info[_REUSED] = True
    driver: Any = connection.connection.dbapi_connection
    before = driver.autocommit
    driver.autocommit = True  # settings made in a transaction would end with it
    try:
        if is_reused and connection.dialect.driver in _SCRIPT_DRIVERS:
            row = send_script(connection, f"{_RESET}; {script}")[-1].rows[0]
        else:
            if is_reused:
                _send(connection, _RESET)
            row = read_row(connection, script)
    finally:
        driver.autocommit = before
    known = driver_pid(connection)
    if known is not None and known != row[1]:
        connection.invalidate()
        raise PooledTenantError(
            "This connection goes through a pooler that gives each transaction another session, "
            "and with it the search path of another tenant",
            hint="Nothing was run. Give the fleet the address of the server itself, or a pool in "
            "session mode.",
        )
    if not row[2]:
        raise MissingSchemaError(
            f"There is no schema {schema!r} in this database",
            hint=f"Nothing was run. `fleet create {schema}` creates it; or take the tenant out of "
            "the fleet.",
        )
    connection.dialect.default_schema_name = schema


def locked(connection: Connection, names: Sequence[str]) -> frozenset[int]:
    """Return the positions of the names whose run lock is held."""
    rows = connection.execute(_LOCKED, {"names": list(names)})
    return frozenset(int(row[0]) - 1 for row in rows)


def checks(name: str, limit: float, table: sa.Table) -> tuple[sa.TextClause, sa.TextClause]:
    """Return the statements that take the run lock and read facts; see `Tenancy.checks`."""
    return lock_statement(name, limit), facts_statement(table)


def _send(connection: Connection, sql: str) -> None:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
    finally:
        cursor.close()
