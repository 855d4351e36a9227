"""Findings of lint for statements on live servers, and the cases of its rules."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.dialects import find, known_effects
from limbeck.lint import (
    RULES,
    Verdict,
    finding_of,
    optional_codes,
    rule_for,
    statement_rule_findings,
)
from tests.cases.lint import LintCase
from tests.cases.lint.known_dangers import DANGERS, KnownDanger
from tests.cases.lint.programs import CASES as PROGRAMS
from tests.cases.lint.programs import ProgramCase
from tests.cases.lint.rules import OLD_SERVER_CASES, PYTHON_CASES, RULE_CASES, RuleCase
from tests.cases.lint.safe_forms import CASES as SAFE_FORMS
from tests.cases.lint.safe_forms import SafeFormCase
from tests.cli.project_fixture import cli_project
from tests.databases.lint_bench import run_case, run_program_case, safe_form_of, verdicts_of
from tests.servers import Database

KINDS = ("sqlite", "postgresql", "mariadb")
PARTS = ("", "_manual", "_forms", "_held_out", "_further", "_unseen", "_fresh")
MODULES = tuple(f"{kind}{part}" for part in PARTS for kind in KINDS)
# the others are run with -m slow
EVERY = 9
# the rules whose findings have no dangers
TEXT_RULES = {rule.code for rule in RULES if not rule.dangers} - {"LM116"}
USERS = (
    "op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),"
    " sa.Column('email', sa.String(40)), sa.Column('age', sa.Integer))"
)

MODELS = """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = mapped_column(sa.Integer, primary_key=True)
"""


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


def _programs() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case.kind}-{case.body.strip().splitlines()[0][:50]}",
            marks=() if number % EVERY == 0 else (pytest.mark.slow,),
        )
        for number, case in enumerate(PROGRAMS)
    ]


@pytest.mark.parametrize("case", _programs())
def test_the_statements_of_a_program_together(
    case: ProgramCase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _need(case.kind, request)
    found = run_program_case(case, tmp_path)
    assert found.dangers == case.dangers, found.details
    assert (found.lock, found.tables) == (case.lock, case.tables)


def _codes(verdict: Verdict, kind: str) -> set[str]:
    measurement = find(kind).measurement
    assert measurement is not None
    finding = finding_of(verdict, measurement, revision="b2", path=None)
    found = set() if finding is None else {finding.code}
    sql, details = verdict.statement.sql, verdict.details
    return found | {rule_for(danger, sql, details).code for danger in verdict.dangers}


def _codes_of_all(verdicts: list[Verdict], kind: str) -> set[str]:
    """Return the codes of the findings of all statements, those of optional rules as well."""
    of_text = statement_rule_findings(
        verdicts, kind, revision="b2", path=None, enabled=optional_codes(["style"])
    )
    found = {one.code for one in of_text}
    return found.union(*(_codes(one, kind) for one in verdicts))


def _rule_cases() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case.code}-{case.kind}",
            marks=() if number % EVERY == 0 else (pytest.mark.slow,),
        )
        for number, case in enumerate(RULE_CASES)
    ]


@pytest.mark.parametrize("case", _rule_cases())
def test_the_bad_case_of_a_rule_has_a_finding_and_the_good_case_has_none(
    case: RuleCase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _need(case.kind, request)
    schema = _schema(case.kind)
    bad = verdicts_of(LintCase(case.bad), case.kind, schema, tmp_path)
    of_last = _codes(bad[-1], case.kind) | (_codes_of_all(bad, case.kind) & TEXT_RULES)
    assert case.code in of_last, bad[-1].dangers
    if case.good:
        good = verdicts_of(LintCase(case.good), case.kind, schema, tmp_path)
        assert case.code not in _codes_of_all(good, case.kind)


def _known_dangers() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case.kind}-{case.name}",
            marks=() if number % (2 * EVERY) == 0 else (pytest.mark.slow,),
        )
        for number, case in enumerate(DANGERS)
    ]


@pytest.mark.parametrize("case", _known_dangers())
def test_a_known_danger_has_a_rule(
    case: KnownDanger, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _need(case.kind, request)
    found = verdicts_of(LintCase(case.statements), case.kind, _schema(case.kind), tmp_path)
    assert case.code in _codes(found[-1], case.kind), found[-1].dangers


@pytest.mark.parametrize("code", PYTHON_CASES)
def test_the_rules_about_a_file(code: str, tmp_path: Path) -> None:
    for place, body in enumerate(PYTHON_CASES[code]):
        folder = tmp_path / str(place)
        folder.mkdir()
        url = sa.engine.make_url(f"sqlite:///{folder / 'shop.sqlite'}")
        project = cli_project(folder, Database("sqlite", url))
        (project.folder / "models.py").write_text(MODELS, "utf-8")
        project.write("a1", USERS)
        project.write("b2", body, down="a1")
        found = json.loads(project.run("lint", "--json").out)
        assert (code in {one["code"] for one in found["findings"]}) == (place == 0), found


@pytest.mark.parametrize("by_env", [True, False])
def test_the_base_class_of_models_is_reported(by_env: bool, tmp_path: Path) -> None:
    url = sa.engine.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    project = cli_project(tmp_path, Database("sqlite", url))
    (project.folder / "models.py").write_text(MODELS, "utf-8")
    if by_env:
        text = project.env_py.read_text("utf-8")
        project.env_py.write_text(f"import models\n{text}", "utf-8")
    project.write("a1", USERS)
    body = "from models import Base\nBase.metadata.create_all(op.get_bind())"
    project.write("b2", body, down="a1")
    found = json.loads(project.run("lint", "--json").out)
    assert "LM904" in {one["code"] for one in found["findings"]}, found


def _safe_forms() -> list[object]:
    return [
        pytest.param(
            case,
            id=f"{case.kind}-{case.statements[:50]}",
            marks=() if number % 4 == 0 else (pytest.mark.slow,),
        )
        for number, case in enumerate(SAFE_FORMS)
    ]


@pytest.mark.parametrize("case", _safe_forms())
def test_a_safe_form_was_measured(
    case: SafeFormCase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _need(case.kind, request)
    statements = tuple(one.strip() for one in case.statements.split(";;"))
    schema = _schema(f"{case.kind}_held_out")
    found = safe_form_of(LintCase(statements), case.kind, schema, tmp_path)
    assert (found or "") == case.code.strip("\n")


def test_every_rule_has_a_case() -> None:
    cases = {case.code for case in RULE_CASES} | set(PYTHON_CASES) | set(OLD_SERVER_CASES)
    assert cases == {rule.code for rule in RULES}


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_facts_about_a_statement_match_the_measurement(
    module: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The lock that is known without a server is the one that the server takes."""
    kind = module.partition("_")[0]
    _need(kind, request)
    wrong = []
    for case in importlib.import_module(f"tests.cases.lint.{module}").CASES:
        known = known_effects(case.statements[-1], kind)
        if known is None or known.lock is None or len(case.statements) > 1 or not case.lock:
            continue
        measured = run_case(case, kind, _schema(module), tmp_path)
        if measured.lock is not None and measured.lock != known.lock:
            wrong.append((case.statements[-1], known.lock, measured.lock))
    assert not wrong, wrong


