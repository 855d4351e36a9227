"""Names of scratch databases: who made them, when, and that limbeck made them at all.

`limbeck_scratch_<host>_<process>_<time>_<number>_<check>`: the last word is a checksum of the
others, so that no database of somebody else has such a name by chance.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
import time
import zlib
from dataclasses import dataclass

PREFIX = "limbeck_scratch_"
# a database of another machine is a leftover when no run can still be using it
FOREIGN_AGE = 24 * 3600.0
_NAME = re.compile(rf"{PREFIX}([0-9a-f]{{6}})_(\d+)_(\d+)_(\d+)_([0-9a-f]{{4}})")
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ScratchName:
    """The parts of a name.

    Args:
        host: digest of the name of the machine.
        process: identifier of the process that made the database.
        made: when, in seconds since 1970.
        number: counts the scratch databases of the process.
    """

    host: str
    process: int
    made: int
    number: int

    def __str__(self) -> str:
        words = f"{PREFIX}{self.host}_{self.process}_{self.made}_{self.number}"
        return f"{words}_{_checksum(words)}"


def new_name() -> str:
    """Return a name that no other scratch database has."""
    return str(ScratchName(_host(), os.getpid(), int(time.time()), next(_numbers)))


def parse_name(text: str) -> ScratchName | None:
    """Return the parts of a scratch database's name, None for any other name."""
    found = _NAME.fullmatch(text)
    if found is None or _checksum(text.rpartition("_")[0]) != found[5]:
        return None
    return ScratchName(found[1], int(found[2]), int(found[3]), int(found[4]))


def is_leftover(text: str, *, now: float | None = None) -> bool:
    """Return whether a name is that of a scratch database whose process has ended.

    Args:
        text: the name of any database.
        now: the time in seconds since 1970.
    """
    name = parse_name(text)
    if name is None:
        return False
    age = (time.time() if now is None else now) - name.made
    if name.host != _host():
        return age > FOREIGN_AGE
    return age > FOREIGN_AGE or not _is_running(name.process)


def _checksum(words: str) -> str:
    return f"{zlib.crc32(words.encode()) & 0xFFFF:04x}"


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()) & 0xFFFFFF:06x}"


def _is_running(process: int) -> bool:
    if os.name == "nt":
        # os.kill would end the process there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
