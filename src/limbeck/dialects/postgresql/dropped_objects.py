"""Objects of PostgreSQL that a statement has dropped without naming them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.dialects.postgresql.schema_snapshot import Relation, SchemaSnapshot

_KINDS = {
    "r": "table", "p": "table", "f": "foreign table", "i": "index", "I": "index", "v": "view",
    "m": "materialized view", "S": "sequence",
}  # fmt: skip


def dropped_objects(before: SchemaSnapshot, after: SchemaSnapshot, statement: str) -> Iterator[str]:
    """Yield what was dropped although the statement does not name it.

    Args:
        before: the catalog before the statement.
        after: the catalog after it.
        statement: the SQL.
    """
    words = {word.lower() for word in re.findall(r"[\w$]+", statement)}
    gone = set(before.relations) - set(after.relations)
    yield from _dropped_relations(before, after, words, gone)
    yield from _dropped_parts(before, after, words, gone)


def _dropped_relations(
    before: SchemaSnapshot, after: SchemaSnapshot, words: set[str], gone: set[int]
) -> Iterator[str]:
    for oid in sorted(gone):
        one = before.relations[oid]
        if one.name.rpartition(".")[2].lower() in words or one.table in gone:
            continue
        if one.kind == "S" and ("owned sequence", oid) in before.parts:
            continue
        if one.kind in "iI" and (
            same_file(one, after)
            or _is_made_again(one, after)
            or _belongs_to_named_constraint(one, before, after, words)
        ):
            continue
        yield f"{_KINDS[one.kind]} {one.name}"


def _dropped_parts(
    before: SchemaSnapshot, after: SchemaSnapshot, words: set[str], gone: set[int]
) -> Iterator[str]:
    for (kind, oid), (name, owner) in before.parts.items():
        bare = name.partition("#")[0]
        if (kind, oid) in after.parts or kind == "owned sequence" or owner in gone:
            continue
        if bare.lower() in words or (name, owner) in after.parts.values():
            continue
        if kind == "constraint" and _is_same_index(name, before, gone):
            continue
        yield f"{kind} {bare}"
    for (table, number), (name, _type) in before.columns.items():
        # DROP TYPE and DROP DOMAIN may have the name of a column that goes with them
        is_named = name.lower() in words and "alter" in words
        if (table, number) in after.columns or table in gone or is_named:
            continue
        yield f"column {before.relations[table].name}.{name}"


def same_file(index: Relation, other: SchemaSnapshot) -> bool:
    """Return whether an index of the other moment has the same file: it was not built again."""
    return any(
        one.filenode == index.filenode and one.table == index.table
        for one in other.relations.values()
        if one.kind == "i"
    )


def _is_made_again(index: Relation, after: SchemaSnapshot) -> bool:
    return any(one.name == index.name and one.table == index.table
               for one in after.relations.values())  # fmt: skip


def _belongs_to_named_constraint(
    index: Relation, before: SchemaSnapshot, after: SchemaSnapshot, words: set[str]
) -> bool:
    names = {name for key, (name, owner) in before.parts.items() if owner == index.table
             and key not in after.parts}  # fmt: skip
    return index.name.rpartition(".")[2] in names or any(name.lower() in words for name in names)


def _is_same_index(name: str, before: SchemaSnapshot, gone: set[int]) -> bool:
    return any(before.relations[oid].name.rpartition(".")[2] == name for oid in gone)
