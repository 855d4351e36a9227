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


PART_KINDS = ("primary_key", "unique", "check", "foreign_key", "exclude", "index")


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What is compared, and how differences are expressed as changes.

    Args:
        skip: what is not compared: a kind ("enum"; "check" concerns the checks of tables that
            both sides have), a field ("column.comment", "index.name", "table.extras") or one
            option ("table.extras.engine"). The default of a column is "column.default",
            "column.identity" or "column.computed".
        renamable_kinds: kinds of constraints and indexes for which a difference of only the name
            is a Rename. For other kinds it is a Drop and a Create.
        unknown_defaults: columns whose default is not compared (`FetchedValue`).
        recreates_computed: a column that becomes computed, or whose expression changes, is
            dropped and created, for databases that cannot alter it.
        can_drop_expression: kinds of computed columns ("stored", "virtual") that can become
            plain columns and keep their values. Others are dropped and created.
        recreates_on_type_change: foreign keys on a column whose type changes, and computed
            columns that use it, are dropped before and created after.
        keeps_foreign_key_indexes: an index that the server created for a foreign key exists as
            long as the foreign key, even if another index covers its columns.
        create_or_replace: kinds of text-defined objects that are replaced in place if the
            server accepts the new text. Others are dropped and created, together with the
            objects that depend on them.
        views_track_renames: the server rewrites views, triggers and constraints when a column
            that they use is renamed.
        foreign_keys_need_index: a foreign key needs an index of its own table, and the server
            does not drop the last one.
        inserts_casts: the server puts casts into expressions over a column whose type changes,
            and keeps them. Objects with such expressions are dropped and created.
        views_block_column_changes: the server refuses to change a column that a view, policy
            or trigger uses.
    """

    skip: frozenset[str] = frozenset()
    renamable_kinds: frozenset[str] = frozenset(PART_KINDS)
    unknown_defaults: frozenset[Key] = frozenset()
    recreates_computed: bool = True
    can_drop_expression: frozenset[str] = frozenset({"stored", "virtual"})
    recreates_on_type_change: bool = True
    keeps_foreign_key_indexes: bool = True
    create_or_replace: frozenset[str] = frozenset()
    views_track_renames: bool = True
    foreign_keys_need_index: bool = False
    inserts_casts: bool = False
    views_block_column_changes: bool = True

    def compares(self, kind: str, field: str | None = None) -> bool:
        """Return whether a kind, or a field of it, is compared."""
        if not self.skip:
            return True
        return kind not in self.skip and (field is None or f"{kind}.{field}" not in self.skip)


DEFAULT = DiffOptions()
