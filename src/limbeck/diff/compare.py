"""Compare two catalogs: objects by key, parts by name and by what they say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import fields, replace

from limbeck.catalog import (
    Catalog,
    Column,
    Computed,
    Constraint,
    Extras,
    ForeignKey,
    Identity,
    Index,
    Key,
    SchemaObject,
    Table,
)
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename
from limbeck.diff.constraint_identity import content, without
from limbeck.diff.foreign_key_indexes import renumbered
from limbeck.diff.options import DEFAULT, Sameness
from limbeck.diff.order import order
from limbeck.diff.recreate_dependents import readers_of_renamed, with_dependants
from limbeck.diff.rename_apply import Renaming, prepare

_IDENTITY_FIELDS = frozenset({"key", "needs"})
_COLUMN_FIELDS = ("type", "nullable", "comment")


def diff(
    have: Catalog,
    want: Catalog,
    same: Sameness = DEFAULT,
    renames: Iterable[Rename | Renaming] = (),
    bystanders: Collection[Key] = (),
    respell: Callable[[Catalog, Catalog], tuple[Catalog, Catalog]] | None = None,
) -> tuple[Change, ...]:
    """Return the changes that lead from one catalog to another, in the order to run them.

    A column whose fields differ is an Alter that names them. A constraint or index of another
    shape is a Drop and a Create. One that differs in its comment alone is an Alter, one that
    differs in its name alone a Rename (see `Sameness.renames`); a wanted part without a name
    is content with any name. What stands in the way of a change is dropped before and created
    after it: foreign keys of a key that goes, views on a column that changes.

    Args:
        have: what is there.
        want: what should be.
        same: what is compared.
        renames: objects and parts known to be renamed: `Rename` values, or pairs of keys, the
            old one in terms of `have`, the new one in terms of `want`.
        bystanders: what `want` does not speak of and that shall be afterwards as it is now,
            though it may have to be dropped and created again on the way.
        respell: gives both sides the same words once what was renamed has its new name.

    Returns:
        Renames of objects and columns first (before them only what would block them), then
        all else; the same for the same content, whatever the order of mappings.
    """
    before = have
    first, have = prepare(have, want, renames, follows=same.follows)
    if same.leans:
        have = renumbered(have, first)
    if respell is not None:
        have, want = respell(have, want)
    if bystanders:
        have, want = _kept(have, want, _followed(bystanders, first))
    found = list(_differences(have, want, same))
    renamed = frozenset(_renamed(first))
    if not found and not renamed:
        return first
    dragged = order(with_dependants(found, have, want, same, renamed), have, want)
    early = readers_of_renamed(dragged, renamed)
    aside = [_as_before(change, before, first) for change in early]
    return (*aside, *first, *(change for change in dragged if change not in early))


def _renamed(changes: Iterable[Change]) -> Iterator[Key]:
    """Yield what has another name now, and the tables of columns that have."""
    for change in changes:
        if isinstance(change, Rename):
            if change.owner is None:
                yield change.key
            elif isinstance(change.new, Column):
                yield change.owner


def _as_before(change: Drop, before: Catalog, renames: Iterable[Change]) -> Drop:
    """Return the drop of a text as it is before the names under it change."""
    key = change.key
    for rename in reversed([c for c in renames if isinstance(c, Rename) and c.owner is None]):
        old, new = rename.old.key, rename.new.key  # type: ignore[union-attr]
        if key == new:
            key = old
        elif key.path[:-1] == new.path:
            key = Key(key.kind, (*old.path, key.name))
    return Drop(before.objects[key])


def _kept(have: Catalog, want: Catalog, keys: Collection[Key]) -> tuple[Catalog, Catalog]:
    staying = [obj for key, obj in have.objects.items() if key in keys and key not in want]
    there = {*want.objects, *(obj.key for obj in staying)}
    while lost := [
        obj for obj in staying if any(need in have and need not in there for need in _footing(obj))
    ]:
        staying = [obj for obj in staying if obj not in lost]
        there -= {obj.key for obj in lost}
    # what belongs to an object that goes is said to go with it, so that it can come back with it
    gone = {key for key in set(keys) - there if getattr(have.get(key), "on", None) not in have}
    return have.without(gone), want.merge(staying)


def _followed(keys: Collection[Key], renames: Iterable[Change]) -> frozenset[Key]:
    """Return keys of what belongs to tables under the names that these have got."""
    found = frozenset(keys)
    for change in renames:
        if isinstance(change, Rename) and change.owner is None:
            old, new = change.old.key.path, change.new.key.path  # type: ignore[union-attr]
            found = frozenset(
                Key(key.kind, (*new, key.name)) if key.path[:-1] == old else key for key in found
            )
    return found


def _footing(obj: SchemaObject) -> frozenset[Key]:
    on = getattr(obj, "on", None)
    return obj.needs if on is None else frozenset({on})


def _differences(have: Catalog, want: Catalog, same: Sameness) -> Iterator[Change]:
    for key, obj in have.objects.items():
        if key not in want.objects and same.compares(key.kind):
            yield Drop(obj)
    for key, new in want.objects.items():
        if not same.compares(key.kind):
            continue
        old = have.objects.get(key)
        if old is None:
            yield Create(new)
        elif old is not new:
            yield from _object_differences(old, new, same)


def _object_differences(old: SchemaObject, new: SchemaObject, same: Sameness) -> Iterator[Change]:
    if isinstance(old, Table) and isinstance(new, Table):
        yield from _table_differences(old, new, same)
        return
    if type(old) is not type(new):
        yield Drop(old)
        yield Create(new)
        return
    kind = old.key.kind
    names = (field.name for field in fields(old) if field.name not in _IDENTITY_FIELDS)  # type: ignore[arg-type]
    differing = frozenset(
        name
        for name in names
        if getattr(old, name) != getattr(new, name) and same.compares(kind, name)
    )
    if differing:
        yield Alter(old, new, None, differing)


# ── tables ────────────────────────────────────────────────────────────────


def _table_differences(old: Table, new: Table, same: Sameness) -> Iterator[Change]:
    differing = set()
    if old.comment != new.comment and same.compares("table", "comment"):
        differing.add("comment")
    if old.extras != new.extras and _extras_differ("table", old.extras, new.extras, same):
        differing.add("extras")
    if differing:
        yield Alter(old, new, None, frozenset(differing))
    if old.columns != new.columns:
        yield from _column_differences(old, new, same)
    owner = new.key
    if old.primary_key != new.primary_key and same.compares("primary_key"):
        before = (old.primary_key,) if old.primary_key else ()
        after = (new.primary_key,) if new.primary_key else ()
        yield from _part_differences(before, after, owner, same)
    pairs: tuple[tuple[str, Sequence[Constraint | Index], Sequence[Constraint | Index]], ...] = (
        ("unique", old.uniques, new.uniques),
        ("check", old.checks, new.checks),
        ("foreign_key", old.foreign_keys, new.foreign_keys),
        ("exclude", old.excludes, new.excludes),
    )
    for kind, had, wanted in pairs:
        if had != wanted and same.compares(kind):
            yield from _part_differences(had, wanted, owner, same)
    if old.indexes != new.indexes and same.compares("index"):
        kept = [
            index
            for index in old.indexes
            if not (same.keeps_key_indexes and _is_kept_anyway(index, new))
        ]
        yield from _part_differences(kept, new.indexes, owner, same)


def _extras_differ(kind: str, old: Extras, new: Extras, same: Sameness) -> bool:
    if not same.compares(kind, "extras"):
        return False
    return any(
        dict(old).get(key) != dict(new).get(key)
        for key in {pair[0] for pair in (*old, *new)}
        if same.compares(kind, f"extras.{key}")
    )


def _is_kept_anyway(index: Index, table: Table) -> bool:
    """Tell an index that the server made for a foreign key that stays."""
    if ("auto", True) not in index.extras or index in table.indexes:
        return False
    if any(wanted.name == index.name for wanted in table.indexes):
        return False
    return any(index.columns[: len(key.columns)] == key.columns for key in table.foreign_keys)


def _column_differences(old: Table, new: Table, same: Sameness) -> Iterator[Change]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name, column in before.items():
        if name not in after and same.compares("column"):
            yield Drop(column, new.key)
    for name, column in after.items():
        had = before.get(name)
        if had is None:
            if same.compares("column"):
                yield Create(column, new.key)
        elif had != column:
            differing = column_fields(had, column, new.key, same)
            if differing:
                yield Alter(had, column, new.key, differing)


def column_fields(old: Column, new: Column, owner: Key, same: Sameness = DEFAULT) -> frozenset[str]:
    """Return the names of the fields in which two columns differ.

    Args:
        old: the column that is there.
        new: the column that is wanted.
        owner: the table.
        same: what is compared.
    """
    found = {
        name
        for name in _COLUMN_FIELDS
        if getattr(old, name) != getattr(new, name) and same.compares("column", name)
    }
    if old.default != new.default and all(
        same.compares("column", word) for word in _default_words(old, new)
    ):
        key = Key("column", (*owner.path, new.name))
        if key not in same.unknown_defaults or isinstance(old.default, Identity | Computed):
            found.add("default")
    if old.extras != new.extras and _extras_differ("column", old.extras, new.extras, same):
        found.add("extras")
    return frozenset(found)


def _default_words(old: Column, new: Column) -> Iterator[str]:
    kinds = {type(column.default) for column in (old, new)}
    if Identity in kinds:
        yield "identity"
    if Computed in kinds:
        yield "computed"
    if not kinds & {Identity, Computed}:
        yield "default"


# ── constraints and indexes ───────────────────────────────────────────────


def _part_differences(
    have: Collection[Constraint | Index],
    want: Collection[Constraint | Index],
    owner: Key,
    same: Sameness,
) -> Iterator[Change]:
    pairs, gone, missing = _match(have, want, same)
    names = {part.name for part in have}
    for old, new in pairs:
        yield from _pair_differences(old, new, owner, same, names)
    for part in gone:
        yield Drop(part, owner)
    for part in missing:
        yield Create(part, owner)


_Pairs = list[tuple[Constraint | Index, Constraint | Index]]


def _match(
    have: Collection[Constraint | Index], want: Collection[Constraint | Index], same: Sameness
) -> tuple[_Pairs, list[Constraint | Index], list[Constraint | Index]]:
    """Pair by name, then by content; what is left over comes or goes."""
    pairs: _Pairs = []
    named = [part.name for part in have if part.name is not None]
    if len({*named}) < len(named):
        have, want = list(have), list(want)
        # some databases let several bear one name: those that say the same belong together
        for wanted in list(want):
            twin = next((o for o in have if o.name and o.name == wanted.name and o == wanted), None)
            if twin is not None:
                pairs.append((twin, wanted))
                have.remove(twin)
                want.remove(wanted)
    by_name = {part.name: part for part in have if part.name is not None}
    left: list[Constraint | Index] = []
    for wanted in want:
        same_named = by_name.pop(wanted.name, None) if wanted.name is not None else None
        if same_named is None:
            left.append(wanted)
        else:
            pairs.append((same_named, wanted))
    taken = {id(old) for old, _ in pairs}
    by_content: dict[tuple[object, ...], list[Constraint | Index]] = {}
    for part in have:
        if id(part) not in taken:
            by_content.setdefault(_shape(part, same), []).append(part)
    missing = []
    for wanted in left:
        alike = by_content.get(_shape(wanted, same))
        if alike:
            pairs.append((alike.pop(0), wanted))
        else:
            missing.append(wanted)
    taken = {id(old) for old, _ in pairs}
    return pairs, [part for part in have if id(part) not in taken], missing


def _pair_differences(
    old: Constraint | Index,
    new: Constraint | Index,
    owner: Key,
    same: Sameness,
    names: Collection[str | None],
) -> Iterator[Change]:
    kind = new.kind
    unproven = ("not_valid", True)
    shaped = _shape(old, same) == _shape(new, same)
    if not shaped or (unproven in old.extras and unproven not in new.extras):
        yield Drop(old, owner)
        yield Create(new, owner)
        return
    if new.name is not None and old.name != new.name and same.compares(kind, "name"):
        if kind not in same.renames or new.name in names:
            yield Drop(old, owner)
            yield Create(new, owner)
            return
        renamed = replace(old, name=new.name)
        yield Rename(old, renamed, owner)
        old = renamed
    differing = (
        {"comment"} if old.comment != new.comment and same.compares(kind, "comment") else set()
    )
    hidden = ("invisible", True)
    if (hidden in old.extras) != (hidden in new.extras) and same.compares(kind, "extras"):
        differing.add("invisible")
    if differing:
        yield Alter(old, new, owner, frozenset(differing))


def _shape(part: Constraint | Index, same: Sameness) -> tuple[object, ...]:
    said = content(part)
    if not same.skip:
        return said
    kind = part.kind
    extras = said[-1] if same.compares(kind, "extras") else ()
    if isinstance(extras, tuple):
        extras = without(
            extras, *(key for key, _ in extras if not same.compares(kind, f"extras.{key}"))
        )
    said = (*said[:-1], extras)
    if isinstance(part, ForeignKey):
        actions = (
            part.on_update if same.compares(kind, "on_update") else None,
            part.on_delete if same.compares(kind, "on_delete") else None,
            part.match if same.compares(kind, "match") else None,
        )
        return (*said[:2], actions, extras)
    if isinstance(part, Index):
        return (
            part.elements,
            *(
                getattr(part, name)
                for name in ("unique", "where", "method", "include")
                if same.compares(kind, name)
            ),
            extras,
        )
    return said
