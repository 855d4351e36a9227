"""Statements that PostgreSQL refuses inside a transaction."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import TransactionRules

_INDEX_CONCURRENTLY = r"INDEX CONCURRENTLY\b"
_DATABASE = r"(?:DATABASE|TABLESPACE|SUBSCRIPTION)\b"

# https://www.postgresql.org/docs/current/sql-commands.html, "cannot be executed inside a
# transaction block" in the notes of each command
RULES = TransactionRules(
    {
        "CREATE": rf"(?:UNIQUE )?{_INDEX_CONCURRENTLY}|{_DATABASE}",
        "DROP": rf"{_INDEX_CONCURRENTLY}|{_DATABASE}",
        "REINDEX": r"(?:\([^)]*\) )?(?:(?:TABLE|INDEX|SCHEMA|DATABASE|SYSTEM)?\s*CONCURRENTLY\b"
        r"|(?:SCHEMA|DATABASE|SYSTEM)\b)",
        "VACUUM": "",
        "ALTER": r"DATABASE .* SET TABLESPACE\b|SYSTEM\b"
        r"|TABLE .* DETACH PARTITION .* CONCURRENTLY\b",
        "CLUSTER": r"(?:VERBOSE)?$",
    }
)
