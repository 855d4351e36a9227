"""Send one catalog query, leave the connection as it was found, say clearly what was refused."""

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
    """Build many lasting values without the garbage collector walking over them each time.

    A catalog of a thousand tables is a hundred thousand objects that all stay: looking
    through them for garbage again and again takes longer than making them.
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
    """End the transaction that reading began by itself, never one of the caller's."""
    began = not connection.in_transaction()
    try:
        yield
    finally:
        if began and connection.in_transaction():
            connection.rollback()


def fetch(connection: Connection, sql: str) -> Sequence[Sequence[Any]]:
    """Run a query that has no parameters and return its rows.

    Raises:
        DatabaseError: the server refused; its words name the catalog.
    """
    return [tuple(row) for row in stream(connection, sql)]


def stream(connection: Connection, sql: str, **options: Any) -> Iterator[Sequence[Any]]:
    """Run a query that has no parameters and yield its rows.

    Args:
        connection: where to; it is busy until the last row is taken.
        sql: the query.
        options: execution options; with `stream_results` the driver keeps no rows of its own.

    Raises:
        DatabaseError: the server refused; its words name the catalog.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        with connection.exec_driver_sql(
            sql, execution_options={"no_parameters": True, **options}
        ) as result:
            yield from result
    except DBAPIError as error:
        words = str(error.orig).strip().partition("\n")[0]
        raise DatabaseError(
            f"The database's catalog cannot be read: {words}",
            hint="Grant the migrating user the right to read it, or check the connection.",
            code="LB322",
        ) from error
