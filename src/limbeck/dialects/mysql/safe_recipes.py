"""Alternative statements for a change of a MariaDB or MySQL table that cost less."""

from __future__ import annotations

import re

from limbeck.dialects.safe_recipes import (
    Read,
    Recipe,
    SafeStep,
    backfill,
    backfill_step,
    bare,
    compiled,
    first_steps,
    identifier,
    update_pattern,
)

_PART = identifier("`")
_TABLE = rf"ALTER\s+TABLE\s+(?P<table>{_PART})\s+"
_MORE = r"\b(?:REFERENCES|CHECK|UNIQUE|PRIMARY|KEY|GENERATED|AS|AUTO_INCREMENT|AFTER|FIRST)\b"
_COLUMNS = rf"\(\s*{_PART}(?:\s*,\s*{_PART})*\s*\)"
_FOREIGN_KEY = (
    rf"{_TABLE}ADD\s+(?:CONSTRAINT\s+(?P<name>{_PART})\s+)FOREIGN\s+KEY\s*(?P<columns>{_COLUMNS})"
    rf"\s*REFERENCES\s+(?P<parent>{_PART})\s*(?P<keys>{_COLUMNS})(?P<rest>.*)"
)
_POSITION = rf"(?P<start>{_TABLE}ADD\s+(?:COLUMN\s+)?[^,]+?)\s+(?:FIRST|AFTER\s+{_PART})"
_DEFAULT = (
    rf"{_TABLE}ADD\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+(?P<type>(?!.*{_MORE})[^,]+?)"
    r"(?:\s+NULL)?\s+DEFAULT\s*(?P<default>\(.+\)|[a-z_]+\(\))"
)
_NOT_NULL = (
    rf"{_TABLE}MODIFY\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+(?P<rest>[^,]*?(?:\([^)]*\)[^,]*?)?"
    r"\bNOT\s+NULL\s+DEFAULT\s+(?P<default>'[^']*'|-?[\d.]+)(?:\s+COMMENT\s+'[^']*')?)"
)
_ENUM = (
    rf"(?P<start>{_TABLE}MODIFY\s+(?:COLUMN\s+)?(?P<column>{_PART})\s+)ENUM\s*"
    r"\((?P<labels>'[^']*'(?:\s*,\s*'[^']*')*)\)(?P<rest>.*)"
)


def _without_position(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Add a column as the last one, which needs no copy of the table."""
    return (SafeStep(match["start"]),)


def _default_later(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Add a column without values, then its default for new rows, then values in batches."""
    table, column, default = match["table"], match["column"], match["default"]
    return (
        SafeStep(f"ALTER TABLE {table} ADD COLUMN {column} {match['type']} NULL"),
        SafeStep(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"),
        backfill_step(table, f"{column} = {default}", f"{column} IS NULL"),
    )


def _fill_first(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Give the default to the rows without a value, before the column becomes NOT NULL."""
    table, column = match["table"], match["column"]
    return (
        backfill_step(table, f"{column} = {match['default']}", f"{column} IS NULL"),
        SafeStep(match[0]),
    )


def _appended(match: re.Match[str], read: Read) -> tuple[SafeStep, ...]:
    """Append new values of an ENUM to the existing ones.

    https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/
    """
    wanted = re.findall(r"'[^']*'", match["labels"])
    rows = read(f"SHOW COLUMNS FROM {match['table']} LIKE '{bare(match['column'])}'")
    known = re.findall(r"'[^']*'", str(rows[0][1])) if rows else []
    labels = [*known, *(one for one in wanted if one not in known)]
    # the statement changes the order or removes values
    if not known or set(labels) != set(wanted) or labels in (wanted, known):
        return ()
    return (SafeStep(f"{match['start']}ENUM({', '.join(labels)}){match['rest']}"),)


def _checked_afterwards(match: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Add a foreign key that is enforced for new rows at once, then check existing rows.

    https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-inplace-alter-algorithm/
    """
    columns, keys = (re.findall(_PART, match[name]) for name in ("columns", "keys"))
    table, parent, name = match["table"], match["parent"], match["name"]
    same = " AND ".join(f"p.{key} = c.{one}" for one, key in zip(columns, keys, strict=False))
    given = " AND ".join(f"c.{column} IS NOT NULL" for column in columns)
    # the names come from the statement
    query = (
        f"SELECT 1 FROM {table} c WHERE {given}",  # noqa: S608
        f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same}) LIMIT 1",  # noqa: S608
    )
    drop = f"ALTER TABLE {table} DROP FOREIGN KEY {name}"
    message = f"rows of {bare(table)} refer to no row of {bare(parent)}"
    return (
        SafeStep("SET foreign_key_checks = 0"),
        SafeStep(match[0]),
        SafeStep("SET foreign_key_checks = 1"),
        SafeStep(
            code="orphan = op.get_bind().exec_driver_sql(\n"
            + "".join(f"    {_literal(one)}\n" for one in query)
            + ").first()\nif orphan:\n"
            f"    op.execute({_literal(drop)})\n"
            f"    raise ValueError({_literal(message)})"
        ),
    )


def _literal(text: str) -> str:
    return f'"{text}"' if '"' not in text and "\\" not in text else repr(text)


_RECIPES: tuple[tuple[str, Recipe], ...] = (
    (_FOREIGN_KEY, _checked_afterwards),
    (_POSITION, _without_position),
    (_DEFAULT, _default_later),
    (_ENUM, _appended),
    (_NOT_NULL, _fill_first),
    (update_pattern("`"), backfill),
)
_COMPILED = compiled(_RECIPES)


def safe_steps(statement: str, read: Read) -> tuple[SafeStep, ...]:
    """Return the steps that may replace a statement; empty if no recipe matches."""
    return first_steps(_COMPILED, statement, read)
