"""The header of a revision, and a move, as values.

The classes do not use `dataclasses`, because importing it is slow.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, TypeAlias

Heads = frozenset[str]
Direction: TypeAlias = "Literal['up', 'down', 'stamp']"

# the names of a revision file that belong to its header
NAMES = frozenset(
    (
        "revision", "down_revision", "branch_labels", "depends_on", "replaces", "kind", "phase",
        "limbeck_edition", "__doc__",
    )
)  # fmt: skip


KINDS = ("schema", "data")
PHASES = ("before", "after")


class Revision:
    """The header of a revision file. It is not changed after its creation.

    Attributes:
        id: the full identifier.
        down: the full identifiers of the parents.
        depends_on: identifiers, abbreviated identifiers or labels, as in the file.
        labels: the branch labels.
        doc: the first paragraph of the docstring.
        file: the path of the file as a string, None if there is no file.
        edition: the format of the revision file.
        long_doc: the complete docstring.
        registers: whether importing the file may have side effects that other revisions need.
        replaces: the full identifiers of the revisions that a squash has replaced by this one,
            each after its ancestors.
        kind: `schema`, or `data` if the migration only changes rows.
        phase: `before` or `after` if the migration must run before or after a release, else "".
        content_hash: the hash of the file (`source_hash`), "" if the header was not read from text.
    """

    __slots__ = (
        "content_hash",
        "depends_on",
        "doc",
        "down",
        "edition",
        "file",
        "id",
        "kind",
        "labels",
        "long_doc",
        "phase",
        "registers",
        "replaces",
    )  # fmt: skip

    def __init__(
        self,
        id: str,
        down: tuple[str, ...] = (),
        depends_on: tuple[str, ...] = (),
        labels: frozenset[str] = frozenset(),
        doc: str = "",
        path: Path | str | None = None,
        edition: str = "alembic",
        long_doc: str = "",
        registers: bool = False,  # noqa: FBT001, FBT002 - created from cached rows
        replaces: tuple[str, ...] = (),
        kind: str = KINDS[0],
        phase: str = "",
        content_hash: str = "",
    ) -> None:
        self.id = id
        self.down = down
        self.depends_on = depends_on
        self.labels = labels
        self.doc = doc
        self.file = None if path is None else os.fspath(path)
        self.edition = edition
        self.long_doc = long_doc
        self.registers = registers
        self.replaces = replaces
        self.kind = kind
        self.phase = phase
        self.content_hash = content_hash

    @property
    def path(self) -> Path | None:
        """The path of the file."""
        if self.file is None:
            return None
        from pathlib import Path

        return Path(self.file)

    @property
    def is_base(self) -> bool:
        """Whether the revision has no parent."""
        return not self.down

    @property
    def is_merge_point(self) -> bool:
        """Whether the revision has several parents."""
        return len(self.down) > 1

    def _content(self) -> tuple[object, ...]:
        return (
            self.id, self.down, self.depends_on, self.labels, self.doc, self.edition,
            self.replaces, self.kind, self.phase,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        """Return whether another header has the same content; the files may differ."""
        return (
            self._content() == other._content() if isinstance(other, Revision) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Revision({self.id!r}, down={self.down!r}, path={self.file!r})"


class Move:
    """The upgrade, downgrade or stamp of one revision. It is not changed after its creation.

    Attributes:
        revision: the revision.
        direction: `up`, `down` or `stamp`.
        before: the rows of the version table before the move.
        after: the rows after it; `after - before` are inserted, `before - after` deleted.
        passed: for a stamp, the revisions whose state changes.
        covers: for a snapshot, the revisions that it contains, oldest first.
    """

    __slots__ = ("after", "before", "covers", "direction", "passed", "revision")

    def __init__(
        self,
        revision: Revision,
        direction: Direction,
        before: Heads,
        after: Heads,
        passed: Heads = frozenset(),
        covers: tuple[Revision, ...] = (),
    ) -> None:
        self.revision = revision
        self.direction = direction
        self.before = before
        self.after = after
        self.passed = passed
        self.covers = covers

    def _content(self) -> tuple[object, ...]:
        return (self.revision, self.direction, self.before, self.after)

    def __eq__(self, other: object) -> bool:
        """Return whether another move is equal."""
        if not isinstance(other, Move):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return f"Move({self.revision.id!r}, {self.direction!r}, {self.before!r}, {self.after!r})"


class NeedsRun:
    """The result if a header can only be determined by running the file.

    Attributes:
        reason: the reason.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"NeedsRun({self.reason!r})"
