"""Who holds the write lock of an SQLite file, by the kernel's list of file locks."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from limbeck.dialects.lock_wait import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

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
        file = str(ask(connection, "PRAGMA database_list")[2])
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
