"""Lint: run revisions on a scratch database, measure what each statement does, and judge it."""

from limbeck.lint.findings import (
    DANGERS,
    ERROR,
    NOTICE,
    WARNING,
    Finding,
    LintedStatement,
    LintReport,
)
from limbeck.lint.imported_models import imported_models_findings
from limbeck.lint.known_statements import judge_without_server
from limbeck.lint.recorded_run import RecordedRun, RecordedStatement, is_read, record
from limbeck.lint.revision_runs import OpenDatabase, run_revision
from limbeck.lint.rules import RULES, Rule, optional_codes, rule_for, rule_of_code
from limbeck.lint.safe_forms import apply_safe_forms, safe_form
from limbeck.lint.statement_findings import (
    failed_run_finding,
    finding_of,
    findings_of_packages,
    linted_statement,
    not_judged_finding,
    not_measured_finding,
    sorted_findings,
)
from limbeck.lint.statement_rules import statement_rule_findings
from limbeck.lint.suppressions import (
    apply_comments,
    baseline_text,
    fingerprint,
    read_baseline,
    read_comments,
    without_codes,
)
from limbeck.lint.verdicts import Runs, Verdict, judge

__all__ = [
    "DANGERS",
    "ERROR",
    "NOTICE",
    "RULES",
    "WARNING",
    "Finding",
    "LintReport",
    "LintedStatement",
    "OpenDatabase",
    "RecordedRun",
    "RecordedStatement",
    "Rule",
    "Runs",
    "Verdict",
    "apply_comments",
    "apply_safe_forms",
    "baseline_text",
    "failed_run_finding",
    "finding_of",
    "findings_of_packages",
    "fingerprint",
    "imported_models_findings",
    "is_read",
    "judge",
    "judge_without_server",
    "linted_statement",
    "not_judged_finding",
    "not_measured_finding",
    "optional_codes",
    "read_baseline",
    "read_comments",
    "record",
    "rule_for",
    "rule_of_code",
    "run_revision",
    "safe_form",
    "sorted_findings",
    "statement_rule_findings",
    "without_codes",
]
