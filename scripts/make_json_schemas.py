# ruff: noqa: D101, PLR0911 - the names of the fields say what they are
"""Write the JSON schemas of what `--json` prints to docs/json, from the values of the API.

    python3 scripts/make_json_schemas.py [--check]

With --check nothing is written; the exit code is 1 if a file is not up to date.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

from limbeck import api, fleet

FOLDER = Path(__file__).parents[1] / "docs" / "json"
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@dataclass(frozen=True, kw_only=True)
class BranchPoint(api.RevisionEntry):
    branches: tuple[api.RevisionEntry, ...]


@dataclass
class Template:
    name: str
    description: str


@dataclass
class InitResult:
    files: tuple[str, ...]
    directories: tuple[str, ...]
    kept: tuple[str, ...]
    config: str


@dataclass
class RebaseResult:
    revision: str
    before: str
    after: str
    moved: tuple[str, ...]


@dataclass
class RestoreResult:
    paths: tuple[str, ...]
    accepted: tuple[str, ...]


@dataclass
class CheckOutcome:
    check: Literal["single-head", "verified", "models-agree", "lint"]
    revision: str | None
    ok: bool
    problems: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class ProjectTestReport:
    ok: bool
    checks: tuple[CheckOutcome, ...]


@dataclass
class EditedFiles:
    paths: tuple[str, ...]


@dataclass
class Script:
    sql: str | None


@dataclass
class Completion:
    shell: str
    script: str


@dataclass
class UndoneMigration:
    revision: str
    reverted: tuple[str, ...]
    remaining: tuple[str, ...]


@dataclass
class RecoverResult:
    interrupted: tuple[api.InterruptedMigration, ...]
    moves: tuple[api.FinishedMove, ...]
    undone: tuple[UndoneMigration, ...]


@dataclass
class OpaqueStep:
    revision: str
    path: str | None
    line: int | None
    reason: str


@dataclass
class Schema:
    revisions: tuple[str, ...]
    dialect: str
    complete: bool
    opaque: tuple[OpaqueStep, ...]
    objects: tuple[dict[str, Any], ...]


@dataclass
class Snapshot:
    path: str
    database: str
    revisions: tuple[str, ...]
    objects: int
    rows: int
    opaque: tuple[OpaqueStep, ...]


@dataclass
class Adoption:
    revisions: tuple[str, ...]
    exact: bool
    stamped: bool
    differences: tuple[str, ...]


@dataclass
class VerifyFinding:
    code: str
    severity: Literal["error", "warning", "note"]
    phase: str
    message: str
    object: str | None
    line: int | None
    statement: str | None


@dataclass
class VerifiedRevision:
    ok: bool
    verified: bool
    revision: str
    path: str | None
    findings: tuple[VerifyFinding, ...]
    built: str
    server: str
    kind: str
    rows: int
    seconds: float


@dataclass
class VerifyReport:
    ok: bool
    revisions: tuple[VerifiedRevision, ...]


@dataclass
class LintFinding:
    code: str
    severity: Literal["error", "warning", "notice"]
    message: str
    file: str | None
    line: int | None
    revision: str | None
    statement: str | None
    dangers: tuple[str, ...]
    rewrites: tuple[str, ...]
    scans: tuple[str, ...]
    locks: dict[str, str]
    strongest_lock: str | None
    tables: tuple[str, ...]
    blocks: dict[str, tuple[str, ...]]
    source: str
    details: tuple[str, ...]
    safe_form: str | None


@dataclass
class LintStatement:
    revision: str
    line: int | None
    sql: str
    dangers: tuple[str, ...]
    locks: dict[str, str]
    strongest_lock: str | None
    tables: tuple[str, ...]


@dataclass
class LintReport:
    server: str | None
    revisions: tuple[str, ...]
    findings: tuple[LintFinding, ...]
    statements: tuple[LintStatement, ...]
    ignored: tuple[LintFinding, ...]
    notes: tuple[str, ...]


@dataclass
class PlannedMove:
    revision: str
    direction: str
    message: str
    path: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass
class Estimate:
    seconds: float | None
    low: float | None
    high: float | None
    basis: str


@dataclass
class PlannedStatement:
    revision: str
    sql: str
    line: int | None
    source: str
    locks: dict[str, str]
    strongest_lock: str | None
    rewrites: tuple[str, ...]
    scans: tuple[str, ...]
    index_builds: tuple[str, ...]
    blocks: dict[str, tuple[str, ...]]
    dangers: tuple[str, ...]
    code: str | None
    details: tuple[str, ...]
    is_long: bool
    has_few_rows: bool
    estimate: Estimate | None


@dataclass
class PlannedTransaction:
    number: int
    kind: str
    revisions: tuple[str, ...]
    locks: dict[str, str]
    statements: tuple[PlannedStatement, ...]


@dataclass
class TableSize:
    rows: int | None
    bytes: int | None
    is_exact: bool
    at_least: bool


@dataclass
class RowCheck:
    revision: str
    kind: str
    table: str
    columns: tuple[str, ...]
    message: str
    query: str | None
    status: str
    count: int | None
    is_at_least: bool
    key_columns: tuple[str, ...]
    keys: tuple[tuple[Any, ...], ...]
    reason: str | None


@dataclass
class PlannedRun:
    database: str
    dialect: str
    direction: str
    start: tuple[str, ...]
    target: str
    measured_on: str | None
    moves: tuple[PlannedMove, ...]
    transactions: tuple[PlannedTransaction, ...]
    tables: dict[str, TableSize]
    sizes_from: str | None
    checks: tuple[RowCheck, ...]
    notes: tuple[str, ...]


@dataclass
class Plans:
    format: int
    plans: tuple[PlannedRun, ...]


@dataclass
class SquashResult:
    revision: str
    path: str | None
    replaces: tuple[str, ...]
    data_steps: tuple[str, ...]
    left_out: tuple[str, ...]
    tables_compared: int
    server: str
    mixes_phases: bool


@dataclass
class FinishedSquash:
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    databases: tuple[str, ...]


@dataclass
class StoredSize:
    rows: int | None
    bytes: int | None


@dataclass
class Statistics:
    format: int
    dialect: str
    revisions: tuple[str, ...]
    tables: dict[str, StoredSize]


@dataclass
class TestDatabase:
    database: str
    url: str


@dataclass(frozen=True, kw_only=True)
class FleetPlan(fleet.TenantStatus):
    pending: tuple[str, ...]


@dataclass
class FleetSummary:
    summary: dict[str, int]
    exit_code: int


@dataclass
class ErrorValue:
    code: str | None
    message: str
    place: str | None
    hint: str | None


@dataclass
class Error:
    error: ErrorValue


_REVISIONS = tuple[api.RevisionEntry, ...]
DOCUMENTS: dict[str, Any] = {
    "adopt": Adoption,
    "branches": tuple[BranchPoint, ...],
    "check": api.SchemaDifferences,
    "completion": Completion,
    "current": tuple[api.DatabaseRevisions, ...],
    "downgrade": api.RunReport,
    "edit": EditedFiles,
    "ensure_version": Script,
    "error": Error,
    "fleet_plan": FleetPlan,
    "fleet_result": fleet.TenantResult | FleetSummary,
    "fleet_status": fleet.TenantStatus,
    "heads": _REVISIONS,
    "history": _REVISIONS,
    "init": InitResult,
    "lint": LintReport,
    "list_templates": tuple[Template, ...],
    "merge": _REVISIONS,
    "plan": Plans,
    "rebase": RebaseResult,
    "recover": RecoverResult,
    "restore": RestoreResult,
    "revision": _REVISIONS,
    "schema": Schema,
    "show": _REVISIONS,
    "snapshot": Snapshot | tuple[str, ...],
    "squash": SquashResult | FinishedSquash,
    "stamp": api.RunReport,
    "stats": Statistics,
    "status": tuple[api.DatabaseSummary, ...],
    "test": ProjectTestReport,
    "testdb_create": TestDatabase,
    "testdb_drop": tuple[str, ...],
    "testdb_prune": tuple[str, ...],
    "upgrade": api.RunReport,
    "verify": VerifyReport,
}
_TITLES = {
    "error": "limbeck: error",
    "fleet_plan": "limbeck fleet plan --json, a line",
    "fleet_result": "limbeck fleet upgrade | downgrade | stamp | check | create --json, a line",
    "fleet_status": "limbeck fleet status --json, a line",
    "testdb_create": "limbeck testdb create --json",
    "testdb_drop": "limbeck testdb drop --json",
    "testdb_prune": "limbeck testdb prune --json",
}
# keys that a document may lack
_OPTIONAL = {"is_current"}


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON schema of a type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return {}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if origin in {types.UnionType, typing.Union}:
        return _union(arguments)
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin is Literal:
        return {"enum": list(arguments)}
    if is_dataclass(kind):
        return _object(kind)
    raise TypeError(kind)


def _union(parts: Iterable[Any]) -> dict[str, Any]:
    found = [schema_of(one) for one in parts]
    if all(list(one) == ["type"] for one in found):
        return {"type": [one["type"] for one in found]}
    return {"anyOf": found}


def _object(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    described = _descriptions(kind)
    properties = {}
    for field in fields(kind):
        properties[field.name] = schema_of(hints[field.name])
        if field.name in described:
            properties[field.name]["description"] = described[field.name]
    required = [name for name in properties if name not in _OPTIONAL]
    return {"type": "object", "properties": properties, "required": required}


def _descriptions(kind: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found.update(_described(base.__doc__ or ""))
    return found


def _described(doc: str) -> dict[str, str]:
    text = doc.partition("Attributes:")[2] or doc.partition("Args:")[2]
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        first, colon, rest = line.strip().partition(": ")
        if colon and line.startswith("        ") and not line.startswith("         "):
            name, found[first] = first, rest
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def text_of(command: str) -> str:
    """Return the file of a command's schema."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLES.get(command, f"limbeck {command} --json"),
        **schema_of(DOCUMENTS[command]),
    }
    return json.dumps(document, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or check them."""
    old = []
    FOLDER.mkdir(exist_ok=True)
    for command in DOCUMENTS:
        path = FOLDER / f"{command}.schema.json"
        text = text_of(command)
        if path.exists() and path.read_text("utf-8") == text:
            continue
        old.append(path.name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    print("written:" if "--check" not in arguments else "not up to date:", *old or ["nothing"])
    return 1 if old and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
