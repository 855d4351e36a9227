"""What statements cost, by their text."""

from __future__ import annotations

import pytest

from limbeck.dialects import find
from limbeck.plan import Hazard, Lock, Tx

AE, SRE, SUE = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"
EX = "METADATA EXCLUSIVE"

LOCKS = [
    ("postgresql", "ALTER TABLE t ADD COLUMN c INTEGER", {("t", AE)}, set()),
    ("postgresql", "ALTER TABLE s.t ADD COLUMN c SERIAL", {("s.t", AE)}, {Hazard.REWRITE}),
    ("postgresql", "ALTER TABLE t DROP COLUMN c", {("t", AE)}, {Hazard.DATA_LOSS}),
    (
        "postgresql",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(a) REFERENCES o (id)",
        {("t", SRE), ("o", SRE)},
        {Hazard.SCAN, Hazard.BLOCKS_WRITES, Hazard.MAY_FAIL},
    ),
    (
        "postgresql",
        "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY(a) REFERENCES o (id) NOT VALID",
        {("t", SRE), ("o", SRE)},
        set(),
    ),
    ("postgresql", "ALTER TABLE t VALIDATE CONSTRAINT f", {("t", SUE)}, {Hazard.SCAN}),
    ("postgresql", "CREATE INDEX i ON t (a)", {("t", "SHARE")}, {Hazard.BLOCKS_WRITES}),
    ("postgresql", 'CREATE INDEX CONCURRENTLY i ON "My T" (a)', {("My T", SUE)}, {Hazard.SCAN}),
    ("postgresql", "ALTER TABLE t ALTER COLUMN c SET NOT NULL", {("t", AE)}, {Hazard.SCAN}),
    ("postgresql", "ALTER TABLE t ALTER COLUMN c TYPE BIGINT", {("t", AE)}, {Hazard.REWRITE}),
    (
        "postgresql",
        "ALTER TABLE t ALTER COLUMN c SET DEFAULT 'a, DROP COLUMN b'",
        {("t", AE)},
        set(),
    ),
    ("postgresql", "COMMENT ON COLUMN t IS 'x'", {("t", SUE)}, set()),
    (
        "postgresql",
        "-- first\nDROP TABLE a; TRUNCATE b",
        {("a", AE), ("b", AE)},
        {Hazard.DATA_LOSS},
    ),
    ("postgresql", "SELECT 1", set(), set()),
    ("mysql", "ALTER TABLE `My T` MODIFY c BIGINT", {("My T", EX)}, {Hazard.REWRITE}),
    ("mysql", "ALTER TABLE t ADD INDEX i (a)", {("t", EX)}, {Hazard.SCAN}),
    ("mysql", "DELETE FROM t WHERE a = 1", {("t", "ROW")}, {Hazard.DATA_LOSS}),
    ("sqlite", "ALTER TABLE t DROP COLUMN c", {("t", "DATABASE WRITE")}, {Hazard.DATA_LOSS}),
    ("sqlite", "CREATE UNIQUE INDEX i ON t (a)", {("t", "DATABASE WRITE")}, {Hazard.MAY_FAIL}),
    ("mssql", "ALTER TABLE [My T] ALTER COLUMN c INT", {("My T", "SCH-M")}, {Hazard.REWRITE}),
    ("oracle", "ALTER TABLE t MODIFY c NOT NULL", {("t", "EXCLUSIVE")}, {Hazard.MAY_FAIL}),
]


@pytest.mark.parametrize(("name", "sql", "locks", "hazards"), LOCKS)
def test_locks_and_hazards(
    name: str, sql: str, locks: set[tuple[str, str]], hazards: set[Hazard]
) -> None:
    step = find(name).cost(sql)
    assert set(step.locks) == {Lock(*pair) for pair in locks}
    assert hazards <= step.hazards
    assert bool(step.hazards) == bool(hazards)
    assert step.sql == sql


TRANSACTIONS = [
    ("postgresql", "CREATE INDEX CONCURRENTLY i ON t (a)", Tx.OUTSIDE),
    ("postgresql", "create unique index concurrently if not exists i on t (a)", Tx.OUTSIDE),
    ("postgresql", "/* why */ VACUUM t", Tx.OUTSIDE),
    ("postgresql", "DROP INDEX CONCURRENTLY i", Tx.OUTSIDE),
    ("postgresql", "ALTER TABLE t DETACH PARTITION p CONCURRENTLY", Tx.OUTSIDE),
    ("postgresql", "CREATE INDEX i ON t (a)", Tx.EITHER),
    ("postgresql", "SELECT 'VACUUM'", Tx.EITHER),
    ("mysql", "ALTER TABLE t ADD COLUMN c INT", Tx.OUTSIDE),
    ("mysql", "CREATE TEMPORARY TABLE t (a INT)", Tx.EITHER),
    ("mysql", "UPDATE t SET a = 1", Tx.EITHER),
    ("sqlite", "PRAGMA foreign_keys=OFF", Tx.OUTSIDE),
    ("sqlite", "CREATE TABLE t (a INT)", Tx.EITHER),
    ("oracle", "COMMENT ON TABLE t IS ''", Tx.OUTSIDE),
    ("mssql", "CREATE DATABASE d", Tx.OUTSIDE),
]


@pytest.mark.parametrize(("name", "sql", "tx"), TRANSACTIONS)
def test_whether_a_transaction_can_hold_it(name: str, sql: str, tx: Tx) -> None:
    assert find(name).cost(sql).tx is tx


@pytest.mark.parametrize(("dialect", "sql"), sorted({(one[0], one[1]) for one in LOCKS}))
def test_the_transaction_alone_is_told_as_with_the_rest(dialect: str, sql: str) -> None:
    cost = find(dialect).cost
    assert cost is not None
    for text in (sql, f"{sql}; VACUUM", f"-- why\n{sql}"):
        assert cost.tx_only(text) is cost(text).tx  # type: ignore[attr-defined]
