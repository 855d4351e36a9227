"""All objects of a database, found by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from limbeck.catalog.objects import Table, Thing
from limbeck.catalog.types import Key


@dataclass(frozen=True, slots=True)
class Catalog:
    """An unchanging set of things.

    Build one with `Catalog.of(things)`. Equality is by content, not by order.
    """

    things: Mapping[Key, Thing] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Catalog:
        """Return a catalog of these things; of two with one key the later stays."""
        return cls(MappingProxyType({thing.key: thing for thing in things}))

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.things.values())

    def __len__(self) -> int:
        return len(self.things)

    def __contains__(self, key: object) -> bool:
        return key in self.things

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and dict(self.things) == dict(other.things)

    def __hash__(self) -> int:
        return hash(frozenset(self.things))

    def get(self, key: Key) -> Thing | None:
        """Return the thing of that key, or None."""
        return self.things.get(key)

    def table(self, name: str, namespace: str | None = None) -> Table | None:
        """Return a table by name, or None."""
        found = self.things.get(Key("table", (namespace, name)))
        return found if isinstance(found, Table) else None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in the order in which they were given."""
        return tuple(thing for thing in self.things.values() if isinstance(thing, Table))

    def of_kind(self, kind: str) -> tuple[Thing, ...]:
        """Return the things of one kind."""
        return tuple(thing for key, thing in self.things.items() if key.kind == kind)

    def filter(self, keep: Callable[[Thing], bool]) -> Catalog:
        """Return a catalog of the things for which `keep` says True."""
        return Catalog.of(thing for thing in self if keep(thing))

    def merge(self, others: Iterable[Thing]) -> Catalog:
        """Return a catalog with these things added or put in place of their likes."""
        return Catalog.of([*self, *others])

    def without(self, keys: Iterable[Key]) -> Catalog:
        """Return a catalog without the things of these keys."""
        gone = frozenset(keys)
        return self.filter(lambda thing: thing.key not in gone)
