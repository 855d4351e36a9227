"""Read the headers of revision files, and cache them.

The cache is stored next to the bytecode of the version folder. A cache that is damaged, outdated,
a link, or writable by other users than the folder is replaced. A row is valid while size and times
of the file are unchanged. Before a revision runs, `load_programs` compares it with its file.
"""

from __future__ import annotations

import marshal
import os
import stat
import time
from binascii import crc32
from collections.abc import Callable, Sequence

from limbeck import history
from limbeck.errors import BrokenFileError
from limbeck.history import Revision
from limbeck.project.atomic_write import replace
from limbeck.project.paths import Found, is_compiled, path_of, read_regular

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    from limbeck.history import NeedsRun

    RunHeader: TypeAlias = "Callable[[Path], Revision]"
    # the name relative to the folder, the stamp, and the fields of `Revision` without the path
    Words: TypeAlias = tuple[str, ...]
    Row: TypeAlias = tuple[
        str, str, str, Words, Words, Words, str, str, str, bool, Words, str, str, str
    ]

FORMAT = b"limbeck-headers-7"
NAME = "limbeck.headers"
# the version of `marshal` that all supported Python versions can read
_MARSHAL_VERSION = 4
# The resolution of the file system's clock: two edits within this time may have the same stamp.
_FINE_CLOCK = 100_000_000
_COARSE_CLOCK = 2_000_000_000
_SECOND = 1_000_000_000
# without following a link that leads to another file, and without waiting for the end of a FIFO
_OPENING = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_FIELDS = 14  # of a row
_NO_STAMP = "?"  # for a file that was changed too recently
_NO_LABELS: frozenset[str] = frozenset()


def read_headers(folder: str, files: Sequence[Found], run: RunHeader) -> list[Revision]:
    """Return the revisions of the files, in their order.

    Args:
        folder: the version folder, which contains the cache.
        files: its files.
        run: a function that reads a header by running the file.
    """
    place = os.path.join(folder, "__pycache__")  # noqa: PTH118 - pathlib takes long to import
    cached = load(place)
    known = {row[0]: row for row in cached or ()}
    rows: list[Row] = []
    revisions = []
    start = len(folder) + 1
    for file in files:
        below, name, stamp = file
        path = f"{below}{os.sep}{name}"
        if below != folder:
            name = f"{below[start:].replace(os.sep, '/')}/{name}"
        row = known.get(name)
        if row is None or row[1] != stamp:
            checked = time.time_ns()
            header, content_hash = read_file(file)
            if header is None:
                continue
            if not isinstance(header, Revision):
                revisions.append(run(path_of(file)))
                continue
            lasting = stamp if _is_old(stamp, checked) else _NO_STAMP
            row = _row(name, lasting, header, content_hash)
        rows.append(row)
        id_, down, depends_on, labels, doc, edition, long_doc, registers, *others = row[2:]
        every = frozenset(labels) if labels else _NO_LABELS
        fields = (id_, down, depends_on, every, doc, path, edition, long_doc, registers, *others)
        revisions.append(Revision(*fields))  # type: ignore[arg-type] # a part of a tuple
    if rows != cached:
        _save(place, rows)
    return revisions


def _row(name: str, stamp: str, header: Revision, content_hash: str) -> Row:
    labels = tuple(sorted(header.labels))
    return (
        name, stamp, header.id, header.down, header.depends_on, labels, header.doc,
        header.edition, header.long_doc, header.registers, header.replaces,
        header.kind, header.phase, content_hash,
    )  # fmt: skip


def _is_old(stamp: str, checked: int) -> bool:
    """Return whether a change of the file after `checked` certainly changes its stamp."""
    if not stamp:
        return False
    _, modified, changed, _ = map(int, stamp.split())
    margin = _COARSE_CLOCK if modified % _SECOND == 0 else _FINE_CLOCK
    return checked > max(modified, changed) + margin


def read_file(file: Found) -> tuple[Revision | NeedsRun | None, str]:
    """Read the header of one file from its text, and the hash of the file.

    The header is None for a SQL file that is not a revision.

    Raises:
        BrokenFileError: the file cannot be read.
    """
    folder, name, _ = file
    if is_compiled(name):
        return history.NeedsRun("there is only bytecode"), ""
    path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each costs more than the reading
    try:
        raw = read_regular(path)
    except OSError as error:
        raise BrokenFileError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="Restore the file, make it readable, or remove it from the folder.",
            place=path,
        ) from None
    text = history.decode_source(raw, path)
    if name.endswith(history.SQL_SUFFIX):
        return history.read_sql_header(text, path), history.source_hash(raw)
    return history.read_header(text, path), history.source_hash(raw)


def load(place: str) -> list[Row] | None:
    """Return the rows of a cache, None if it does not exist or is damaged."""
    try:
        number = os.open(os.path.join(place, NAME), _OPENING)  # noqa: PTH118 - see above
        with open(number, "rb") as file:  # noqa: PTH123 - see above
            if not _is_own(os.fstat(number), os.stat(os.path.dirname(place))):  # noqa: PTH116, PTH120
                return None
            raw = file.read()
        first, _, body = raw.partition(b"\n")
        name, check = first.split(b" ")
        if name != FORMAT or int(check, 16) != crc32(body):
            return None
        rows: list[Row] = marshal.loads(body)  # noqa: S302 - trusted like the .pyc files next to it
    except (OSError, ValueError, EOFError, TypeError):
        return None
    is_known = type(rows) is list and all(
        type(row) is tuple and len(row) == _FIELDS for row in rows
    )
    return rows if is_known else None


def _is_own(cache: os.stat_result, folder: os.stat_result) -> bool:
    """Return whether only users who can write the revision files could have written the cache.

    The check matters because the rows decide the order of the revisions. The owner is not checked
    on systems without `geteuid`.
    """
    if not stat.S_ISREG(cache.st_mode):
        return False
    if not hasattr(os, "geteuid"):
        return True
    by_others = stat.S_IWGRP | stat.S_IWOTH
    return (
        cache.st_uid in {0, os.geteuid(), folder.st_uid}
        and not cache.st_mode & by_others & ~folder.st_mode
    )


def _save(place: str, rows: list[Row]) -> None:
    from pathlib import Path

    folder = Path(place)
    try:
        if not rows and not folder.exists():
            return
        folder.mkdir(exist_ok=True)
        body = marshal.dumps(rows, _MARSHAL_VERSION)
        # the checksum detects a file that a power failure has truncated
        content = b"%s %08x\n%s" % (FORMAT, crc32(body), body)
        replace(folder / NAME, content, is_lasting=False, mode=0o644)
    except (OSError, ValueError):
        return
