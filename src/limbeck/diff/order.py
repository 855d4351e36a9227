"""The order in which changes can run; circles of foreign keys are broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
from limbeck.diff.detours import is_between, with_detours
from limbeck.diff.toposort import ordered, topological

Sign = tuple[object, ...]
"""A name for something that changes wait for: a key, or a moment in a table's life."""


def order(changes: Iterable[Change], have: Catalog, want: Catalog) -> tuple[Change, ...]:
    """Return changes in an order in which each can run.

    Args:
        changes: changes in any order, without renames of objects or columns.
        have: what is there when the first runs.
        want: what is there after the last.

    Returns:
        The same changes; foreign keys in circles of created or dropped tables stand alone.
    """
    listed = with_detours(_detached(list(changes)))
    graph = _Graph(have, want)
    for number, change in enumerate(listed):
        graph.add(number, change)
    ranks = _ranks(listed)
    moments = graph.moments
    total = len(listed) + len(moments)
    place = {sign: len(listed) + at for at, sign in enumerate(moments)}
    edges = (
        (
            first if isinstance(first, int) else place[first],
            then if isinstance(then, int) else place[then],
        )
        for first, then in graph.edges()
    )
    found = topological(total, edges, lambda node: ranks[node] if node < len(listed) else ())
    return tuple(listed[node] for node in found if node < len(listed))


# ── circles ───────────────────────────────────────────────────────────────


def _detached(changes: list[Change]) -> list[Change]:
    result = _detached_in(changes, Create)
    return _detached_in(result, Drop)


def _detached_in(changes: list[Change], cls: type[Create | Drop]) -> list[Change]:
    tables = {
        change.what.key: change.what
        for change in changes
        if isinstance(change, cls) and isinstance(change.what, Table)
    }
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
    loose: dict[Key, list[ForeignKey]] = {}
    for circle in ordered(edges):
        if len(circle) < 2:  # noqa: PLR2004  one alone is no circle
            continue
        # created in the order of names, dropped in the opposite one: of two tables that
        # point at each other, one foreign key can stay where it is
        names = sorted(circle, key=_name_rank, reverse=cls is Drop)
        first = {key: at for at, key in enumerate(names)}
        for key in circle:
            for other in tables[key].foreign_keys:
                later = first.get(other.target, -1) - first[key]
                if later > 0 if cls is Create else later < 0 and other.target in first:
                    loose.setdefault(key, []).append(other)
    if not loose:
        return changes
    result: list[Change] = []
    for change in changes:
        if not (isinstance(change, cls) and isinstance(change.what, Table)):
            result.append(change)
            continue
        gone = loose.get(change.what.key, [])
        kept = tuple(key for key in change.what.foreign_keys if key not in gone)
        result.append(cls(replace(change.what, foreign_keys=kept)) if gone else change)
        result += [cls(key, change.what.key) for key in gone]
    return result


def _name_rank(key: Key) -> tuple[str, ...]:
    return tuple(word or "" for word in key.path)


# ── what waits for what ───────────────────────────────────────────────────


