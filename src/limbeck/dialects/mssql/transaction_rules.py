"""Statements that SQL Server refuses inside a transaction."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import TransactionRules

_DATABASE = r"(?:DATABASE|FULLTEXT)\b"

# https://learn.microsoft.com/sql/t-sql/language-elements/transactions-transact-sql
RULES = TransactionRules(
    {
        "CREATE": _DATABASE,
        "ALTER": _DATABASE,
        "DROP": _DATABASE,
        "BACKUP": "",
        "RESTORE": "",
        "RECONFIGURE": "",
    }
)
