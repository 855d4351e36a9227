"""Run moves on a database: the runner, its transactions, the run lock and the journal."""

from limbeck.runtime.applied_sources import (
    AppliedSource,
    AppliedSources,
    accept_sources,
    applied_rows,
    read_applied_sources,
    utc_time,
    without_secrets,
)
from limbeck.runtime.errors import LockLostError
from limbeck.runtime.events import (
    BatchDone,
    Event,
    Failed,
    Finished,
    FinishedMoves,
    Listener,
    RolledBack,
    Skipped,
    Started,
    Stepped,
    Waiting,
    quiet_migration_log,
)
from limbeck.runtime.failure_report import (
    Failure,
    MigrationFailedError,
    RunRecord,
    attach_final_report,
    attach_report,
    failure_of,
    move_ends,
    raise_with_report,
)
from limbeck.runtime.journal_row import expect_files, expect_one_way, move_name
from limbeck.runtime.journal_table import TABLE as JOURNAL_TABLE
from limbeck.runtime.journal_table import JournalTable, journal_name
from limbeck.runtime.lock import RunLock
from limbeck.runtime.runner import Runner, Stepping
from limbeck.runtime.sinks import Live, RecordingSink, ScriptSink, origin_of_caller
from limbeck.runtime.target import LOCK_TIMEOUT, Job, Target, make_target, seconds
from limbeck.runtime.tcp_keepalive import limit_silence, limited_silence
from limbeck.runtime.transactions import (
    Transaction,
    Transactions,
)
from limbeck.runtime.version_table import (
    VersionTable,
    make_version_table,
    reading,
    shared_version_table,
)
from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.runtime.backfill import run_backfill
    from limbeck.runtime.backfill_script import write_backfill
    from limbeck.runtime.recovery import (
        InterruptedMove,
        Recovery,
        Step,
        Undone,
        read_interrupted,
        read_skipped,
    )

__all__ = [
    "JOURNAL_TABLE",
    "LOCK_TIMEOUT",
    "AppliedSource",
    "AppliedSources",
    "BatchDone",
    "Event",
    "Failed",
    "Failure",
    "Finished",
    "FinishedMoves",
    "InterruptedMove",
    "Job",
    "JournalTable",
    "Listener",
    "Live",
    "LockLostError",
    "MigrationFailedError",
    "RecordingSink",
    "Recovery",
    "RolledBack",
    "RunLock",
    "RunRecord",
    "Runner",
    "ScriptSink",
    "Skipped",
    "Started",
    "Step",
    "Stepped",
    "Stepping",
    "Target",
    "Transaction",
    "Transactions",
    "Undone",
    "VersionTable",
    "Waiting",
    "accept_sources",
    "applied_rows",
    "attach_final_report",
    "attach_report",
    "expect_files",
    "expect_one_way",
    "failure_of",
    "journal_name",
    "limit_silence",
    "limited_silence",
    "make_target",
    "make_version_table",
    "move_ends",
    "move_name",
    "origin_of_caller",
    "quiet_migration_log",
    "raise_with_report",
    "read_applied_sources",
    "read_interrupted",
    "read_skipped",
    "reading",
    "run_backfill",
    "seconds",
    "shared_version_table",
    "utc_time",
    "without_secrets",
    "write_backfill",
]

# Few runs have a backfill. Only `status`, `recover` and runs after an interrupted move use the
# recovery.
__getattr__ = lazy_exports(
    __name__,
    {
        "backfill": ("run_backfill",),
        "backfill_script": ("write_backfill",),
        "recovery": (
            "InterruptedMove",
            "Recovery",
            "Step",
            "Undone",
            "read_interrupted",
            "read_skipped",
            "reading",
        ),
    },
)
