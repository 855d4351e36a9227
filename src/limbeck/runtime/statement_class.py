"""Which sort of statement it is: read, undone by its transaction, or done for good."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from limbeck.plan import Tx

if TYPE_CHECKING:
    from limbeck.dialects import Cost


class Sort(enum.Enum):
    """What becomes of a statement when the run dies after it."""

    READ = "changes nothing that lasts"
    INSIDE = "goes with its transaction"
    ALONE = "runs in autocommit, but could have had a transaction"
    OUTSIDE = "commits by itself, or cannot be in a transaction"
    ENDS = "ends its transaction, which was not asked for"


_COMMENTS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*(?!!).*?\*/\s*)*", re.DOTALL)
_READ = re.compile(
    r"(?:SELECT|SHOW|DESCRIBE|DESC|EXPLAIN|VALUES|SET|USE|SAVEPOINT|RELEASE|ROLLBACK\s+TO|PRAGMA|DO)\b",
    re.IGNORECASE,
)
_WITH = re.compile(r"WITH\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_INTO = re.compile(r"\bINTO\b|\bFOR\s+UPDATE\b", re.IGNORECASE)
_ROWS = re.compile(r"(?:INSERT|UPDATE|DELETE|REPLACE|MERGE)\b", re.IGNORECASE)
_SCHEMA = frozenset({"ALTER ", "CREATE", "DROP T", "DROP I"})
_ENDS = re.compile(r"(?:COMMIT|END|BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)


def sort_of(statement: str, cost: Cost | None, *, commits_ddl: bool) -> Sort:
    """Return the sort of a statement.

    Args:
        statement: SQL text.
        cost: what the dialect knows of statements.
        commits_ddl: DDL commits by itself on this database.
    """
    match = _COMMENTS.match(statement)
    text = statement[match.end() :] if match else statement
    if text[:6].upper() in _SCHEMA:
        is_outside = cost is not None and _tx_of(text, cost) is Tx.OUTSIDE
        return Sort.OUTSIDE if is_outside else Sort.INSIDE
    if _is_read(text):
        return Sort.READ
    if _ROWS.match(text) or _WITH.match(text):
        return Sort.INSIDE
    if _ENDS.match(text):
        return Sort.OUTSIDE if commits_ddl else Sort.ENDS
    if cost is not None and _tx_of(text, cost) is Tx.OUTSIDE:
        return Sort.OUTSIDE
    return Sort.INSIDE


def _tx_of(text: str, cost: Cost) -> Tx:
    # locks and hazards, which take most of the time to find out, are not asked for here
    only = getattr(cost, "tx_only", None)
    tx: Tx = cost(text).tx if only is None else only(text)
    return tx


def _is_read(text: str) -> bool:
    if _WITH.match(text):
        return not _CHANGES.search(text)
    if text[:6].upper() == "SELECT":
        return not _INTO.search(text)
    return _READ.match(text) is not None
