"""Which table a statement of MySQL or MariaDB changes."""

from __future__ import annotations

import pytest

from limbeck.dialects.mysql.statement_text import changed_table


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("DELETE FROM spare WHERE id = 1", "spare"),
        ("DELETE QUICK FROM spare", "spare"),
        ("DELETE FROM shop.spare", "spare"),
        ("DELETE FROM `Sale Line` WHERE `Id` = 4", "Sale Line"),
        ("DELETE FROM a WHERE id IN (SELECT id FROM b)", "a"),
        ("DELETE s FROM spare s JOIN acct a ON a.id = s.id", "spare"),
        ("DELETE spare FROM spare JOIN acct ON spare.id = acct.id", "spare"),
        ("DELETE s.* FROM acct a INNER JOIN spare AS s ON a.id = s.id", "spare"),
        ("DELETE FROM s USING spare AS s, acct a WHERE a.id = s.id", "spare"),
        ("DELETE IGNORE s FROM spare s LEFT JOIN kid k ON k.id = s.id", "spare"),
        ("UPDATE acct a JOIN kid k ON k.acct_id = a.id SET a.memo = 'x'", "acct"),
        ("REPLACE INTO spare VALUES (1)", "spare"),
        ("SELECT 1", None),
    ],
)
def test_changed_table(sql: str, table: str | None) -> None:
    assert changed_table(sql) == table
