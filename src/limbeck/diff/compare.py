"""Compare two catalogs: objects by key, parts by name and by content."""

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
from limbeck.diff.changes import DEFAULT, Alter, Change, Create, DiffOptions, Drop, Rename
from limbeck.diff.constraint_identity import content, without
from limbeck.diff.foreign_key_indexes import renumber_foreign_keys
from limbeck.diff.order import order
from limbeck.diff.recreate_dependents import drops_before_renames, with_dependents
from limbeck.diff.rename_apply import Renaming, prepare

_IDENTITY_FIELDS = frozenset({"key", "needs", "reads"})
_COLUMN_FIELDS = ("type", "nullable", "comment")


def diff(
    have: Catalog,
    want: Catalog,
    options: DiffOptions = DEFAULT,
    renames: Iterable[Rename | Renaming] = (),
    untouched: Collection[Key] = (),
    renormalize: Callable[[Catalog, Catalog], tuple[Catalog, Catalog]] | None = None,
) -> tuple[Change, ...]:
    """Return the changes from one catalog to another, in the order to run them.

    A column whose fields differ is an Alter with the names of these fields. A constraint or index
    with different content is a Drop and a Create. If only the comment differs, it is an Alter; if
    only the name differs, a Rename (see `DiffOptions.renamable_kinds`). A part of `want` without a
    name matches any name. Objects that block a change are dropped before and created after it:
    foreign keys that reference a dropped key, views on a column that changes.

    Args:
        have: the catalog of the database.
        want: the catalog of the models.
        options: what is compared, and how differences are expressed.
        renames: the known renames of objects and parts: `Rename` values, or pairs of the old
            key in `have` and the new key in `want`.
        untouched: objects that `want` lacks and that must be the same afterwards, even if they
            have to be dropped and created again.
        renormalize: normalizes both catalogs again, after the renames.

    Returns:
        The renames of objects and columns (after the drops of objects that block them), then
        all other changes. The result does not depend on the order of the catalogs.
    """
    before = have
    first: tuple[Change, ...] = ()
    if renames:
        first, have = prepare(have, want, renames, tracks_renames=options.views_track_renames)
    if options.foreign_keys_need_index:
        have = renumber_foreign_keys(have, first)
    if renormalize is not None:
        have, want = renormalize(have, want)
    if untouched:
        have, want = _with_untouched(have, want, _renamed_keys(untouched, first))
    changes = list(_differences(have, want, options))
    renamed = frozenset(_renamed(first)) if first else frozenset[Key]()
    if not changes and not renamed:
        return first
    ordered = order(with_dependents(changes, have, want, options, renamed), have, want)
    if not renamed:
        return (*first, *ordered)
    early = drops_before_renames(ordered, renamed)
    drops = [_before_renames(change, before, first) for change in early]
    return (*drops, *first, *(change for change in ordered if change not in early))


def _renamed(changes: Iterable[Change]) -> Iterator[Key]:
    """Yield the keys of renamed objects, and of tables with renamed columns."""
    for change in changes:
        if isinstance(change, Rename):
            if change.owner is None:
                yield change.key
            elif isinstance(change.new, Column):
                yield change.owner


def _before_renames(change: Drop, before: Catalog, renames: Iterable[Change]) -> Drop:
    """Return the drop of a text-defined object in its form before the renames."""
    key = change.key
    for rename in reversed([c for c in renames if isinstance(c, Rename) and c.owner is None]):
        old, new = rename.old.key, rename.new.key  # type: ignore[union-attr]
        if key == new:
            key = old
        elif key.path[:-1] == new.path:
            key = Key(key.kind, (*old.path, key.name))
    return Drop(before.objects[key])


def _with_untouched(have: Catalog, want: Catalog, keys: Collection[Key]) -> tuple[Catalog, Catalog]:
    staying = [obj for key, obj in have.objects.items() if key in keys and key not in want]
    present = {*want.objects, *(obj.key for obj in staying)}
    while lost := [
        obj
        for obj in staying
        if any(need in have and need not in present for need in _dependencies(obj))
    ]:
        staying = [obj for obj in staying if obj not in lost]
        present -= {obj.key for obj in lost}
    # an object that belongs to a dropped object is dropped and restored together with it
    gone = {key for key in set(keys) - present if getattr(have.get(key), "on", None) not in have}
    return have.without(gone), want.merge(staying)