@dataclass(slots=True)
class _Graph:
    """Gathers who gives, takes, awaits and releases each sign.

    A table has four moments: `free` (nothing from outside holds on to it), `begin` (its own
    constraints and indexes that go are gone), `end` (its columns are as wanted), `ready`
    (others may point at it).
    """

    have: Catalog
    want: Catalog
    makers: dict[Sign, list[int]] = field(default_factory=dict)
    breakers: dict[Sign, list[int]] = field(default_factory=dict)
    awaits: list[tuple[int, Sign]] = field(default_factory=list)
    releases: list[tuple[int, Sign]] = field(default_factory=list)
    before: list[tuple[int, Sign]] = field(default_factory=list)
    after: list[tuple[Sign, int]] = field(default_factory=list)
    moments: dict[Sign, None] = field(default_factory=dict)
    lives: set[Key] = field(default_factory=set)

    # words

    def makes(self, number: int, sign: Sign) -> None:
        self.makers.setdefault(sign, []).append(number)

    def breaks(self, number: int, sign: Sign) -> None:
        self.breakers.setdefault(sign, []).append(number)

    def waits_for(self, number: int, keys: Iterable[Key]) -> None:
        self.awaits += [(number, key) for key in keys]

    def lets_go(self, number: int, keys: Iterable[Key]) -> None:
        self.releases += [(number, key) for key in keys]

    def until(self, number: int, moment: str, key: Key) -> None:
        self.before.append((number, self.moment(moment, key)))

    def since(self, number: int, moment: str, key: Key) -> None:
        self.after.append((self.moment(moment, key), number))

    def moment(self, name: str, key: Key) -> Sign:
        self.lives.add(key)
        sign = (name, key)
        self.moments[sign] = None
        return sign

    # result

    def edges(self) -> Iterator[tuple[int | Sign, int | Sign]]:
        for number, sign in self.awaits:
            for maker in self.makers.get(sign, ()):
                yield maker, number
        for number, sign in self.releases:
            for breaker in self.breakers.get(sign, ()):
                yield number, breaker
        for sign, breakers in self.breakers.items():
            for maker in self.makers.get(sign, ()):
                for breaker in breakers:
                    yield breaker, maker
        yield from self.before
        yield from self.after
        for key in self.lives:
            steps = [("free", key), ("begin", key), ("end", key), ("ready", key)]
            present = [step for step in steps if step in self.moments]
            yield from pairwise(present)

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
        for sign in _signs(obj):
            self.makes(number, sign)
        self.waits_for(number, _needs(obj))
        if isinstance(obj, Table):
            self.until(number, "ready", obj.key)
            for key in obj.foreign_keys:
                if key.target != obj.key:
                    self.since(number, "ready", key.target)
        elif isinstance(obj, Definition):
            for need in _tables(obj):
                self.since(number, "ready", need)

    def drop_object(self, number: int, obj: SchemaObject) -> None:
        for sign in _signs(obj):
            self.breaks(number, sign)
        self.lets_go(number, _needs(obj))
        if isinstance(obj, Table):
            self.since(number, "free", obj.key)
            for key in obj.foreign_keys:
                if key.target != obj.key:
                    self.until(number, "free", key.target)
        elif isinstance(obj, Definition):
            for need in _tables(obj):
                self.until(number, "free", need)

    def alter_object(self, number: int, change: Alter) -> None:
        old, new = change.old, change.new
        if isinstance(old, Column) or isinstance(new, Column):
            return
        if isinstance(old, Table) and isinstance(new, Table):
            # only its options change here; what its parts need is theirs to wait for
            self.waits_for(number, new.needs)
            self.lets_go(number, old.needs - new.needs)
            return
        self.waits_for(number, _needs(new))  # type: ignore[arg-type]
        self.lets_go(number, _needs(old) - _needs(new))  # type: ignore[arg-type]
        if isinstance(new, Definition):
            for need in _tables(new):
                self.since(number, "ready", need)
        else:
            self.makes(number, change.key)

    def add_part(self, number: int, change: Change, owner: Key) -> None:
        what = change.what if isinstance(change, Create | Drop) else change.new
        match change, what:
            case (Create() | Alter(), Column()):
                self.change_column(number, change, owner)
            case (Drop(what=Column() as column), _):
                self.drop_column(number, column, owner)
            case (Drop(what=ForeignKey() as key), _):
                self.breaks(number, ("name", owner.namespace, key.name))
                self.until(number, "free", owner)
                self.until(number, "free", key.target)
            case (Create(what=ForeignKey() as key), _):
                self.makes(number, ("name", owner.namespace, key.name))
                self.since(number, "ready", owner)
                self.since(number, "ready", key.target)
            case (Create(), Unique() | Index()) if self.is_leant_on(change, owner):
                # a foreign key leans on it as soon as another index goes
                self.makes(number, ("name", owner.namespace, what.name))
                self.makes(number, ("leans", owner))
                self.until(number, "begin", owner)
            case (Drop(what=Index(extras=(("auto", True),)) as index), _) if self.stays(
                index, owner
            ):
                self.breaks(number, ("name", owner.namespace, index.name))
                self.waits_for(number, (("covers", owner),))  # type: ignore[arg-type]
                self.since(number, "end", owner)
            case (Drop(), _):
                self.waits_for(number, (("leans", owner),))  # type: ignore[arg-type]
                self.lets_go(number, _needs_of_parts(self.have.get(owner)))
                self.breaks(number, ("name", owner.namespace, what.name))  # type: ignore[union-attr]
                self.since(number, "free", owner)
                self.until(number, "begin", owner)
            case (Create(), _):
                self.makes(number, ("name", owner.namespace, what.name))  # type: ignore[union-attr]
                self.makes(number, ("covers", owner))
                self.waits_for(number, (owner,))
                self.waits_for_calls(number, owner)
                self.since(number, "end", owner)
                self.until(number, "ready", owner)
            case (Rename(), _):
                self.rename_part(number, change.old.name, change.new.name, owner)  # type: ignore[union-attr]

    def waits_for_calls(self, number: int, owner: Key) -> None:
        """Wait for the functions that a table's expressions call."""
        table = self.want.get(owner)
        needs = table.needs if isinstance(table, Table) else ()
        self.waits_for(number, (need for need in needs if need.kind == "function"))

    def rename_part(self, number: int, old: str | None, new: str | None, owner: Key) -> None:
        # the two halves of a detour are kept in order by those between them
        if not is_between(old):
            self.breaks(number, ("name", owner.namespace, old))
        if not is_between(new):
            self.makes(number, ("name", owner.namespace, new))

    def is_leant_on(self, change: Create, owner: Key) -> bool:
        what = change.what
        is_made = isinstance(what, Index) and ("auto", True) in what.extras
        return change.is_early or (is_made and self.had(what, owner))  # type: ignore[arg-type]

    def had(self, index: Index, owner: Key) -> bool:
        """Say whether an index can be made before anything else of its table changes."""
        table = self.have.get(owner)
        if not isinstance(table, Table) or any(one.name == index.name for one in table.indexes):
            return False
        return all(table.column(name) for name in index.columns)

    def stays(self, index: Index, owner: Key) -> bool:
        """Say whether the foreign key stays for which the server made an index."""
        table = self.want.get(owner)
        had = self.have.get(owner)
        if not isinstance(table, Table) or not isinstance(had, Table):
            return False
        kept = [item.columns for item in had.foreign_keys if item in table.foreign_keys]
        return index.columns in kept

    def change_column(self, number: int, change: Change, owner: Key) -> None:
        self.since(number, "begin", owner)
        self.until(number, "end", owner)
        wanted = self.want.get(owner)
        if isinstance(wanted, Table):
            self.waits_for(number, wanted.needs)
        new = change.what if isinstance(change, Create) else change.new  # type: ignore[union-attr]
        if not isinstance(new, Column):
            return
        name = ("column", owner, new.name)
        self.waits_for(number, _type_needs(new))
        self.waits_for(number, (("column", owner, word) for word in mentioned(new)))  # type: ignore[misc]
        self.makes(number, name)
        if isinstance(change, Alter) and isinstance(change.old, Column):
            if "type" in change.fields:
                self.breaks(number, name)
            self.let_go_of_column(number, change.old, owner, _type_needs(new))

    def drop_column(self, number: int, column: Column, owner: Key) -> None:
        self.since(number, "begin", owner)
        self.until(number, "end", owner)
        self.breaks(number, ("column", owner, column.name))
        self.let_go_of_column(number, column, owner, frozenset())

    def let_go_of_column(
        self, number: int, column: Column, owner: Key, kept: frozenset[Key]
    ) -> None:
        self.lets_go(number, _type_needs(column) - kept)
        if isinstance(column.default, Computed):
            words = mentioned(column)
            self.releases += [(number, ("column", owner, word)) for word in words]
        had, wanted = self.have.get(owner), self.want.get(owner)
        if isinstance(had, Table):
            stays = wanted.needs if isinstance(wanted, Table) else frozenset()
            self.lets_go(number, _needs_of_parts(had) - stays)


