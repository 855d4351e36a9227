"""The revision file that was drafted last, recorded in `__pycache__` of its folder."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from limbeck.history import Revision
from limbeck.project.project import Project

_NAME = "limbeck.draft"


@dataclass(frozen=True, slots=True)
class LastDraft:
    """The last file that was drafted from the models.

    Attributes:
        revision: its identifier.
        path: its path.
        message: its message.
        fingerprint: the digest of its source when it was drafted.
    """

    revision: str
    path: Path
    message: str | None
    fingerprint: str

    @property
    def is_edited(self) -> bool:
        """Whether the file has changed since."""
        return _fingerprint(self.path) != self.fingerprint


def remember_draft(found: Revision, message: str | None) -> None:
    """Record which file was drafted.

    Args:
        found: the revision that was written.
        message: its message, None if it has none.
    """
    path = found.path
    if path is None:
        return
    stored = {
        "revision": found.id,
        "file": path.name,
        "message": message,
        "fingerprint": _fingerprint(path),
    }
    # the record is optional: without it, only `revision --redo` is not available
    with suppress(OSError):
        folder = path.parent / "__pycache__"
        folder.mkdir(exist_ok=True)
        (folder / _NAME).write_text(json.dumps(stored), "utf-8")


def find_last_draft(project: Project) -> LastDraft | None:
    """Return the last file that was drafted, None if there is none or if it was deleted."""
    found: list[tuple[int, LastDraft]] = []
    for folder in project.version_locations:
        place = folder / "__pycache__" / _NAME
        try:
            stored = json.loads(place.read_text("utf-8"))
            path = folder / Path(str(stored["file"])).name
            fingerprint, message = str(stored["fingerprint"]), stored["message"]
            draft = LastDraft(str(stored["revision"]), path, message, fingerprint)
            found.append((place.stat().st_mtime_ns, draft))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    newest = max(found, key=lambda one: one[0], default=None)
    return newest[1] if newest is not None and newest[1].path.is_file() else None


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
