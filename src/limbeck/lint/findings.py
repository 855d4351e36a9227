"""Findings of lint: what a statement of a revision does that the running system will notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# in the order in which reports name them
DANGERS = (
    "fails-always",
    "fails-in-tx",
    "fails-on-rows",
    "loses",
    "breaks",
    "drops-objects",
    "rewrite",
    "reads-long",
    "writes-long",
    "updates-long",
    "half-applied",
)
ERROR, WARNING, NOTICE = "error", "warning", "notice"
_ERRORS = frozenset({"fails-always", "fails-in-tx", "fails-on-rows", "loses", "breaks"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: the code of the rule.
        severity: "error", "warning" or "notice".
        message: what happens, in one sentence.
        file: the revision file, None where it is unknown.
        line: the line in it.
        revision: the identifier of the revision.
        statement: the SQL, None where the finding is about a file.
        dangers: names of `DANGERS`.
        rewrites: tables that are rewritten.
        scans: tables that are read as a whole.
        locks: for each table the strongest lock that the statement takes.
        strongest_lock: the strongest of them.
        blocks: for each table what others cannot do until the transaction ends.
        source: "measured", "known" or "live".
        details: further facts, one per line.
        safe_form: code that does the same without the danger; None where there is none.
    """

    code: str
    severity: str
    message: str
    file: str | None = None
    line: int | None = None
    revision: str | None = None
    statement: str | None = None
    dangers: tuple[str, ...] = ()
    rewrites: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    locks: Mapping[str, str] = field(default_factory=dict)
    strongest_lock: str | None = None
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = "known"
    details: tuple[str, ...] = ()
    safe_form: str | None = None

    @property
    def place(self) -> str:
        """The revision file, from the current folder where it is below it; else the revision."""
        if self.file is None:
            return self.revision or "?"
        try:
            return str(Path(self.file).resolve().relative_to(Path.cwd()))
        except ValueError:
            return self.file

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Finding:
        """Return the finding of plain values."""
        return cls(**_with_tuples(given))


@dataclass(frozen=True, slots=True)
class LintedStatement:
    """A statement that was run on a scratch database, whether there is a finding or not.

    Attributes:
        revision: the identifier of the revision.
        line: its line in the revision file.
        sql: the text.
        dangers: names of `DANGERS`.
        locks: for each table the strongest lock that the statement takes.
        strongest_lock: the strongest of them.
    """

    revision: str
    line: int | None
    sql: str
    dangers: tuple[str, ...]
    locks: Mapping[str, str]
    strongest_lock: str | None

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> LintedStatement:
        """Return the statement of plain values."""
        return cls(**_with_tuples(given))


@dataclass(frozen=True, slots=True)
class LintReport:
    """The result of a run of lint.

    Attributes:
        findings: in the order of the revisions and of the lines in them.
        statements: what was measured.
        revisions: the identifiers of the revisions that were linted.
        server: name and version of the server that measured, None without a server.
        notes: what could not be measured, and why.
        ignored: findings that comments or the baseline suppress.
    """

    findings: tuple[Finding, ...] = ()
    statements: tuple[LintedStatement, ...] = ()
    revisions: tuple[str, ...] = ()
    server: str | None = None
    notes: tuple[str, ...] = ()
    ignored: tuple[Finding, ...] = ()

    @property
    def has_errors(self) -> bool:
        """True where a finding is a warning or an error."""
        return any(one.severity != NOTICE for one in self.findings)


def _with_tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values with tuples for lists, as they were before they became text."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, dict):
            found[name] = _with_tuples(value)
        else:
            found[name] = tuple(value) if isinstance(value, list) else value
    return found


def severity_of(dangers: tuple[str, ...]) -> str:
    """Return the severity of a statement with these dangers."""
    if not dangers:
        return NOTICE
    return ERROR if _ERRORS.intersection(dangers) else WARNING


def sorted_dangers(found: set[str]) -> tuple[str, ...]:
    """Return dangers in the order of `DANGERS`."""
    return tuple(one for one in DANGERS if one in found)
