"""Findings that a project accepts: comments in revision files, settings, a baseline file."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from limbeck.errors import InvalidValueError
from limbeck.lint.findings import NOTICE, WARNING, Finding, severity_of
from limbeck.lint.rules import NO_REASON, UNUSED_IGNORE, rule_for, rule_of_code

_COMMENT = re.compile(r"#\s*limbeck:\s*(ignore|ignore-file)\s*\[([^\]]*)\]\s*(.*)")


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """A comment `# limbeck: ignore[CODES] reason`.

    Args:
        line: where it is.
        first: the first line that it applies to; `last` the last one.
        codes: the rules, by code or name.
        reason: the words after the bracket.
    """

    line: int
    first: int
    last: int
    codes: tuple[str, ...]
    reason: str


def read_comments(source: str) -> list[IgnoreComment]:
    """Return the comments of a revision file that ignore rules.

    A comment applies to the statement that it stands in or above; `ignore-file` to all of them.
    """
    if "limbeck:" not in source:
        return []
    found = []
    spans = _statement_spans(source)
    number_of_lines = source.count("\n") + 1
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    for token in tokens:
        match = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if match is None:
            continue
        line = token.start[0]
        codes = tuple(word.strip() for word in match[2].split(",") if word.strip())
        is_alone = token.line[: token.start[1]].strip() == ""
        if match[1] == "ignore-file":
            first, last = 1, number_of_lines
        else:
            first, last = _span(spans, line + 1 if is_alone else line)
        found.append(IgnoreComment(line, first, last, codes, match[3].strip()))
    return found


def _statement_spans(source: str) -> list[tuple[int, int]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    simple = (ast.Expr, ast.Assign, ast.Return, ast.AugAssign, ast.With)
    return [
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, simple)
    ]


def _span(spans: list[tuple[int, int]], line: int) -> tuple[int, int]:
    """Return the lines of the smallest statement around a line."""
    around = [span for span in spans if span[0] <= line <= span[1]]
    return min(around, key=lambda span: span[1] - span[0], default=(line, line))


def codes_of(finding: Finding) -> Mapping[str, str]:
    """Return the code of the rule for each danger of a finding."""
    statement = finding.statement or ""
    return {danger: rule_for(danger, statement, finding.details).code for danger in finding.dangers}


def without_codes(finding: Finding, codes: Iterable[str]) -> Finding | None:
    """Return a finding without the dangers of some rules; None where nothing is left."""
    named = set(codes)
    accepted = {rule.code for code in named if (rule := rule_of_code(code)) is not None}
    if rule_of_code(finding.code) is None:  # a rule of another package
        return None if finding.code in named else finding
    if not finding.dangers:
        return None if finding.code in accepted else finding
    by_danger = codes_of(finding)
    left = tuple(one for one in finding.dangers if by_danger[one] not in accepted)
    if not left:
        return None
    if left == finding.dangers:
        return finding
    rule = rule_for(left[0], finding.statement or "", finding.details)
    return replace(
        finding,
        dangers=left,
        code=rule.code,
        severity=severity_of(left),
        message=rule.summary,
    )


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Findings sorted into those to report and those that are accepted."""

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]


def apply_comments(
    findings: Iterable[Finding], path: str, revision: str, source: str
) -> Suppressed:
    """Leave out what comments of a revision file ignore, and report comments without effect.

    Args:
        findings: those of the file.
        path: the file.
        revision: the identifier of the revision.
        source: the text of the file.
    """
    comments = read_comments(source)
    used: set[tuple[int, str]] = set()
    reported: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        left: Finding | None = finding
        for comment in comments:
            if finding.line is None or not comment.first <= finding.line <= comment.last:
                continue
            for code in comment.codes:
                before = left
                left = None if left is None else without_codes(left, [code])
                if left is not before:
                    used.add((comment.line, code))
        if left is not None:
            reported.append(left)
        if left is not finding:
            ignored.append(finding)
    for comment in comments:
        reported.extend(_about(comment, path, revision, used))
    return Suppressed(tuple(reported), tuple(ignored))


def _about(
    comment: IgnoreComment, path: str, revision: str, used: set[tuple[int, str]]
) -> Iterable[Finding]:
    for code in comment.codes:
        if (comment.line, code) in used:
            continue
        known = rule_of_code(code) is not None
        words = f"{code} finds nothing here" if known else f"there is no rule {code}"
        yield Finding(
            UNUSED_IGNORE, WARNING, f"The comment is not needed: {words}.", path, comment.line,
            revision,
        )  # fmt: skip
    if not comment.reason:
        yield Finding(
            NO_REASON, WARNING, "The comment ignores a rule and gives no reason.", path,
            comment.line, revision,
        )  # fmt: skip


def fingerprint(finding: Finding) -> str:
    """Return what identifies a finding in a baseline file; line numbers may change."""
    words = f"{finding.revision}|{finding.code}|{' '.join((finding.statement or '').split())}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def read_baseline(path: Path) -> frozenset[str]:
    """Return the fingerprints of a baseline file.

    Raises:
        InvalidValueError: the file cannot be read as one.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
        return frozenset(str(one["fingerprint"]) for one in found["findings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidValueError(
            f"The baseline file {path} cannot be read: {error}",
            hint="Write it with `limbeck lint --write-baseline FILE`.",
            code="LB633",
        ) from error


def baseline_text(findings: Iterable[Finding]) -> str:
    """Return the text of a baseline file that accepts findings."""
    entries = [
        {
            "fingerprint": fingerprint(one),
            "code": one.code,
            "revision": one.revision,
            "message": one.message,
        }
        for one in findings
        if one.severity != NOTICE
    ]
    return json.dumps({"findings": entries}, indent=2) + "\n"
