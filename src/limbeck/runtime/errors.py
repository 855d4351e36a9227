"""The errors of running migrations; their base classes are in `limbeck.errors`."""

from __future__ import annotations

from limbeck.errors import DatabaseError, RetryError


class LockLostError(RetryError):
    """Another runner changed the version rows while the lock was not held."""

    code = "LB311"

    def __init__(self) -> None:
        super().__init__(
            "Another runner changed the version rows while this run did not hold the lock",
            hint="Run the same command again.",
        )


class LockHeldError(RetryError):
    """Another run holds the run lock as a row, because a pooler shares its sessions."""

    code = "LB463"

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"Another migration run holds the lock: {holder}",
            hint="Wait for it, or use a longer --lock-timeout. The lock of a run that was killed "
            "expires after a minute.",
        )


class TableBusyError(RetryError):
    """Other sessions have locked a table; the run rolls back and tries again."""

    code = "LB312"

    def __init__(self) -> None:
        super().__init__(
            "Another session holds a table that this migration needs",
            hint="End that session or wait for it, then run the same command again.",
        )


class VersionRowsChangedError(DatabaseError):
    """The version table does not contain the rows that this run has read."""

    code = "LB313"


class StepChangedError(DatabaseError):
    """A step that an interrupted run has executed differs from the current script."""

    code = "LB350"


class StepUnknownError(DatabaseError):
    """The database does not show whether an interrupted step took effect."""

    code = "LB351"


class ForeignJournalError(DatabaseError):
    """Another user has created the journal's table, or it has triggers."""

    code = "LB465"


class ForeignVersionTableError(DatabaseError):
    """Another user controls the version table, or it has other columns."""

    code = "LB353"


class IdentifierTooLongError(DatabaseError):
    """A revision's identifier does not fit the version table."""

    code = "LB314"


class ExternalTransactionError(DatabaseError):
    """An autocommit block was requested inside a transaction of env.py."""

    code = "LB315"
