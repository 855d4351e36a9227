"""Database and models compared and drafted as operations, up and down."""

from limbeck.autogenerate.api import (
    compare_metadata,
    differences,
    fill,
    produce,
    produce_migrations,
)
from limbeck.autogenerate.comparator_registry import (
    DispatchPriority,
    PriorityDispatcher,
    PriorityDispatchResult,
    comparators,
)
from limbeck.autogenerate.comparison import Sides
from limbeck.autogenerate.draft_operations import NoteOp, RebuildTableOps, StatementOp
from limbeck.autogenerate.empty import diffs, is_empty
from limbeck.autogenerate.history_replay import Replayed, Unknown, replay
from limbeck.autogenerate.options import Detections
from limbeck.autogenerate.questioner import POLICIES, Answers, flag, word
from limbeck.autogenerate.revision_context import RevisionDrafts
from limbeck.autogenerate.rewriter import Rewriter

__all__ = [
    "POLICIES",
    "Answers",
    "Detections",
    "DispatchPriority",
    "NoteOp",
    "PriorityDispatchResult",
    "PriorityDispatcher",
    "RebuildTableOps",
    "Replayed",
    "RevisionDrafts",
    "Rewriter",
    "Sides",
    "StatementOp",
    "Unknown",
    "comparators",
    "compare_metadata",
    "differences",
    "diffs",
    "fill",
    "flag",
    "is_empty",
    "produce",
    "produce_migrations",
    "replay",
    "word",
]
