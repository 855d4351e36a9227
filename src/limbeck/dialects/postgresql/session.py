"""The time that statements wait for tables on PostgreSQL, and the sessions that hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.dialects.dialect import TableFacts
from limbeck.dialects.driver import read_row
from limbeck.sql import quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

# a limit that was set elsewhere is kept
LIMIT = (
    "CASE WHEN pg_catalog.current_setting('lock_timeout') OPERATOR(pg_catalog.=) '0'"
    " THEN pg_catalog.set_config('lock_timeout', {}, true) END"
)
_REFUSALS = frozenset({"55P03", "40P01"})
_HOLDERS = sa.text(
    "SELECT a.pid, a.usename,"
    " CASE WHEN a.application_name OPERATOR(pg_catalog.<>) '' THEN a.application_name"
    " ELSE '?' END, a.state,"
    " pg_catalog.to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'),"
    " pg_catalog.string_agg(DISTINCT CAST(CAST(l.relation AS pg_catalog.regclass)"
    " AS pg_catalog.text), ', ')"
    " FROM pg_catalog.pg_locks AS l"
    " JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid"
    " JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) l.relation"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " WHERE l.locktype OPERATOR(pg_catalog.=) 'relation' AND l.granted"
    " AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()"
    " AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d"
    " WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"
    " AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p', 'm', 'f']::pg_catalog.\"char\"[])"
    " AND n.nspname OPERATOR(pg_catalog.<>) ALL"
    " (ARRAY['pg_catalog', 'pg_toast']::pg_catalog.name[])"
    " GROUP BY a.pid, a.usename, a.application_name, a.state, a.xact_start"
    " ORDER BY a.xact_start LIMIT 3"
)


def limit_waits(connection: Connection, seconds: float) -> Callable[[], None]:
    """Limit the waits of this transaction; the limit ends with the transaction."""
    read_row(connection, f"SELECT {LIMIT.format(repr(milliseconds(seconds)))}")
    return _do_nothing


def milliseconds(seconds: float) -> str:
    """Return a time in the format of the server's settings."""
    return f"{int(seconds * 1000)}ms"


def _do_nothing() -> None:
    """Do nothing: the limit ends with the transaction."""


def is_lock_error(error: BaseException) -> bool:
    """Return whether the server stopped waiting for a lock, or resolved a deadlock."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    return code in _REFUSALS


def holders(connection: Connection) -> str:
    """Return the sessions that hold tables of this database, the oldest transaction first."""
    return "; ".join(
        f"session {pid} of {user} ({program}, {state}) holds {tables} since {since}"
        for pid, user, program, state, since, tables in connection.execute(_HOLDERS)
    )


def search_path(connection: Connection) -> str:
    """Return the search path of the session."""
    return str(read_row(connection, "SELECT pg_catalog.current_setting('search_path')")[0])


def set_search_path(connection: Connection, value: str) -> None:
    """Set the search path; inside a transaction only until its end."""
    is_local = "true" if connection.in_transaction() else "false"
    literal = value.replace("'", "''")
    read_row(connection, f"SELECT pg_catalog.set_config('search_path', '{literal}', {is_local})")


# the kinds that SQLAlchemy's `has_table` finds: tables, partitioned and foreign ones, views
_HAS_TABLE = sa.text(
    "SELECT 1 FROM pg_catalog.pg_class AS c WHERE c.relkind OPERATOR(pg_catalog.=) ANY"
    " (ARRAY['r', 'p', 'f', 'v', 'm']::pg_catalog.\"char\"[]) AND c.oid OPERATOR(pg_catalog.=)"
    " CAST(pg_catalog.to_regclass(CAST(:name AS pg_catalog.text)) AS pg_catalog.oid)"
)


def has_table(connection: Connection, schema: str | None, table: str) -> bool:
    """Return whether a table or view exists."""
    name = quote_path(schema, table)
    return connection.execute(_HAS_TABLE, {"name": name}).first() is not None


_RUNS = sa.text(
    "SELECT 1 FROM pg_catalog.pg_stat_activity AS a"
    " WHERE a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
    " AND a.state OPERATOR(pg_catalog.=) 'active'"
    " AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()"
    " AND pg_catalog.starts_with(a.query, CAST(:statement AS pg_catalog.text)) LIMIT 1"
)
_NOW = sa.text("SELECT EXTRACT(epoch FROM pg_catalog.clock_timestamp())")


def now(connection: Connection) -> float:
    """Return the server's clock, in seconds."""
    return float(connection.execute(_NOW).scalar_one())


def runs(connection: Connection, statement: str) -> bool:
    """Return whether another session runs a statement that begins with the text."""
    if not statement:
        return False
    return connection.execute(_RUNS, {"statement": statement}).first() is not None


# The owner can change the rows unnoticed, so it must be a role whose privileges this user has or
# can get with SET ROLE, the owner of the database, or a superuser.
_FACTS = sa.text(
    "SELECT c.relkind OPERATOR(pg_catalog.=) 'r',"
    " ARRAY(SELECT CAST(a.attname AS pg_catalog.text) FROM pg_catalog.pg_attribute AS a"
    " WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0"
    " AND NOT a.attisdropped),"
    " CASE WHEN pg_catalog.pg_has_role(c.relowner, 'MEMBER')"
    " OR pg_catalog.pg_has_role(SESSION_USER, c.relowner, 'MEMBER') OR o.rolsuper"
    " OR o.oid OPERATOR(pg_catalog.=) d.datdba"
    " OR o.rolname OPERATOR(pg_catalog.=) 'pg_database_owner'"
    " THEN NULL ELSE o.rolname END,"
    " ARRAY(SELECT CAST(t.tgname AS pg_catalog.text) FROM pg_catalog.pg_trigger AS t"
    " WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal"
    " UNION ALL SELECT CAST(r.rulename AS pg_catalog.text) FROM pg_catalog.pg_rewrite AS r"
    " WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid"
    " AND r.rulename OPERATOR(pg_catalog.<>) '_RETURN'),"
    " pg_catalog.row_security_active(c.oid)"
    " FROM pg_catalog.pg_class AS c"
    " JOIN pg_catalog.pg_roles AS o ON o.oid OPERATOR(pg_catalog.=) c.relowner"
    " JOIN pg_catalog.pg_database AS d"
    " ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
    " WHERE c.oid OPERATOR(pg_catalog.=)"
    " CAST(pg_catalog.to_regclass(CAST(:name AS pg_catalog.text)) AS pg_catalog.oid)"
)


def facts_statement(table: sa.Table) -> sa.TextClause:
    """Return what reads the facts about a table."""
    return _FACTS.bindparams(name=quote_path(table.schema, table.name))


def table_facts(connection: Connection, schema: str | None, table: str) -> TableFacts | None:
    """Return the owner, columns and triggers of a table; see `Dialect.table_facts`."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    name = ".".join(quote(part) for part in (schema, table) if part)
    row = connection.execute(_FACTS, {"name": name}).first()
    if row is None:
        return None
    is_table, columns, owner, triggers, hides_rows = row
    return TableFacts(
        is_table=is_table,
        columns=frozenset(columns),
        owner=owner,
        triggers=tuple(triggers),
        hides_rows=hides_rows,
    )
