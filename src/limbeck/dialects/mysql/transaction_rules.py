"""Statements of MySQL and MariaDB that commit the transaction."""

from __future__ import annotations

from limbeck.dialects.transaction_rules import TransactionRules

_NOT_TEMPORARY = r"(?!TEMPORARY TABLE\b)"

# https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html
RULES = TransactionRules(
    {
        "CREATE": _NOT_TEMPORARY,
        "DROP": _NOT_TEMPORARY,
        "CHECK": r"TABLE\b",
        "LOCK": r"TABLES\b",
        "UNLOCK": r"TABLES\b",
        "LOAD": r"INDEX\b",
        "CACHE": r"INDEX\b",
        **dict.fromkeys(
            ("ALTER", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "ANALYZE", "OPTIMIZE", "REPAIR"), ""
        ),
        **dict.fromkeys(("INSTALL", "UNINSTALL", "FLUSH", "RESET"), ""),
    }
)
