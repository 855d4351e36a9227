"""The run lock of SQLite: the write lock of the file, which also makes DDL transactional.

Linux has a list of file locks, which shows who holds the lock.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from limbeck.dialects.driver import read_row, wait_for
from limbeck.dialects.registry import find

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects.dialect import Mutex

_SLICE = 500  # milliseconds; interrupts are handled between slices
_BRACKET = re.compile(
    r"\s*(BEGIN|COMMIT|END|ROLLBACK(?!\s+TO\b|\s+TRANSACTION\s+TO\b))\b", re.IGNORECASE
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
    """Hold the write lock until the transaction ends.

    Python's driver begins a transaction for rows but not for DDL. Beginning it here, in the driver,
    makes both part of one transaction. PRAGMA foreign_keys and VACUUM, which SQLite ignores or
    refuses inside a transaction, run outside it: see `_WriteLock`.
    """
    del table_timeout  # the write lock covers all tables
    if lasting:
        yield False  # a lock of SQLite never outlives its transaction
        return
    with (
        ready_mutex(connection, timeout=timeout) as ready,
        ready(connection, name, timeout=timeout, waiting=waiting) as lasts,
    ):
        yield lasts


@contextmanager
def ready_mutex(connection: Connection, *, timeout: float) -> Iterator[Mutex]:
    """Watch a connection for the duration of a run, with a wait that interrupts can end."""
    stand = _WriteLock(connection, int(timeout * 1000))
    try:
        yield stand.mutex
    finally:
        stand.leave()


def locked(connection: Connection, names: Sequence[str]) -> frozenset[int]:
    """Return the positions of all names if the run lock is held: a file has a single lock.

    The lock is only tried; nothing is written.
    """
    before = read_row(connection, "PRAGMA busy_timeout")
    _pragma(connection, 0)
    try:
        read_row(connection, "BEGIN IMMEDIATE")
        read_row(connection, "ROLLBACK")
    except OperationalError as error:
        return frozenset(range(len(names)) if _is_busy(error) else ())
    finally:
        _pragma(connection, int(str(before[0])))
    return frozenset()


def _pragma(connection: Connection, milliseconds: int) -> None:
    read_row(connection, f"PRAGMA busy_timeout = {milliseconds}")


def has_transaction(connection: Connection) -> bool:
    """Return whether the driver has a transaction open; see `Dialect.has_transaction`."""
    driver: Any = connection.connection.driver_connection
    return bool(getattr(driver, "in_transaction", False))


def other_commits(connection: Connection) -> object:
    """Return a value that changes when another connection commits; see `Dialect.other_commits`.

    The number belongs to one connection of the driver: https://sqlite.org/pragma.html.
    """
    return connection.connection.driver_connection, read_row(connection, "PRAGMA data_version")[0]


def _begin(connection: Connection) -> bool:
    try:
        if has_transaction(connection):
            # another caller began it, perhaps without the write lock: a write takes the lock
            version = read_row(connection, "PRAGMA user_version")
            read_row(connection, f"PRAGMA user_version = {int(str(version[0]))}")
        else:
            read_row(connection, "BEGIN IMMEDIATE")
    except Exception as error:
        if _is_busy(error):
            return False
        raise
    return True


def _is_busy(error: BaseException) -> bool:
    original = error.orig if isinstance(error, OperationalError) else error
    text = str(original)
    return "locked" in text or "busy" in text


class _WriteLock:
    """Takes the write lock, and releases it for statements that have no effect inside."""

    def __init__(self, connection: Connection, patience: int) -> None:
        self._connection = connection
        self._rules = find(connection.dialect.name).transaction_rules
        self._patience = patience
        self._before_us: int | None = None
        self._is_held = False
        self._again = False
        # retval=True, because SQLAlchemy would wrap a listener that does not return the statement
        event.listen(connection, "before_cursor_execute", self._before, retval=True)
        event.listen(connection, "after_cursor_execute", self._after)

    @contextmanager
    def mutex(
        self,
        connection: Connection,
        name: str,
        *,
        timeout: float,
        waiting: Callable[[str], None],
        lasting: bool = False,
        table_timeout: float = 0.0,
    ) -> Iterator[bool]:
        """Hold the write lock; see `mutex`."""
        del name, table_timeout
        if lasting or self._is_held:
            yield False
            return
        if self._before_us is None:
            before = read_row(self._connection, "PRAGMA busy_timeout")
            self._before_us = int(str(before[0])) if before else 0
        _pragma(connection, min(_SLICE, self._patience))
        wait_for(
            lambda: _begin(connection),
            timeout=timeout,
            waiting=waiting,
            holder=lambda: describe_writer(connection),
        )
        _pragma(connection, max(self._patience, _SLICE))
        self._is_held, self._again = True, False
        try:
            yield False
        finally:
            self._is_held = False

    def leave(self) -> None:
        """Stop watching, and restore the connection's busy_timeout."""
        event.remove(self._connection, "before_cursor_execute", self._before)
        event.remove(self._connection, "after_cursor_execute", self._after)
        if self._before_us is not None and not (
            self._connection.closed or self._connection.invalidated
        ):
            with suppress(Exception):
                _pragma(self._connection, self._before_us)

    def _before(
        self, conn: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
    ) -> tuple[str, Any]:
        if not self._is_held:
            return statement, parameters
        bracket = _BRACKET.match(statement)
        is_ineffective = self._rules is not None and self._rules.is_ineffective(statement)
        if bracket is None and not is_ineffective:
            # a commit by the script has ended the transaction, and the lock with it
            level = conn.get_execution_options().get("isolation_level")
            if not has_transaction(conn) and level != "AUTOCOMMIT":
                read_row(conn, "BEGIN IMMEDIATE")
            return statement, parameters
        word = bracket[1].upper() if bracket else ""
        if word in ("", "BEGIN") and has_transaction(conn):
            read_row(conn, "COMMIT")
        self._again = word != "BEGIN"
        return statement, parameters

    def _after(self, conn: Connection, *_rest: Any) -> None:
        if self._again and self._is_held:
            self._again = False
            if not has_transaction(conn):
                read_row(conn, "BEGIN IMMEDIATE")


