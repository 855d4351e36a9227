"""Checks that are part of a column's definition, which MariaDB removes when the column changes.

A run reads such a check and states it again. A script cannot, so that a draft contains the whole
definition. https://mariadb.com/kb/en/constraint/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from limbeck.autogenerate.draft_operations import StatementOp
from limbeck.catalog import Check, Column, Key, Table
from limbeck.diff import exchanged

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison


def keeps_own_check(comparison: Comparison, owner: Key, name: str) -> bool:
    """Return whether a check is part of the definition of a column, before and after."""
    if comparison.rules.full_column_ddl is None:
        return False
    tables = comparison.current_table(owner), comparison.target_table(owner)
    return all(_own_checks(table, name) for table in tables)


def redefined_column(comparison: Comparison, owner: Key, name: str) -> StatementOp | None:
    """Return the statement that gives a column its definition with its checks.

    None where the column is created or dropped, and takes its checks along.
    """
    had, wanted = comparison.current_table(owner), comparison.target_table(owner)
    known = comparison.rules.full_column_ddl
    if known is None or had.column(name) is None or wanted.column(name) is None:
        return None
    return StatementOp(known(wanted, name), known(had, name))


def renamed_with_checks(
    comparison: Comparison, owner: Key, old: Column, new: str
) -> StatementOp | None:
    """Return the statement that renames a column and states its checks, None where it has none.

    Args:
        comparison: what was compared.
        owner: the table.
        old: the column under its old name.
        new: its new name.
    """
    rename = comparison.rules.rename_column_ddl
    if rename is None:
        return None
    table = comparison.current_table(owner)
    checks = _own_checks(table, old.name) or _own_checks(table, new)
    if not checks:
        return None
    # whether the text has the old name or the new one, it has both after an exchange
    before = [exchanged(check.expr, new, old.name).text for check in checks]
    after = [exchanged(check.expr, old.name, new).text for check in checks]
    return StatementOp(
        rename(owner, old, old.name, new, after), rename(owner, old, new, old.name, before)
    )


def _own_checks(table: Table, name: str) -> tuple[Check, ...]:
    return tuple(check for check in table.checks if ("beside", (name,)) in check.extras)
