"""Reports of `verify` and `test` as text and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands import ProjectTestReport
    from limbeck.verification import RevisionReport, VerifyFinding, VerifyReport

_MARKS = {"error": "error", "warning": "warning", "note": "note"}


def verification_lines(report: VerifyReport) -> Iterator[str]:
    """Yield the lines of a report: one for each revision and for each of its findings."""
    if not report.revisions:
        yield "There is no revision to verify."
    for one in report.revisions:
        yield f"{one.revision}: {_verdict(one)}"
        for finding in one.findings:
            yield from _finding_lines(one, finding)


def _verdict(one: RevisionReport) -> str:
    if not one.is_verified:
        return "not verified"
    where = f"{one.server}, {one.rows} rows, {one.seconds:.1f} s" if one.server else ""
    if one.is_ok:
        steps = "up, down and up again"
        if any(finding.code == "no-downgrade" for finding in one.findings):
            steps = "up"
        return f"verified {steps} ({where})"
    number = sum(1 for finding in one.findings if finding.severity == "error")
    noun = "fault" if number == 1 else "faults"
    return f"{number} {noun}" + (f" ({where})" if where else "")


def _finding_lines(one: RevisionReport, finding: VerifyFinding) -> Iterator[str]:
    yield f"  {_MARKS[finding.severity]} {finding.code}: {finding.message}"
    if finding.line is not None and one.path is not None:
        yield f"    {one.path}:{finding.line}"
    if finding.statement and finding.statement not in finding.message:
        yield f"    {finding.statement}"


def verification_json(report: VerifyReport) -> str:
    """Return a report as a JSON document."""
    document = {
        "ok": report.is_ok,
        "revisions": [one.as_json() for one in report.revisions],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def project_test_lines(report: ProjectTestReport) -> Iterator[str]:
    """Yield a line for each check, its problems and its notes."""
    for one in report.outcomes:
        yield f"{'ok' if one.passed else 'failed'}: {one.name}"
        for problem in one.problems:
            yield f"  {problem}"
        for note in one.notes:
            yield f"  note: {note}"
    number = len(report.outcomes)
    yield f"{number - len(report.failed)} of {number} checks passed"


def project_test_json(report: ProjectTestReport) -> str:
    """Return a report as a JSON document."""
    document = {
        "ok": not report.failed,
        "checks": [
            {
                "check": one.check,
                "revision": one.revision,
                "ok": one.passed,
                "problems": list(one.problems),
                "notes": list(one.notes),
            }
            for one in report.outcomes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
