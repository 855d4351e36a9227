"""Apply renames to a catalog: to the object or part, and to everything that refers to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Extras,
    ForeignKey,
    Index,
    Key,
    Part,
    PrimaryKey,
    SchemaObject,
    Sequence,
    Table,
    Type,
    Unique,
    namespace_key,
    part_key,
)
from limbeck.diff.changes import Change, Create, Rename
from limbeck.diff.constraint_identity import exchanged, parts_of, with_expressions
from limbeck.diff.toposort import ordered
from limbeck.errors import DraftError

Renaming = tuple[Key, Key]
"""The keys before and after a rename."""

FIELDS: Mapping[str, str] = {
    "column": "columns",
    "unique": "uniques",
    "check": "checks",
    "foreign_key": "foreign_keys",
    "exclude": "excludes",
    "index": "indexes",
}
"""The field of a table that contains the parts of each class."""

PARTS = frozenset({"primary_key", *FIELDS})

AnyPart = TypeVar("AnyPart", bound=Part)
Keyed = TypeVar("Keyed", PrimaryKey, Unique)


# ── one rename, applied ───────────────────────────────────────────────────


def rename_object(catalog: Catalog, old: Key, new: Key) -> Catalog:
    """Return a catalog in which an object and all references to it are renamed."""
    move = _ObjectRename(old, new)
    return Catalog.of(move.obj(obj) for obj in catalog)


def rename_part(catalog: Catalog, owner: Key, old: Part, new: str | None) -> Catalog:
    """Return a catalog in which a part of a table is renamed."""
    table = catalog.objects[owner]
    if not isinstance(table, Table):
        raise DraftError(f"{owner.name!r} is not a table.", code="LB421")
    if not isinstance(old, Column):
        changed = with_part(table, old, replace(old, name=new))
        return catalog.merge([changed])
    assert new is not None  # noqa: S101  a column always has a name
    return Catalog.of(_with_column_renamed(obj, owner, old.name, new) for obj in catalog)


def with_part(table: Table, old: Part, new: Part | None) -> Table:
    """Return a table in which a part is replaced, or removed if `new` is None."""

    def swap(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        position = _place(parts, old, table.key)
        return (*parts[:position], *(() if new is None else (new,)), *parts[position + 1 :])

    if isinstance(old, PrimaryKey):
        _place(() if table.primary_key is None else (table.primary_key,), old, table.key)
        return replace(table, primary_key=new)  # type: ignore[arg-type]
    field = FIELDS[old.kind]
    return replace(table, **{field: swap(getattr(table, field))})  # type: ignore[arg-type]


def _place(parts: tuple[Part, ...], part: Part, owner: Key) -> int:
    if part in parts:
        return parts.index(part)
    if part.name is not None:
        for position, other in enumerate(parts):
            if other.name == part.name:
                return position
    wanted = part_key(owner, part)
    for position, other in enumerate(parts):
        if part_key(owner, other) == wanted or (
            part.name is None and _unnamed_key(owner, other) == wanted
        ):
            return position
    raise DraftError(
        f"Table {owner.name!r} has no {part.kind.replace('_', ' ')} {part.name or wanted.name!r}.",
        code="LB421",
    )


def _unnamed_key(owner: Key, part: Part) -> Key | None:
    return None if isinstance(part, Column) else part_key(owner, replace(part, name=None))


@dataclass(frozen=True, slots=True)
class _ObjectRename:
    old: Key
    new: Key

    def key(self, key: Key) -> Key:
        return self.new if key == self.old else key

    def keys(self, keys: frozenset[Key]) -> frozenset[Key]:
        return keys - {self.old} | {self.new} if self.old in keys else keys

    def type(self, type_: Type) -> Type:
        if type_.ref != self.old:
            return type_
        return replace(type_, ref=self.new, name=self.new.name)

    def obj(self, obj: SchemaObject) -> SchemaObject:
        match obj:
            case Table():
                return self.table(obj)
            case Sequence():
                owner = obj.owner
                if (
                    owner is not None
                    and self.old.kind == "table"
                    and owner.path[:2] == self.old.path
                ):
                    owner = Key(owner.kind, (*self.new.path, *owner.path[2:]))
                return replace(obj, key=self.key(obj.key), owner=owner)
            case Domain():
                return replace(
                    obj,
                    key=self.key(obj.key),
                    type=self.type(obj.type),
                    needs=self.keys(obj.needs),
                )
            case Definition():
                return self.definition(obj)
        if obj.key == self.old:
            return replace(obj, key=self.new)  # type: ignore[type-var]
        return obj

    def definition(self, obj: Definition) -> Definition:
        needs = self.keys(obj.needs)
        body, reads = obj.body, obj.reads
        if self.old in obj.needs:
            # the server updates the name of a table in such texts
            body = exchanged(body, self.old.name, self.new.name)
            reads = reads and frozenset(self.column_key(key) for key in reads)
        if obj.on != self.old:
            return replace(obj, key=self.key(obj.key), body=body, needs=needs, reads=reads)
        key = Key(obj.key.kind, (*self.new.path, obj.key.name))
        return replace(obj, key=key, body=body, on=self.new, needs=needs, reads=reads)

    def column_key(self, key: Key) -> Key:
        is_moved = self.old.kind == "table" and key.path[:-1] == self.old.path
        return Key(key.kind, (*self.new.path, key.name)) if is_moved else key

    def table(self, table: Table) -> Table:
        keys, columns = table.foreign_keys, table.columns
        if any(key.target == self.old for key in keys):
            keys = tuple(replace(key, target=self.key(key.target)) for key in keys)
        if any(column.type.ref == self.old for column in columns):
            columns = tuple(replace(column, type=self.type(column.type)) for column in columns)
        if (
            keys is table.foreign_keys
            and columns is table.columns
            and table.key != self.old
            and self.old not in table.needs
        ):
            return table
        return replace(
            table,
            key=self.key(table.key),
            columns=columns,
            foreign_keys=keys,
            needs=self.keys(table.needs),
        )


def _with_column_renamed(obj: SchemaObject, owner: Key, old: str, new: str) -> SchemaObject:
    if isinstance(obj, Sequence):
        if obj.owner is not None and obj.owner.path == (*owner.path, old):
            return replace(obj, owner=Key(obj.owner.kind, (*owner.path, new)))
        return obj
    if isinstance(obj, Definition):
        column = Key("column", (*owner.path, old))
        if obj.reads is not None and column in obj.reads:
            renamed = Key("column", (*owner.path, new))
            obj = replace(obj, reads=obj.reads - {column} | {renamed})
        return replace(obj, body=exchanged(obj.body, old, new)) if obj.on == owner else obj
    if not isinstance(obj, Table):
        return obj
    own = obj.key == owner
    keys = obj.foreign_keys
    if own or any(key.target == owner for key in keys):
        keys = tuple(_with_key_renamed(key, owner, old, new, own=own) for key in keys)
    if not own:
        return obj if keys is obj.foreign_keys else replace(obj, foreign_keys=keys)
    part = _ColumnRename(old, new)
    return replace(
        obj,
        columns=tuple(part.column(column) for column in obj.columns),
        primary_key=None if obj.primary_key is None else part.keyed(obj.primary_key),
        uniques=tuple(part.keyed(unique) for unique in obj.uniques),
        checks=tuple(part.check(check) for check in obj.checks),
        excludes=tuple(part.written(exclude) for exclude in obj.excludes),
        indexes=tuple(part.index(index) for index in obj.indexes),
        foreign_keys=keys,
    )


def _with_key_renamed(key: ForeignKey, owner: Key, old: str, new: str, *, own: bool) -> ForeignKey:
    columns = _renamed(key.columns, old, new) if own else key.columns
    targets = key.target_columns
    if key.target == owner:
        targets = _renamed(targets, old, new)
    return replace(key, columns=columns, target_columns=targets)


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


@dataclass(frozen=True, slots=True)
class _ColumnRename:
    old: str
    new: str

    def written(self, part: AnyPart) -> AnyPart:
        changed = with_expressions(part, lambda expr: exchanged(expr, self.old, self.new))
        return cast("AnyPart", changed)

    def column(self, column: Column) -> Column:
        if isinstance(column.default, Computed):
            column = self.written(column)
        return replace(column, name=self.new) if column.name == self.old else column

    def keyed(self, part: Keyed) -> Keyed:
        columns = _renamed(part.columns, self.old, self.new)
        return replace(part, columns=columns, extras=self.extras(part.extras))

    def check(self, check: Check) -> Check:
        check = self.written(check)
        return replace(check, extras=self.extras(check.extras)) if check.extras else check

    def extras(self, extras: Extras) -> Extras:
        return tuple(
            (name, _renamed(value, self.old, self.new) if isinstance(value, tuple) else value)
            for name, value in extras
        )

    def index(self, index: Index) -> Index:
        index = self.written(index)
        elements = tuple(
            replace(element, column=self.new) if element.column == self.old else element
            for element in index.elements
        )
        include = _renamed(index.include, self.old, self.new)
        return replace(index, elements=elements, include=include)


# ── renames before a comparison ───────────────────────────────────────────


def prepare(
    have: Catalog,
    want: Catalog,
    renames: Iterable[Rename | Renaming],
    *,
    tracks_renames: bool = True,
) -> tuple[tuple[Change, ...], Catalog]:
    """Return the changes that run before a comparison, and the catalog after them.

    Args:
        have: the catalog of the database.
        want: the catalog of the models.
        renames: the renames, as in `diff`.
        tracks_renames: the server updates column names in triggers and similar objects.

    Returns:
        The renames and the creation of the schemas they require, and `have` after them.

    Raises:
        DraftError: a rename names something that does not exist.
    """
    pairs = sorted({_pair(rename) for rename in renames}, key=_readable)
    if not pairs:
        return (), have
    work = _Preparation(have, tracks_renames=tracks_renames)
    tables = {old.path: new.path for old, new in pairs if old.kind == "table"}
    work.rename_all([pair for pair in pairs if pair[0].kind not in PARTS], want)
    parts: dict[Key, list[tuple[str, str | None, str | None]]] = {}
    for old, new in pairs:
        if old.kind in PARTS:
            path = tables.get(old.path[:-1], old.path[:-1])
            parts.setdefault(Key("table", path), []).append((old.kind, old.path[-1], new.path[-1]))
    for owner, moves in parts.items():
        work.rename_parts(owner, moves)
    return tuple(work.changes), work.catalog


def _pair(rename: Rename | Renaming) -> Renaming:
    if not isinstance(rename, Rename):
        return rename
    if rename.owner is None:
        return rename.old.key, rename.new.key  # type: ignore[union-attr]
    return part_key(rename.owner, rename.old), rename.key  # type: ignore[arg-type]


def _readable(pair: Renaming) -> tuple[str, ...]:
    return tuple(str(word) for key in pair for word in (key.kind, *key.path))


@dataclass(slots=True)
class _Preparation:
    catalog: Catalog
    changes: list[Change]
    tracks_renames: bool

    def __init__(self, catalog: Catalog, *, tracks_renames: bool) -> None:
        self.catalog = catalog
        self.changes = []
        self.tracks_renames = tracks_renames

    def rename_all(self, pairs: list[Renaming], want: Catalog) -> None:
        sources = {old for old, _ in pairs}
        for old, new in pairs:
            if old not in self.catalog:
                raise DraftError(
                    f"There is no {old.kind} {old.name!r} that could be renamed to {new.name!r}.",
                    hint="Check the names; the old one must be in the database.",
                    code="LB420",
                )
            if new in self.catalog and new not in sources:
                # dropped after the comparison, which orders its dependents
                self.rename_object(new, self.free_name(new, self.catalog.__contains__))
            self.add_namespace(new, want)
        for old, new in ordered_moves(pairs):
            self.rename_object(old, new)

    def free_name(self, key: Key, taken: Callable[[Key], bool]) -> Key:
        free = temporary_key(key)
        while taken(free):
            free = Key(free.kind, (*free.path[:-1], f"{free.name}_"))
        return free

    def add_namespace(self, key: Key, want: Catalog) -> None:
        if key.namespace is None:
            return
        home = namespace_key(key.namespace)
        wanted = want.get(home)
        if wanted is not None and home not in self.catalog:
            self.changes.append(Create(wanted))
            self.catalog = self.catalog.merge([wanted])

    def rename_object(self, old: Key, new: Key) -> None:
        before = self.catalog.objects[old]
        self.catalog = rename_object(self.catalog, old, new)
        self.changes.append(Rename(before, self.catalog.objects[new]))

    def table(self, owner: Key) -> Table:
        table = self.catalog.get(owner)
        if not isinstance(table, Table):
            raise DraftError(
                f"There is no table {owner.name!r} in which something could be renamed.",
                hint="Check the names; the old one must be in the database.",
                code="LB420",
            )
        return table

    def rename_parts(self, owner: Key, moves: list[tuple[str, str | None, str | None]]) -> None:
        keys = [
            (Key(kind, (*owner.path, old)), Key(kind, (*owner.path, new)))
            for kind, old, new in moves
        ]
        sources = {old for old, _ in keys}
        for _, new in keys:
            if self.find(owner, new) is not None and new not in sources:
                self.move(owner, new, self.free_name(new, lambda key: self.has(owner, key)))
        for old, new in self.computed_last(owner, ordered_moves(keys)):
            self.move(owner, old, new)

    def computed_last(self, owner: Key, moves: list[Renaming]) -> list[Renaming]:
        """Move renames of computed columns to the end: some servers need the expressions again."""
        late = [pair for pair in moves if self.is_computed(owner, pair[0])]
        early = [pair for pair in moves if pair not in late]
        freed = {old for old, _ in late}
        return moves if any(new in freed for _, new in early) else [*early, *late]

    def is_computed(self, owner: Key, key: Key) -> bool:
        part = self.find(owner, key)
        return isinstance(part, Column) and isinstance(part.default, Computed)

    def has(self, owner: Key, key: Key) -> bool:
        return self.find(owner, key) is not None

    def move(self, owner: Key, old: Key, new: Key) -> None:
        part = self.find(owner, old)
        if part is None:
            raise DraftError(
                f"Table {owner.name!r} has no {old.kind.replace('_', ' ')} {old.name!r}"
                f" that could be renamed to {new.name!r}.",
                hint="Check the names; the old one must be in the database.",
                code="LB420",
            )
        before = self.catalog
        self.catalog = rename_part(before, owner, part, new.path[-1])
        if not self.tracks_renames:
            texts = (obj for obj in before if isinstance(obj, Definition))
            self.catalog = self.catalog.merge(texts)
        after = self.find(owner, new)
        if after is not None:
            self.changes.append(Rename(part, after, owner))

    def find(self, owner: Key, key: Key) -> Part | None:
        table = self.table(owner)
        parts: Iterator[Part] = iter((*table.columns, *parts_of(table)))
        return next((p for p in parts if p.kind == key.kind and part_key(owner, p) == key), None)


def temporary_key(key: Key) -> Key:
    """Return a key with a temporary name, used while another object has the new name."""
    return Key(key.kind, (*key.path[:-1], f"{key.name[:50]}__was"))


def ordered_moves(pairs: Iterable[Renaming]) -> list[Renaming]:
    """Order renames so that no name is used twice; a cycle uses a temporary name."""
    targets: Mapping[Key, Key] = dict(pairs)
    waits = {old: (new,) if new in targets else () for old, new in targets.items()}
    done: list[Renaming] = []
    last_steps: list[Renaming] = []
    for cycle in ordered(waits):
        if len(cycle) > 1 or waits[cycle[0]] == cycle:
            first = min(cycle, key=lambda key: [str(word) for word in key.path])
            between = temporary_key(first)
            done.append((first, between))
            last_steps.append((between, targets[first]))
            key = next(old for old in cycle if targets[old] == first)
            while key != first:
                done.append((key, targets[key]))
                key = next(old for old in cycle if targets[old] == key)
        else:
            done.append((cycle[0], targets[cycle[0]]))
    return [*done, *last_steps]
