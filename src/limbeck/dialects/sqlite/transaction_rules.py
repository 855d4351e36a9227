"""Statements that SQLite refuses or ignores inside a transaction."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import TransactionRules

RULES = TransactionRules(
    {
        # https://www.sqlite.org/lang_vacuum.html
        "VACUUM": "",
        # without effect inside a transaction: https://www.sqlite.org/pragma.html#pragma_foreign_keys
        "PRAGMA": r"(?:\w+\s*\.\s*)?(?:foreign_keys|journal_mode|auto_vacuum|page_size)\b",
        "ATTACH": "",
        "DETACH": "",
    }
)
