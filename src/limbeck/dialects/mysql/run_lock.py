"""The run lock of MySQL and MariaDB: GET_LOCK, which is global to the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from limbeck.dialects.driver import read_row, release_after_transaction, wait_for
from limbeck.dialects.mysql.session import bounded, unbounded

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST = 64  # the maximum length of a lock's name on MySQL
_BEFORE = "@limbeck_before_lock"  # stores the previous limit of the session
_AT_ONCE = 500  # names in one statement
_SLICE = 1.0  # seconds; interrupts are handled between slices


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
    """Hold the run lock for the session, and limit its waits for tables in the meantime.

    The statements are sent to the driver directly: GET_LOCK reads no table, so waiting opens no
    snapshot, and SQLAlchemy begins no transaction for it.
    """
    del lasting
    database: object = connection.dialect.default_schema_name
    key = lock_key(database, name)
    pause = 0.0

    def take() -> bool:
        nonlocal database, key, pause
        row = read_row(
            connection, "SELECT GET_LOCK(%s, %s), DATABASE()", (key, min(pause, timeout))
        )
        if row[1] != database:
            # the session may have changed its database since it was opened
            if row[0] == 1:
                release()
            database = row[1]
            key = lock_key(database, name)
            return take()
        pause = _SLICE
        return row[0] == 1

    is_bound = False

    def release() -> None:
        if is_bound:
            back = f"SET @limbeck_lock = RELEASE_LOCK(%s), {unbounded(_BEFORE)}"
            read_row(connection, back, (key,))
        else:
            read_row(connection, "SELECT RELEASE_LOCK(%s)", (key,))

    def holder() -> str:
        return _holder(connection, key)

    wait_for(take, timeout=timeout, waiting=waiting, holder=holder)
    try:
        if table_timeout > 0:
            read_row(connection, bounded(table_timeout, _BEFORE))
            is_bound = True
        yield True
    finally:
        # other sessions do not see what is rolled back, and an error must not prevent the release
        release_after_transaction(connection, release, may_fail=False)


def lock_key(database: object, name: str) -> str:
    """Return the name of the run lock of a version table."""
    if name.startswith("."):
        name = f"{database or ''}{name}"
    key = f"limbeck:{name}"
    if len(key) <= _LONGEST and key.isascii() and key == key.lower():
        return key
    import hashlib  # imported here because few names are so long

    return f"limbeck:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def locked(connection: Connection, names: Sequence[str]) -> frozenset[int]:
    """Return the positions of the names whose run lock is held."""
    database = connection.dialect.default_schema_name
    positions: set[int] = set()
    for start in range(0, len(names), _AT_ONCE):
        keys = tuple(lock_key(database, name) for name in names[start : start + _AT_ONCE])
        row = read_row(connection, f"SELECT {', '.join(['IS_USED_LOCK(%s)'] * len(keys))}", keys)
        positions.update(
            start + position for position, holder in enumerate(row) if holder is not None
        )
    return frozenset(positions)


def _holder(connection: Connection, key: str) -> str:
    used = read_row(connection, "SELECT IS_USED_LOCK(%s)", (key,))
    if not used or used[0] is None:
        return "its holder has ended"
    row = read_row(
        connection,
        "SELECT ID, USER, HOST, COMMAND, TIME, NOW() - INTERVAL TIME SECOND"
        " FROM information_schema.PROCESSLIST WHERE ID = %s",
        (used[0],),
    )
    if not row:
        return f"session {used[0]}, whose details this user may not see"
    number, user, host, command, _seconds, since = row
    return f"session {number} of {user} ({host}, {command}) since {since}"
