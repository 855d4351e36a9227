"""The record `Dialect`: everything limbeck knows about one database, as typed fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from limbeck.dialects.batch_rules import BatchRules
from limbeck.dialects.dialect_rules import (
    AlembicRules,
    Definitions,
    DiffRules,
    DraftRules,
    Tenancy,
)
from limbeck.dialects.scratch_rules import ScratchRules
from limbeck.sql import STANDARD, QuotingRules
from limbeck.text import visible_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine import Dialect as SqlDialect
    from sqlalchemy.types import TypeEngine

    from limbeck.catalog import Catalog
    from limbeck.dialects.live_rules import LiveRules
    from limbeck.dialects.measurement import Measurement
    from limbeck.dialects.transaction_rules import TransactionRules
    from limbeck.operations import Operation, SchemaLookup


@dataclass(frozen=True, slots=True)
class TableFacts:
    """Facts about a table whose rows determine what is run.

    Args:
        is_table: it is a plain table, not a view or the like.
        columns: the names of its columns.
        owner: the name of its owner, unless the owner is this user, a role that this user is a
            member of, the owner of the database, or a superuser; otherwise None.
        triggers: the names of its triggers and rules.
        hides_rows: row security determines which rows this user can read.
    """

    is_table: bool = True
    columns: frozenset[str] = frozenset()
    owner: str | None = None
    triggers: tuple[str, ...] = ()
    hides_rows: bool = False

    def fault(self, columns: frozenset[str], *, accept_triggers: bool = False) -> str | None:
        """Return why the rows cannot be trusted; None if they can.

        Args:
            columns: the columns that the table must have.
            accept_triggers: ignore triggers and rules.
        """
        if not self.is_table:
            return "it is not a plain table"
        if missing := sorted(columns - self.columns):
            return f"it has no column {', '.join(missing)}"
        if self.owner is not None:
            return f"it belongs to {visible_line(self.owner)}"
        if self.hides_rows:
            return "row security hides rows of it from this user"
        if self.triggers and not accept_triggers:
            return f"it has triggers or rules: {visible_line(', '.join(self.triggers))}"
        return None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Facts about a database, without behavior.

    Args:
        transactional_ddl: a rollback also undoes DDL.
        alters_constraints: ALTER TABLE can add and drop constraints.
        alters_columns: ALTER TABLE can change type, nullability and default of a column.
        comments: COMMENT on tables and columns exists in some form.
        inline_comments: comments are part of CREATE TABLE, not separate statements.
        batch_separator: a line between statements of a script ("GO").
        statement_end: the text that ends a statement in a script.
        delimiter: the delimiter of statements that contain statements, if the client needs
            one; otherwise None.
        begin: the line of a script that begins a transaction; None if there is none.
        commit: the line of a script that ends it.
        lock_in_transaction: the run lock requires a transaction.
        errors_keep_transaction: a failed statement leaves the transaction usable.
        ddl_needs_commit: a new table may be usable only after COMMIT.
        rows_need_committed_ddl: a table that was created or altered is usable only after COMMIT, so
            that the run commits before the next statement that is not DDL.
        case_insensitive_kinds: kinds of objects ("table", "column") whose names must not differ
            only in case.
        quoting: the rules for strings, identifiers and comments in its SQL.
    """

    transactional_ddl: bool = False
    alters_constraints: bool = True
    alters_columns: bool = True
    comments: bool = True
    inline_comments: bool = False
    batch_separator: str | None = None
    statement_end: str = ";"
    delimiter: str | None = None
    begin: str | None = "BEGIN"
    commit: str | None = "COMMIT"
    lock_in_transaction: bool = False
    errors_keep_transaction: bool = False
    ddl_needs_commit: bool = False
    rows_need_committed_ddl: bool = False
    case_insensitive_kinds: tuple[str, ...] = ()
    quoting: QuotingRules = STANDARD


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read from a database.

    Args:
        namespaces: the SQL schemas to read; None in it is the default schema of the connection.
            An empty tuple means every schema except the system schemas of the server.
        kinds: kinds of objects to read; None for all that the dialect reads.
        tables: names of tables to read, in every namespace; None for all.
        also: kinds of objects to read in addition to `kinds`.
    """

    namespaces: tuple[str | None, ...] = (None,)
    kinds: frozenset[str] | None = None
    tables: frozenset[str] | None = None
    also: frozenset[str] = frozenset()


class Reflect(Protocol):
    """Read the catalog with a fixed number of statements, independent of the number of tables."""

    def __call__(self, connection: Connection, scope: Scope) -> Catalog:
        """Read the objects in scope."""


class Normalize(Protocol):
    """Bring both catalogs into the same form.

    `have` was reflected; `want` was read from models, with their spelling. Returns both with
    `Expr.canonical` and `Type` spelled as this database prints them. With a connection, the
    server prints the expressions of both sides in one batch, in a transaction that is rolled back
    or on temporary objects. Without one, the texts are normalized as far as possible.
    """

    def __call__(
        self, have: Catalog, want: Catalog, connection: Connection | None
    ) -> tuple[Catalog, Catalog]:
        """Return both catalogs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with what is sent with it: rows to insert, execution options."""

    statement: Executable
    parameters: Sequence[Mapping[str, Any]] | None = None
    options: Mapping[str, Any] | None = None


class Elements(Protocol):
    """Return the statements of an operation, in order, including events and raw SQL."""

    def __call__(self, operation: Operation, lookup: SchemaLookup) -> Iterator[Executable | Sent]:
        """Yield the statements of an operation."""


class Mutex(Protocol):
    """The run lock.

    Entering it waits at most `timeout` seconds for the lock called `name`. If it has to wait, it
    calls `waiting` once with a description of the holder; after the timeout it raises
    DatabaseError (LB310). It yields how long the lock lasts: True if until the end of the session,
    False if until the end of the transaction, so that it is taken again in the next one. Inside a
    transaction, the lock lasts until its end unless `lasting` is requested. If `lasting` is
    requested and not available, False means that there is no lock.

    A `table_timeout` in seconds is given if `TableLockTimeout.set_with_run_lock`: while such a lock
    lasts as long as that limit does, statements wait no longer than that for a table.
    """

    def __call__(
        self,
        connection: Connection,
        name: str,
        *,
        timeout: float,
        waiting: Callable[[str], None],
        lasting: bool = False,
        table_timeout: float = 0.0,
    ) -> AbstractContextManager[bool]:
        """Return the lock as a context manager."""


class ReadyMutex(Protocol):
    """Prepare the run lock once for a whole run, instead of each time that it is taken."""

    def __call__(self, connection: Connection, *, timeout: float) -> AbstractContextManager[Mutex]:
        """Return the lock to use on this connection, as a context manager."""


@dataclass(frozen=True, slots=True)
class NameScope:
    """Where a session looks for tables whose names have no schema: a database, or a search path.

    Args:
        pattern: a regular expression for the beginning of a statement that changes it.
        read: returns its value.
        write: sets it to a value that was read.
        is_schema: the value is the schema that must be passed to SQLAlchemy.
        has_table: takes a schema or None and a table; returns whether there is such a table or
            view; None if SQLAlchemy's own function is used.
    """

    pattern: str
    read: Callable[[Connection], str]
    write: Callable[[Connection, str], None]
    is_schema: bool = False
    has_table: Callable[[Connection, str | None, str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """The activity of other sessions, for a run lock that no session holds.

    Args:
        now: returns the server's clock, in seconds.
        runs: takes the beginning of a statement; returns whether another session is running it.
    """

    now: Callable[[Connection], float]
    runs: Callable[[Connection, str], bool]


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback does not undo on this database.

    Args:
        is_permanent: takes a connection and the schema and name of a table; returns whether
            changes of its rows remain when their transaction is rolled back.
        had_no_effect: takes the error of a statement that changes such rows; returns whether it
            has not changed any of them.
        left_rows: returns whether the rollback, if it was the last statement, left changes.
        table_options: returns the options of `sqlalchemy.Table` with which a new table supports
            transactions, if it would not by default.
    """

    is_permanent: Callable[[Connection, str | None, str], bool]
    had_no_effect: Callable[[BaseException], bool]
    left_rows: Callable[[Connection], bool]
    table_options: Callable[[Connection], dict[str, Any]]


