"""Alternative statements for a change of a PostgreSQL table that block others for less time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from limbeck.dialects.safe_recipes import (
    Read,
    Recipe,
    SafeStep,
    backfill,
    backfill_step,
    compiled,
    first_steps,
    identifier,
    update_pattern,
)

_PART = identifier('"')
_NAME = rf"{_PART}(?:\.{_PART})?"
_CHECKED = r"(?P<rest>(?:FOREIGN\s+KEY|CHECK)\b(?!.*NOT\s+VALID).+)"
_KEY = r"(?P<kind>UNIQUE|PRIMARY\s+KEY)\s*(?P<columns>\([^()]*\))"
_ALTER = rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>{_NAME})\s+"
# the text alone does not show what a column with one of these needs
_MORE = r"\b(?:REFERENCES|CHECK|UNIQUE|PRIMARY|GENERATED|CONSTRAINT|COLLATE|ADD|ALTER|DROP)\b"
_NEW_COLUMN = (
    rf"{_ALTER}ADD\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+(?P<type>[^,]+?)"
    rf"(?P<first>\s+NOT\s+NULL)?\s+DEFAULT\s+(?P<default>(?!.*{_MORE}).+?)(?P<last>\s+NOT\s+NULL)?"
)
_LONGEST = 63


def _index(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    # https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    unique = "UNIQUE " if match["unique"] else ""
    return (SafeStep(f"CREATE {unique}INDEX CONCURRENTLY {match['rest']}", outside=True),)


def _reindex(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    sql = f"REINDEX {match['kind'].upper()} CONCURRENTLY {match['rest']}"
    return (SafeStep(sql, outside=True),)


def _not_valid(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    # https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
    table, name = match["table"], match["name"]
    return (
        SafeStep(f"ALTER TABLE {table} ADD CONSTRAINT {name} {match['rest']} NOT VALID"),
        SafeStep(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", outside=True),
    )


def _set_not_null(table: str, column: str) -> Iterator[SafeStep]:
    plain = re.sub(r"\W", "_", f"{table.rpartition('.')[2]}_{column}").strip("_")
    name = f"{plain[: _LONGEST - len('_not_null')]}_not_null"
    yield SafeStep(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID"
    )
    yield SafeStep(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}", outside=True)
    yield SafeStep(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
    yield SafeStep(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _not_null(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    return tuple(_set_not_null(match["table"], match["column"]))


def _new_column(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Add a column without values, then its default for new rows, then values in batches."""
    table, column, default = match["table"], match["column"], match["default"]
    schema, _, name = table.rpartition(".")
    steps = [
        SafeStep(f"ALTER TABLE {table} ADD COLUMN {column} {match['type']}"),
        SafeStep(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"),
        backfill_step(name, f"{column} = {default}", f"{column} IS NULL", schema or None),
    ]
    if match["first"] or match["last"]:
        steps += _set_not_null(table, column)
    return tuple(steps)


def _unique(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    table, name, kind = match["table"], match["name"], " ".join(match["kind"].upper().split())
    return (
        SafeStep(
            f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} {match['columns']}", outside=True
        ),
        SafeStep(f"ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}"),
    )


def _detach(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    sql = f"ALTER TABLE {match['table']} DETACH PARTITION {match['partition']} CONCURRENTLY"
    return (SafeStep(sql, outside=True),)


def _refresh(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    return (SafeStep(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {match['rest']}"),)


_RECIPES: tuple[tuple[str, Recipe], ...] = (
    (r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)(?P<rest>.+)", _index),
    (r"REINDEX\s+(?P<kind>TABLE|INDEX)\s+(?!CONCURRENTLY)(?P<rest>.+)", _reindex),
    (rf"{_ALTER}ADD\s+CONSTRAINT\s+(?P<name>{_PART})\s+{_CHECKED}", _not_valid),
    (rf"{_ALTER}ALTER\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+SET\s+NOT\s+NULL", _not_null),
    (rf"{_ALTER}ADD\s+CONSTRAINT\s+(?P<name>{_PART})\s+{_KEY}", _unique),
    (_NEW_COLUMN, _new_column),
    (rf"{_ALTER}DETACH\s+PARTITION\s+(?P<partition>{_NAME})", _detach),
    (r"REFRESH\s+MATERIALIZED\s+VIEW\s+(?!CONCURRENTLY)(?P<rest>.+)", _refresh),
    (update_pattern('"'), backfill),
)
_COMPILED = compiled(_RECIPES)


def safe_steps(statement: str, read: Read) -> tuple[SafeStep, ...]:
    """Return the steps that may replace a statement; empty if no recipe matches."""
    return first_steps(_COMPILED, statement, read)
