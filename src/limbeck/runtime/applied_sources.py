"""The sources of applied revisions, kept in the journal's table."""

from __future__ import annotations

import base64
import datetime as dt
import platform
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from limbeck.history import Heads, Move, Revision
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.target import Target
from limbeck.runtime.version_table import scope
from limbeck.sql import mask_source

KEEP = "keep"
# a TEXT value holds 64 kB on MySQL
_PIECE = 60_000


@dataclass(frozen=True, slots=True)
class AppliedSource:
    """A revision as it was applied.

    Args:
        revision: its id.
        fingerprint: of its source.
        at: when, in UTC.
        by: the user and the machine.
        file: the name of its file.
        folder: where the file lay, seen from the project.
        below: the revisions below it at that time.
        packed: its source, packed.
    """

    revision: str
    fingerprint: str
    at: str
    by: str
    file: str
    folder: str
    below: tuple[str, ...]
    packed: str

    @property
    def source(self) -> bytes:
        """The file as it was applied."""
        return zlib.decompress(base64.b64decode(self.packed))


class AppliedSources:
    """Stores the sources of applied revisions, in the transaction of their version rows.

    Args:
        target: what env.py configured; nothing is kept unless its journal says so.
        table: the journal's table.
    """

    def __init__(self, target: Target, table: JournalTable) -> None:
        self._connection = target.connection
        self._table = table
        self._drops_inside = target.transactional_ddl
        self._is_on = target.journal == KEEP and target.connection is not None
        self._pending: list[Move] = []
        self._has_deleted = False

    def prepare(self, move: Move) -> None:
        """Create the table before a move that will need it; later that could commit half of it."""
        if self._is_on and self._connection is not None and _is_run(move):
            if self._table.exists is None:
                self._table.find_table(self._connection)
            self._table.create(self._connection)

    def add(self, move: Move) -> None:
        """Add a move that is done."""
        if self._is_on and _is_run(move):
            none: Heads = frozenset()
            covered = [Move(one, "up", none, none) for one in move.covers]
            self._pending += covered or [move]

    def discard(self) -> None:
        """Discard what was not written: its transaction was rolled back."""
        self._pending.clear()

    def flush(self) -> None:
        """Write the rows of the moves that were added, before their transaction ends."""
        if not self._pending or self._connection is None:
            return
        pending, self._pending = self._pending, []
        last = {move.revision.id: move for move in pending}
        gone = [
            id_
            for move in last.values()
            for id_ in (move.revision.replaces if move.direction == "down" else ())
        ]
        self._table.delete_applied(self._connection, [*last, *gone])
        rows = [row for move in last.values() if move.direction != "down" for row in _rows(move)]
        if rows:
            self._table.add_applied(self._connection, rows)
        self._has_deleted = not rows

    def close(self) -> None:
        """Drop the table at the end of a run that has downgraded the last revision."""
        if self._has_deleted and self._connection is not None:
            self._table.drop_if_empty(self._connection, in_transaction=self._drops_inside)


def _is_run(move: Move) -> bool:
    """Return whether a move runs a migration, or puts one in the place of those that have run."""
    return move.direction != "stamp" or not move.before.isdisjoint(move.revision.replaces)


def read_applied_sources(
    target: Target, *, sources: bool = False, table: JournalTable | None = None
) -> dict[str, AppliedSource]:
    """Return the applied revisions that a database has stored, by id; nothing without a journal.

    Args:
        target: what env.py configured.
        sources: read the sources too, and not only their metadata.
        table: the journal's table, if a run has it already.
    """
    connection = target.connection
    if connection is None:
        return {}
    was_inside = connection.in_transaction()
    table = table or JournalTable(target)
    found: dict[str, AppliedSource] = {}
    try:
        if not (table.exists or table.find_table(connection)):
            return {}
        for row in table.applied_rows(connection, sources=sources):
            if row.place == 0:
                source = _parse(row)
                if source is not None:
                    found[row.revision] = source
            elif row.revision in found:
                before = found[row.revision]
                found[row.revision] = replace(before, packed=before.packed + row.statement)
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()
    return found


def accept_sources(target: Target, revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Take the files of revisions, as they are now, for what was applied.

    Returns:
        The ids of those that had been applied.
    """
    connection = target.connection
    source = read_applied_sources(target)
    found = [one for one in revisions if one.id in source]
    if connection is None or not found:
        return ()
    table = JournalTable(target)
    with scope(connection):
        table.delete_applied(connection, [one.id for one in found])
        for one in found:
            table.add_applied(connection, _rows(Move(one, "up", frozenset(), frozenset())))
    return tuple(one.id for one in found)


def source_hash(source: bytes) -> str:
    """Return a hash of a source that does not depend on the system's line ends."""
    import hashlib

    return hashlib.sha256(source.replace(b"\r\n", b"\n")).hexdigest()


def without_secrets(source: bytes) -> bytes:
    """Return a source as it is kept: passwords and keys in it are replaced by `***`."""
    text = source.decode("utf-8", "surrogateescape")
    return mask_source(text).encode("utf-8", "surrogateescape")


def _rows(move: Move) -> list[dict[str, Any]]:
    import json

    revision = move.revision
    path = revision.path
    try:
        source = path.read_bytes() if path is not None else b""
    except OSError:
        source = b""
    fingerprint, packed = _packed(source)
    story = {
        "at": f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d %H:%M:%S} UTC",
        "by": f"{_user()}@{platform.node() or '?'}",
        "file": path.name if path is not None else "",
        "folder": path.parent.name if path is not None else "",
        "below": [*revision.down, *revision.depends_on],
    }
    pieces = [packed[start : start + _PIECE] for start in range(0, len(packed), _PIECE)]
    return [
        {
            "revision": revision.id,
            "place": place,
            "fingerprint": fingerprint,
            "statement": piece,
            "trace": json.dumps(story) if place == 0 else None,
        }
        for place, piece in enumerate(pieces)
    ]


@lru_cache(maxsize=16)
def _packed(source: bytes) -> tuple[str, str]:
    """Return the fingerprint of a file and its source as it is kept; the same for each tenant."""
    packed = zlib.compress(without_secrets(source))
    return source_hash(source), base64.b64encode(packed).decode("ascii")


def _parse(row: Any) -> AppliedSource | None:
    import json

    try:
        story = json.loads(row.trace)
        return AppliedSource(
            revision=row.revision,
            fingerprint=row.fingerprint,
            at=str(story["at"]),
            by=str(story["by"]),
            file=str(story["file"]),
            folder=str(story["folder"]),
            below=tuple(map(str, story["below"])),
            packed=row.statement or "",
        )
    except (ValueError, KeyError, TypeError):
        return None  # not ours, or written by a later edition


def _user() -> str:
    try:
        import getpass

        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        return "?"
