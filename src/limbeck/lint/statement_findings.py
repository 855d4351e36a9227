"""From verdicts to findings with a code, a message and a severity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from limbeck.errors import LimbeckError
from limbeck.lint.findings import (
    NOTICE,
    WARNING,
    Finding,
    LintedStatement,
    severity_of,
)
from limbeck.lint.rules import BRIEF_LOCK, NOT_MEASURED, Rule, rule_for, rule_of_code
from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from limbeck.dialects import Measurement
    from limbeck.lint.verdicts import Runs, Verdict

ENTRY_POINTS = "limbeck.lint"
_MAX_SQL = 2000


def linted_statement(verdict: Verdict, revision: str) -> LintedStatement:
    """Return what was measured of a statement."""
    measured = verdict.measured
    return LintedStatement(
        revision=revision,
        line=verdict.statement.line,
        sql=_shown(verdict),
        dangers=verdict.dangers,
        locks={} if measured is None else dict(measured.locks),
        strongest_lock=None if measured is None else measured.strongest,
    )


def _shown(verdict: Verdict) -> str:
    """Return the text of a statement for reports, without passwords."""
    return mask_secrets(verdict.statement.shown[:_MAX_SQL])


def finding_of(
    verdict: Verdict, measurement: Measurement, *, revision: str, path: str | None
) -> Finding | None:
    """Return the finding about a statement, None for a statement that is free.

    Args:
        verdict: what was measured.
        measurement: says which locks are not worth a word.
        revision: the identifier of the revision.
        path: the revision file.
    """
    measured = verdict.measured
    locks = {} if measured is None else dict(measured.locks)
    is_silent = set(locks.values()) <= measurement.silent_locks
    if not verdict.dangers and is_silent:
        return None
    sql = _shown(verdict)
    details = list(verdict.details)
    rule = rule_for(verdict.dangers[0], sql, details) if verdict.dangers else _brief_lock()
    if measured is not None and measured.algorithm is not None:
        details.append(f"ALGORITHM={measured.algorithm}, LOCK={measured.strongest or 'NONE'}")
    return Finding(
        code=rule.code,
        severity=severity_of(verdict.dangers) if verdict.dangers else NOTICE,
        message=_message(verdict, rule),
        file=path,
        line=verdict.statement.line,
        revision=revision,
        statement=sql,
        dangers=verdict.dangers,
        rewrites=() if measured is None else measured.rewrites,
        scans=() if measured is None else measured.scans,
        locks=locks,
        strongest_lock=None if measured is None else measured.strongest,
        blocks={} if measured is None else dict(measured.blocks),
        source="measured" if measured is None else measured.source,
        details=tuple(details),
    )


def _brief_lock() -> Rule:
    rule = rule_of_code(BRIEF_LOCK)
    assert rule is not None  # noqa: S101 - a constant of the table
    return rule


def _message(verdict: Verdict, rule: Rule) -> str:
    if verdict.dangers:
        return rule.summary
    measured = verdict.measured
    locks = {} if measured is None else measured.locks
    shown = ", ".join(f"{mode} on {name}" for name, mode in locks.items())
    return f"A lock is taken briefly: {shown}."


def findings_of_packages(statement: LintedStatement, path: str | None) -> Iterator[Finding]:
    """Yield what rules of installed packages find in a statement.

    A rule is an entry point of the group `limbeck.lint`: a function that takes a `LintedStatement`
    and yields `Finding`s. File, line and revision are added where it leaves them out.
    """
    for rule in _rules_of_packages():
        for finding in rule(statement) or ():
            yield replace(
                finding,
                file=finding.file or path,
                line=finding.line or statement.line,
                revision=finding.revision or statement.revision,
                statement=finding.statement or statement.sql,
            )


@cache
def _rules_of_packages() -> tuple[Callable[[LintedStatement], Iterable[Finding] | None], ...]:
    # reading the metadata of all packages takes longer than judging a statement
    return tuple(one.load() for one in entry_points(group=ENTRY_POINTS))


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by file and line; those of one revision stay together."""
    order: dict[str | None, int] = {}
    listed = list(findings)
    for one in listed:
        order.setdefault(one.revision, len(order))
    return tuple(sorted(listed, key=lambda one: (order[one.revision], one.line or 0)))


def failed_run_finding(runs: Runs, *, revision: str, path: str | None) -> list[Finding]:
    """Return a finding where the program itself failed, outside of its statements."""
    for run in (runs.empty, runs.filled):
        refused = isinstance(run.error, LimbeckError)
        if run.error is not None and (run.failed is None or refused):
            return [not_judged_finding(run.error, revision=revision, path=path)]
    return []


def not_judged_finding(error: BaseException, *, revision: str, path: str | None) -> Finding:
    """Return the finding that a revision could not be judged to its end."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    words = f"The revision ended with {type(error).__name__}: {error}"
    return not_measured_finding(words, revision=revision, path=path, line=line)


def not_measured_finding(
    words: str, *, revision: str, path: str | None, line: int | None = None
) -> Finding:
    """Return the finding that a revision was not measured to its end, and why."""
    return Finding(NOT_MEASURED, WARNING, words, path, line, revision, source="measured")
