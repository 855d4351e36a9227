"""The commands: each has a request value as argument and returns a result value.

This package does not print, prompt or exit. Each module is imported on first use, so that a
listing does not import more than it needs.
"""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.adopt_command import AdoptRequest, AdoptResult, adopt, require_adopted
    from limbeck.commands.check_command import (
        CheckResult,
        check,
        differences_as_text,
        require_agreement,
    )
    from limbeck.commands.current_command import (
        DatabaseState,
        current,
        require_heads,
    )
    from limbeck.commands.edit_command import EditResult, edit, open_in_editor
    from limbeck.commands.init_command import (
        InitRequest,
        InitResult,
        init,
        list_templates,
    )
    from limbeck.commands.lint_command import LintRequest, fix, fix_new, lint
    from limbeck.commands.lint_worker import lint_in_worker
    from limbeck.commands.listed_revisions import ListedRevision, Listing, entry, listing
    from limbeck.commands.listing_commands import (
        Branch,
        HeadsRequest,
        HistoryRequest,
        ShowRequest,
        branches,
        heads,
        history,
        require_one_head,
        show,
        write_head_file,
    )
    from limbeck.commands.merge_command import MergeRequest, merge
    from limbeck.commands.merge_trial import MergeTrial, try_merge
    from limbeck.commands.plan_command import PlanRequest, plan
    from limbeck.commands.project_test_command import (
        CheckOutcome,
        ProjectTestReport,
        ProjectTestRequest,
        lint_clean,
        require_passed,
        run_tests,
        single_head,
        tested_revisions,
        verified,
    )
    from limbeck.commands.rebase_command import RebaseRequest, RebaseResult, rebase
    from limbeck.commands.recover_command import (
        RecoverRequest,
        RecoverResult,
        RecoveryChoice,
        recover,
        require_undone,
    )
    from limbeck.commands.redo_command import redo
    from limbeck.commands.release_tables import send_model_tables
    from limbeck.commands.restore_command import (
        RestoreRequest,
        RestoreResult,
        restore,
    )
    from limbeck.commands.revision_command import (
        NewRevisions,
        RevisionRequest,
        UserAnswers,
        revision,
    )
    from limbeck.commands.run_env import Script
    from limbeck.commands.schema_command import OpaqueStep, SchemaRequest, SchemaResult, schema
    from limbeck.commands.snapshot_command import (
        SnapshotRequest,
        SnapshotResult,
        check_snapshots,
        snapshot,
    )
    from limbeck.commands.squash_command import SquashRequest, SquashResult, squash
    from limbeck.commands.squash_finish import DatabaseRows, FinishResult, finish_squash
    from limbeck.commands.stamp_command import StampRequest, ensure_version, stamp
    from limbeck.commands.stats_command import stats
    from limbeck.commands.status_command import DatabaseStatus, require_files, status
    from limbeck.commands.testdb_command import (
        create_test_database,
        database_templates,
        drop_test_database,
        prune_templates,
    )
    from limbeck.commands.upgrade_command import MoveRequest, MoveResult, downgrade, upgrade
    from limbeck.commands.verify_command import (
        VerifyRequest,
        require_verified,
        verify,
        verify_new,
    )
    from limbeck.commands.verify_moves import verify_in_worker

