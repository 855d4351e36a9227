"""Put changes into an order in which each can run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

from limbeck.catalog import (
    KINDS,
    Catalog,
    Column,
    Computed,
    Definition,
    Domain,
    ForeignKey,
    Index,
    Key,
    Part,
    PrimaryKey,
    SchemaObject,
    Table,
    Unique,
    kind_of,
)
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename
from limbeck.diff.constraint_identity import mentioned, parts_of
from limbeck.diff.toposort import ordered, topological

Resource = tuple[object, ...]
"""Something that changes create, remove or require: a key, a name, or a phase of a table."""


def order(changes: Iterable[Change], have: Catalog, want: Catalog) -> tuple[Change, ...]:
    """Return changes in an order in which each can run.

    Args:
        changes: changes in any order, without renames of objects or columns.
        have: the catalog before the first change.
        want: the catalog after the last.

    Returns:
        The same changes. If created or dropped tables reference each other in a cycle, some of
        the foreign keys become separate changes.
    """
    listed = _with_temporary_names(_detached(_detached(list(changes), Create), Drop))
    graph = _Graph(have, want)
    for number, change in enumerate(listed):
        graph.add(number, change)
    # the nodes are the changes, then the phases
    nodes: dict[int | Resource, int] = {number: number for number in range(len(listed))}
    for phase in graph.phases:
        nodes[phase] = len(nodes)
    ranks = [*_ranks(listed), *((),) * len(graph.phases)]
    edges = [(nodes[first], nodes[then]) for first, then in graph.edges()]
    return tuple([listed[node] for node in topological(ranks, edges) if node < len(listed)])


# ── cycles of foreign keys ───────────────────────────────────────────────────────────────


def _detached(changes: list[Change], cls: type[Create | Drop]) -> list[Change]:
    """Return changes in which cycles of created or dropped tables are broken."""
    tables = {
        change.what.key: change.what
        for change in changes
        if isinstance(change, cls) and isinstance(change.what, Table)
    }
    if len(tables) < 2:  # noqa: PLR2004  one alone is no cycle
        return changes
    edges = {
        key: [
            other.target
            for other in table.foreign_keys
            if other.target in tables and other.target != key
        ]
        for key, table in tables.items()
    }
    if not any(edges.values()):
        return changes
    detached: dict[Key, list[ForeignKey]] = {}
    for cycle in ordered(edges):
        if len(cycle) < 2:  # noqa: PLR2004  one alone is no cycle
            continue
        # tables are created in the order of names and dropped in reverse, so that one of two tables
        # that reference each other keeps its foreign key
        names = sorted(cycle, key=_name_rank, reverse=cls is Drop)
        first = {key: at for at, key in enumerate(names)}
        for key in cycle:
            for other in tables[key].foreign_keys:
                later = first.get(other.target, -1) - first[key]
                if later > 0 if cls is Create else later < 0 and other.target in first:
                    detached.setdefault(key, []).append(other)
    return _without_foreign_keys(changes, cls, detached) if detached else changes


def _without_foreign_keys(
    changes: list[Change], cls: type[Create | Drop], detached: dict[Key, list[ForeignKey]]
) -> list[Change]:
    """Return changes in which some foreign keys are created or dropped by changes of their own."""
    result: list[Change] = []
    for change in changes:
        if not (isinstance(change, cls) and isinstance(change.what, Table)):
            result.append(change)
            continue
        gone = detached.get(change.what.key, [])
        keys = tuple(key for key in change.what.foreign_keys if key not in gone)
        result.append(cls(replace(change.what, foreign_keys=keys)) if gone else change)
        result += [cls(key, change.what.key) for key in gone]
    return result


def _name_rank(key: Key) -> tuple[str, ...]:
    return tuple(word or "" for word in key.path)


# ── exchanged names ───────────────────────────────────────────────────────

_NAME_LENGTH = 50
_SUFFIX = "__was"


def _with_temporary_names(changes: Sequence[Change]) -> list[Change]:
    """Return changes in which each cycle of renamed constraints and indexes is broken.

    Of the parts that exchange their names, one is renamed in two steps, using a temporary name.
    The steps are ordered among all other changes by their names.
    """
    renames = {
        _name_of(change): change
        for change in changes
        if isinstance(change, Rename) and change.owner is not None
    }
    if len(renames) < 2:  # noqa: PLR2004  one alone is no cycle
        return list(changes)
    targets = {name: _name_of(change, is_new=True) for name, change in renames.items()}
    waits = {name: (target,) if target in targets else () for name, target in targets.items()}
    in_two_steps: dict[int, tuple[Change, Change]] = {}
    for cycle in ordered(waits):
        if len(cycle) > 1:
            first = renames[min(cycle, key=_readable)]
            in_two_steps[id(first)] = _two_steps(first)
    if not in_two_steps:
        return list(changes)
    return [each for change in changes for each in in_two_steps.get(id(change), (change,))]


def _is_temporary(name: str | None) -> bool:
    return name is not None and name.endswith(_SUFFIX)


def _name_of(change: Change, *, is_new: bool = False) -> Key:
    part = change.new if is_new else change.old  # type: ignore[union-attr]
    return Key("name", (change.owner.namespace, part.name))  # type: ignore[union-attr]


def _readable(key: Key) -> list[str]:
    return [str(word) for word in key.path]


def _two_steps(change: Change) -> tuple[Change, Change]:
    old, new = change.old, change.new  # type: ignore[union-attr]
    between = replace(old, name=f"{str(old.name)[:_NAME_LENGTH]}{_SUFFIX}")  # type: ignore[type-var, union-attr]
    return Rename(old, between, change.owner), Rename(between, new, change.owner)


# ── dependencies ───────────────────────────────────────────────────


_PHASES = ("unreferenced", "parts_dropped", "columns_changed", "ready")


@dataclass(slots=True)
class _Graph:
    """Collects which change creates, removes, requires and frees each resource.

    A table reaches four phases in this order: "unreferenced" (no object that is dropped or
    changed refers to it), "parts_dropped" (its old constraints and indexes are dropped),
    "columns_changed" (its columns are in final form) and "ready" (other objects may refer to it).
    """

    have: Catalog
    want: Catalog
    creators: dict[Resource, list[int]] = field(default_factory=partial(defaultdict, list))
    removers: dict[Resource, list[int]] = field(default_factory=partial(defaultdict, list))
    requirements: list[tuple[int, Iterable[Resource]]] = field(default_factory=list)
    releases: list[tuple[int, Iterable[Resource]]] = field(default_factory=list)
    before: list[tuple[int, Resource]] = field(default_factory=list)
    after: list[tuple[Resource, int]] = field(default_factory=list)
    phases: dict[tuple[str, Key], None] = field(default_factory=dict)

    # what a change does

    def before_phase(self, number: int, name: str, key: Key) -> None:
        self.phases[name, key] = None
        self.before.append((number, (name, key)))

    def after_phase(self, number: int, name: str, key: Key) -> None:
        self.phases[name, key] = None
        self.after.append(((name, key), number))

    # result

    def edges(self) -> Iterator[tuple[int | Resource, int | Resource]]:
        for number, required in self.requirements:
            for resource in required:
                for creator in self.creators.get(resource, ()):
                    yield creator, number
        for number, released in self.releases:
            for resource in released:
                for remover in self.removers.get(resource, ()):
                    yield number, remover
        for resource, removers in self.removers.items():
            for creator in self.creators.get(resource, ()):
                for remover in removers:
                    yield remover, creator
        yield from self.before
        yield from self.after
        yield from self.phase_edges()

    def phase_edges(self) -> Iterator[tuple[Resource, Resource]]:
        """Yield the order of the phases that each table reaches."""
        for key in {key for _, key in self.phases}:
            yield from pairwise((name, key) for name in _PHASES if (name, key) in self.phases)

    # changes

    def add(self, number: int, change: Change) -> None:
        if change.owner is not None:
            self.add_part(number, change, change.owner)
            return
        if isinstance(change, Create):
            self.add_object(number, change.what)  # type: ignore[arg-type]
        elif isinstance(change, Drop):
            self.drop_object(number, change.what)  # type: ignore[arg-type]
        elif isinstance(change, Alter):
            self.alter_object(number, change)

    def add_object(self, number: int, obj: SchemaObject) -> None:
        for resource in _resources(obj):
            self.creators[resource].append(number)
        self.requirements.append((number, _needs(obj)))
        if isinstance(obj, Table):
            self.before_phase(number, "ready", obj.key)
            for key in obj.foreign_keys:
                if key.target != obj.key:
                    self.after_phase(number, "ready", key.target)
        elif isinstance(obj, Definition):
            for need in _tables(obj):
                self.after_phase(number, "ready", need)

    def drop_object(self, number: int, obj: SchemaObject) -> None:
        for resource in _resources(obj):
            self.removers[resource].append(number)
        self.releases.append((number, _needs(obj)))
        if isinstance(obj, Table):
            self.after_phase(number, "unreferenced", obj.key)
            for key in obj.foreign_keys:
                if key.target != obj.key:
                    self.before_phase(number, "unreferenced", key.target)
        elif isinstance(obj, Definition):
            for need in _tables(obj):
                self.before_phase(number, "unreferenced", need)

    def alter_object(self, number: int, change: Alter) -> None:
        old, new = change.old, change.new
        if isinstance(old, Column) or isinstance(new, Column):
            return
        if isinstance(old, Table) and isinstance(new, Table):
            # only the options of the table change here; its parts have separate changes
            self.requirements.append((number, new.needs))
            self.releases.append((number, old.needs - new.needs))
            return
        self.requirements.append((number, _needs(new)))  # type: ignore[arg-type]
        self.releases.append((number, _needs(old) - _needs(new)))  # type: ignore[arg-type]
        if isinstance(new, Definition):
            for need in _tables(new):
                self.after_phase(number, "ready", need)
        else:
            self.creators[change.key].append(number)

    def add_part(self, number: int, change: Change, owner: Key) -> None:
        what = change.what if isinstance(change, Create | Drop) else change.new
        match change, what:
            case (Create() | Alter(), Column()):
                self.change_column(number, change, owner)
            case (Drop(what=Column() as column), _):
                self.drop_column(number, column, owner)
            case (Drop(what=ForeignKey() as key), _):
                self.removers["name", owner.namespace, key.name].append(number)
                self.before_phase(number, "unreferenced", owner)
                self.before_phase(number, "unreferenced", key.target)
            case (Create(what=ForeignKey() as key), _):
                self.creators["name", owner.namespace, key.name].append(number)
                self.after_phase(number, "ready", owner)
                self.after_phase(number, "ready", key.target)
            case (Create(), Unique() | Index()) if self.must_precede_drops(change, owner):
                # a foreign key can use it as soon as another index is dropped
                self.creators["name", owner.namespace, what.name].append(number)
                self.creators["foreign_key_index", owner].append(number)
                self.before_phase(number, "parts_dropped", owner)
            case (Drop(what=Index(extras=(("auto", True),)) as index), _) if self.keeps_foreign_key(
                index, owner
            ):
                self.removers["name", owner.namespace, index.name].append(number)
                self.requirements.append((number, [("created_part", owner)]))
                self.after_phase(number, "columns_changed", owner)
            case (Drop(), _):
                self.requirements.append((number, [("foreign_key_index", owner)]))
                self.releases.append((number, _needs_of_parts(self.have.get(owner))))
                self.removers["name", owner.namespace, what.name].append(number)  # type: ignore[union-attr]
                self.after_phase(number, "unreferenced", owner)
                self.before_phase(number, "parts_dropped", owner)
            case (Create(), _):
                self.creators["name", owner.namespace, what.name].append(number)  # type: ignore[union-attr]
                self.creators["created_part", owner].append(number)
                self.requirements.append((number, (owner,)))
                self.requires_functions(number, owner)
                self.after_phase(number, "columns_changed", owner)
                self.before_phase(number, "ready", owner)
            case (Rename(), _):
                self.rename_part(number, change.old.name, change.new.name, owner)  # type: ignore[union-attr]

    def requires_functions(self, number: int, owner: Key) -> None:
        """Require the functions that the expressions of a table call."""
        table = self.want.get(owner)
        needs = table.needs if isinstance(table, Table) else ()
        self.requirements.append((number, (need for need in needs if need.kind == "function")))

    def rename_part(self, number: int, old: str | None, new: str | None, owner: Key) -> None:
        # the renames between the two steps of a cycle keep the steps in order
        if not _is_temporary(old):
            self.removers["name", owner.namespace, old].append(number)
        if not _is_temporary(new):
            self.creators["name", owner.namespace, new].append(number)

    def must_precede_drops(self, change: Create, owner: Key) -> bool:
        what = change.what
        is_made = isinstance(what, Index) and ("auto", True) in what.extras
        return change.before_drops or (is_made and self.can_be_created_first(what, owner))  # type: ignore[arg-type]

    def can_be_created_first(self, index: Index, owner: Key) -> bool:
        """Return whether an index can be created before anything else of its table changes."""
        table = self.have.get(owner)
        if not isinstance(table, Table) or any(old.name == index.name for old in table.indexes):
            return False
        return all(table.column(name) for name in index.columns)

    def keeps_foreign_key(self, index: Index, owner: Key) -> bool:
        """Return whether the foreign key of an automatically created index is not dropped."""
        table = self.want.get(owner)
        had = self.have.get(owner)
        if not isinstance(table, Table) or not isinstance(had, Table):
            return False
        columns = [item.columns for item in had.foreign_keys if item in table.foreign_keys]
        return index.columns in columns

    def change_column(self, number: int, change: Change, owner: Key) -> None:
        self.after_phase(number, "parts_dropped", owner)
        self.before_phase(number, "columns_changed", owner)
        wanted = self.want.get(owner)
        if isinstance(wanted, Table):
            self.requirements.append((number, wanted.needs))
        new = change.what if isinstance(change, Create) else change.new  # type: ignore[union-attr]
        if not isinstance(new, Column):
            return
        name = ("column", owner, new.name)
        self.requirements.append((number, _type_needs(new)))
        self.requirements.append((number, [("column", owner, word) for word in mentioned(new)]))
        self.creators[name].append(number)
        if isinstance(change, Alter) and isinstance(change.old, Column):
            if "type" in change.fields:
                self.removers[name].append(number)
            self.free_column(number, change.old, owner, _type_needs(new))

    def drop_column(self, number: int, column: Column, owner: Key) -> None:
        self.after_phase(number, "parts_dropped", owner)
        self.before_phase(number, "columns_changed", owner)
        self.removers["column", owner, column.name].append(number)
        self.free_column(number, column, owner, frozenset())

    def free_column(
        self, number: int, column: Column, owner: Key, still_needed: frozenset[Key]
    ) -> None:
        self.releases.append((number, _type_needs(column) - still_needed))
        if isinstance(column.default, Computed):
            words = mentioned(column)
            self.releases.append((number, [("column", owner, word) for word in words]))
        had, wanted = self.have.get(owner), self.want.get(owner)
        if isinstance(had, Table):
            keeps_foreign_key = wanted.needs if isinstance(wanted, Table) else frozenset()
            self.releases.append((number, _needs_of_parts(had) - keeps_foreign_key))


def _needs_of_parts(table: SchemaObject | None) -> frozenset[Key]:
    """Return what the expressions and types of a table need, without its foreign keys."""
    if not isinstance(table, Table):
        return frozenset()
    return table.needs - {key.target for key in table.foreign_keys}


def _resources(obj: SchemaObject) -> Iterator[Resource]:
    key = obj.key
    yield key
    if getattr(obj, "on", None) is None or key.kind == "view_index":
        yield ("name", key.namespace, key.name)
    if isinstance(obj, Table):
        for part in parts_of(obj):
            if part.name is not None:
                yield ("name", key.namespace, part.name)


def _needs(obj: SchemaObject) -> frozenset[Key]:
    needs = set(obj.needs)
    key = obj.key
    if key.namespace is not None:
        needs.add(Key("namespace", (None, key.namespace)))
    if isinstance(obj, Table):
        for column in obj.columns:
            needs |= _type_needs(column)
        needs.update(other.target for other in obj.foreign_keys)
    elif isinstance(obj, Domain) and obj.type.ref is not None:
        needs.add(obj.type.ref)
    elif isinstance(obj, Definition) and obj.on is not None:
        needs.add(obj.on)
    return frozenset(needs - {key})


def _type_needs(column: Column) -> frozenset[Key]:
    return frozenset() if column.type.ref is None else frozenset((column.type.ref,))


def _tables(obj: Definition) -> Iterator[Key]:
    keys = obj.needs if obj.on is None else obj.needs | {obj.on}
    return (key for key in keys if key.kind == "table")


# ── order among changes that do not depend on each other ───────────────────────────────

_TABLE_RANK = KINDS["table"].create_rank
_TableRank = Callable[[Key], tuple[object, ...]]
_PARTS = {PrimaryKey: 0, Unique: 1, Index: 2, ForeignKey: 4}


def _ranks(changes: Sequence[Change]) -> list[tuple[object, ...]]:
    gaining, losing = set[Key | None](), set[Key | None]()
    for change in changes:
        if isinstance(change, Create) and isinstance(change.what, Column):
            gaining.add(change.owner)
        elif isinstance(change, Drop) and isinstance(change.what, Column):
            losing.add(change.owner)

    def rank(owner: Key) -> tuple[object, ...]:
        # new columns come before dropped ones, so that values can be copied in between
        return ((owner not in gaining) + (owner in losing), *_name_rank(owner))

    return [_rank(change, number, rank) for number, change in enumerate(changes)]


def _rank(change: Change, number: int, table_rank: _TableRank) -> tuple[object, ...]:
    if change.owner is not None:
        return (4, table_rank(change.owner), _part_rank(change), number)
    key = change.key
    name = _name_rank(key)
    gone = isinstance(change, Drop)
    rank = kind_of(key).create_rank
    if rank == _TABLE_RANK:
        if gone:
            return (5, tuple(_backward(word) for word in name), (), 0)
        is_new = isinstance(change, Create)
        return (2, name, (-1,), 0) if is_new else (4, table_rank(key), (-1,), 0)
    if rank < _TABLE_RANK:
        return (9, (str(9 - rank), *name), (), 0) if gone else (1, (str(rank), *name), (), 0)
    return (0 if gone else 8, (key.kind, *name), (), 0)


def _backward(word: str) -> str:
    return "".join(chr(0x10FFFF - ord(letter)) for letter in word) + chr(0x10FFFF)


def _part_rank(change: Change) -> tuple[object, ...]:
    what: Part | SchemaObject = change.what if isinstance(change, Create | Drop) else change.new
    if isinstance(what, Column):
        # new columns keep the order in which the comparison found them
        return ({Create: 3, Alter: 4, Drop: 5}.get(type(change), 4),)
    rank = _PARTS.get(type(what), 3)
    name = getattr(what, "name", None) or ""
    if isinstance(change, Drop):
        return (1 if isinstance(what, ForeignKey) else 2, -rank, name)
    if isinstance(change, Rename):
        return (6, rank, name)
    return (7, rank, name)
