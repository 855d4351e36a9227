"""Read the headers of many files, keeping those that cannot have changed in a cache.

The cache lies beside the bytecode of the version folder. It is dropped whenever anything about
it is odd, and a folder that cannot be written to simply has none.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from limbeck.history import Revision
from limbeck.project.errors import BrokenFile
from limbeck.project.files import Found, replace

FORMAT = "limbeck-headers-1"
NAME = "limbeck.headers.json"
# Two edits closer together than the file system's clock can tell apart look the same.
_FINE_CLOCK = 100_000_000
_COARSE_CLOCK = 2_000_000_000
_SECOND = 1_000_000_000

Row = list[object]
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.history import NeedsRun

RunHeader = Callable[[Path, str], Revision]


def read_headers(folder: Path, files: Iterable[Found], run: RunHeader) -> list[Revision]:
    """Return the revision of each file.

    Args:
        folder: the version folder, which holds the cache.
        files: its files.
        run: reads the header of a file by running it, where the text does not tell.
    """
    cached = _load(folder)
    fresh: dict[str, Row] = {}
    revisions: list[Revision] = []
    changed = False
    root = len(str(folder)) + 1
    parents: dict[str, tuple[Path, str]] = {}
    for file in files:
        if file.folder not in parents:
            below = file.folder[root:]
            parents[file.folder] = Path(file.folder), f"{below}/" if below else ""
        parent, prefix = parents[file.folder]
        path = parent / file.name
        key = prefix + file.name
        row = cached.get(key)
        if row is not None and _is_certain(row, file):
            revision = _from_row(row, path)
            if revision is not None:
                revisions.append(revision)
                fresh[key] = row
                continue
        looked = time.time_ns()
        header = read_file(path, compiled=file.is_compiled)
        if not isinstance(header, Revision):
            revisions.append(run(path, header.reason))
            continue
        revisions.append(header)
        fresh[key] = _to_row(header, file, looked)
        changed = True
    if changed or len(fresh) != len(cached):
        _save(folder, fresh)
    return revisions


def read_file(path: Path, *, compiled: bool = False) -> Revision | NeedsRun:
    """Read the header of one file from its text.

    Raises:
        BrokenFile: the file cannot be read.
    """
    from limbeck.history import NeedsRun, decode_source, read_header

    if compiled:
        return NeedsRun("there is only bytecode")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BrokenFile(
            f"{path} cannot be read: {error.strerror or error}",
            hint="Give it back, make it readable, or take it out of the folder.",
            place=str(path),
        ) from None
    return read_header(decode_source(raw, path), path)


def _is_certain(row: Row, file: Found) -> bool:
    if row[:4] != [file.size, file.modified, file.changed, file.number]:
        return False
    looked = row[4]
    margin = _COARSE_CLOCK if file.modified % _SECOND == 0 else _FINE_CLOCK
    newest = max(file.changed, file.modified)
    return isinstance(looked, int) and looked > newest + margin


def _to_row(revision: Revision, file: Found, looked: int) -> Row:
    return [
        file.size,
        file.modified,
        file.changed,
        file.number,
        looked,
        revision.id,
        revision.down,
        revision.depends_on,
        sorted(revision.labels),
        revision.doc,
        revision.edition,
        revision.long_doc if revision.long_doc != revision.doc else None,
    ]


def _from_row(row: Row, path: Path) -> Revision | None:
    values: Any = row[5:]
    try:
        id_, down, depends_on, labels, doc, edition, long_doc = values
        return Revision(
            id_,
            tuple(down),
            tuple(depends_on),
            frozenset(labels),
            doc,
            path,
            edition,
            doc if long_doc is None else long_doc,
        )
    except (TypeError, ValueError):
        return None


def _load(folder: Path) -> dict[str, Row]:
    try:
        raw = (folder / "__pycache__" / NAME).read_bytes()
        kept = json.loads(raw)
        if kept["format"] != FORMAT:
            return {}
        rows: dict[str, Row] = kept["files"]
        if all(type(row) is list and len(row) == 12 for row in rows.values()):  # noqa: PLR2004 - the columns of _to_row
            return rows
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {}


def _save(folder: Path, rows: dict[str, Row]) -> None:
    place = folder / "__pycache__"
    try:
        if not rows and not place.exists():
            return
        place.mkdir(exist_ok=True)
        text = json.dumps({"format": FORMAT, "files": rows}, separators=(",", ":"))
        replace(place / NAME, text.encode("utf-8", "surrogatepass"))
    except (OSError, ValueError):
        return


def forget(folder: Path) -> None:
    """Delete the cache of a version folder."""
    try:
        os.unlink(folder / "__pycache__" / NAME)  # noqa: PTH108 - next to the other plain calls
    except OSError:
        return
