"""Compare a database with models and draft the difference as operations in both directions."""

from limbeck.autogenerate.api import (
    RevisionDrafts,
    compare_metadata,
    differences,
    diffs,
    fill,
    is_empty,
    produce,
    produce_migrations,
)
from limbeck.autogenerate.backfill import FillOp
from limbeck.autogenerate.catalog_draft import draft_between, source_between
from limbeck.autogenerate.comparator_registry import (
    DispatchPriority,
    PriorityDispatcher,
    PriorityDispatchResult,
    comparators,
)
from limbeck.autogenerate.comparison import Comparison
from limbeck.autogenerate.draft_operations import NoteOp, RebuildTableOps, StatementOp
from limbeck.autogenerate.filters import Detections, is_ignored
from limbeck.autogenerate.history_replay import (
    ReplayResult,
    UnknownEffect,
    replay,
    replay_program,
)
from limbeck.autogenerate.history_sql import history_script
from limbeck.autogenerate.phased_draft import divide, is_late
from limbeck.autogenerate.questioner import (
    POLICIES,
    Answers,
    ValueQuestion,
    rename_option,
)
from limbeck.autogenerate.revision_schema import RevisionSchemas
from limbeck.autogenerate.rewriter import Rewriter
from limbeck.autogenerate.schema_creation import creation

__all__ = [
    "POLICIES",
    "Answers",
    "Comparison",
    "Detections",
    "DispatchPriority",
    "FillOp",
    "NoteOp",
    "PriorityDispatchResult",
    "PriorityDispatcher",
    "RebuildTableOps",
    "ReplayResult",
    "RevisionDrafts",
    "RevisionSchemas",
    "Rewriter",
    "StatementOp",
    "UnknownEffect",
    "ValueQuestion",
    "comparators",
    "compare_metadata",
    "creation",
    "differences",
    "diffs",
    "divide",
    "draft_between",
    "fill",
    "history_script",
    "is_empty",
    "is_ignored",
    "is_late",
    "produce",
    "produce_migrations",
    "rename_option",
    "replay",
    "replay_program",
    "source_between",
]
