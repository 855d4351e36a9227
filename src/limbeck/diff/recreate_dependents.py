"""What stands in the way of a change and has to be dropped before it and created after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename
from limbeck.diff.constraint_identity import mentioned, parts_of, with_expressions, words
from limbeck.diff.foreign_key_indexes import kept_standing
from limbeck.diff.options import Sameness


def readers_of_renamed(changes: Iterable[Change], renamed: frozenset[Key]) -> list[Drop]:
    """Return the drops that run before the renames, so that the way back finds the old names.

    Args:
        changes: in the order in which they run.
        renamed: objects that get another name, and tables whose columns do.
    """
    if not renamed:
        return []
    texts = [
        change
        for change in changes
        if isinstance(change, Drop)
        and isinstance(change.what, Definition)
        and not kind_of(change.what.key).is_routine
    ]
    reached = set(renamed)
    while found := {
        drop.key
        for drop in texts
        if drop.key not in reached and ({drop.what.on} | drop.what.needs) & reached  # type: ignore[union-attr]
    }:
        reached |= found
    return [drop for drop in texts if drop.key in reached]


Column_ = tuple[Key, str]


def with_dependants(
    changes: Iterable[Change],
    have: Catalog,
    want: Catalog,
    same: Sameness,
    renamed: frozenset[Key] = frozenset(),
) -> list[Change]:
    """Return changes together with those that they drag along.

    Args:
        changes: the plain differences.
        have: what is there, renames done.
        want: what should be.
        same: says which alterations a database cannot do in place.
        renamed: objects that have just been given the name they have.
    """
    work = _Work(have, want, same, renamed)
    for change in changes:
        work.take(change)
    work.remake_columns()
    work.remake_foreign_keys()
    if same.leans:
        work.keep_footing()
    work.remake_definitions()
    return work.changes


def _in_expressions(part: Part) -> frozenset[str]:
    """Return the words of a part's expressions; the columns that it lists are left aside."""
    found: set[str] = set()

    def look(expr: Expr) -> Expr:
        found.update(words(expr))
        return expr

    with_expressions(part, look)
    return frozenset(found)


