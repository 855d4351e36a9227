"""What was applied, when, by whom and from which source: rows of the journal that is kept."""

from __future__ import annotations

import base64
import datetime as dt
import platform
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from limbeck.history import Move, Revision
from limbeck.runtime.journal_table import Ledger
from limbeck.runtime.target import Target
from limbeck.runtime.version_table import scope

KEEP = "keep"
# a row's text has room for 64 kB on MySQL
_PIECE = 60_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A revision that was applied, as the database remembers it.

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


class Archive:
    """Writes down what is applied, in the transaction of its version rows.

    Args:
        target: what env.py configured; nothing is kept unless its journal says so.
        ledger: the journal's table.
    """

    def __init__(self, target: Target, ledger: Ledger) -> None:
        self._connection = target.connection
        self._ledger = ledger
        self._drops_inside = target.transactional_ddl
        self._is_on = target.journal == KEEP and target.connection is not None
        self._pending: list[Move] = []
        self._has_removed = False

    def prepare(self, move: Move) -> None:
        """Make the table before a move that will need it; later that could commit half of it."""
        if self._is_on and self._connection is not None and move.direction != "stamp":
            if self._ledger.is_there is None:
                self._ledger.look(self._connection)
            self._ledger.make(self._connection)

    def note(self, move: Move) -> None:
        """Remember a move that is done."""
        if self._is_on and move.direction != "stamp":
            self._pending.append(move)

    def forget(self) -> None:
        """Drop what was noted: its transaction was rolled back."""
        self._pending.clear()

    def flush(self) -> None:
        """Write down what was noted, before its transaction ends."""
        if not self._pending or self._connection is None:
            return
        pending, self._pending = self._pending, []
        last = {move.revision.id: move for move in pending}
        self._ledger.drop_kept(self._connection, list(last))
        rows = [row for move in last.values() if move.direction == "up" for row in _rows(move)]
        if rows:
            self._ledger.add_kept(self._connection, rows)
        self._has_removed = not rows

    def close_down(self) -> None:
        """Remove the table at the end of a run that has taken the last revision back."""
        if self._has_removed and self._connection is not None:
            self._ledger.drop_if_empty(self._connection, inside=self._drops_inside)


def read_kept(target: Target, *, sources: bool = False) -> dict[str, Kept]:
    """Return what a database remembers of its revisions, by id; nothing without a journal.

    Args:
        target: what env.py configured.
        sources: read the sources too, and not only what is said about them.
    """
    connection = target.connection
    if connection is None:
        return {}
    was_inside = connection.in_transaction()
    ledger = Ledger(target)
    found: dict[str, Kept] = {}
    try:
        if not ledger.look(connection):
            return {}
        for row in ledger.kept(connection, sources=sources):
            if row.place == 0:
                kept = _kept(row)
                if kept is not None:
                    found[row.revision] = kept
            elif row.revision in found:
                before = found[row.revision]
                found[row.revision] = replace(before, packed=before.packed + row.statement)
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()
    return found


def accept(target: Target, revisions: Iterable[Revision]) -> tuple[str, ...]:
    """Take the files of revisions, as they are now, for what was applied.

    Returns:
        The ids of those that had been applied.
    """
    connection = target.connection
    kept = read_kept(target)
    found = [one for one in revisions if one.id in kept]
    if connection is None or not found:
        return ()
    ledger = Ledger(target)
    with scope(connection):
        ledger.drop_kept(connection, [one.id for one in found])
        for one in found:
            ledger.add_kept(connection, _rows(Move(one, "up", frozenset(), frozenset())))
    return tuple(one.id for one in found)


def digest(source: bytes) -> str:
    """Return what tells one source from another; the system's line ends do not."""
    import hashlib

    return hashlib.sha256(source.replace(b"\r\n", b"\n")).hexdigest()


def _rows(move: Move) -> list[dict[str, Any]]:
    import json

    revision = move.revision
    path = revision.path
    try:
        source = path.read_bytes() if path is not None else b""
    except OSError:
        source = b""
    packed = base64.b64encode(zlib.compress(source)).decode("ascii")
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
            "fingerprint": digest(source),
            "statement": piece,
            "trace": json.dumps(story) if place == 0 else None,
        }
        for place, piece in enumerate(pieces)
    ]


def _kept(row: Any) -> Kept | None:
    import json

    try:
        story = json.loads(row.trace)
        return Kept(
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