_MODULES = {
    "adopt_command": ("AdoptRequest", "AdoptResult", "adopt", "require_adopted"),
    "check_command": (
        "CheckResult",
        "check",
        "differences_as_text",
        "require_agreement",
        "require_files",
    ),
    "current_command": ("DatabaseState", "current", "require_heads"),
    "edit_command": ("EditResult", "edit", "open_in_editor"),
    "init_command": ("InitRequest", "InitResult", "init", "list_templates"),
    "lint_command": ("LintRequest", "fix", "fix_new", "lint"),
    "lint_worker": ("lint_in_worker",),
    "release_tables": ("send_model_tables",),
    "listed_revisions": ("ListedRevision", "Listing", "entry", "listing"),
    "listing_commands": (
        "Branch",
        "HeadsRequest",
        "HistoryRequest",
        "ShowRequest",
        "branches",
        "heads",
        "require_one_head",
        "history",
        "show",
        "write_head_file",
    ),
    "merge_command": ("MergeRequest", "merge"),
    "project_test_command": (
        "CheckOutcome",
        "ProjectTestReport",
        "ProjectTestRequest",
        "lint_clean",
        "require_passed",
        "run_tests",
        "single_head",
        "tested_revisions",
        "verified",
    ),
    "merge_trial": ("MergeTrial", "try_merge"),
    "recover_command": (
        "RecoverRequest",
        "RecoverResult",
        "RecoveryChoice",
        "recover",
        "require_undone",
    ),
    "plan_command": ("PlanRequest", "plan"),
    "rebase_command": ("RebaseRequest", "RebaseResult", "rebase"),
    "redo_command": ("redo",),
    "restore_command": ("RestoreRequest", "RestoreResult", "restore"),
    "revision_command": ("NewRevisions", "RevisionRequest", "UserAnswers", "revision"),
    "run_env": ("Script",),
    "schema_command": ("OpaqueStep", "SchemaRequest", "SchemaResult", "schema"),
    "squash_command": ("SquashRequest", "SquashResult", "squash"),
    "squash_finish": ("DatabaseRows", "FinishResult", "finish_squash"),
    "snapshot_command": ("SnapshotRequest", "SnapshotResult", "check_snapshots", "snapshot"),
    "stamp_command": ("StampRequest", "ensure_version", "stamp"),
    "stats_command": ("stats",),
    "status_command": ("DatabaseStatus", "require_files", "status"),
    "testdb_command": (
        "create_test_database",
        "database_templates",
        "drop_test_database",
        "prune_templates",
    ),
    "upgrade_command": ("MoveRequest", "MoveResult", "downgrade", "upgrade"),
    "verify_command": ("VerifyRequest", "require_verified", "verify", "verify_new"),
    "verify_moves": ("verify_in_worker",),
}

__all__ = [
    "AdoptRequest",
    "AdoptResult",
    "Branch",
    "CheckOutcome",
    "CheckResult",
    "DatabaseRows",
    "DatabaseState",
    "DatabaseStatus",
    "EditResult",
    "FinishResult",
    "HeadsRequest",
    "HistoryRequest",
    "InitRequest",
    "InitResult",
    "LintRequest",
    "ListedRevision",
    "Listing",
    "MergeRequest",
    "MergeTrial",
    "MoveRequest",
    "MoveResult",
    "NewRevisions",
    "OpaqueStep",
    "PlanRequest",
    "ProjectTestReport",
    "ProjectTestRequest",
    "RebaseRequest",
    "RebaseResult",
    "RecoverRequest",
    "RecoverResult",
    "RecoveryChoice",
    "RestoreRequest",
    "RestoreResult",
    "RevisionRequest",
    "SchemaRequest",
    "SchemaResult",
    "Script",
    "ShowRequest",
    "SnapshotRequest",
    "SnapshotResult",
    "SquashRequest",
    "SquashResult",
    "StampRequest",
    "UserAnswers",
    "VerifyRequest",
    "adopt",
    "branches",
    "check",
    "check_snapshots",
    "create_test_database",
    "current",
    "database_templates",
    "differences_as_text",
    "downgrade",
    "drop_test_database",
    "edit",
    "ensure_version",
    "entry",
    "finish_squash",
    "fix",
    "fix_new",
    "heads",
    "history",
    "init",
    "lint",
    "lint_clean",
    "lint_in_worker",
    "list_templates",
    "listing",
    "merge",
    "open_in_editor",
    "plan",
    "prune_templates",
    "rebase",
    "recover",
    "redo",
    "require_adopted",
    "require_agreement",
    "require_files",
    "require_heads",
    "require_one_head",
    "require_passed",
    "require_undone",
    "require_verified",
    "restore",
    "revision",
    "run_tests",
    "schema",
    "send_model_tables",
    "show",
    "single_head",
    "snapshot",
    "squash",
    "stamp",
    "stats",
    "status",
    "tested_revisions",
    "try_merge",
    "upgrade",
    "verified",
    "verify",
    "verify_in_worker",
    "verify_new",
    "write_head_file",
]

__getattr__ = lazy_exports(__name__, _MODULES)