@dataclass(slots=True)
class _Work:
    have: Catalog
    want: Catalog
    same: Sameness
    renamed: frozenset[Key] = frozenset()
    changes: list[Change] = field(default_factory=list)
    touched: set[tuple[Key | None, Key]] = field(default_factory=set)
    retyped: list[Column_] = field(default_factory=list)
    recast: list[Column_] = field(default_factory=list)
    remade: list[Column_] = field(default_factory=list)
    dropped: list[Column_] = field(default_factory=list)
    keys_gone: set[tuple[Key, frozenset[str]]] = field(default_factory=set)

    def take(self, change: Change) -> None:
        if isinstance(change, Alter) and isinstance(change.old, Column):
            if self.takes_making_anew(change):
                self.remake(change.old, change.new, change.owner)  # type: ignore[arg-type]
                return
            if "type" in change.fields and change.owner is not None:
                self.retyped.append((change.owner, change.old.name))
                if change.old.type.name != change.new.type.name:  # type: ignore[union-attr]
                    self.recast.append((change.owner, change.old.name))
        self.note(change)

    def takes_making_anew(self, change: Alter) -> bool:
        if not self.same.remakes_computed or "default" not in change.fields:
            return False
        if isinstance(change.new, Column) and isinstance(change.new.default, Computed):
            return True
        was = change.old.default if isinstance(change.old, Column) else None
        if not isinstance(was, Computed):
            return False
        return ("stored" if was.stored else "virtual") not in self.same.frees

    def note(self, change: Change) -> None:
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
                self.keys_gone.add((owner, frozenset(what.columns)))

    def remake_part(self, part: Constraint | Index, wanted: Table) -> None:
        """Drop and create a part; a new name or comment comes with the creation."""
        owner = wanted.key
        after = next(
            (
                other
                for other in parts_of(wanted)
                if other.kind == part.kind and other.name is not None and other.name == part.name
            ),
            part,
        )
        kept = []
        for change in self.changes:
            if (
                isinstance(change, Rename | Alter)
                and change.owner == owner
                and not isinstance(change.old, Column)
                and any(change.old == one for one in (part, after))
            ):
                after = change.new  # type: ignore[assignment]
            else:
                kept.append(change)
        self.changes = kept
        self.remake(part, after, owner)

    def remake(self, old: Part, new: Part, owner: Key | None) -> None:
        self.note(Drop(old, owner))
        self.note(Create(new, owner))
        if isinstance(old, Column) and owner is not None:
            self.remade.append((owner, old.name))

    def is_touched(self, owner: Key, part: Part) -> bool:
        return (owner, part_key(owner, part)) in self.touched

    # ── columns ───────────────────────────────────────────────────────────

    def remake_columns(self) -> None:
        if self.same.detaches:
            for owner, name in self.retyped:
                self.remake_readers(owner, name)
        for owner, name in self.remade:
            self.remake_parts(owner, name)
        if self.same.recasts:
            for owner, name in self.recast:
                self.remake_parts(owner, name, _in_expressions)

    def remake_readers(self, owner: Key, name: str) -> None:
        had, wanted = self.tables(owner)
        if had is None or wanted is None:
            return
        for column in had.columns:
            after = wanted.column(column.name)
            if after is None or not isinstance(column.default, Computed):
                continue
            if name not in mentioned(column) or (owner, column.name) in self.remade:
                continue
            if self.is_touched(owner, column):
                if not isinstance(after.default, Computed):
                    continue
                self.forget(owner, column.name)
            self.remake(column, after, owner)

    def forget(self, owner: Key, name: str) -> None:
        """Take back the Alter of a column that is going to be made anew."""
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

    def remake_parts(
        self, owner: Key, name: str, names: Callable[[Part], frozenset[str]] = mentioned
    ) -> None:
        had, wanted = self.tables(owner)
        if had is None or wanted is None:
            return
        for part in parts_of(had):
            if name in names(part) and not self.is_touched(owner, part):
                self.remake_part(part, wanted)

    def tables(self, owner: Key) -> tuple[Table | None, Table | None]:
        had, wanted = self.have.get(owner), self.want.get(owner)
        return (
            had if isinstance(had, Table) else None,
            wanted if isinstance(wanted, Table) else None,
        )

    # ── foreign keys ──────────────────────────────────────────────────────

    def remake_foreign_keys(self) -> None:
        moved = {*self.remade, *(self.retyped if self.same.detaches else ())}
        if not moved and not self.keys_gone:
            return
        for table in self.have.tables:
            wanted = self.want.get(table.key)
            if not isinstance(wanted, Table):
                continue
            for key in table.foreign_keys:
                if not self.is_touched(table.key, key) and self.is_in_the_way(table, key, moved):
                    self.remake_part(key, wanted)

    def is_in_the_way(self, table: Table, key: ForeignKey, moved: set[Column_]) -> bool:
        if (key.target, frozenset(key.target_columns)) in self.keys_gone:
            return key.target in self.want
        return any((table.key, name) in moved for name in key.columns) or any(
            (key.target, name) in moved for name in key.target_columns
        )

    def keep_footing(self) -> None:
        """Drop and create foreign keys whose last index goes before another can be made."""
        self.changes, loose = kept_standing(self.changes, self.have, self.want)
        for key, wanted in loose:
            if not self.is_touched(wanted.key, key):
                self.remake_part(key, wanted)

    # ── views ─────────────────────────────────────────────────────────────

    def remake_definitions(self) -> None:
        columns = {*self.dropped, *self.remade, *self.retyped} if self.same.pins else set()
        under = {owner for owner, _ in columns}
        readers = [obj for obj in self.have if isinstance(obj, Definition)]
        for obj in readers:
            after = self.want.get(obj.key)
            if isinstance(after, Definition) and (
                self.reads_others(obj, after) or self.is_anew(obj) or self.follows(obj)
            ):
                # it lets go of one object and takes hold of another: no single moment fits both
                self.remake_definition(obj)
                under.add(obj.key)
        if not under:
            return
        while True:
            found = [
                obj for obj in readers if obj.key not in under and self.holds(obj, under, columns)
            ]
            if not found:
                return
            for obj in sorted(found, key=lambda one: [str(word) for word in one.key.path]):
                self.remake_definition(obj)
                under.add(obj.key)

    def holds(self, obj: Definition, under: set[Key], columns: set[Column_]) -> bool:
        """Say whether an object stands in the way of what happens to those under it."""
        reached = obj.needs & under
        if kind_of(obj.key).is_routine:
            # it looks at columns when it is called
            return any(key.kind != "table" for key in reached)
        on = obj.on
        if on is None or on.kind != "table":
            return bool(reached)
        if reached - {on}:
            return True
        said = (
            words(Expr(obj.body.text))
            if on in reached and kind_of(obj.key).reads_owner_columns
            else ()
        )
        return any(owner == on and name in said for owner, name in columns)

    def is_anew(self, obj: Definition) -> bool:
        """Say whether a change of an object on which others stand takes it away for a moment."""
        if not kind_of(obj.key).has_dependents:
            return False
        found = next((c for c in self.changes if isinstance(c, Alter) and c.old is obj), None)
        if found is None or not isinstance(found.new, Definition) or found.fields <= {"comment"}:
            return False
        is_taken = found.new.body.canonical is not None
        return obj.key.kind not in self.same.replaced or not is_taken

    def follows(self, obj: Definition) -> bool:
        """Say whether a text changes that speaks of something under its old name."""
        if kind_of(obj.key).is_routine or not self.alters(obj):
            return False
        return bool(({obj.on} | obj.needs) & self.renamed)

    def reads_others(self, old: Definition, new: Definition) -> bool:
        differing = old.needs ^ new.needs
        if not differing:
            return False
        gone = any(need in self.have and need not in self.want for need in old.needs)
        return gone or bool(differing & self.renamed) or self.alters(old)

    def alters(self, obj: Definition) -> bool:
        return any(isinstance(change, Alter) and change.old is obj for change in self.changes)

    def remake_definition(self, obj: Definition) -> None:
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