def _needs_of_parts(table: SchemaObject | None) -> frozenset[Key]:
    """Return what the expressions and types of a table need; its foreign keys see to their own."""
    if not isinstance(table, Table):
        return frozenset()
    return table.needs - {key.target for key in table.foreign_keys}


def _signs(obj: SchemaObject) -> Iterator[Sign]:
    key = obj.key
    yield key
    if getattr(obj, "on", None) is None or key.kind == "view_index":
        yield ("name", key.namespace, key.name)
    if isinstance(obj, Table):
        for part in parts_of(obj):
            if part.name is not None:
                yield ("name", key.namespace, part.name)


def _needs(obj: SchemaObject) -> frozenset[Key]:
    found = set(obj.needs)
    key = obj.key
    if key.namespace is not None:
        found.add(Key("namespace", (None, key.namespace)))
    if isinstance(obj, Table):
        for column in obj.columns:
            found |= _type_needs(column)
        found.update(other.target for other in obj.foreign_keys)
    elif isinstance(obj, Domain) and obj.type.ref is not None:
        found.add(obj.type.ref)
    elif isinstance(obj, Definition) and obj.on is not None:
        found.add(obj.on)
    return frozenset(found - {key})


def _type_needs(column: Column) -> frozenset[Key]:
    return frozenset() if column.type.ref is None else frozenset((column.type.ref,))


