"""Send catalog queries without changing the connection's transaction, and report refusals."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
