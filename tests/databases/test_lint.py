"""What lint says of statements on live servers, and the cases of its rules."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from limbeck.lint import RULES, Verdict, rule_for
from tests.cases.lint import LintCase
from tests.cases.lint.rules import RULE_CASES, RuleCase
from tests.databases.lint_bench import run_case, verdicts_of
from tests.servers import Database

KINDS = ("sqlite", "postgresql", "mariadb")
MODULES = (*KINDS, *(f"{kind}_manual" for kind in KINDS))
# the others are run with -m slow
EVERY = 9


def _cases() -> list[object]:
    found = []
    for module in MODULES:
        every = EVERY if module in KINDS else 4 * EVERY
        for number, case in enumerate(importlib.import_module(f"tests.cases.lint.{module}").CASES):
            marks = () if number % every == 0 else (pytest.mark.slow,)
            name = f"{module}-{' ;; '.join(case.statements)[:60]}"
            found.append(pytest.param(module, case, marks=marks, id=name))
    return found


def _schema(module: str) -> str:
    schema: str = importlib.import_module(f"tests.cases.lint.{module}").SCHEMA
    return schema


def _need(kind: str, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(kind)
    assert database.kind == kind


@pytest.mark.parametrize(("module", "case"), _cases())
def test_dangers_locks_and_tables(
    module: str, case: LintCase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kind = module.partition("_")[0]
    _need(kind, request)
    outcome = run_case(case, kind, _schema(module), tmp_path)
    assert set(outcome.verdict.dangers) == set(case.dangers), outcome.verdict.details
    assert outcome.has_right_locks, (outcome.lock, outcome.tables)


def _codes(verdict: Verdict) -> set[str]:
    return {rule_for(danger, verdict.statement.sql).code for danger in verdict.dangers}


def _rule_cases() -> list[object]:
    return [
        pytest.param(case, id=case.code, marks=() if number % EVERY == 0 else (pytest.mark.slow,))
        for number, case in enumerate(RULE_CASES)
    ]


@pytest.mark.parametrize("case", _rule_cases())
def test_the_bad_case_of_a_rule_has_a_finding_and_the_good_case_has_none(
    case: RuleCase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _need(case.kind, request)
    schema = _schema(case.kind)
    bad = verdicts_of(LintCase(case.bad), case.kind, schema, tmp_path)
    assert case.code in _codes(bad[-1]), bad[-1].dangers
    if case.good:
        good = verdicts_of(LintCase(case.good), case.kind, schema, tmp_path)
        assert all(case.code not in _codes(one) for one in good)


def test_every_case_belongs_to_a_rule() -> None:
    assert {case.code for case in RULE_CASES} <= {rule.code for rule in RULES}
