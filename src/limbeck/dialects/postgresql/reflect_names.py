"""Resolve names and oids in the rows of pg_catalog."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from limbeck.catalog import Key, Type
from limbeck.dialects.postgresql import type_names

Row = list[Any]


@dataclass(slots=True)
class Names:
    """The default namespace, and the types that are enums or domains."""

    default: str | None
    rows: list[Row]
    refs: dict[int, tuple[Key, int]] = field(default_factory=dict)
    texts: dict[str, Type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for oid, array, namespace, name, kind in self.rows:
            key = self.key("enum" if kind == "e" else "domain", namespace, name)
            self.refs[oid] = (key, 0)
            if array:
                self.refs[array] = (key, 1)

    def namespace(self, name: str | None) -> str | None:
        """Return the namespace; None for the default namespace."""
        return None if name == self.default else name

    def key(self, kind: str, namespace: str | None, name: str) -> Key:
        """Return a key without the default namespace."""
        return Key(kind, (self.namespace(namespace), name))

    def type(self, oid: int, text: str, collation: str | None = None) -> Type:
        """Return a column's type, with the enum or domain that its name refers to."""
        found = self.refs.get(oid)
        if found is not None:
            key, dimensions = found
            return Type(key.name, (), collation, dimensions, key)
        known = self.texts.get(text)
        if known is None:
            known = self.texts[text] = type_names.read(text)
        if collation is None:
            return known
        return Type(known.name, known.args, collation, known.dimensions)


_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}


def sequence_options(row: Row) -> tuple[int | None, int | None, int | None, int | None]:
    """Return start, increment, minvalue and maxvalue; None for a default value.

    Args:
        row: a sequence's type, start, increment, minimum, maximum and further options.
    """
    kind = row[0]
    start, increment, low, high = (int(text) for text in row[1:5])
    limit = _LIMITS.get(kind, 2**63)
    up = increment > 0
    least, most = (1, limit - 1) if up else (-limit, -1)
    return (
        None if start == (low if up else high) else start,
        None if increment == 1 else increment,
        None if low == least else low,
        None if high == most else high,
    )


def sequence_cache(text: str) -> int | None:
    """Return how many values a session allocates at once; None for one."""
    return None if text == "1" else int(text)
