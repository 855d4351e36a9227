"""The four kinds of difference between two catalogs, and their inverses.

Changes are flat: a part of a table (column, constraint, index) that is created, dropped or
changed is a separate change with the table as `owner`. A created or dropped table contains
its parts, except foreign keys that were detached to break a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from limbeck.catalog import Key, Part, SchemaObject, part_key


def _key(what: SchemaObject | Part, owner: Key | None) -> Key:
    return part_key(owner, what) if owner is not None else what.key  # type: ignore[arg-type,union-attr]


@dataclass(frozen=True, slots=True)
class Create:
    """The creation of an object or a part.

    `before_drops`: whether it must run before the drops of its table, because a foreign key needs
    an index at any time.
    """

    what: SchemaObject | Part
    owner: Key | None = None
    before_drops: bool = field(default=False, compare=False)

    @property
    def key(self) -> Key:
        """The key of the created object or part."""
        return _key(self.what, self.owner)

    def inverse(self) -> Drop:
        """Return the drop of the same object."""
        return Drop(self.what, self.owner)


@dataclass(frozen=True, slots=True)
class Drop:
    """The removal of an object or a part."""

    what: SchemaObject | Part
    owner: Key | None = None

    @property
    def key(self) -> Key:
        """The key of the dropped object or part."""
        return _key(self.what, self.owner)

    def inverse(self) -> Create:
        """Return the creation of the same object."""
        return Create(self.what, self.owner)


@dataclass(frozen=True, slots=True)
class Alter:
    """The change of an object or a part; `fields` names the fields that differ.

    For a table (owner None), `fields` contains only comment and extras; the parts of the table
    have separate changes.
    """

    old: SchemaObject | Part
    new: SchemaObject | Part
    owner: Key | None = None
    fields: frozenset[str] = frozenset()

    @property
    def key(self) -> Key:
        """The key of the object or part, with its new name."""
        return _key(self.new, self.owner)

    def inverse(self) -> Alter:
        """Return the opposite change."""
        return Alter(self.new, self.old, self.owner, self.fields)


@dataclass(frozen=True, slots=True)
class Rename:
    """The move of an object or a part to another name or another schema.

    `old` and `new` differ only in name and namespace; other differences follow as Alter with
    the new name. `owner` is the owner's key at the time the rename runs, after any rename of the
    owner.
    """

    old: SchemaObject | Part
    new: SchemaObject | Part
    owner: Key | None = None

    @property
    def key(self) -> Key:
        """The key after the rename."""
        return _key(self.new, self.owner)

    def inverse(self) -> Rename:
        """Return the opposite change."""
        return Rename(self.new, self.old, self.owner)


Change = Create | Drop | Alter | Rename


def invert(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the opposite changes, in the order in which they must run."""
    return tuple(change.inverse() for change in reversed(changes))
