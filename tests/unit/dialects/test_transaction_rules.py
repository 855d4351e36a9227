"""Which statements cannot be part of a transaction."""

from __future__ import annotations

import pytest

from limbeck.dialects import find

OUTSIDE = [
    ("postgresql", "CREATE INDEX CONCURRENTLY i ON t (a)"),
    ("postgresql", "create unique index concurrently if not exists i on t (a)"),
    ("postgresql", "/* why */ VACUUM t"),
    ("postgresql", "VACUUM(FULL) t"),
    ("postgresql", "DROP INDEX CONCURRENTLY i"),
    ("postgresql", "DROP\n  DATABASE d"),
    ("postgresql", "REINDEX (VERBOSE) TABLE CONCURRENTLY t"),
    ("postgresql", "REINDEX SCHEMA s"),
    ("postgresql", "CLUSTER"),
    ("postgresql", "ALTER TABLE t DETACH PARTITION p CONCURRENTLY"),
    ("postgresql", "-- first\nSELECT 1; ALTER SYSTEM SET a = 1;"),
    ("mysql", "ALTER TABLE t ADD COLUMN c INT"),
    ("mysql", "DROP TABLE t"),
    ("mysql", "CHECK TABLE t"),
    ("mysql", "INSERT INTO t VALUES (1); TRUNCATE t"),
    ("sqlite", "PRAGMA foreign_keys=OFF"),
    ("sqlite", "PRAGMA main.journal_mode = WAL"),
    ("sqlite", "VACUUM"),
    ("oracle", "COMMENT ON TABLE t IS ''"),
    ("mssql", "CREATE DATABASE d"),
]
INSIDE = [
    ("postgresql", "CREATE INDEX i ON t (a)"),
    ("postgresql", "SELECT 'VACUUM'"),
    ("postgresql", "SELECT '; VACUUM'"),
    ("postgresql", "DO $$ BEGIN PERFORM 1; VACUUM; END $$"),
    ("postgresql", "ALTER TABLE t ADD COLUMN c INTEGER"),
    ("postgresql", "CLUSTER t"),
    ("postgresql", "-- VACUUM"),
    ("mysql", "CREATE TEMPORARY TABLE t (a INT)"),
    ("mysql", "DROP TEMPORARY TABLE t"),
    ("mysql", "UPDATE t SET a = 1"),
    ("sqlite", "CREATE TABLE t (a INT)"),
    ("sqlite", "PRAGMA table_info(t)"),
    ("mssql", "CREATE TABLE d (a INT)"),
    ("oracle", "UPDATE t SET a = 1"),
    ("oracle", ""),
]


@pytest.mark.parametrize(
    ("name", "sql", "is_outside"),
    [(*case, True) for case in OUTSIDE] + [(*case, False) for case in INSIDE],
)
def test_whether_a_transaction_can_contain_a_statement(
    name: str, sql: str, is_outside: bool
) -> None:
    rules = find(name).transaction_rules
    assert rules is not None
    assert rules.is_non_transactional(sql) is is_outside
