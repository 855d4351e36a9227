"""The run lock of Oracle: a user lock of DBMS_LOCK, kept by the session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from limbeck.dialects.lock_wait import let_go, wait_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger("alembic.runtime.migration")

_NUMBER = sa.text(
    "SELECT ORA_HASH(SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') || :name, 1073741823) FROM dual"
)
_HELD = (0, 4)  # success; owned by this session already


@contextmanager
def mutex(
    connection: Connection,
    name: str,
    *,
    timeout: float,
    waiting: Callable[[str], None],
    lasting: bool = False,
    table_timeout: float = 0.0,
) -> Iterator[bool]:
    """Hold the run lock for the session.

    A user without the right to DBMS_LOCK runs without it, and is told so.
    """
    del lasting, table_timeout
    stays = connection.in_transaction()
    number = int(str(connection.execute(_NUMBER, {"name": name}).scalar_one()))
    if not stays:
        connection.rollback()

    def call(function: str, *arguments: object) -> int:
        cursor = connection.connection.cursor()
        try:
            result = cursor.callfunc(function, int, list(arguments))
        finally:
            cursor.close()
        return int(result)

    def take() -> bool:
        return call("DBMS_LOCK.REQUEST", number, 6, 0, False) in _HELD

    def release() -> None:
        call("DBMS_LOCK.RELEASE", number)

    try:
        wait_for(take, timeout=timeout, waiting=waiting, holder=lambda: "another session")
    except (DatabaseError, connection.dialect.loaded_dbapi.DatabaseError) as error:
        _log.warning("No run lock: this user may not use DBMS_LOCK (%s)", error)
        yield True
        return
    try:
        yield True
    finally:
        let_go(connection, release)
