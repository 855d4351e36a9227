from __future__ import annotations

import pytest

from limbeck.dialects import TransactionRules
from limbeck.runtime.noted import fingerprint
from limbeck.runtime.statement_class import Sort, sort_of
from limbeck.runtime.version_table import ordered, spelled

_RULES = TransactionRules({"CREATE": "", "VACUUM": ""})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", Sort.READ),
        ("select * into copy from t", Sort.INSIDE),
        ("-- why\n  INSERT INTO t VALUES (1)", Sort.INSIDE),
        ("/* a */ SHOW TABLES", Sort.READ),
        ("WITH x AS (SELECT 1) SELECT * FROM x", Sort.READ),
        ("WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x", Sort.INSIDE),
        ("SET search_path TO a", Sort.READ),
        ("CREATE TABLE t (id INT)", Sort.OUTSIDE),
        ("VACUUM t", Sort.OUTSIDE),
        ("DROP TABLE t", Sort.INSIDE),
    ],
)
def test_the_sort_of_a_statement(sql: str, expected: Sort) -> None:
    assert sort_of(sql, _RULES, commits_ddl=True) is expected


def test_a_commit_is_a_boundary_where_ddl_commits() -> None:
    assert sort_of("COMMIT", None, commits_ddl=True) is Sort.OUTSIDE
    assert sort_of("COMMIT", None, commits_ddl=False) is Sort.ENDS


def test_white_space_does_not_change_a_fingerprint() -> None:
    assert fingerprint("SELECT\n  1") == fingerprint("SELECT 1")
    assert fingerprint("SELECT 1") != fingerprint("SELECT 2")


def test_the_last_parent_keeps_its_row() -> None:
    assert ordered({"b1", "b2", "b3"}, ("b1", "b2", "b3")) == ["b1", "b2", "b3"]
    assert ordered({"x", "b1"}, ("x",)) == ["b1", "x"]


def test_an_id_with_a_quote_is_bound() -> None:
    assert spelled("a'b") == "a'b"
    assert str(spelled("a1")) == "'a1'"
