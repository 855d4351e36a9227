"""A listing of tables leaves out the one that it is asked to leave out."""

from __future__ import annotations

import pytest

from limbeck.dialects.mysql.session import hide_table


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ("SHOW FULL TABLES FROM `a``b`", "SHOW FULL TABLES FROM `a``b` WHERE `Tables_in_a``b` <> 'j'"),
        ("show tables in shop;", "show tables in shop WHERE `Tables_in_shop` <> 'j'"),
        ("SHOW TABLES FROM shop LIKE 'a%'", "SHOW TABLES FROM shop LIKE 'a%'"),
        ("SHOW CREATE TABLE `shop`", "SHOW CREATE TABLE `shop`"),
        ("SELECT 'SHOW TABLES FROM shop'", "SELECT 'SHOW TABLES FROM shop'"),
    ],
)  # fmt: skip
def test_only_a_plain_listing_changes(asked: str, run: str) -> None:
    assert hide_table(asked, "j") == run
