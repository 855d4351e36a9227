"""The shared part of the recipes for changes that block others for less time.

A form is only suggested after measuring that it does; the recipes only propose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Read = Callable[[str], Sequence[Any]]
"""Runs a query on a scratch database with the schema before the revision."""

_PARAMETERS = re.compile(r"%\(|%s|\?|\$\d|(?<![:\w]):[a-z_]\w*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SafeStep:
    """One step of a safe form: a statement, or Python code that uses `op`.

    Args:
        sql: the statement; "" if the step is code.
        outside: whether the statement runs in an autocommit block.
        code: lines for a revision file, in place of a statement.
    """

    sql: str = ""
    outside: bool = False
    code: str = ""


Recipe = Callable[["re.Match[str]", Read], Sequence[SafeStep]]


def identifier(part: str) -> str:
    """Return a pattern for one identifier, quoted or plain.

    Args:
        part: the quotation mark of the database.
    """
    return rf"(?:{part}[^{part}]+{part}|[\w$]+)"


def compiled(recipes: Iterable[tuple[str, Recipe]]) -> tuple[tuple[re.Pattern[str], Recipe], ...]:
    """Return recipes with their patterns, which are matched with the whole statement."""
    return tuple(
        (re.compile(rf"\s*{pattern}", re.IGNORECASE | re.DOTALL), recipe)
        for pattern, recipe in recipes
    )


def first_steps(
    recipes: Iterable[tuple[re.Pattern[str], Recipe]], statement: str, read: Read
) -> tuple[SafeStep, ...]:
    """Return the steps of the first recipe that matches a statement; empty if none does.

    Args:
        recipes: patterns with recipes.
        statement: the SQL.
        read: runs a query on a scratch database.
    """
    text = " ".join(statement.rstrip().rstrip(";").split())
    for pattern, recipe in recipes:
        if (match := pattern.fullmatch(text)) and (steps := tuple(recipe(match, read))):
            return steps
    return ()


def update_pattern(quote: str) -> str:
    """Return a pattern for an UPDATE of one table, without further clauses.

    Args:
        quote: the quotation mark of the database's identifiers.
    """
    name = identifier(quote)
    return (
        rf"UPDATE\s+(?:(?P<schema>{name})\.)?(?P<table>{name})\s+SET\s+(?P<set>(?:(?!\bFROM\b|"
        rf"\bWHERE\b|\bRETURNING\b|\bORDER\s+BY\b|\bLIMIT\b|\bSELECT\b).)+?)"
        rf"(?:\s+WHERE\s+(?P<where>(?:(?!\bRETURNING\b|\bORDER\s+BY\b|\bLIMIT\b).)+))?"
    )


def backfill(found: re.Match[str], _read: Read) -> tuple[SafeStep, ...]:
    """Change the rows in batches, with a commit after each."""
    if _PARAMETERS.search(found[0]):
        return ()
    return (backfill_step(found["table"], found["set"], found["where"], found["schema"]),)


def backfill_step(
    table: str, assignments: str, where: str | None = None, schema: str | None = None
) -> SafeStep:
    """Return a step that changes rows in batches.

    Args:
        table: the table as written in SQL.
        assignments: the text after SET.
        where: the condition for the rows to change.
        schema: the schema as written in SQL.
    """
    words = [python_text(bare(table)), python_text(assignments)]
    words += [f"where={python_text(where)}"] if where else []
    words += [f"schema={python_text(bare(schema))}"] if schema else []
    return SafeStep(code=f"op.backfill({', '.join(words)})")


def bare(name: str) -> str:
    """Return an identifier without its quotation marks."""
    return name[1:-1] if name[:1] in '"`[' else name


def python_text(text: str) -> str:
    """Return a text as a Python literal, in double quotes if it contains none."""
    text = " ".join(text.split())
    return f'"{text}"' if '"' not in text and "\\" not in text else repr(text)


def with_placeholders(text: str) -> str:
    """Return SQL for `op.execute`, with colons escaped that would be read as parameters."""
    return " ".join(text.split()).replace("\\", "\\\\").replace(":", "\\:")
