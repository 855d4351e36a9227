"""The exception classes of limbeck.

LimbeckError                         message, hint, place, code
├── ProjectError             LB1xx   configuration, files, templates, env.py
├── HistoryError             LB2xx   revisions, identifiers, routes
├── DatabaseError            LB3xx   connections, locks, failing statements; LB6xx scratch databases
├── DraftError               LB4xx   comparing, drafting, rendering
├── LintError                LB5xx   rules
├── FleetError               LB65x   many databases at once
└── RetryError               LB31x   the runner restarts; reported only if restarting fails

The page "Errors" of the documentation describes each code. Errors of one package are defined there
as subclasses: `history.errors`, `runtime.errors`, `snapshots.errors`, `fleet.errors`, and
`MigrationFailedError` in `limbeck.runtime`.
"""

from __future__ import annotations


class LimbeckError(Exception):
    """An error that is reported to the user without a traceback.

    Args:
        message: what happened, in one sentence.
        hint: what to do next.
        place: the file, line, revision or statement concerned, ready to print.
        code: the stable code of the error's page in the documentation.
    """

    code = "LB000"
    is_whole = False
    """If True, the message is never truncated, because programs parse it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        place: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """Return the message with hint and code, as pytest and web frameworks show it."""
        lines = [self.message]
        if self.hint:
            lines.append(f"  next: {self.hint}")
        if self.code != LimbeckError.code:
            lines.append(f"  code: {self.code}")
        return "\n".join(lines)


class ProjectError(LimbeckError):
    """The project's configuration or one of its files is missing or invalid."""

    code = "LB100"


class UnknownSettingError(ProjectError):
    """A setting or a named environment that does not exist."""

    code = "LB130"


class OutputError(ProjectError):
    """Standard output cannot be written."""

    code = "LB491"

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"Standard output cannot be written: {error.strerror or error}",
            hint="Free disk space, or check where the output is redirected to. The effects of the "
            "command are not reverted.",
        )


class HistoryError(LimbeckError):
    """The revision files, or an identifier of a revision, are inconsistent."""

    code = "LB200"


class DatabaseError(LimbeckError):
    """The database refused a statement, was busy, or is in an unexpected state."""

    code = "LB300"


class ConstraintNotFoundError(DatabaseError):
    """No constraint, or more than one, matches the columns of a constraint to drop."""

    code = "LB490"


class DraftError(LimbeckError):
    """Models and database cannot be compared, or a change cannot be written."""

    code = "LB400"


class LintError(LimbeckError):
    """A rule cannot be run as requested."""

    code = "LB500"


class RetryError(LimbeckError):
    """The run cannot continue; the runner rolls back and starts again."""


# ── the project ───────────────────────────────────────────────────────────


class NoConfigurationError(ProjectError):
    """The configuration file, or its section for migrations, does not exist."""

    code = "LB101"


class InvalidConfigurationError(ProjectError):
    """A configuration file cannot be parsed."""

    code = "LB102"


class InvalidValueError(ProjectError, ValueError):
    """A setting has an invalid value."""

    code = "LB103"


class MissingFileError(ProjectError):
    """A file or folder that the configuration names does not exist."""

    code = "LB104"


class BrokenFileError(ProjectError):
    """A Python file of the project cannot be compiled, run or used."""

    code = "LB105"


class BrokenSyntaxError(BrokenFileError, SyntaxError):
    """A file of the project is not valid Python."""


class BrokenImportError(BrokenFileError, ImportError):
    """A file of the project imports a module that does not exist."""


class BrokenTemplateError(ProjectError):
    """A template cannot be rendered."""

    code = "LB106"


class UnsafePathError(ProjectError):
    """A file would be written outside its folder, or over another file."""

    code = "LB107"


class GivenDatabaseIgnoredError(ProjectError):
    """env.py works on another database than the one that the program passed."""

    code = "LB150"


class InvalidArgumentError(ProjectError, TypeError):
    """A function of the API was called with invalid arguments."""

    code = "LB151"


class UnknownKeywordError(ProjectError, TypeError):
    """A directive of a migration was called with a keyword argument that it does not have."""

    code = "LB152"


class McpMissingError(ProjectError):
    """`limbeck mcp` needs a package that is not installed."""

    code = "LB153"


class RunningEventLoopError(ProjectError):
    """A function that blocks was called in an event loop, for an asynchronous driver."""

    code = "LB154"


class OneOfSeveralDatabasesError(ProjectError):
    """A program or `--url` gave one database, and the configuration names several."""

    code = "LB155"


class HookFailedError(ProjectError):
    """A post-write hook is misconfigured, or its program failed."""

    code = "LB108"


class AlteredSourceError(HistoryError):
    """The journal's copy of a revision file is not the file that was applied."""

    code = "LB464"


class SourceNotKeptError(HistoryError):
    """The journal has no source of the requested revisions."""

    code = "LB220"


class ContradictingRowsError(HistoryError):
    """The version table contains a revision and one of its ancestors."""

    code = "LB221"


