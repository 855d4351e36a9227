"""Decide from the text of a statement whether a transaction can contain it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from limbeck.sql import ANY, split_top_level, strip_leading_comments

_KEYWORD = re.compile(r"(\w+)\s*")


@dataclass(frozen=True, slots=True)
class TransactionRules:
    """The statements of one database that cannot be part of a transaction.

    Such a statement is either refused inside a transaction or commits it.

    Args:
        outside: the statement's first keyword, in upper case, mapped to a regular expression for
            the text after it. A space in the expression matches any white space.
        leaving: in the same form, statements that would have no effect inside a transaction: the
            run commits the transaction before them and begins another one after them.
    """

    outside: Mapping[str, str]
    leaving: Mapping[str, str] = field(default_factory=dict)

    def is_outside(self, sql: str) -> bool:
        """Return whether SQL text contains a statement that cannot be part of a transaction.

        Args:
            sql: one statement or several, separated by semicolons.
        """
        return _any_matches(self.outside, sql)

    def is_leaving(self, sql: str) -> bool:
        """Return whether the run leaves its transaction for a statement."""
        return bool(self.leaving) and _any_matches(self.leaving, sql)


def _any_matches(patterns: Mapping[str, str], sql: str) -> bool:
    """Return whether a statement of SQL text matches the pattern of its first keyword."""
    if ";" not in sql:
        # this is called for every statement of a run, and most are a single INSERT or UPDATE
        match = _KEYWORD.match(sql)
        if match is not None and match[1].upper() not in patterns:
            return False
    for statement in statements_of(sql):
        match = _KEYWORD.match(statement)
        pattern = patterns.get(match[1].upper()) if match else None
        if match is None or pattern is None:
            continue
        if _compiled(pattern).match(statement, match.end()) is not None:
            return True
    return False


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE | re.DOTALL)


def statements_of(sql: str) -> Iterator[str]:
    """Yield the statements of SQL text, without leading comments."""
    several = ";" in sql.rstrip().rstrip(";")
    for part in split_top_level(sql, ";", ANY, parentheses=False) if several else (sql,):
        if statement := strip_leading_comments(part, ANY).rstrip("; \n"):
            yield statement
