"""Run limbeck's own queries so that they call no function or operator of other schemas.

PostgreSQL calls the function or operator whose arguments match best, from any schema on the search
path, and runs it with the privileges of the migrating user. SQLAlchemy does not name the schema in
its queries. https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from limbeck.dialects.registry import find
from limbeck.dialects.script_text import undoubled

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect
    from sqlalchemy.engine.reflection import Inspector


def own_session(connection: Connection) -> Connection:
    """Return a connection for the same session, for queries that limbeck builds with SQLAlchemy.

    It is used for one query or inspector, and not closed. It does not call event listeners of the
    engine.
    """
    qualified = find(connection.dialect.name).own_session
    return connection if qualified is None else qualified(connection)


def inspector(connection: Connection) -> Inspector:
    """Return SQLAlchemy's inspector of a database."""
    from sqlalchemy import inspect

    return inspect(own_session(connection))


def has_table(connection: Connection, schema: str | None, table: str) -> bool:
    """Return whether a table or view exists; without a schema, in the default one."""
    scope = find(connection.dialect.name).name_scope
    if scope is not None and scope.has_table is not None:
        return scope.has_table(connection, schema, table)
    return bool(connection.dialect.has_table(connection, table, schema=schema))


def query_sql(query: Any, dialect: SqlDialect) -> str:
    """Return the SQL of a query without parameters, as a connection of `own_session` sends it.

    Args:
        query: the query.
        dialect: SQLAlchemy's dialect.
    """
    write = find(dialect.name).query_text
    if write is not None:
        return write(query, dialect)
    return undoubled(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).strip()