def _renamed_keys(keys: Collection[Key], renames: Iterable[Change]) -> frozenset[Key]:
    """Return the keys after the renames of the objects that own them."""
    renamed = frozenset(keys)
    for change in renames:
        if isinstance(change, Rename) and change.owner is None:
            old, new = change.old.key.path, change.new.key.path  # type: ignore[union-attr]
            renamed = frozenset(
                Key(key.kind, (*new, key.name)) if key.path[:-1] == old else key for key in renamed
            )
    return renamed


def _dependencies(obj: SchemaObject) -> frozenset[Key]:
    on = getattr(obj, "on", None)
    return obj.needs if on is None else frozenset({on})


def _differences(have: Catalog, want: Catalog, options: DiffOptions) -> Iterator[Change]:
    for key, obj in have.objects.items():
        if key not in want.objects and options.compares(key.kind):
            yield Drop(obj)
    for key, new in want.objects.items():
        if not options.compares(key.kind):
            continue
        old = have.objects.get(key)
        if old is None:
            yield Create(new)
        elif old is not new:
            yield from _object_differences(old, new, options)


def _object_differences(
    old: SchemaObject, new: SchemaObject, options: DiffOptions
) -> Iterator[Change]:
    if isinstance(old, Table) and isinstance(new, Table):
        yield from _table_differences(old, new, options)
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
        if getattr(old, name) != getattr(new, name) and options.compares(kind, name)
    )
    if differing:
        yield Alter(old, new, None, differing)


# ── tables ────────────────────────────────────────────────────────────────


def _table_differences(old: Table, new: Table, options: DiffOptions) -> Iterator[Change]:
    differing = set()
    if old.comment != new.comment and options.compares("table", "comment"):
        differing.add("comment")
    if old.extras != new.extras and _extras_differ("table", old.extras, new.extras, options):
        differing.add("extras")
    if differing:
        yield Alter(old, new, None, frozenset(differing))
    if old.columns != new.columns:
        yield from _column_differences(old, new, options)
    owner = new.key
    if old.primary_key != new.primary_key and options.compares("primary_key"):
        before = (old.primary_key,) if old.primary_key else ()
        after = (new.primary_key,) if new.primary_key else ()
        yield from _part_differences(before, after, owner, options)
    pairs: tuple[tuple[str, Sequence[Constraint | Index], Sequence[Constraint | Index]], ...] = (
        ("unique", old.uniques, new.uniques),
        ("check", old.checks, new.checks),
        ("foreign_key", old.foreign_keys, new.foreign_keys),
        ("exclude", old.excludes, new.excludes),
    )
    for kind, had, wanted in pairs:
        if had != wanted and options.compares(kind):
            yield from _part_differences(had, wanted, owner, options)
    if old.indexes != new.indexes and options.compares("index"):
        indexes = [
            index
            for index in old.indexes
            if not (options.keeps_foreign_key_indexes and _is_kept_by_server(index, new))
        ]
        yield from _part_differences(indexes, new.indexes, owner, options)


def _extras_differ(kind: str, old: Extras, new: Extras, options: DiffOptions) -> bool:
    if not options.compares(kind, "extras"):
        return False
    return any(
        dict(old).get(key) != dict(new).get(key)
        for key in {pair[0] for pair in (*old, *new)}
        if options.compares(kind, f"extras.{key}")
    )


def _is_kept_by_server(index: Index, table: Table) -> bool:
    """Return whether the server created the index for a foreign key that is not dropped."""
    if ("auto", True) not in index.extras or index in table.indexes:
        return False
    if any(wanted.name == index.name for wanted in table.indexes):
        return False
    return any(index.columns[: len(key.columns)] == key.columns for key in table.foreign_keys)


