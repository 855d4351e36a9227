"""Statements of Oracle that commit the transaction: all data definition."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import TransactionRules

RULES = TransactionRules(
    dict.fromkeys(
        ("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "COMMENT", "GRANT", "REVOKE"), ""
    )
)
