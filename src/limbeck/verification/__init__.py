"""Verify revisions on a scratch database: up, compare with the models, down, up again."""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.verification.failures import Failing, failing_of
    from limbeck.verification.findings import (
        CODES,
        RevisionReport,
        VerifyFinding,
        VerifyReport,
    )
    from limbeck.verification.moves import Moves, VerifyOptions
    from limbeck.verification.procedure import Verification, removing_leftovers
    from limbeck.verification.process_guard import ProcessGuard
    from limbeck.verification.schema_trace import SchemaTrace, comparable, schema_traces
    from limbeck.verification.supervisor import (
        STARTUP_SECONDS,
        BrokenOff,
        WorkerRequest,
        run_worker,
        supervised,
    )

__all__ = [
    "CODES",
    "STARTUP_SECONDS",
    "BrokenOff",
    "Failing",
    "Moves",
    "ProcessGuard",
    "RevisionReport",
    "SchemaTrace",
    "Verification",
    "VerifyFinding",
    "VerifyOptions",
    "VerifyReport",
    "WorkerRequest",
    "comparable",
    "failing_of",
    "removing_leftovers",
    "run_worker",
    "schema_traces",
    "supervised",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "failures": ("Failing", "failing_of"),
        "findings": ("CODES", "RevisionReport", "VerifyFinding", "VerifyReport"),
        "moves": ("Moves", "VerifyOptions"),
        "procedure": ("Verification", "removing_leftovers"),
        "process_guard": ("ProcessGuard",),
        "schema_trace": ("SchemaTrace", "comparable", "schema_traces"),
        "supervisor": (
            "STARTUP_SECONDS",
            "BrokenOff",
            "WorkerRequest",
            "run_worker",
            "supervised",
        ),
    },
)
