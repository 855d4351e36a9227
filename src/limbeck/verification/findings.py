"""What the verification of revisions has found, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
Phase: TypeAlias = Literal["build", "load", "upgrade", "models", "downgrade", "upgrade again"]

# what each finding means; a test compares the list with docs/verify.md
CODES: Mapping[str, str] = {
    "up-fails": "the upgrade fails",
    "models-differ": "models and schema differ after the upgrade",
    "down-fails": "the downgrade fails",
    "down-leaves-trace": "the downgrade does not restore the schema",
    "rows-lost": "rows or values are lost",
    "up-again-fails": "the upgrade fails after the downgrade",
    "up-again-differs": "the second upgrade leads to another schema than the first",
    "time-limit": "the revision does not end within the time limit",
    "process-ended": "the revision ends the process",
    "touches-files": "the revision writes, renames or deletes files",
    "opens-network": "the revision opens a network connection",
    "opens-connection": "the revision opens another database connection",
    "starts-process": "the revision starts a process or forks",
    "acts-outside": "a statement acts on more than the database",
    "drops-database": "the revision drops the database or schema that it runs in",
    "fails-on-rows": "whether the upgrade succeeds depends on the existing rows",
    "rows-deleted": "the revision deletes some of the rows and does not restore them",
    "rows-left": "the downgrade leaves rows that the upgrade has inserted",
    "cannot-restore": "the downgrade cannot restore rows or values",
    "no-downgrade": "the revision declares that it cannot be undone",
    "no-models": "env.py names no models to compare with",
    "no-rows": "tables could not be filled with rows",
    "not-verified": "the revision could not be verified",
}


@dataclass(frozen=True, slots=True)
class VerifyFinding:
    """One thing that a verification has found.

    Args:
        code: a key of `CODES`.
        severity: an error is a fault of the revision; a warning depends on facts that a scratch
            database does not have; a note is for information.
        phase: what was running.
        message: what was found, in one sentence.
        object: the table, column or other object concerned.
        line: the line of the revision file.
        statement: the statement concerned.
    """

    code: str
    severity: Severity
    phase: Phase
    message: str
    object: str | None = None
    line: int | None = None
    statement: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionReport:
    """The verification of one revision.

    Args:
        revision: its identifier.
        path: its file.
        findings: in the order in which they were found.
        built: how the schema before it was built: "replay" from the files without running them,
            "history" by running all revisions before it.
        server: name and version of the server of the scratch database.
        kind: what the scratch database was.
        rows: the number of rows that were there.
        seconds: how long it took.
    """

    revision: str
    path: str | None
    findings: tuple[VerifyFinding, ...] = ()
    built: str = "replay"
    server: str = ""
    kind: str = ""
    rows: int = 0
    seconds: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether nothing found is a fault."""
        return all(one.severity != "error" for one in self.findings)

    @property
    def is_verified(self) -> bool:
        """Whether the revision could be run at all."""
        return all(one.code != "not-verified" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"ok": self.is_ok, "verified": self.is_verified, **asdict(self)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> RevisionReport:
        """Return the report of plain values."""
        values = {name: given[name] for name in cls.__dataclass_fields__}
        values["findings"] = tuple(VerifyFinding(**one) for one in given["findings"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The verification of several revisions, in the order in which they run."""

    revisions: Sequence[RevisionReport] = ()

    @property
    def is_ok(self) -> bool:
        """Whether every revision was verified without a fault."""
        return all(one.is_ok and one.is_verified for one in self.revisions)
