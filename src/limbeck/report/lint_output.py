"""Findings of lint as text, JSON, SARIF, JUnit XML and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.lint import Finding, LintReport

LINT_FORMATS = ("text", "json", "sarif", "junit", "github")
_RULES_PAGE = "https://limbeck.readthedocs.io/en/latest/lint-rules.html"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "notice": "note"}


def lint_text(report: LintReport, *, is_verbose: bool = False) -> Iterator[str]:
    """Yield the findings as lines of text, with notices if verbose."""
    shown = [one for one in report.findings if is_verbose or one.severity != "notice"]
    for one in shown:
        place = f"{one.place}:{one.line or 1}"
        dangers = f" [{', '.join(one.dangers)}]" if one.dangers else ""
        yield f"{place}: {one.severity} {one.code}{dangers} {one.message}"
        if one.statement:
            yield f"    {_first_line(one.statement)}"
        for detail in one.details:
            yield f"    - {detail}"
        if one.locks:
            yield f"    locks: {', '.join(f'{lock} on {name}' for name, lock in one.locks.items())}"
        if one.safe_form:
            yield "    instead:"
            for line in one.safe_form.splitlines():
                yield f"        {line}"
    for note in report.notes:
        yield f"note: {note}"
    yield _summary(report, len(report.findings) - len(shown))


def _summary(report: LintReport, hidden: int) -> str:
    counts = dict.fromkeys(("error", "warning", "notice"), 0)
    for one in report.findings:
        counts[one.severity] += 1
    words = ", ".join(f"{number} {name}{'s' * (number != 1)}" for name, number in counts.items())
    server = f"on {report.server}" if report.server else "without a server"
    number = len(report.revisions)
    revisions = f"{number} revision{'s' * (number != 1)}"
    more = f", {len(report.ignored)} ignored" if report.ignored else ""
    tail = "; --verbose shows the notices" if hidden else ""
    return f"{revisions} linted {server}: {words}{more}{tail}"


def _first_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 120 else f"{words[:117]}..."  # noqa: PLR2004 - one line of text


def _as_json(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "severity": one.severity,
        "message": one.message,
        "file": one.file,
        "line": one.line,
        "revision": one.revision,
        "statement": one.statement,
        "dangers": list(one.dangers),
        "rewrites": list(one.rewrites),
        "scans": list(one.scans),
        "locks": dict(one.locks),
        "strongest_lock": one.strongest_lock,
        "tables": sorted(one.locks),
        "blocks": {name: list(what) for name, what in one.blocks.items()},
        "source": one.source,
        "details": list(one.details),
        "safe_form": one.safe_form,
    }


def lint_json(report: LintReport) -> str:
    """Return the report as a JSON document."""
    return json.dumps(
        {
            "server": report.server,
            "revisions": list(report.revisions),
            "findings": [_as_json(one) for one in report.findings],
            "statements": [
                {
                    "revision": one.revision,
                    "line": one.line,
                    "sql": one.sql,
                    "dangers": list(one.dangers),
                    "locks": dict(one.locks),
                    "strongest_lock": one.strongest_lock,
                    "tables": sorted(one.locks),
                }
                for one in report.statements
            ],
            "ignored": [_as_json(one) for one in report.ignored],
            "notes": list(report.notes),
        },
        indent=2,
        ensure_ascii=False,
    )


def _below(root: str | None, place: str) -> str:
    """Return the path of a file relative to the root of the repository."""
    path = Path(place)
    if root is None:
        return path.as_posix()
    whole, above = path.resolve(), Path(root).resolve()
    return whole.relative_to(above).as_posix() if whole.is_relative_to(above) else path.as_posix()


def lint_sarif(report: LintReport, root: str | None = None) -> str:
    """Return the report as SARIF 2.1.0.

    Args:
        report: the report.
        root: the root of the repository, to which paths are relative; None for the current folder.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    codes = sorted({one.code for one in report.findings})
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "limbeck lint",
                        "informationUri": _RULES_PAGE,
                        "rules": [
                            {"id": code, "helpUri": f"{_RULES_PAGE}#{code.lower()}"}
                            for code in codes
                        ],
                    }
                },
                "results": [_sarif_result(one, root) for one in report.findings],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _sarif_result(one: Finding, root: str | None) -> dict[str, Any]:
    return {
        "ruleId": one.code,
        "level": _SARIF_LEVELS[one.severity],
        "message": {"text": " ".join([one.message, *one.details])},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _below(root, one.place)},
                    "region": {"startLine": one.line or 1},
                }
            }
        ],
        "properties": {"dangers": list(one.dangers), "revision": one.revision},
    }


def lint_junit(report: LintReport) -> str:
    """Return the report as JUnit XML: one test case for each revision."""
    failed = [one for one in report.findings if one.severity != "notice"]
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    failing = {one.revision for one in failed}
    lines.append(
        f'<testsuite name="limbeck lint" tests="{len(report.revisions)}" failures="{len(failing)}">'
    )
    for revision in report.revisions:
        lines.append(f'  <testcase classname="limbeck.lint" name={quoteattr(revision)}>')
        mine = [one for one in failed if one.revision == revision]
        if mine:
            text = "\n".join(
                f"{one.place}:{one.line or 1}: {one.code} {one.message}\n"
                + "\n".join(f"  {detail}" for detail in one.details)
                for one in mine
            )
            message = quoteattr(f"{mine[0].code} {mine[0].message}")
            lines.append(f"    <failure message={message}>{escape(text)}</failure>")
        lines.append("  </testcase>")
    lines.append("</testsuite>")
    return "\n".join(lines)


def lint_github(report: LintReport, root: str | None = None) -> Iterator[str]:
    """Yield the findings as workflow commands of GitHub Actions.

    Args:
        report: the report.
        root: the root of the repository, to which paths are relative; None for the current folder.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    for one in report.findings:
        words = " ".join([one.message, *one.details])
        message = words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        path = _below(root, one.place).replace("%", "%25").replace(",", "%2C").replace(":", "%3A")
        yield (f"::{one.severity} file={path},line={one.line or 1},title={one.code}::{message}")