# Linux only. The file itself must not be opened: closing it would release SQLite's own locks.
_LOCKS = Path("/proc/locks")
# number, kind, ADVISORY, access, process, device:inode, first and last byte; a lock that is waited
# for has an arrow behind its number and does not match
_LOCK = re.compile(r"^\d+: \w+ +\w+ +WRITE +(-?\d+) +(\S+) +(\d+) +(\d+|EOF)$", re.MULTILINE)
# https://www.sqlite.org/fileformat2.html: a writer locks one byte of the file, or in WAL mode one
# of the file that ends in -shm
_RESERVED_BYTE, _WAL_WRITE_BYTE = 0x40000001, 120


def describe_writer(connection: Connection) -> str:
    """Return who is writing to the file of a connection, as far as it can be known."""
    writers: set[int] = set()
    with suppress(OSError, ValueError):
        file = str(read_row(connection, "PRAGMA database_list")[2])
        writers |= set(_writers(file, _RESERVED_BYTE))
        writers |= set(_writers(f"{file}-shm", _WAL_WRITE_BYTE))
    if os.getpid() in writers:
        return "another connection of this process (a second engine?) is writing to this file"
    if writers:
        return f"process {min(writers)} is writing to this file"
    return "another connection is writing to this file"


def _writers(file: str, byte: int) -> Iterator[int]:
    """Yield the processes that hold a write lock on one byte of a file."""
    if not Path(file).exists():
        return
    status = Path(file).stat()
    major, minor = os.major(status.st_dev), os.minor(status.st_dev)
    place = f"{major:02x}:{minor:02x}:{status.st_ino}"
    for lock in _LOCK.finditer(_LOCKS.read_text("ascii")):
        process, locked, start, end = lock.groups()
        is_around = int(start) <= byte and (end == "EOF" or byte <= int(end))
        if locked == place and is_around and int(process) > 0:
            yield int(process)