class Trace(Protocol):
    """Describe the current state of the object of a statement, to detect later whether it ran.

    Returns None if this kind of statement cannot be probed, and "" if it can safely be run
    twice. Otherwise returns an opaque text that changes when the statement has run. With `clear`,
    remains of an interrupted attempt are removed first.
    """

    def __call__(self, connection: Connection, sql: str, *, clear: bool = False) -> str | None:
        """Return the text."""


@dataclass(frozen=True, slots=True)
class TableLockTimeout:
    """How long a statement waits for a table that another session has locked.

    A change of a table that waits for a reader makes all later sessions wait too, so the wait is
    short and repeated.

    Args:
        limit: limits the wait, in seconds, for this transaction or session; a shorter limit
            that was set elsewhere is kept. Returns a function that removes the limit.
        is_lock_error: returns whether an error means that the wait was too long, or a deadlock.
        holders: returns a description of who holds tables now; "" if nobody is visible.
        is_per_session: the limit belongs to the session; otherwise it is set in each transaction.
        set_with_run_lock: the run lock can also set the limit, which saves a round trip, and
            removes it when it is released.
    """

    limit: Callable[[Connection, float], Callable[[], None]]
    is_lock_error: Callable[[BaseException], bool]
    holders: Callable[[Connection], str]
    is_per_session: bool = False
    set_with_run_lock: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """Everything that limbeck knows about one database.

    A variant of a known database is `dataclasses.replace(POSTGRESQL, name=...)`.

    Args:
        name: SQLAlchemy's name of the dialect.
        capabilities: facts about the database.
        elements: turns an operation into statements.
        reflect: reads the catalog.
        normalize: brings both sides of a comparison into the same form.
        transaction_rules: the statements that cannot be part of a transaction.
        mutex: the run lock.
        ready_mutex: prepares the run lock for a whole run.
        trace: reads the state on which a statement acts.
        other_commits: takes a connection; returns a value that changes when another connection
            commits a change of the main database; None if the database has no such value.
        has_transaction: returns whether the driver has a transaction open; None if it is not
            known.
        name_scope: where names without a schema are looked up.
        table_facts: takes a connection, a schema and a table; returns the owner of the table, its
            columns and its triggers; None if the table does not exist.
        own_session: takes a connection; returns one for the same session in whose queries of
            SQLAlchemy all operators, functions and types are those of the server. It must not be
            closed. None if users cannot create operators.
        query_text: takes a query of SQLAlchemy and its dialect; returns the SQL of such a query
            without parameters.
        has_server_operators: takes the type of a column; returns whether operators of the server
            compare its values as an index does. None if users cannot create operators.
        activity: the activity of other sessions; None if a session can always hold the run lock.
        rollback: what a rollback does not undo; None if it undoes everything.
        table_lock_timeout: limits the wait for a locked table.
        own_table_options: SQLAlchemy keywords of limbeck's tables, whose rows have to be rolled
            back with their transaction.
        hide_table: takes a statement and the name of a table; returns the statement changed so
            that a list of all tables omits that table.
        operations: operations that only some databases have.
        diff: the effects of a change on other objects.
        definitions: text-defined objects.
        autogenerate: the rules by which changes are drafted.
        batches: the rules by which rows are changed in batches.
        tenancy: the rules by which schemas are migrated like databases.
        alembic: what a comparison with Alembic's set of detections requires in addition.
        scratch: how scratch databases are created and filled.
        measurement: how lint measures the effects of statements.
        live: how rows of a real database are read without writing to it.
        is_third_party: the record was read from a class of another package.
    """

    name: str
    capabilities: Capabilities = field(default_factory=Capabilities)
    elements: Elements | None = None
    reflect: Reflect | None = None
    normalize: Normalize | None = None
    transaction_rules: TransactionRules | None = None
    mutex: Mutex | None = None
    ready_mutex: ReadyMutex | None = None
    trace: Trace | None = None
    other_commits: Callable[[Connection], object] | None = None
    has_transaction: Callable[[Connection], bool | None] | None = None
    name_scope: NameScope | None = None
    table_facts: Callable[[Connection, str | None, str], TableFacts | None] | None = None
    own_session: Callable[[Connection], Connection] | None = None
    query_text: Callable[[Executable, SqlDialect], str] | None = None
    has_server_operators: Callable[[TypeEngine[Any]], bool] | None = None
    activity: Activity | None = None
    rollback: Rollback | None = None
    table_lock_timeout: TableLockTimeout | None = None
    own_table_options: Mapping[str, Any] = field(default_factory=dict)
    hide_table: Callable[[str, str], str] | None = None
    operations: tuple[type[Operation], ...] = ()
    diff: DiffRules = field(default_factory=DiffRules)
    definitions: Definitions = field(default_factory=Definitions)
    autogenerate: DraftRules = field(default_factory=DraftRules)
    batches: BatchRules = field(default_factory=BatchRules)
    tenancy: Tenancy = field(default_factory=Tenancy)
    alembic: AlembicRules = field(default_factory=AlembicRules)
    scratch: ScratchRules = field(default_factory=ScratchRules)
    measurement: Measurement | None = None
    live: LiveRules | None = None
    is_third_party: bool = False


class LazyModule:
    """A placeholder for a module until one of the functions taken from it is called.

    A record contains such functions, so that a run that reads no catalog does not import the
    modules that read catalogs. Type checkers see the real module: it is imported under
    `TYPE_CHECKING` and replaced by a `LazyModule` otherwise.

    Args:
        name: the full name of the module.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, function: str) -> Callable[..., Any]:
        if function.startswith("__"):
            raise AttributeError(function)
        name, loaded = self._name, list[Any]()

        def call(*args: Any, **kw: Any) -> Any:
            if not loaded:
                loaded.append(import_module(name))
            return getattr(loaded[0], function)(*args, **kw)

        call.__name__ = call.__qualname__ = function
        return call
