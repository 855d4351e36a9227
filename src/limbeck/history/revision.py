"""A revision's header, and one step along the history, as values.

Written without `dataclasses`, whose import takes longer than a listing of the history.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, TypeAlias

Heads = frozenset[str]
Direction: TypeAlias = "Literal['up', 'down', 'stamp']"

# the names of a revision file that its header is read from
NAMES = frozenset(
    (
        "revision", "down_revision", "branch_labels", "depends_on", "replaces", "kind", "phase",
        "limbeck_edition", "__doc__",
    )
)  # fmt: skip


KINDS = ("schema", "data")
PHASES = ("before", "after")


class Revision:
    """The header of a revision file, without its functions. Not changed after it was made.

    Attributes:
        id: the full identifier.
        down: the full identifiers of the parents.
        depends_on: identifiers, the beginning of some, or labels, as the file gives them.
        labels: the branch labels.
        doc: the first paragraph of the docstring.
        file: the path of the file as text, None where there is no file.
        edition: the dialect of revision files that the file is written in.
        long_doc: the whole docstring.
        registers: whether importing the file may change what other revisions find.
        replaces: the full identifiers of the revisions that a squash has put into this one, each
            after all it builds on.
        kind: what the migration changes: `schema`, or `data` for rows alone.
        phase: when it runs in a deployment: `before` or `after` the new release is started, ""
            for either.
    """

    __slots__ = (
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
        registers: bool = False,  # noqa: FBT001, FBT002 - made by the thousand from cached rows
        replaces: tuple[str, ...] = (),
        kind: str = KINDS[0],
        phase: str = "",
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
        """Return whether another header has the same content, in whatever file."""
        return (
            self._content() == other._content() if isinstance(other, Revision) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"Revision({self.id!r}, down={self.down!r}, path={self.file!r})"


class Move:
    """One revision, upgraded, downgraded or stamped. Not changed after it was made.

    Attributes:
        revision: the revision.
        direction: what is done with it.
        before: the rows of the version table before the move.
        after: the rows after it; `after - before` are inserted, `before - after` deleted.
        passed: for a stamp, the revisions that become applied, or are no longer.
        covers: for the restore of a snapshot, the revisions that it contains, oldest first.
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
        """Return whether another move does the same."""
        if not isinstance(other, Move):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return f"Move({self.revision.id!r}, {self.direction!r}, {self.before!r}, {self.after!r})"


class NeedsRun:
    """The answer when only running the file tells its header.

    Attributes:
        reason: why its text does not.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __repr__(self) -> str:
        return f"NeedsRun({self.reason!r})"
