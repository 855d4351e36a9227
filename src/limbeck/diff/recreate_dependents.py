"""Find the objects that block a change and have to be dropped before and created after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from limbeck.catalog import (
    Catalog,
    Column,
    Computed,
    Constraint,
    Definition,
    Expr,
    ForeignKey,
    Index,
    Key,
    Part,
    PrimaryKey,
    Table,
    Unique,
    kind_of,
    part_key,
)
from limbeck.diff.changes import Alter, Change, Create, DiffOptions, Drop, Rename
from limbeck.diff.constraint_identity import mentioned, parts_of, with_expressions, words
from limbeck.diff.foreign_key_indexes import keep_required_indexes


def drops_before_renames(changes: Iterable[Change], renamed: frozenset[Key]) -> list[Drop]:
    """Return the drops that must run before the renames, so that a downgrade finds the old names.

    Args:
        changes: the changes in the order in which they run.
        renamed: the keys of renamed objects, and of tables with renamed columns.
    """
    texts = [
        change
        for change in changes
        if isinstance(change, Drop)
        and isinstance(change.what, Definition)
        and not kind_of(change.what.key).is_routine
    ]
    reached = set(renamed)
    while more := {
        drop.key
        for drop in texts
        if drop.key not in reached and ({drop.what.on} | drop.what.needs) & reached  # type: ignore[union-attr]
    }:
        reached |= more
    return [drop for drop in texts if drop.key in reached]


ColumnId = tuple[Key, str]


def columns_read(obj: Definition, columns: Iterable[ColumnId]) -> list[Key]:
    """Return the keys of those columns that an object uses, as far as the server lists them."""
    keys = (Key("column", (*owner.path, name)) for owner, name in columns)
    return [key for key in keys if key in (obj.reads or ())]


def with_dependents(
    changes: Iterable[Change],
    have: Catalog,
    want: Catalog,
    options: DiffOptions,
    renamed: frozenset[Key] = frozenset(),
) -> list[Change]:
    """Return the changes together with the drops and creations that they require.

    Args:
        changes: the differences.
        have: the catalog of the database, after the renames.
        want: the catalog of the models.
        options: includes the changes that the database cannot make in place.
        renamed: the keys of the objects that were renamed.
    """
    work = _Recreation(have, want, options, renamed)
    for change in changes:
        work.add(change)
    work.recreate_columns()
    work.recreate_foreign_keys()
    if options.foreign_keys_need_index:
        work.keep_foreign_key_indexes()
    readers = [obj for obj in have if isinstance(obj, Definition)]
    if readers:
        work.recreate_definitions(readers)
    return work.changes


def _names_in_expressions(part: Part) -> frozenset[str]:
    """Return the identifiers in the expressions of a part, without the columns in its list."""
    names: set[str] = set()

    def look(expr: Expr) -> Expr:
        names.update(words(expr))
        return expr

    with_expressions(part, look)
    return frozenset(names)


@dataclass(slots=True)
class _Recreation:
    have: Catalog
    want: Catalog
    options: DiffOptions
    renamed: frozenset[Key] = frozenset()
    changes: list[Change] = field(default_factory=list)
    touched: set[tuple[Key | None, Key]] = field(default_factory=set)
    retyped: list[ColumnId] = field(default_factory=list)
    recast: list[ColumnId] = field(default_factory=list)
    recreated: list[ColumnId] = field(default_factory=list)
    dropped: list[ColumnId] = field(default_factory=list)
    dropped_keys: set[tuple[Key, frozenset[str]]] = field(default_factory=set)

    def add(self, change: Change) -> None:
        if isinstance(change, Alter) and isinstance(change.old, Column):
            may_recreate = self.options.recreates_computed and "default" in change.fields
            if may_recreate and self.must_recreate(change):
                self.recreate(change.old, change.new, change.owner)  # type: ignore[arg-type]
                return
            if "type" in change.fields and change.owner is not None:
                self.retyped.append((change.owner, change.old.name))
                if change.old.type.name != change.new.type.name:  # type: ignore[union-attr]
                    self.recast.append((change.owner, change.old.name))
        self.record(change)

    def must_recreate(self, change: Alter) -> bool:
        """Return whether the default of a column changes to or from a generated expression."""
        if isinstance(change.new, Column) and isinstance(change.new.default, Computed):
            return True
        was = change.old.default if isinstance(change.old, Column) else None
        if not isinstance(was, Computed):
            return False
        return ("stored" if was.stored else "virtual") not in self.options.can_drop_expression

    def record(self, change: Change) -> None:
        self.changes.append(change)
        owner = change.owner
        what = change.what if isinstance(change, Create | Drop) else change.old
        is_mild = isinstance(change, Rename | Alter) and not isinstance(what, Column)
        if not isinstance(change, Create) and not is_mild:
            key = part_key(owner, what) if owner is not None else what.key  # type: ignore[arg-type,union-attr]
            self.touched.add((owner, key))
        if isinstance(change, Drop) and owner is not None:
            if isinstance(what, Column):
                self.dropped.append((owner, what.name))
            elif isinstance(what, PrimaryKey | Unique) or (isinstance(what, Index) and what.unique):
                self.dropped_keys.add((owner, frozenset(what.columns)))

    def recreate_part(self, part: Constraint | Index, wanted: Table) -> None:
        """Drop and create a part; a new name or comment is part of the creation."""
        owner = wanted.key
        after = next(
            (
                other
                for other in parts_of(wanted)
                if other.kind == part.kind and other.name is not None and other.name == part.name
            ),
            part,
        )
        changes = []
        for change in self.changes:
            if (
                isinstance(change, Rename | Alter)
                and change.owner == owner
                and not isinstance(change.old, Column)
                and any(change.old == candidate for candidate in (part, after))
            ):
                after = change.new  # type: ignore[assignment]
            else:
                changes.append(change)
        self.changes = changes
        self.recreate(part, after, owner)

    def recreate(self, old: Part, new: Part, owner: Key | None) -> None:
        self.record(Drop(old, owner))
        self.record(Create(new, owner))
        if isinstance(old, Column) and owner is not None:
            self.recreated.append((owner, old.name))

    def is_touched(self, owner: Key, part: Part) -> bool:
        return (owner, part_key(owner, part)) in self.touched

    # ── columns ───────────────────────────────────────────────────────────

    def recreate_columns(self) -> None:
        if self.options.recreates_on_type_change:
            for owner, name in self.retyped:
                self.recreate_computed(owner, name)
        for owner, name in self.recreated:
            self.recreate_parts(owner, name)
        if self.options.inserts_casts:
            for owner, name in self.recast:
                self.recreate_parts(owner, name, _names_in_expressions)

    def recreate_computed(self, owner: Key, name: str) -> None:
        had, wanted = self.tables(owner)
        if had is None or wanted is None:
            return
        for column in had.columns:
            after = wanted.column(column.name)
            if after is None or not isinstance(column.default, Computed):
                continue
            if name not in mentioned(column) or (owner, column.name) in self.recreated:
                continue
            if self.is_touched(owner, column):
                if not isinstance(after.default, Computed):
                    continue
                self.cancel_alter(owner, column.name)
            self.recreate(column, after, owner)

    def cancel_alter(self, owner: Key, name: str) -> None:
        """Remove the Alter of a column that will be recreated."""
        self.changes = [
            change
            for change in self.changes
            if not (
                isinstance(change, Alter)
                and change.owner == owner
                and isinstance(change.old, Column)
                and change.old.name == name
            )
        ]

    def recreate_parts(
        self, owner: Key, name: str, names: Callable[[Part], frozenset[str]] = mentioned
    ) -> None:
        had, wanted = self.tables(owner)
        if had is None or wanted is None:
            return
        for part in parts_of(had):
            if name in names(part) and not self.is_touched(owner, part):
                self.recreate_part(part, wanted)

    def tables(self, owner: Key) -> tuple[Table | None, Table | None]:
        had, wanted = self.have.get(owner), self.want.get(owner)
        return (
            had if isinstance(had, Table) else None,
            wanted if isinstance(wanted, Table) else None,
        )

    # ── foreign keys ──────────────────────────────────────────────────────

    def recreate_foreign_keys(self) -> None:
        changed = {
            *self.recreated,
            *(self.retyped if self.options.recreates_on_type_change else ()),
        }
        if not changed and not self.dropped_keys:
            return
        for table in self.have.tables:
            wanted = self.want.get(table.key)
            if not isinstance(wanted, Table):
                continue
            for key in table.foreign_keys:
                if not self.is_touched(table.key, key) and self.blocks_key(table, key, changed):
                    self.recreate_part(key, wanted)

    def blocks_key(self, table: Table, key: ForeignKey, changed: set[ColumnId]) -> bool:
        if (key.target, frozenset(key.target_columns)) in self.dropped_keys:
            return key.target in self.want
        return any((table.key, name) in changed for name in key.columns) or any(
            (key.target, name) in changed for name in key.target_columns
        )

    def keep_foreign_key_indexes(self) -> None:
        """Recreate foreign keys whose last index is dropped before another can be created."""
        self.changes, unserved = keep_required_indexes(self.changes, self.have, self.want)
        for key, wanted in unserved:
            if not self.is_touched(wanted.key, key):
                self.recreate_part(key, wanted)

    # ── views ─────────────────────────────────────────────────────────────

    def recreate_definitions(self, readers: Sequence[Definition]) -> None:
        columns = (
            {*self.dropped, *self.recreated, *self.retyped}
            if self.options.views_block_column_changes
            else set()
        )
        changed = {owner for owner, _ in columns}
        for obj in readers:
            after = self.want.get(obj.key)
            if isinstance(after, Definition) and (
                self.changes_dependencies(obj, after)
                or self.is_recreated(obj)
                or self.mentions_renamed(obj)
            ):
                # it stops using one object and starts using another: one statement cannot do both
                self.recreate_definition(obj)
                changed.add(obj.key)
        if not changed:
            return
        while True:
            blocking = [
                obj
                for obj in readers
                if obj.key not in changed
                and self.blocks(obj, changed, columns)
                and not self.reads_dropped(obj)
            ]
            if not blocking:
                return
            for obj in sorted(
                blocking, key=lambda definition: [str(word) for word in definition.key.path]
            ):
                self.recreate_definition(obj)
                changed.add(obj.key)

    def blocks(self, obj: Definition, changed: set[Key], columns: set[ColumnId]) -> bool:
        """Return whether an object blocks the changes of the objects that it uses."""
        reached = obj.needs & changed
        if kind_of(obj.key).is_routine:
            # a routine accesses columns only when it is called
            return any(key.kind != "table" for key in reached)
        on = obj.on
        if on is None or on.kind != "table":
            if obj.reads is None:
                return bool(reached)
            changed_columns = {Key("column", (*owner.path, name)) for owner, name in columns}
            return bool(obj.reads & changed_columns) or any(key.kind != "table" for key in reached)
        if reached - {on}:
            return True
        identifiers = (
            words(Expr(obj.body.text))
            if on in reached and kind_of(obj.key).reads_owner_columns
            else ()
        )
        return any(owner == on and name in identifiers for owner, name in columns)

    def reads_dropped(self, obj: Definition) -> bool:
        """Return whether the text of an object stays and uses a column that is gone afterwards.

        It could not be created again.
        """
        gone = {*self.dropped} - {*self.recreated}
        return not self.is_altered(obj) and bool(columns_read(obj, gone))

    def is_recreated(self, obj: Definition) -> bool:
        """Return whether an object that others may use is recreated because of its change."""
        if not kind_of(obj.key).has_dependents:
            return False
        change = next((c for c in self.changes if isinstance(c, Alter) and c.old is obj), None)
        if change is None or not isinstance(change.new, Definition) or change.fields <= {"comment"}:
            return False
        is_taken = change.new.body.canonical is not None
        return obj.key.kind not in self.options.create_or_replace or not is_taken

    def mentions_renamed(self, obj: Definition) -> bool:
        """Return whether the text of the object changes and mentions a renamed object."""
        if kind_of(obj.key).is_routine or not self.is_altered(obj):
            return False
        return bool(({obj.on} | obj.needs) & self.renamed)

    def changes_dependencies(self, old: Definition, new: Definition) -> bool:
        differing = old.needs ^ new.needs
        if not differing:
            return False
        gone = any(need in self.have and need not in self.want for need in old.needs)
        return gone or bool(differing & self.renamed) or self.is_altered(old)

    def is_altered(self, obj: Definition) -> bool:
        return any(isinstance(change, Alter) and change.old is obj for change in self.changes)

    def recreate_definition(self, obj: Definition) -> None:
        after = self.want.get(obj.key)
        self.changes = [
            change
            for change in self.changes
            if not (isinstance(change, Alter) and change.owner is None and change.old is obj)
        ]
        if any(isinstance(change, Drop) and change.what is obj for change in self.changes):
            return
        if after is not None:
            self.changes += [Drop(obj), Create(after)]
