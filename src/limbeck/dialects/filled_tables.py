"""Select the tables of a scratch database that get rows, if a revision uses few of many."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from limbeck.dialects.measurement import names_in

# filling this many tables is faster than finding out which of them are needed
_FEW = 20
# statements whose text names every table that they use
_NAMES_ITS_TABLES = re.compile(
    r"\s*(?:ALTER\s+TABLE|ALTER\s+INDEX|CREATE\s+(?:UNIQUE\s+)?INDEX|CREATE\s+TABLE|DROP\s+TABLE"
    r"|DROP\s+INDEX|COMMENT\s+ON|INSERT|UPDATE|DELETE|TRUNCATE|SET\s|SHOW\s|PRAGMA\s"
    r"|SAVEPOINT|RELEASE|LOCK\s+TABLE)",
    re.IGNORECASE,
)


def words_of(statements: Iterable[str]) -> frozenset[str] | None:
    """Return the words of statements, in lower case; None if one may affect any table.

    Args:
        statements: the SQL of a revision.
    """
    words: set[str] = set()
    for statement in statements:
        if not _NAMES_ITS_TABLES.match(statement):
            return None
        words |= names_in(statement)
    return frozenset(words)


def tables_to_fill(
    references: Mapping[str, Collection[str]], words: Collection[str] | None
) -> set[str]:
    """Return the tables that get rows: the named ones, and those that they depend on.

    Args:
        references: for each table, the tables that it references.
        words: the words of a revision's statements, in lower case; None for all tables.
    """
    if words is None or len(references) <= _FEW:
        return set(references)
    named = {name for name in references if _bare(name) in words}
    chosen = named | {name for name, targets in references.items() if not named.isdisjoint(targets)}
    waiting = set(chosen)
    while waiting:
        targets = {one for name in waiting for one in references.get(name, ())}
        waiting = targets - chosen
        chosen |= waiting
    return chosen & set(references)


def _bare(name: str) -> str:
    return name.rpartition(".")[2].strip('"').lower()
