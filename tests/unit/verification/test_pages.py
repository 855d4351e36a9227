"""The documentation lists every finding."""

from __future__ import annotations

import re
from pathlib import Path

from limbeck.verification import CODES, RevisionReport, VerifyFinding

PAGE = Path(__file__).parents[3] / "docs" / "verify.md"


def test_every_code_is_on_the_page() -> None:
    listed = re.findall(
        r"(?m)^\| `([a-z-]+)` \| (?:error|warning|note) \|", PAGE.read_text("utf-8")
    )
    assert sorted(listed) == sorted(CODES)


def test_a_report_survives_json() -> None:
    finding = VerifyFinding("up-fails", "error", "upgrade", "no such table", line=3)
    report = RevisionReport("aa", "aa.py", (finding,), rows=5)
    assert RevisionReport.from_json(report.as_json()) == report
    assert not report.is_ok
