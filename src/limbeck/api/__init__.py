"""The Python API: functions that return typed values and print nothing.

`limbeck.upgrade` and the others are these functions; `limbeck.aio` awaits them.
"""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.api.comparing import check, compare, revision
    from limbeck.api.listings import current, heads, list_revisions, status
    from limbeck.api.options import Options
    from limbeck.api.planned import plan
    from limbeck.api.runs import downgrade, stamp, upgrade
    from limbeck.api.values import (
        AppliedRevision,
        DatabaseRevisions,
        DatabaseSummary,
        FinishedMove,
        HeadFileSummary,
        InterruptedMigration,
        InterruptedStatement,
        RevisionEntry,
        RunReport,
        SchemaDifferences,
        SnapshotSummary,
    )

_MODULES = {
    "comparing": ("check", "compare", "revision"),
    "listings": ("current", "heads", "list_revisions", "status"),
    "options": ("Options",),
    "planned": ("plan",),
    "runs": ("downgrade", "stamp", "upgrade"),
    "values": (
        "DatabaseRevisions",
        "DatabaseSummary",
        "FinishedMove",
        "InterruptedMigration",
        "SnapshotSummary",
        "HeadFileSummary",
        "AppliedRevision",
        "InterruptedStatement",
        "RevisionEntry",
        "RunReport",
        "SchemaDifferences",
    ),
}

__all__ = [
    "AppliedRevision",
    "DatabaseRevisions",
    "DatabaseSummary",
    "FinishedMove",
    "HeadFileSummary",
    "InterruptedMigration",
    "InterruptedStatement",
    "Options",
    "RevisionEntry",
    "RunReport",
    "SchemaDifferences",
    "SnapshotSummary",
    "check",
    "compare",
    "current",
    "downgrade",
    "heads",
    "list_revisions",
    "plan",
    "revision",
    "stamp",
    "status",
    "upgrade",
]

__getattr__ = lazy_exports(__name__, _MODULES)
