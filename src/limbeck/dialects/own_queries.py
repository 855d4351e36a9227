"""Run limbeck's own queries so that they call no function or operator of other schemas.

PostgreSQL calls the function or operator whose arguments match best, from any schema on the search
path, and runs it with the privileges of the migrating user. SQLAlchemy does not name the schema in
its queries. https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from limbeck.dialects.registry import find
from limbeck.dialects.script_text import undoubled
from limbeck.errors import DatabaseError

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


# ── queries of catalogs ───────────────────────────────────────────────────


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector while many lasting objects are created.

    A catalog of a thousand tables has a hundred thousand objects that are all kept. Scanning them
    for garbage repeatedly takes longer than creating them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def left_as_found(connection: Connection) -> Iterator[None]:
    """End the transaction that a read began implicitly, but never one of the caller."""
    began = not connection.in_transaction()
    try:
        yield
    finally:
        if began and connection.in_transaction():
            connection.rollback()


def fetch(connection: Connection, sql: str) -> Sequence[Sequence[Any]]:
    """Run a query that has no parameters and return its rows.

    Raises:
        DatabaseError: the server refused the query; the message names the catalog.
    """
    return [tuple(row) for row in stream(connection, sql)]


def stream(connection: Connection, sql: str, **options: Any) -> Iterator[Sequence[Any]]:
    """Run a query that has no parameters and yield its rows.

    Args:
        connection: the connection, which is busy until the last row is read.
        sql: the query.
        options: execution options; with `stream_results` the driver does not buffer rows.

    Raises:
        DatabaseError: the server refused the query; the message names the catalog.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        with connection.exec_driver_sql(
            sql, execution_options={"no_parameters": True, **options}
        ) as result:
            yield from result
    except DBAPIError as error:
        message = str(error.orig).strip().partition("\n")[0]
        raise DatabaseError(
            f"The database's catalog cannot be read: {message}",
            hint="Grant the migrating user the right to read it, or check the connection.",
            code="LB322",
        ) from error
