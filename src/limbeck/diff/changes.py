"""The four kinds of difference between two catalogs, and their inverses.

Changes are flat: a part of a table (column, constraint, index) that comes, goes or changes
is a change of its own with the table as `owner`. A created or dropped table carries all its
parts, except foreign keys that had to be detached to break a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from limbeck.catalog import Key, Part, SchemaObject, part_key


def _key(what: SchemaObject | Part, owner: Key | None) -> Key:
    return part_key(owner, what) if owner is not None else what.key  # type: ignore[arg-type,union-attr]


@dataclass(frozen=True, slots=True)
class Create:
    """Something that is wanted and not there.

    `is_early`: it has to come before what goes of its table, because something leans on that.
    """

    what: SchemaObject | Part
    owner: Key | None = None
    is_early: bool = field(default=False, compare=False)

    @property
    def key(self) -> Key:
        """Who comes."""
        return _key(self.what, self.owner)

    def inverse(self) -> Drop:
        """Return the drop of the same object."""
        return Drop(self.what, self.owner)


@dataclass(frozen=True, slots=True)
class Drop:
    """Something that is there and not wanted."""

    what: SchemaObject | Part
    owner: Key | None = None

    @property
    def key(self) -> Key:
        """Who goes."""
        return _key(self.what, self.owner)

    def inverse(self) -> Create:
        """Return the creation of the same object."""
        return Create(self.what, self.owner)


@dataclass(frozen=True, slots=True)
class Alter:
    """Something that is there in another shape; `fields` names what differs.

    For a table itself (owner None) only its own fields count: comment and extras; its parts
    have changes of their own.
    """

    old: SchemaObject | Part
    new: SchemaObject | Part
    owner: Key | None = None
    fields: frozenset[str] = frozenset()

    @property
    def key(self) -> Key:
        """Who changes, under the wanted name."""
        return _key(self.new, self.owner)

    def inverse(self) -> Alter:
        """Return the way back."""
        return Alter(self.new, self.old, self.owner, self.fields)


@dataclass(frozen=True, slots=True)
class Rename:
    """Something that is there under another name or in another namespace.

    `old` and `new` differ in name (and namespace) alone; other differences follow as Alter
    under the new name. `owner` is the owner's key at the time the rename runs, after any
    rename of the owner itself.
    """

    old: SchemaObject | Part
    new: SchemaObject | Part
    owner: Key | None = None

    @property
    def key(self) -> Key:
        """Who it is afterwards."""
        return _key(self.new, self.owner)

    def inverse(self) -> Rename:
        """Return the way back."""
        return Rename(self.new, self.old, self.owner)


Change = Create | Drop | Alter | Rename


def invert(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that lead back, in the order in which they must run."""
    return tuple(change.inverse() for change in reversed(changes))
