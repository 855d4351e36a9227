"""The lock modes of PostgreSQL, and what other sessions cannot do while one is held.

https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from limbeck.dialects.measurement import EVERYTHING, WRITES

ORDER = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
RANKS = MappingProxyType({mode: rank for rank, mode in enumerate(ORDER)})
BLOCKED = MappingProxyType(
    {
        "SHARE": ("insert", "update"),
        "SHARE ROW EXCLUSIVE": ("insert", "update"),
        "EXCLUSIVE": WRITES,
        "ACCESS EXCLUSIVE": EVERYTHING,
    }
)
_WORD_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAME = r"((?:\"[^\"]+\"|[\w$]+)(?:\.(?:\"[^\"]+\"|[\w$]+))?)"
# What statements outside a transaction lock; they release it before it can be read.
# https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
_OUTSIDE = (
    (
        re.compile(
            rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\b.*?\sON\s+(?:ONLY\s+)?{_NAME}",
            re.IGNORECASE | re.DOTALL,
        ),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(
            rf"ALTER\s+TABLE\s+{_NAME}\s+DETACH\s+PARTITION\s+{_NAME}\s+CONCURRENTLY",
            re.IGNORECASE,
        ),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(rf"VACUUM\b(?=.*\bFULL\b).*?\s{_NAME}\s*;?\s*$", re.IGNORECASE | re.DOTALL),
        "ACCESS EXCLUSIVE",
    ),
    (
        re.compile(rf"VACUUM\b.*?\s{_NAME}\s*;?\s*$", re.IGNORECASE | re.DOTALL),
        "SHARE UPDATE EXCLUSIVE",
    ),
    (
        re.compile(rf"REINDEX\s+.*?TABLE\s+CONCURRENTLY\s+{_NAME}", re.IGNORECASE | re.DOTALL),
        "SHARE UPDATE EXCLUSIVE",
    ),
)
_INDEX = re.compile(
    rf"(?:DROP\s+INDEX|REINDEX\s+(?:\([^)]*\)\s*)?INDEX)\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)


def spelled(mode: str) -> str:
    """Return a mode of `pg_locks` as the manual spells it: AccessShareLock is ACCESS SHARE."""
    return _WORD_BOUNDARY.sub(" ", mode.removesuffix("Lock")).upper()


def strongest(modes: Iterable[str]) -> str | None:
    """Return the strongest of lock modes, None for none."""
    return max(modes, key=RANKS.__getitem__, default=None)


def outside_locks(statement: str, tables_of_indexes: Mapping[str, str]) -> dict[str, str]:
    """Return the locks of a statement that runs outside a transaction.

    Args:
        statement: the SQL.
        tables_of_indexes: the table of each index.
    """
    for pattern, mode in _OUTSIDE:
        if found := pattern.match(statement.strip()):
            return {plain(name): mode for name in found.groups() if name}
    if found := _INDEX.match(statement.strip()):
        table = tables_of_indexes.get(plain(found[1]))
        return {} if table is None else {table: "SHARE UPDATE EXCLUSIVE"}
    return {}


def plain(name: str) -> str:
    """Return a name as the catalog has it, without the schema `public`."""
    parts = [
        part[1:-1] if part.startswith('"') else part.lower()
        for part in re.findall(r"\"[^\"]+\"|[\w$]+", name)
    ]
    return ".".join(parts[1:] if parts[:1] == ["public"] else parts)