class RebaseError(HistoryError):
    """Revisions cannot be rebased."""

    code = "LB230"


class RedoError(HistoryError):
    """The last draft cannot be written again."""

    code = "LB699"


class MergeConflictError(HistoryError):
    """Two branches do not produce the same schema in both orders."""

    code = "LB698"


class SquashError(HistoryError):
    """Revisions cannot be squashed, or the replaced files cannot be removed."""

    code = "LB694"


class HeadFileError(HistoryError):
    """The head file does not agree with the revision files."""

    code = "LB231"


# ── the database ──────────────────────────────────────────────────────────


class LockTimeoutError(DatabaseError):
    """Another runner held the run lock for longer than `lock_timeout`."""

    code = "LB310"


class NotAtHeadsError(DatabaseError):
    """The database is not at every head of the history."""

    code = "LB316"


class NeedsBatchError(DatabaseError, NotImplementedError):
    """SQLite's ALTER TABLE cannot make this change."""

    code = "LB337"


class ScriptOnlyError(DatabaseError, NotImplementedError):
    """An operation needs a connection, but a script is being written."""

    code = "LB339"


class ConnectTimeoutError(DatabaseError):
    """A server accepted the connection but did not answer in time."""

    code = "LB340"


class NotAsyncError(DatabaseError, ValueError):
    """An asynchronous connection is needed."""

    code = "LB341"


class BackfillKeyError(DatabaseError):
    """A table cannot be divided into batches along its primary key."""

    code = "LB360"


class BackfillValueError(DatabaseError, ValueError):
    """An argument of op.backfill cannot be used."""

    code = "LB361"


class BackfillTransactionError(DatabaseError):
    """op.backfill cannot commit its batches."""

    code = "LB362"


class TableUnknownError(DatabaseError, AttributeError):
    """op.table names a table that does not exist at that point of the migration."""

    code = "LB363"


class DeclaredRowsError(DraftError):
    """The rows of declare.rows cannot be compared."""

    code = "LB364"


class DeclaredFileError(DraftError):
    """A file for declare.file does not create an object that can be declared."""

    code = "LB367"


class PhaseOrderError(HistoryError):
    """The phases of migrations contradict their order."""

    code = "LB365"


class JournalOffError(DatabaseError):
    """An operation needs the journal, which is off."""

    code = "LB366"


class ScratchError(DatabaseError):
    """A scratch database cannot be created or used."""

    code = "LB600"


class RecoveryChoiceError(DatabaseError):
    """A migration is interrupted, and the user has not chosen how to recover."""

    code = "LB460"


class UndoIncompleteError(DatabaseError):
    """A step of an interrupted migration has no reverse statement."""

    code = "LB461"


class UndoFailedError(DatabaseError):
    """The database refused to revert a step of an interrupted migration."""

    code = "LB462"


class MigrationStoppedError(DatabaseError):
    """A migration was stopped during verification, because it acts outside its database."""

    code = "LB620"


class VerificationFailedError(DatabaseError):
    """A verified revision has a fault."""

    code = "LB621"


class ProjectTestFailedError(DatabaseError):
    """A check of `limbeck test` has failed."""

    code = "LB680"


class PlanError(DatabaseError):
    """A plan cannot be created."""

    code = "LB670"


class DataLossRefusedError(DatabaseError):
    """The run would lose data, and this is not confirmed."""

    code = "LB352"


class DifferencesFoundError(DraftError):
    """Models and database differ.

    Attributes:
        revision_context: the drafts that contain the differences.
        diffs: the differences as tuples, in Alembic's format.
    """

    code = "LB406"
    is_whole = True

    def __init__(
        self,
        message: str,
        revision_context: object,
        diffs: list[object],
        *,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.revision_context = revision_context
        self.diffs = diffs


class DuplicateTableError(DraftError, ValueError):
    """Two tables of the models have the same name."""

    code = "LB413"


class UnresolvedRenamesError(DraftError):
    """A likely rename was neither confirmed nor denied, and there is no terminal to ask."""

    code = "LB441"


class ConflictingRenamesError(DraftError):
    """Two answers rename one object twice, or two objects to the same name."""

    code = "LB453"


class UnusedAnswerError(DraftError):
    """An answer about existing rows does not match any change of the draft."""

    code = "LB454"


class TooManyDropsError(DraftError):
    """Most tables of the database would be dropped; probably, models are not imported."""

    code = "LB446"


class EmptyModelsError(DraftError):
    """The models are empty; probably, they are not imported."""

    code = "LB447"


class FleetError(LimbeckError):
    """The configuration of a fleet is invalid."""

    code = "LB650"


class MissingSchemaError(FleetError):
    """The schema of a tenant does not exist."""

    code = "LB654"


class PooledTenantError(FleetError):
    """A connection pooler would mix the sessions of tenants."""

    code = "LB655"


TwoTables = DuplicateTableError  # the name of earlier releases