CHECKS = (
    "VALUE LIKE '%%@%%'",
    "VALUE ~ '^[a-z]+$'",
    "length(VALUE) > 10",
    "VALUE <> ''",
    "VALUE ~* '^https?://'",
    "VALUE ~ '^[+][0-9]+$'",
    "VALUE ~ '^[A-Z]{3}$'",
    "VALUE ~ '^[a-z]{4}$'",
    "VALUE ~ '^[0-9]{5}$'",
    "length(VALUE) = 2",
    "VALUE = 'no such value' AND VALUE = 'nor this'",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_table_gets_rows_despite_a_check_that_usual_values_violate(
    postgresql: Database, check: str
) -> None:
    """The server says which values satisfy the checks of a column."""
    measurement = find("postgresql").measurement
    assert measurement is not None
    with postgresql.engine() as engine, engine.connect() as connection:
        connection.exec_driver_sql(
            f"CREATE DOMAIN word AS text CHECK ({check});"
            "CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);"
            "CREATE TABLE checked (id integer PRIMARY KEY, w word, p percent NOT NULL,"
            " n integer CHECK (n IN (7, 8)), d text UNIQUE CHECK (d LIKE 'A%%'),"
            " lo integer, hi integer, CHECK (hi < lo), since date, until date,"
            " CHECK (since < until));"
        )
        connection.commit()
        measurement.fill(connection)
        rows = connection.exec_driver_sql("SELECT * FROM checked").all()
    assert len(rows) >= measurement.many_rows
    assert all(None not in {row.d, row.n, row.lo, row.until} for row in rows)
    assert {row.w is None for row in rows} == {"no such" in check}
