from __future__ import annotations

import pytest

from limbeck.dialects import TransactionRules
from limbeck.dialects.transaction_rules import StatementClass, classify
from limbeck.runtime.checkpoints import fingerprint
from limbeck.runtime.version_table import id_literal, ordered

_RULES = TransactionRules({"CREATE": "", "VACUUM": ""})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", StatementClass.READ),
        ("select * into copy from t", StatementClass.TRANSACTIONAL),
        ("-- why\n  INSERT INTO t VALUES (1)", StatementClass.TRANSACTIONAL),
        ("/* a */ SHOW TABLES", StatementClass.READ),
        ("WITH x AS (SELECT 1) SELECT * FROM x", StatementClass.READ),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", StatementClass.TRANSACTIONAL),
        ("SET search_path TO a", StatementClass.READ),
        ("CREATE TABLE t (id INT)", StatementClass.NON_TRANSACTIONAL),
        ("VACUUM t", StatementClass.NON_TRANSACTIONAL),
        ("DROP TABLE t", StatementClass.TRANSACTIONAL),
    ],
)
def test_the_class_of_a_statement(sql: str, expected: StatementClass) -> None:
    assert classify(sql, _RULES, commits_ddl=True) is expected


def test_a_commit_is_a_boundary_where_ddl_commits() -> None:
    assert classify("COMMIT", None, commits_ddl=True) is StatementClass.NON_TRANSACTIONAL
    assert classify("COMMIT", None, commits_ddl=False) is StatementClass.ENDS_TRANSACTION


def test_white_space_does_not_change_a_fingerprint() -> None:
    assert fingerprint("SELECT\n  1") == fingerprint("SELECT 1")
    assert fingerprint("SELECT 1") != fingerprint("SELECT 2")


def test_the_last_parent_keeps_its_row() -> None:
    assert ordered({"b1", "b2", "b3"}, ("b1", "b2", "b3")) == ["b1", "b2", "b3"]
    assert ordered({"x", "b1"}, ("x",)) == ["b1", "x"]


def test_an_identifier_with_a_quote_is_a_bound_parameter() -> None:
    assert id_literal("a'b") == "a'b"
    assert str(id_literal("a1")) == "'a1'"
