"""Classify statements by their effect on the transaction, and by whether one can contain them."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from limbeck.sql import ANY, split_top_level, strip_leading_comments

_KEYWORD = re.compile(r"(\w+)\s*")
_COMMENTS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*(?!!).*?\*/\s*)*", re.DOTALL)
_READ = re.compile(
    r"(?:SELECT|SHOW|DESCRIBE|DESC|EXPLAIN|VALUES|SET|USE|SAVEPOINT|RELEASE|PRAGMA|DO"
    r"|ROLLBACK\s+(?:WORK\s+|TRANSACTION\s+)?TO)\b",
    re.IGNORECASE,
)
_WITH = re.compile(r"WITH\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_INTO = re.compile(r"\bINTO\b|\bFOR\s+UPDATE\b", re.IGNORECASE)
_ROWS = re.compile(r"(?:INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)
_SCHEMA = frozenset({"ALTER ", "CREATE", "DROP T", "DROP I"})
_ROLLBACK = re.compile(r"ROLLBACK\b(?!(?:\s+(?:WORK|TRANSACTION))?\s+TO\b)", re.IGNORECASE)
_ENDS = re.compile(r"(?:COMMIT|END|BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)


class StatementClass(enum.Enum):
    """What happens to the effect of a statement if the run is killed after it."""

    READ = "has no permanent effect"
    TRANSACTIONAL = "is rolled back with its transaction"
    AUTOCOMMIT_BLOCK = "runs in autocommit mode, but could run in a transaction"
    NON_TRANSACTIONAL = "commits implicitly, or cannot run in a transaction"
    ENDS_TRANSACTION = "ends the transaction of the run"
    ROLLS_BACK = "rolls back the transaction"
    LEAVES_TRANSACTION = "has no effect in a transaction, which is committed before it"
    PERMANENT = "changes rows of a non-transactional table"


@dataclass(frozen=True, slots=True)
class TransactionRules:
    """The statements of one database that cannot be part of a transaction.

    Such a statement is either refused inside a transaction or commits it.

    Args:
        non_transactional: the statement's first keyword, in upper case, mapped to a regular
            expression for the text after it. A space in the expression matches any white space.
        ineffective: in the same form, statements that would have no effect inside a transaction:
            the run commits the transaction before them and begins another one after them.
    """

    non_transactional: Mapping[str, str]
    ineffective: Mapping[str, str] = field(default_factory=dict)

    def is_non_transactional(self, sql: str) -> bool:
        """Return whether SQL text contains a statement that cannot be part of a transaction.

        Args:
            sql: one statement or several, separated by semicolons.
        """
        return _any_matches(self.non_transactional, sql)

    def is_ineffective(self, sql: str) -> bool:
        """Return whether a statement would have no effect inside a transaction."""
        return bool(self.ineffective) and _any_matches(self.ineffective, sql)


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


def classify(
    statement: str, rules: TransactionRules | None, *, commits_ddl: bool
) -> StatementClass:
    """Return the class of a statement.

    Args:
        statement: SQL text.
        rules: the rules for statements that cannot run in a transaction.
        commits_ddl: whether DDL commits implicitly on this database.
    """
    match = _COMMENTS.match(statement)
    text = statement[match.end() :] if match else statement
    is_schema_change = text[:6].upper() in _SCHEMA
    found = StatementClass.TRANSACTIONAL
    if not is_schema_change and rules is not None and rules.is_ineffective(text):
        found = StatementClass.LEAVES_TRANSACTION
    elif not is_schema_change and _is_read(text):
        found = StatementClass.READ
    elif _ROLLBACK.match(text):
        found = StatementClass.ROLLS_BACK
    elif _ENDS.match(text):
        # where DDL commits, these commit too
        found = StatementClass.NON_TRANSACTIONAL if commits_ddl else StatementClass.ENDS_TRANSACTION
    elif (
        rules is not None
        and not (_ROWS.match(text) or _WITH.match(text))
        and rules.is_non_transactional(text)
    ):
        found = StatementClass.NON_TRANSACTIONAL
    return found


def _is_read(text: str) -> bool:
    if _WITH.match(text):
        return not _CHANGES.search(text)
    if text[:6].upper() == "SELECT":
        return not _INTO.search(text)
    return _READ.match(text) is not None
