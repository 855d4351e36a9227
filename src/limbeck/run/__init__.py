"""To the database: sinks, transactions, the version table, the lock, the journal, the runner."""

from limbeck.run.aftermath import Aftermath
from limbeck.run.aftermath import tell as tell_aftermath
from limbeck.run.archive import Archive, Kept, accept, digest, read_kept
from limbeck.run.describe import ends, full, short
from limbeck.run.events import (
    Event,
    Failed,
    Finished,
    Listener,
    Skipped,
    Started,
    Stepped,
    Waiting,
)
from limbeck.run.failure import Failure, MigrationFailed, attach, failure_of, told
from limbeck.run.journal import Journal
from limbeck.run.lock import RunLock
from limbeck.run.losses import Loss, Risk, find_losses
from limbeck.run.noted import StepChanged, StepUnknown
from limbeck.run.rows import TABLE as JOURNAL_TABLE
from limbeck.run.rows import journal_name
from limbeck.run.runner import Runner, Stepping
from limbeck.run.sinks import Live, Script, Tape, origin_of_caller
from limbeck.run.target import LOCK_TIMEOUT, Job, Target, settle
from limbeck.run.transactions import Transaction, TransactionNotOurs, Transactions
from limbeck.run.versions import (
    IdentifierTooLong,
    VersionRowsChanged,
    VersionTable,
    version_table,
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
    "origin_of_caller",
    "read_kept",
    "settle",
    "short",
    "tell_aftermath",
    "told",
    "version_table",
]
