"""To the database: sinks, transactions, the version table, the lock, the journal, the runner."""

from limbeck.runtime.aftermath import Aftermath
from limbeck.runtime.aftermath import tell as tell_aftermath
from limbeck.runtime.applied_sources import Archive, Kept, accept, digest, read_kept
from limbeck.runtime.describe import ends, full, short
from limbeck.runtime.events import (
    Event,
    Failed,
    Finished,
    Listener,
    Skipped,
    Started,
    Stepped,
    Waiting,
)
from limbeck.runtime.failure_report import Failure, MigrationFailed, attach, failure_of, told
from limbeck.runtime.journal import Journal
from limbeck.runtime.journal_table import TABLE as JOURNAL_TABLE
from limbeck.runtime.journal_table import journal_name
from limbeck.runtime.lock import RunLock
from limbeck.runtime.losses import Loss, Risk, find_losses
from limbeck.runtime.noted import StepChanged, StepUnknown
from limbeck.runtime.runner import Runner, Stepping
from limbeck.runtime.sinks import Live, Script, Tape, origin_of_caller
from limbeck.runtime.target import LOCK_TIMEOUT, Job, Target, settle
from limbeck.runtime.transactions import Transaction, TransactionNotOurs, Transactions
from limbeck.runtime.version_table import (
    IdentifierTooLong,
    VersionRowsChanged,
    VersionTable,
    make_version_table,
)

__all__ = [
    "JOURNAL_TABLE",
    "LOCK_TIMEOUT",
    "Aftermath",
    "Archive",
    "Event",
    "Failed",
    "Failure",
    "Finished",
    "IdentifierTooLong",
    "Job",
    "Journal",
    "Kept",
    "Listener",
    "Live",
    "Loss",
    "MigrationFailed",
    "Risk",
    "RunLock",
    "Runner",
    "Script",
    "Skipped",
    "Started",
    "StepChanged",
    "StepUnknown",
    "Stepped",
    "Stepping",
    "Tape",
    "Target",
    "Transaction",
    "TransactionNotOurs",
    "Transactions",
    "VersionRowsChanged",
    "VersionTable",
    "Waiting",
    "accept",
    "attach",
    "digest",
    "ends",
    "failure_of",
    "find_losses",
    "full",
    "journal_name",
    "make_version_table",
    "origin_of_caller",
    "read_kept",
    "settle",
    "short",
    "tell_aftermath",
    "told",
]