def _tables(obj: Definition) -> Iterator[Key]:
    keys = obj.needs if obj.on is None else obj.needs | {obj.on}
    return (key for key in keys if key.kind == "table")


# ── which of those that may run comes first ───────────────────────────────

_TABLE_RANK = KINDS["table"].create_rank
_PARTS = {PrimaryKey: 0, Unique: 1, Index: 2, ForeignKey: 4}


def _ranks(changes: Sequence[Change]) -> list[tuple[object, ...]]:
    return [_rank(change, number) for number, change in enumerate(changes)]


def _rank(change: Change, number: int) -> tuple[object, ...]:
    if change.owner is not None:
        return (4, _name_rank(change.owner), _part_rank(change), number)
    key = change.key
    name = _name_rank(key)
    gone = isinstance(change, Drop)
    rank = kind_of(key).create_rank
    if rank == _TABLE_RANK:
        if gone:
            return (3, tuple(_backward(word) for word in name), (), 0)
        return (2 if isinstance(change, Create) else 4, name, (-1,), 0)
    if rank < _TABLE_RANK:
        return (9, (str(9 - rank), *name), (), 0) if gone else (1, (str(rank), *name), (), 0)
    return (0 if gone else 8, (key.kind, *name), (), 0)


def _backward(word: str) -> str:
    return "".join(chr(0x10FFFF - ord(letter)) for letter in word) + chr(0x10FFFF)


def _part_rank(change: Change) -> tuple[object, ...]:
    what: Part | SchemaObject = change.what if isinstance(change, Create | Drop) else change.new
    if isinstance(what, Column):
        # the wanted order of new columns is the order in which they were found
        return ({Create: 3, Alter: 4, Drop: 5}.get(type(change), 4),)
    place = _PARTS.get(type(what), 3)
    name = getattr(what, "name", None) or ""
    if isinstance(change, Drop):
        return (1 if isinstance(what, ForeignKey) else 2, -place, name)
    if isinstance(change, Rename):
        return (6, place, name)
    return (7, place, name)
