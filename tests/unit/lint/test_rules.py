"""The rules that report the dangers of statements."""

from __future__ import annotations

import pytest

from limbeck.lint import rule_for, rule_of_code
from tests.cases.lint.known_dangers import DANGERS, KnownDanger
from tests.cases.lint.rules import RULE_CASES, RuleCase


def _codes(code: str, statement: str) -> set[str]:
    """Return the rules that the dangers of a rule lead to, for a statement."""
    rule = rule_of_code(code)
    assert rule is not None
    # MODIFY repeats NOT NULL; measuring the statement shows whether it is new
    details = ["becomes NOT NULL: t.c"] if code == "LM402" else []
    return {rule_for(danger, statement, details).code for danger in rule.dangers} or {code}


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.code)
def test_the_bad_case_of_a_rule_belongs_to_it(case: RuleCase) -> None:
    assert case.code in _codes(case.code, case.bad[-1].removeprefix("@"))


@pytest.mark.parametrize("case", DANGERS, ids=lambda case: f"{case.kind}-{case.name}")
def test_a_known_danger_belongs_to_its_rule(case: KnownDanger) -> None:
    assert case.code in _codes(case.code, case.statements[-1].removeprefix("@"))


def test_the_copy_of_a_table_is_not_reported_as_a_rename() -> None:
    copy = (
        "CREATE TABLE _alembic_tmp_a (id INTEGER, k TEXT NOT NULL); INSERT INTO _alembic_tmp_a"
        " SELECT id, 'x' FROM a; DROP TABLE a; ALTER TABLE _alembic_tmp_a RENAME TO a"
    )
    assert rule_for("breaks", copy).code == "LM503"
    assert rule_for("loses", copy).code == "LM306"
    assert rule_for("breaks", "ALTER TABLE a RENAME TO b").code == "LM501"


@pytest.mark.parametrize(
    ("constraint", "code"),
    [("NOT NULL", "LM402"), ("UNIQUE", "LM403"), ("FOREIGN KEY", "LM404"), ("CHECK", "LM405")],
)
def test_the_error_of_a_copy_names_the_constraint(constraint: str, code: str) -> None:
    copy = "CREATE TABLE _alembic_tmp_a (id INTEGER NOT NULL, CHECK (id > 0), UNIQUE (id))"
    details = ["rewrites a", f"it fails on rows: {constraint} constraint failed: _alembic_tmp_a.k"]
    assert rule_for("fails-on-rows", copy, details).code == code


@pytest.mark.parametrize("type_", ["int", "varchar(5)", "enum('a', 'b')"])
def test_a_repeated_not_null_is_not_the_reason_of_a_failure(type_: str) -> None:
    modify = f"ALTER TABLE t MODIFY c {type_} NOT NULL"
    failure = "it fails on rows: (1265, \"Data truncated for column 'c' at row 1\")"
    assert rule_for("fails-on-rows", modify, [failure]).code == "LM406"
    assert rule_for("fails-on-rows", modify, [failure, "becomes NOT NULL: t.c"]).code == "LM402"
