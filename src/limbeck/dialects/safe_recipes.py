"""Alternative statements for a change of a PostgreSQL table that block others for less time.

A form is only suggested after measuring that it does; this module only contains the forms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

_NAME = r"(?:\"[^\"]+\"|[\w$]+)(?:\.(?:\"[^\"]+\"|[\w$]+))?"
_CHECKED = r"(?P<rest>(?:FOREIGN\s+KEY|CHECK)\b(?!.*NOT\s+VALID).+)"
_KEY = r"(?P<kind>UNIQUE|PRIMARY\s+KEY)\s*(?P<columns>\([^()]*\))"
_ALTER = rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>{_NAME})\s+"
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class SafeStatement:
    """One step of a safe form.

    Args:
        sql: the statement.
        outside: whether the statement runs in an autocommit block.
    """

    sql: str
    outside: bool = False


_Recipe = Callable[["re.Match[str]"], tuple[SafeStatement, ...]]


def _index(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    # https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    unique = "UNIQUE " if found["unique"] else ""
    return (SafeStatement(f"CREATE {unique}INDEX CONCURRENTLY {found['rest']}", outside=True),)


def _reindex(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    return (
        SafeStatement(
            f"REINDEX {found['kind'].upper()} CONCURRENTLY {found['rest']}", outside=True
        ),
    )


def _not_valid(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    # https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
    table, name = found["table"], found["name"]
    return (
        SafeStatement(f"ALTER TABLE {table} ADD CONSTRAINT {name} {found['rest']} NOT VALID"),
        SafeStatement(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", outside=True),
    )


def _not_null(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    table, column = found["table"], found["column"]
    bare = re.sub(r"\W", "_", f"{table.rpartition('.')[2]}_{column}").strip("_")
    name = f"{bare[: _LONGEST - len('_not_null')]}_not_null"
    return (
        SafeStatement(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"
        ),
        SafeStatement(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", outside=True),
        SafeStatement(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"),
        SafeStatement(f"ALTER TABLE {table} DROP CONSTRAINT {name}"),
    )


def _unique(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    table, name, kind = found["table"], found["name"], " ".join(found["kind"].upper().split())
    return (
        SafeStatement(
            f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {found['columns']}", outside=True
        ),
        SafeStatement(f"ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}"),
    )


def _detach(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    table, partition = found["table"], found["partition"]
    return (
        SafeStatement(
            f"ALTER TABLE {table} DETACH PARTITION {partition} CONCURRENTLY", outside=True
        ),
    )


def _refresh(found: re.Match[str]) -> tuple[SafeStatement, ...]:
    return (SafeStatement(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {found['rest']}"),)


_POSTGRESQL: tuple[tuple[str, _Recipe], ...] = (
    (r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)(?P<rest>.+)", _index),
    (r"REINDEX\s+(?P<kind>TABLE|INDEX)\s+(?!CONCURRENTLY)(?P<rest>.+)", _reindex),
    (rf"{_ALTER}ADD\s+CONSTRAINT\s+(?P<name>{_NAME})\s+{_CHECKED}", _not_valid),
    (rf"{_ALTER}ALTER\s+(?:COLUMN\s+)?(?P<column>{_NAME})\s+SET\s+NOT\s+NULL", _not_null),
    (rf"{_ALTER}ADD\s+CONSTRAINT\s+(?P<name>{_NAME})\s+{_KEY}", _unique),
    (rf"{_ALTER}DETACH\s+PARTITION\s+(?P<partition>{_NAME})", _detach),
    (r"REFRESH\s+MATERIALIZED\s+VIEW\s+(?!CONCURRENTLY)(?P<rest>.+)", _refresh),
)


@cache
def _recipes() -> tuple[tuple[re.Pattern[str], _Recipe], ...]:
    return tuple(
        (re.compile(rf"\s*{pattern}", re.IGNORECASE | re.DOTALL), recipe)
        for pattern, recipe in _POSTGRESQL
    )


def safe_statements(statement: str, dialect: str) -> tuple[SafeStatement, ...]:
    """Return the steps that may replace a statement; empty if no recipe matches.

    Args:
        statement: the SQL.
        dialect: the name of the record.
    """
    if dialect != "postgresql":
        return ()
    text = " ".join(statement.rstrip().rstrip(";").split())
    for pattern, recipe in _recipes():
        if found := pattern.fullmatch(text):
            return recipe(found)
    return ()
