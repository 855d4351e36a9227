"""The applied sources: the text of each applied revision file, kept in the journal."""

from __future__ import annotations

import base64
import datetime as dt
import os
import platform
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from limbeck.history import Move, Revision, source_hash
from limbeck.runtime.journal_table import JournalTable
from limbeck.runtime.target import Target
from limbeck.runtime.version_table import reading, scope
from limbeck.sql import mask_source

KEEP = "keep"
# a TEXT value holds 64 kB on MySQL
_PIECE = 60_000


@dataclass(frozen=True, slots=True)
class AppliedSource:
    """The source and metadata of an applied revision.

    Args:
        revision: its identifier.
        fingerprint: the hash of its source.
        at: the time of the migration, in UTC.
        by: the user and the host.
        file: the name of its file.
        folder: the name of the folder of the file.
        below: its down revisions and dependencies at that time.
        packed: its source, compressed and encoded in Base64.
        seconds: the duration of the migration; None if it is not known.
    """

    revision: str
    fingerprint: str
    at: str
    by: str
    file: str
    folder: str
    below: tuple[str, ...]
    packed: str
    seconds: float | None = None

    @property
    def source(self) -> bytes:
        """The text of the file when it was applied."""
        return zlib.decompress(base64.b64decode(self.packed))


class AppliedSources:
    """Stores the sources of applied revisions, in the transaction of their version rows.

    Args:
        target: what env.py configured; sources are kept only if `journal` is `keep`.
        table: the journal's table.
    """

    def __init__(self, target: Target, table: JournalTable) -> None:
        self._connection = target.connection
        self._table = table
        self._drops_inside = target.transactional_ddl
        self._is_on = target.journal == KEEP and target.connection is not None
        self._pending: list[tuple[Move, float | None]] = []
        self._has_deleted = False

    def prepare(self, move: Move) -> None:
        """Create the table before a move, because CREATE TABLE may commit the transaction."""
        if self._is_on and self._connection is not None and _is_run(move):
            self._table.create(self._connection)

    def add(self, move: Move, seconds: float) -> None:
        """Add a finished move with its duration."""
        if self._is_on and _is_run(move):
            for one in move.covers:
                self._pending.append((Move(one, "up", frozenset(), frozenset()), None))
            if not move.covers:
                self._pending.append((move, seconds))

    def discard(self) -> None:
        """Discard the moves that were not written, after a rollback."""
        self._pending.clear()

    def flush(self) -> None:
        """Write the rows of the moves that were added, before their transaction ends."""
        if not self._pending or self._connection is None:
            return
        pending, self._pending = self._pending, []
        last = {move.revision.id: (move, seconds) for move, seconds in pending}
        gone, rows = [*last], list[dict[str, Any]]()
        for move, seconds in last.values():
            if move.direction == "down":
                gone += move.revision.replaces
            else:
                rows += applied_rows(move, seconds=seconds)
        self._table.delete_applied(self._connection, gone)
        if rows:
            self._table.add_applied(self._connection, rows)
        self._has_deleted = not rows

    def close(self) -> None:
        """Drop the table at the end of a run that has downgraded the last revision."""
        if self._has_deleted and self._connection is not None:
            self._table.drop_if_empty(self._connection, in_transaction=self._drops_inside)


def _is_run(move: Move) -> bool:
    """Return whether a move runs a migration, or replaces revisions that were run."""
    return move.direction != "stamp" or not move.before.isdisjoint(move.revision.replaces)


def read_applied_sources(
    target: Target, *, sources: bool = False, table: JournalTable | None = None
) -> dict[str, AppliedSource]:
    """Return the applied revisions in the journal, by identifier; empty without a journal.

    Args:
        target: what env.py configured.
        sources: read the sources as well as their metadata.
        table: the journal's table, if the caller has one.
    """
    connection = target.connection
    if connection is None:
        return {}
    table = table or JournalTable(target)
    found: dict[str, AppliedSource] = {}
    with reading(connection):
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
    return found


def accept_sources(target: Target, revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Replace the applied sources of revisions by their current files.

    Returns:
        The identifiers of the revisions that have an applied source.
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
            table.add_applied(connection, applied_rows(Move(one, "up", frozenset(), frozenset())))
    return tuple(one.id for one in found)


def without_secrets(source: bytes) -> bytes:
    """Return a source with passwords and keys replaced by `***`."""
    text = source.decode("utf-8", "surrogateescape")
    return mask_source(text).encode("utf-8", "surrogateescape")


def utc_time() -> str:
    """Return the time, as the journal has it."""
    return f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


def applied_rows(
    move: Move, *, at: str | None = None, seconds: float | None = None
) -> list[dict[str, Any]]:
    """Return the rows that store the source of a move's revision.

    Args:
        move: the move.
        at: the time of the migration, now by default.
        seconds: its duration; None if it is not known.
    """
    import json

    revision = move.revision
    file = revision.file or ""
    try:
        with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - there may be thousands
            source = opened.read()
    except OSError:
        source = b""
    fingerprint, packed = _packed(source)
    folder, name = os.path.split(file)
    story = {
        "at": at or utc_time(),
        "by": f"{_user()}@{platform.node() or '?'}",
        "file": name,
        "folder": os.path.basename(folder),  # noqa: PTH119
        "below": [*revision.down, *revision.depends_on],
        **({} if seconds is None else {"seconds": round(seconds, 3)}),
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
    """Return the hash of a source and its compressed text; cached for the tenants of a fleet."""
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
            seconds=float(story["seconds"]) if "seconds" in story else None,
        )
    except (ValueError, KeyError, TypeError):
        return None  # not written by limbeck, or written by a later version


@cache
def _user() -> str:
    try:
        import getpass

        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # the user of a container may have no name
        return "?"
