"""All objects of a database, found by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from limbeck.catalog.objects import SchemaObject, Table
from limbeck.catalog.types import Key


@dataclass(frozen=True, slots=True)
class Catalog:
    """An immutable set of objects.

    Create one with `Catalog.of(objects)`. Equality does not depend on the order of the objects.
    """

    objects: Mapping[Key, SchemaObject] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, objects: Iterable[SchemaObject]) -> Catalog:
        """Return a catalog of these objects; of two with the same key the later one is used."""
        return cls(MappingProxyType({obj.key: obj for obj in objects}))

    def __iter__(self) -> Iterator[SchemaObject]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)

    def __contains__(self, key: object) -> bool:
        return key in self.objects

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and dict(self.objects) == dict(other.objects)

    def __hash__(self) -> int:
        return hash(frozenset(self.objects))

    def get(self, key: Key) -> SchemaObject | None:
        """Return the object with the key, or None."""
        return self.objects.get(key)

    def table(self, name: str, namespace: str | None = None) -> Table | None:
        """Return a table by name, or None."""
        table = self.objects.get(Key("table", (namespace, name)))
        return table if isinstance(table, Table) else None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in the order in which they were given."""
        return tuple(obj for obj in self.objects.values() if isinstance(obj, Table))

    def of_kind(self, kind: str) -> tuple[SchemaObject, ...]:
        """Return the objects of one kind."""
        return tuple(obj for key, obj in self.objects.items() if key.kind == kind)

    def filter(self, keep: Callable[[SchemaObject], bool]) -> Catalog:
        """Return a catalog of the objects for which `keep` returns True."""
        objects = {key: obj for key, obj in self.objects.items() if keep(obj)}
        return Catalog(MappingProxyType(objects))

    def merge(self, others: Iterable[SchemaObject]) -> Catalog:
        """Return a catalog with these objects, which replace objects with the same keys."""
        return Catalog.of([*self, *others])

    def without(self, keys: Iterable[Key]) -> Catalog:
        """Return a catalog without the objects with these keys."""
        objects = dict(self.objects)
        for key in keys:
            objects.pop(key, None)
        return Catalog(MappingProxyType(objects))
