"""Statements for scratch databases, and statements that may not run in one."""

from __future__ import annotations

import pytest

from limbeck.catalog import Key
from limbeck.dialects.postgresql import scratch
from tests.unit.dialects.postgresql import unquoted

TABLE = Key("table", (None, "person"))


@pytest.mark.parametrize(
    ("sql", "effect"),
    [
        ("CREATE DATABASE x", "changes databases of the server"),
        ("/* here */ drop role reader", "changes roles of the server"),
        ("CREATE USER MAPPING FOR me SERVER s", None),
        ("ALTER SYSTEM SET work_mem = '1MB'", "changes settings of the server"),
        ("GRANT admin TO reader", "changes roles of the server"),
        ("GRANT SELECT ON person TO reader", None),
        ("GRANT CONNECT ON DATABASE x TO reader", "changes privileges on databases"),
        ("DROP OWNED BY reader", "changes objects that roles share between databases"),
        ("COPY person TO '/tmp/x'", "writes a file of the server"),
        ("COPY person FROM PROGRAM 'cat'", "runs a program on the server"),
        ("COPY person FROM STDIN", None),
        ("SELECT pg_terminate_backend(1)", "ends other sessions"),
        ("SELECT dblink_connect('x')", "connects to another database"),
        ("CREATE TABLE person (id int) -- DROP DATABASE x", None),
    ],
)
def test_effects_outside_the_database(sql: str, effect: str | None) -> None:
    assert scratch.effect_outside(sql, "") == effect


def test_rows_are_inserted_at_once_or_one_by_one() -> None:
    (block,) = scratch.insert_rows(TABLE, ["id", "Nick"], [["1", "'a'"], ["2", "'it''s'"]])
    assert block.startswith("DO ")
    # the block is a string, so quotes in it are doubled
    assert "INSERT INTO person (id, \"Nick\") VALUES (1, ''a''), (2, ''it''''s'')" in unquoted(
        block
    )
    assert block.count("EXCEPTION WHEN integrity_constraint_violation") == 3
    assert [unquoted(one) for one in scratch.insert_rows(TABLE, [], [[], []])] == [
        "INSERT INTO person DEFAULT VALUES"
    ] * 2


def test_statements() -> None:
    assert scratch.create_extension("uuid-ossp") == (
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" CASCADE'
    )
    assert [unquoted(one) for one in scratch.keep_template("a", "B")] == [
        "ALTER DATABASE a WITH ALLOW_CONNECTIONS false",
        'ALTER DATABASE a RENAME TO "B"',
    ]
    assert scratch.defer_checks(True) == ["SET session_replication_role = replica"]
    assert scratch.defer_checks(False) == ["SET session_replication_role = origin"]
    assert unquoted(scratch.select_text(TABLE, ["id", "Nick"])) == (
        'SELECT id::pg_catalog.text, "Nick"::pg_catalog.text FROM person'
    )
    assert unquoted(scratch.select_text(TABLE, [])) == "SELECT 1 FROM person"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("ALTER TABLE a ADD b integer; CREATE ROLE c", "changes roles of the server"),
        ("DO $$ BEGIN EXECUTE 'CREATE ROLE ' || 'c'; END $$", "changes roles of the server"),
        ("DO $$ BEGIN DROP DATABASE c; END $$", "changes databases of the server"),
        ("DO $$ BEGIN GRANT SELECT ON a TO c; END $$", None),
        ("DO $$ BEGIN ALTER TABLE a ADD b integer; END $$", None),
        ("SELECT 'CREATE ROLE c'", None),
    ],
)
def test_what_acts_outside_the_database(sql: str, reason: str | None) -> None:
    assert scratch.effect_outside(sql, "s") == reason
