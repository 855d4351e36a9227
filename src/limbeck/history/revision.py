"""A revision's header and one step along the history, as values."""

from __future__ import annotations

from limbeck.values import dataclass, field

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Literal, TypeAlias

    Later: TypeAlias = "Callable[[str], object]"

Heads = frozenset[str]
Direction: TypeAlias = "Literal['up', 'down', 'stamp']"
_new = object.__new__
_put = object.__setattr__

# the names of a revision file that its header is read from
NAMES = frozenset(
    ("revision", "down_revision", "branch_labels", "depends_on", "limbeck_edition", "__doc__")
)


@dataclass(frozen=True, slots=True)
class Revision:
    """What the head of a revision file says; never the program below it.

    `down` and `depends_on` hold identifiers as the file gives them: `down` full ids,
    `depends_on` ids, partial ids or labels. `doc` is the first paragraph of the file's
    docstring, `long_doc` all of it. `later` gives the last two of a revision made by `kept`.
    """

    id: str
    down: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()
    doc: str = ""
    path: Path | None = field(default=None, compare=False)
    edition: str = "alembic"
    long_doc: str = field(default="", compare=False)
    later: Later | None = field(default=None, compare=False, repr=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # a slot that is empty because `kept` left it so
            if name not in {"path", "long_doc"}:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            found = self.later(name)
            _put(self, name, found)
            return found

    @classmethod
    def kept(
        cls,
        id_: str,
        down: tuple[str, ...],
        depends_on: tuple[str, ...],
        labels: frozenset[str],
        doc: str,
        edition: str,
        later: Later,
    ) -> Revision:
        """Make a revision whose `path` and `long_doc` are asked for when they are wanted."""
        made = _new(cls)
        put_id, put_down, put_needs, put_labels, put_doc, put_edition, put_later = _setters
        put_id(made, id_)
        put_down(made, down)
        put_needs(made, depends_on)
        put_labels(made, labels)
        put_doc(made, doc)
        put_edition(made, edition)
        put_later(made, later)
        return made

    @property
    def where(self) -> str | None:
        """The path as text, which is to be had without making a `Path`."""
        if self.later is not None:
            return str(self.later("where"))
        return None if self.path is None else str(self.path)

    @property
    def is_base(self) -> bool:
        """Say whether nothing comes before this revision in its own line."""
        return not self.down

    @property
    def is_merge_point(self) -> bool:
        """Say whether this revision joins several lines."""
        return len(self.down) > 1


# thousands are made for a listing, of a class that lets nothing be set
_setters = tuple(
    vars(Revision)[name].__set__
    for name in ("id", "down", "depends_on", "labels", "doc", "edition", "later")
)


@dataclass(frozen=True, slots=True)
class Move:
    """One revision, run or stamped in one direction.

    `before` and `after` are the version rows around it: rows to insert are
    `after - before`, rows to delete `before - after`.
    """

    revision: Revision
    direction: Direction
    before: Heads
    after: Heads


@dataclass(frozen=True, slots=True)
class NeedsRun:
    """The header cannot be known from the text.

    Args:
        reason: why not, for a notice.
    """

    reason: str
