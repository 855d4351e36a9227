from __future__ import annotations

from typing import Any

import pytest

from limbeck.dialects.dialect import Glance, Outline
from limbeck.dialects.mysql.outline import glance
from limbeck.runtime.known import Known, is_glanced

ADDS = Glance("t", "c", adds=True)
DROPS = Glance("t", "c", adds=False)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t ADD COLUMN c INT", ADDS),
        ("alter table t add column `C` varchar(9) default 'a, b'", ADDS),
        ("ALTER TABLE t DROP COLUMN c;", DROPS),
        ("ALTER TABLE `a b`.`t` ADD COLUMN c INT", Glance("`a b`.`t`", "c", adds=True)),
        ("\nCREATE TABLE t (\n\tid INT\n)\n\n", Glance("t", None, adds=True)),
        ("DROP TABLE `t`", Glance("`t`", None, adds=False)),
    ],
)
def test_a_statement_that_is_told_by_a_name(sql: str, expected: Glance) -> None:
    assert glance(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT",
        "ALTER TABLE t ADD COLUMN (c INT, d INT)",
        "ALTER TABLE t ADD COLUMN c INT, DROP COLUMN c",
        "ALTER TABLE t ADD COLUMN c INT, RENAME COLUMN c TO d",
        "ALTER TABLE t ADD COLUMN c INT; INSERT INTO t VALUES (1)",
        "ALTER TABLE t DROP COLUMN c, ADD COLUMN c BIGINT",
        "ALTER TABLE t DROP COLUMN IF EXISTS c",
        "ALTER TABLE t DROP FOREIGN KEY c",
        "ALTER TABLE t MODIFY c BIGINT",
        "ALTER TABLE t ADD COLUMN ö INT",
        "ALTER TABLE `a%%b` ADD COLUMN c INT",
        "CREATE TABLE IF NOT EXISTS t (id INT)",
        "CREATE TEMPORARY TABLE t (id INT)",
        "CREATE OR REPLACE TABLE t (id INT)",
        "CREATE TABLE t LIKE u",
        "DROP TABLE IF EXISTS t",
        "DROP TABLE t, u",
        "DROP TEMPORARY TABLE t",
        "DROP INDEX i ON t",
        "TRUNCATE TABLE t",
        "SELECT 1",
    ],
)
def test_what_does_more_or_less_is_not(sql: str) -> None:
    assert glance(sql) is None


def _known(tables: dict[str, frozenset[str] | None]) -> tuple[Known, list[str]]:
    asked: list[str] = []

    def columns(_connection: Any, table: str) -> frozenset[str] | None:
        asked.append(table)
        if table == "hidden":
            raise LookupError(table)
        return tables.get(table)

    return Known(Outline(glance=glance, columns=columns)), asked


def _look(known: Known, seen: Glance) -> str | None:
    return known.look(None, seen)  # type: ignore[arg-type]


def test_a_table_is_asked_for_once_and_then_followed() -> None:
    known, asked = _known({"t": frozenset({"id"})})
    before = _look(known, ADDS)
    known.learn(ADDS)
    after = _look(known, ADDS)
    assert (before, after) == ("there: False", "there: True")
    assert is_glanced(str(before))
    known.learn(DROPS)
    assert _look(known, ADDS) == before
    assert asked == ["t"]
    known.forget()
    _look(known, ADDS)
    assert asked == ["t", "t"]


def test_a_table_that_came_or_went_is_asked_for_again() -> None:
    known, asked = _known({})
    made = Glance("t", None, adds=True)
    assert _look(known, made) == "there: False"
    known.learn(made)
    _look(known, ADDS)
    assert asked == ["t", "t"]


def test_the_same_table_in_other_words_is_asked_for_again() -> None:
    known, asked = _known({"t": frozenset({"id"}), "`T`": frozenset({"id"})})
    _look(known, ADDS)
    _look(known, Glance("`T`", "c", adds=True))
    known.learn(ADDS)
    _look(known, Glance("`T`", "c", adds=True))
    assert asked == ["t", "`T`", "`T`"]


def test_nothing_is_said_of_a_table_that_cannot_be_seen() -> None:
    known, _ = _known({})
    assert _look(known, Glance("hidden", "c", adds=True)) is None
