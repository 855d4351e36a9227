"""The run lock of Microsoft SQL Server: an application lock of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.lock_wait import let_go, wait_for

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TAKE = sa.text(
    "DECLARE @r int; EXEC @r = sp_getapplock @Resource = :name, @LockMode = 'Exclusive',"
    " @LockOwner = 'Session', @LockTimeout = 0; SELECT @r"
)
_RELEASE = sa.text("EXEC sp_releaseapplock @Resource = :name, @LockOwner = 'Session'")
_HOLDER = sa.text(
    "SELECT TOP 1 s.session_id, s.login_name, s.host_name, s.program_name,"
    " CONVERT(varchar(19), s.login_time, 120)"
    " FROM sys.dm_tran_locks AS l JOIN sys.dm_exec_sessions AS s"
    " ON s.session_id = l.request_session_id"
    " WHERE l.resource_type = 'APPLICATION' AND l.request_status = 'GRANT'"
    " AND l.resource_database_id = DB_ID()"
)


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
    """Hold the run lock for the session; application locks are the database's own."""
    del lasting, table_timeout
    key = {"name": f"limbeck:{name}"[:255]}
    stays = connection.in_transaction()

    def run(statement: sa.TextClause, parameters: dict[str, str]) -> sa.CursorResult[Any]:
        return connection.execute(statement, parameters)

    def settle() -> None:
        if not stays and connection.in_transaction():
            connection.rollback()

    def take() -> bool:
        taken = run(_TAKE, key).scalar_one()
        settle()
        return isinstance(taken, int) and taken >= 0

    def holder() -> str:
        row: Any = run(_HOLDER, {}).first()
        settle()
        if row is None:
            return "its holder has just gone"
        return f"session {row[0]} of {row[1]} ({row[3]}, {row[2]}) since {row[4]}"

    def release() -> None:
        run(_RELEASE, key)
        settle()

    wait_for(take, timeout=timeout, waiting=waiting, holder=holder)
    try:
        yield True
    finally:
        let_go(connection, release)
