"""Classify statements by their effect on the transaction."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.dialects import TransactionRules


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
    if text[:6].upper() in _SCHEMA:
        is_outside = rules is not None and rules.is_outside(text)
        return StatementClass.NON_TRANSACTIONAL if is_outside else StatementClass.TRANSACTIONAL
    if rules is not None and rules.is_leaving(text):
        return StatementClass.LEAVES_TRANSACTION
    if _is_read(text):
        return StatementClass.READ
    if _ROLLBACK.match(text):
        return StatementClass.ROLLS_BACK
    return _classify_change(text, rules, commits_ddl=commits_ddl)


def _classify_change(
    text: str, rules: TransactionRules | None, *, commits_ddl: bool
) -> StatementClass:
    if _ROWS.match(text) or _WITH.match(text):
        return StatementClass.TRANSACTIONAL
    if _ENDS.match(text):
        return StatementClass.NON_TRANSACTIONAL if commits_ddl else StatementClass.ENDS_TRANSACTION
    if rules is not None and rules.is_outside(text):
        return StatementClass.NON_TRANSACTIONAL
    return StatementClass.TRANSACTIONAL


def _is_read(text: str) -> bool:
    if _WITH.match(text):
        return not _CHANGES.search(text)
    if text[:6].upper() == "SELECT":
        return not _INTO.search(text)
    return _READ.match(text) is not None
