"""Who holds the write lock of an SQLite file, by the kernel's list of file locks."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from limbeck.dialects.lock_wait import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

# Linux only. The file itself must not be opened: closing it would release SQLite's own locks.
_LOCKS = Path("/proc/locks")
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
        return (
            "another connection of this process, perhaps of a second engine, is writing to this "
            "file; it will not end while this command waits"
        )
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
    for line in _LOCKS.read_text("ascii").splitlines():
        words = line.split()
        # a waiting lock has an arrow behind its number; it holds nothing
        if len(words) < 8 or words[3] != "WRITE" or words[5] != place:
            continue
        end = float("inf") if words[7] == "EOF" else int(words[7])
        if int(words[6]) <= byte <= end and int(words[4]) > 0:
            yield int(words[4])
