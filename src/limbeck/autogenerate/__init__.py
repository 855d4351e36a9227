"""Database and models compared and drafted as operations, up and down."""

from limbeck.autogenerate.answering import POLICIES, Answers, flag, word
from limbeck.autogenerate.detections import Detections
from limbeck.autogenerate.dispatch import (
    DispatchPriority,
    PriorityDispatcher,
    PriorityDispatchResult,
    comparators,
)
from limbeck.autogenerate.empty import diffs, is_empty
from limbeck.autogenerate.produce import (
    compare_metadata,
    differences,
    fill,
    produce,
    produce_migrations,
)
from limbeck.autogenerate.rebuild import NoteOp, RebuildTableOps, StatementOp
from limbeck.autogenerate.rewriter import Rewriter
from limbeck.autogenerate.scripts import RevisionDrafts
from limbeck.autogenerate.snapshots import Sides
from limbeck.autogenerate.stakes import draft_risks

__all__ = [
    "POLICIES",
    "Answers",
    "Detections",
    "DispatchPriority",
    "NoteOp",
    "PriorityDispatchResult",
    "PriorityDispatcher",
    "RebuildTableOps",
    "RevisionDrafts",
    "Rewriter",
    "Sides",
    "StatementOp",
    "comparators",
    "compare_metadata",
    "differences",
    "diffs",
    "draft_risks",
    "fill",
    "flag",
    "is_empty",
    "produce",
    "produce_migrations",
    "word",
]
