"""The columns that a statement defines, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from limbeck.sql import QuotingRules, split_top_level, tokenize, unquote

_NAME = r"(?:\w+|`[^`]+`|\"[^\"]+\"|\[[^\]]+\])"


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression for statements, without regard to case."""
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_CREATE_TABLE = pattern(
    rf"CREATE (?:UNLOGGED |TEMP(?:ORARY)? )?TABLE (?:IF NOT EXISTS )?{_NAME}(?: \. {_NAME})? \("
)
_ALTER_TABLE = pattern(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME}(?: \. {_NAME})? ")
_ADD = pattern(rf"ADD (?:COLUMN )?(?:IF NOT EXISTS )?({_NAME}) (.+)")
_TYPE = pattern(rf"ALTER (?:COLUMN )?({_NAME}) (?:SET DATA )?TYPE (.+)")
_MODIFY = pattern(rf"(?:MODIFY|CHANGE (?:COLUMN )?{_NAME}) (?:COLUMN )?({_NAME}) (.+)")
_COLUMN = pattern(rf"({_NAME}) (.+)")
_NO_COLUMNS = frozenset(
    {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "INDEX", "KEY", "FULLTEXT", "SPATIAL"}
    | {"LIKE", "EXCLUDE", "PERIOD", "PARTITION"}
)


@lru_cache(maxsize=256)
def without_comments(statement: str, quoting: QuotingRules) -> str:
    """Return a statement without comments, with one space between tokens."""
    return " ".join(token.text for token in tokenize(statement, quoting))


@lru_cache(maxsize=256)
def without_strings(statement: str, quoting: QuotingRules) -> str:
    """Return a statement without comments and with empty strings."""
    tokens = tokenize(statement, quoting)
    return " ".join("''" if token.kind == "string" else token.text for token in tokens)


def bare_name(name: str) -> str:
    """Return the last part of a name without quotes, in lower case."""
    return unquote(name.rpartition(".")[2].strip()).lower()


def table_items(statement: str, quoting: QuotingRules) -> Iterator[str]:
    """Yield the columns and constraints of CREATE TABLE, or the clauses of ALTER TABLE."""
    text = without_comments(statement, quoting)
    if found := _CREATE_TABLE.match(text):
        yield from (one.strip() for one in _inside(text[found.end() :], quoting))
    elif found := _ALTER_TABLE.match(text):
        yield from (one.strip() for one in split_top_level(text[found.end() :], ",", quoting))


def _inside(text: str, quoting: QuotingRules) -> Iterator[str]:
    """Yield the parts of a list up to its closing parenthesis."""
    depth = 1
    for token in tokenize(text, quoting):
        if token.kind == "mark" and token.text in {"(", ")"}:
            depth += 1 if token.text == "(" else -1
            if not depth:
                yield from split_top_level(text[: token.start], ",", quoting)
                return


def column_definitions(statement: str, quoting: QuotingRules) -> Iterator[tuple[str, str]]:
    """Yield the name and the definition of each column that a statement adds or changes.

    Args:
        statement: one statement.
        quoting: the quoting rules of its database.
    """
    is_new = _CREATE_TABLE.match(without_comments(statement, quoting)) is not None
    patterns = (_COLUMN,) if is_new else (_ADD, _TYPE, _MODIFY)
    for item in table_items(statement, quoting):
        found = next((match for one in patterns if (match := one.match(item))), None)
        if found is not None and found[1].upper() not in _NO_COLUMNS:
            yield unquote(found[1]), found[2]