def _column_differences(old: Table, new: Table, options: DiffOptions) -> Iterator[Change]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name, column in before.items():
        if name not in after and options.compares("column"):
            yield Drop(column, new.key)
    for name, column in after.items():
        had = before.get(name)
        if had is None:
            if options.compares("column"):
                yield Create(column, new.key)
        elif had != column:
            differing = column_fields(had, column, new.key, options)
            if differing:
                yield Alter(had, column, new.key, differing)


def column_fields(
    old: Column, new: Column, owner: Key, options: DiffOptions = DEFAULT
) -> frozenset[str]:
    """Return the names of the fields in which two columns differ.

    Args:
        old: the column of the database.
        new: the column of the models.
        owner: the table.
        options: what is compared.
    """
    names = {
        name
        for name in _COLUMN_FIELDS
        if getattr(old, name) != getattr(new, name) and options.compares("column", name)
    }
    if old.default != new.default and all(
        options.compares("column", word) for word in _default_fields(old, new)
    ):
        key = Key("column", (*owner.path, new.name))
        if key not in options.unknown_defaults or isinstance(old.default, Identity | Computed):
            names.add("default")
    if old.extras != new.extras and _extras_differ("column", old.extras, new.extras, options):
        names.add("extras")
    return frozenset(names)


def _default_fields(old: Column, new: Column) -> Iterator[str]:
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
    options: DiffOptions,
) -> Iterator[Change]:
    pairs, gone, missing = _match(have, want, options)
    names = {part.name for part in have}
    for old, new in pairs:
        yield from _pair_differences(old, new, owner, options, names)
    for part in gone:
        yield Drop(part, owner)
    for part in missing:
        yield Create(part, owner)


_Pairs = list[tuple[Constraint | Index, Constraint | Index]]


def _match(
    have: Collection[Constraint | Index], want: Collection[Constraint | Index], options: DiffOptions
) -> tuple[_Pairs, list[Constraint | Index], list[Constraint | Index]]:
    """Pair parts by name, then by content; return the pairs, and the other parts of both sides."""
    pairs: _Pairs = []
    named = [part.name for part in have if part.name is not None]
    if len({*named}) < len(named):
        have, want = list(have), list(want)
        # some databases allow the same name twice: pair those with the same content first
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
            by_content.setdefault(_content(part, options), []).append(part)
    missing = []
    for wanted in left:
        alike = by_content.get(_content(wanted, options))
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
    options: DiffOptions,
    names: Collection[str | None],
) -> Iterator[Change]:
    kind = new.kind
    unproven = ("not_valid", True)
    is_same = _content(old, options) == _content(new, options)
    if not is_same or (unproven in old.extras and unproven not in new.extras):
        yield Drop(old, owner)
        yield Create(new, owner)
        return
    if new.name is not None and old.name != new.name and options.compares(kind, "name"):
        if kind not in options.renamable_kinds or new.name in names:
            yield Drop(old, owner)
            yield Create(new, owner)
            return
        renamed = replace(old, name=new.name)
        yield Rename(old, renamed, owner)
        old = renamed
    differing = (
        {"comment"} if old.comment != new.comment and options.compares(kind, "comment") else set()
    )
    hidden = ("invisible", True)
    if (hidden in old.extras) != (hidden in new.extras) and options.compares(kind, "extras"):
        differing.add("invisible")
    if differing:
        yield Alter(old, new, owner, frozenset(differing))


def _content(part: Constraint | Index, options: DiffOptions) -> tuple[object, ...]:
    shape = content(part)
    if not options.skip:
        return shape
    kind = part.kind
    extras = shape[-1] if options.compares(kind, "extras") else ()
    if isinstance(extras, tuple):
        extras = without(
            extras, *(key for key, _ in extras if not options.compares(kind, f"extras.{key}"))
        )
    shape = (*shape[:-1], extras)
    if isinstance(part, ForeignKey):
        actions = (
            part.on_update if options.compares(kind, "on_update") else None,
            part.on_delete if options.compares(kind, "on_delete") else None,
            part.match if options.compares(kind, "match") else None,
        )
        return (*shape[:2], actions, extras)
    if isinstance(part, Index):
        return (
            part.elements,
            *(
                getattr(part, name)
                for name in ("unique", "where", "method", "include")
                if options.compares(kind, name)
            ),
            extras,
        )
    return shape
