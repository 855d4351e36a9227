"""The record `Dialect`: everything limbeck knows about one database, in a few typed parts."""

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

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable

    from limbeck.catalog import Catalog
    from limbeck.dialects.live_rules import LiveRules
    from limbeck.dialects.measurement import Measurement
    from limbeck.dialects.table_facts import TableFacts
    from limbeck.dialects.transaction_rules import TransactionRules
    from limbeck.operations import Operation, SchemaLookup


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Facts about a database, never behaviour.

    Args:
        transactional_ddl: a rolled-back transaction takes its DDL with it.
        alters_constraints: ALTER TABLE can add and drop constraints.
        alters_columns: ALTER TABLE can change type, nullability and default of a column.
        identifier_length: longest identifier, in bytes.
        comments: COMMENT on tables and columns exists in some form.
        inline_comments: comments are part of CREATE TABLE, not statements of their own.
        batch_separator: a line between statements of a script ("GO").
        statement_end: what ends a statement in a script.
        delimiter: what ends a statement there that contains statements, where the client needs
            to be given it; None where it needs no delimiter.
        begin: the line of a script that opens a transaction, None for none.
        commit: the line of a script that ends it.
        lock_in_transaction: the run lock can only be had inside a transaction.
        errors_keep_transaction: a statement that fails leaves the transaction usable.
        case_insensitive_kinds: kinds of objects ("table", "column") whose names may not differ
            in upper and lower case alone.
        quoting: where strings, identifiers and comments end in its SQL.
    """

    transactional_ddl: bool = False
    alters_constraints: bool = True
    alters_columns: bool = True
    identifier_length: int = 63
    comments: bool = True
    inline_comments: bool = False
    batch_separator: str | None = None
    statement_end: str = ";"
    delimiter: str | None = None
    begin: str | None = "BEGIN"
    commit: str | None = "COMMIT"
    lock_in_transaction: bool = False
    errors_keep_transaction: bool = False
    case_insensitive_kinds: tuple[str, ...] = ()
    quoting: QuotingRules = STANDARD


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read from a database.

    Args:
        namespaces: the SQL schemas to read; None in it stands for the connection's default
            one. An empty tuple means every schema that is not the server's own.
        kinds: kinds of things wanted, None for all that the dialect reads.
        tables: names of tables to read, None for all; applies in every namespace.
        also: kinds of things wanted in addition to those.
    """

    namespaces: tuple[str | None, ...] = (None,)
    kinds: frozenset[str] | None = None
    tables: frozenset[str] | None = None
    also: frozenset[str] = frozenset()


class Reflect(Protocol):
    """Read the catalog in a fixed number of statements, whatever the number of tables."""

    def __call__(self, connection: Connection, scope: Scope) -> Catalog:
        """Read what is in scope."""


class Normalize(Protocol):
    """Give both catalogs the same words.

    `have` was reflected, `want` read from models with text of their own. Returns both with
    `Expr.canonical` and `Type` spelled as this database prints them. With a connection the
    server prints both sides, in one batch, in a transaction that is rolled back or on
    temporary objects; without one a normaliser of text does what it can.
    """

    def __call__(
        self, have: Catalog, want: Catalog, connection: Connection | None
    ) -> tuple[Catalog, Catalog]:
        """Return both catalogs."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement with what it is executed with: rows to insert, execution options."""

    statement: Executable
    parameters: Sequence[Mapping[str, Any]] | None = None
    options: Mapping[str, Any] | None = None


class Elements(Protocol):
    """Turn an operation into statements, in order; events and raw SQL included."""

    def __call__(self, operation: Operation, lookup: SchemaLookup) -> Iterator[Executable | Sent]:
        """Yield the statements of an operation."""


class Mutex(Protocol):
    """The run lock.

    Entering waits at most `timeout` seconds for the lock called `name`, calls `waiting` once
    with words about the holder if it must wait, and raises DatabaseError (LB310) at the end.
    What it yields says how long the lock lasts: True, to the end of the session; False, to the
    end of the transaction, so that it is taken again in the next one. Where `lasting` is asked for
    and cannot be had, False says that there is no lock. Inside a transaction
    the latter is what is wanted, unless `lasting` asks for the former.

    A `table_timeout` in seconds is given where `Patience.comes_with_lock`: the statements under
    a lock that lasts as the patience does then wait no longer for a table than that.
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
        """Return the lock, ready to be entered."""


class ReadyMutex(Protocol):
    """Set up once, for a whole run, what each taking of the run lock would set up again."""

    def __call__(self, connection: Connection, *, timeout: float) -> AbstractContextManager[Mutex]:
        """Return the lock to use on this connection, ready to be entered."""


@dataclass(frozen=True, slots=True)
class NameScope:
    """Where a session looks for tables whose name has no schema: a database, or a search path.

    Args:
        pattern: a regular expression for the beginning of a statement that changes it.
        read: returns its value.
        write: sets it to a value that was read.
        is_schema: the value is the one schema that SQLAlchemy needs to be given.
        own: the value under which names mean the server's own objects and no others; None where
            nobody can create objects that stand for those.
        schema_of: takes a schema or None and a table; returns the schema in which it is found.
    """

    pattern: str
    read: Callable[[Connection], str]
    write: Callable[[Connection, str], None]
    is_schema: bool = False
    own: str | None = None
    schema_of: Callable[[Connection, str | None, str], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What other sessions do, for a lock that no session holds.

    Args:
        now: returns the server's clock, in seconds.
        runs: takes the beginning of a statement; returns whether another session runs it now.
    """

    now: Callable[[Connection], float]
    runs: Callable[[Connection, str], bool]


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback of this database leaves behind.

    Args:
        is_permanent: takes a connection and the schema and name of a table; returns whether
            changes of its rows stay when their transaction is rolled back.
        had_no_effect: takes the error of a statement that changes such rows; returns whether it
            has changed none of them.
        left_rows: returns whether the rollback that was the last statement has left changes.
        table_options: returns the options of `sqlalchemy.Table` with which a new table takes part
            in transactions, where it would not by default.
    """

    is_permanent: Callable[[Connection, str | None, str], bool]
    had_no_effect: Callable[[BaseException], bool]
    left_rows: Callable[[Connection], bool]
    table_options: Callable[[Connection], dict[str, Any]]


class Trace(Protocol):
    """Say what a statement acts on as it stands now, to see later whether the statement ran.

    Returns None where this kind of statement cannot be probed, and "" where running it
    twice does no harm. Otherwise an opaque text that the statement, once it ran, has changed.
    With `clear` what a broken-off attempt left half-made is removed first.
    """

    def __call__(self, connection: Connection, sql: str, *, clear: bool = False) -> str | None:
        """Return the text."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a statement waits for a table that somebody else holds.

    A change of a table that waits for a reader keeps everybody behind it waiting too, so the
    wait is short and tried again.

    Args:
        bound: limits the wait, in seconds, for this transaction or session; a shorter limit
            that was set by others stays. Returns what takes the limit back.
        refused: says whether an error means that the wait was too long, or a deadlock.
        holders: says who holds tables now, in words; "" where nobody can be seen.
        lasts: the limit is the session's; else the transaction's, to be set in each.
        comes_with_lock: the run lock can set the limit as well, which saves a message, and take
            it back when it is released.
    """

    bound: Callable[[Connection, float], Callable[[], None]]
    refused: Callable[[BaseException], bool]
    holders: Callable[[Connection], str]
    lasts: bool = False
    comes_with_lock: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """Everything that limbeck knows about one database.

    A relative of a known database is `dataclasses.replace(POSTGRESQL, name=...)`.

    Args:
        name: SQLAlchemy's name of the dialect.
        capabilities: facts about the database.
        elements: turns an operation into statements.
        reflect: reads the catalog.
        normalize: gives both sides of a comparison one spelling.
        transaction_rules: the statements that no transaction can contain.
        mutex: the run lock.
        ready_mutex: prepares the run lock for a whole run.
        trace: reads the state on which a statement acts.
        has_transaction: returns whether the driver has a transaction open, None if it is not
            known.
        name_scope: where names without a schema lead.
        table_facts: takes a connection, a schema and a table; returns who owns the table, its
            shape and its triggers, None where there is no such table.
        activity: what other sessions do; None where a session can always hold the run lock.
        rollback: what a rollback leaves behind; None where it leaves nothing.
        patience: limits the wait for a locked table.
        own_table_options: SQLAlchemy keywords of the tables that limbeck creates for itself, whose
            rows have to go with their transaction.
        hide_table: takes a statement and the name of a table; returns the statement so that a
            list of all tables leaves that table out.
        operations: operations that only some databases have.
        diff: what a change of one object means for others.
        definitions: objects that are held as text.
        autogenerate: how changes are drafted.
        batches: how rows are changed in batches.
        tenancy: how schemas are worked on like databases.
        alembic: what a comparison with Alembic's set of detections needs in addition.
        scratch: how scratch databases are made and filled.
        measurement: how lint measures what statements do.
        live: how rows of a real database are read without writing to it.
        is_third_party: the record was read from the class of another package.
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
    has_transaction: Callable[[Connection], bool | None] | None = None
    name_scope: NameScope | None = None
    table_facts: Callable[[Connection, str | None, str], TableFacts | None] | None = None
    activity: Activity | None = None
    rollback: Rollback | None = None
    patience: Patience | None = None
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
    """Stands for a module until one of the functions taken from it is called.

    A record holds such functions, so that a run that reads no catalog does not import the
    modules that read catalogs. Type checkers see the module itself: the record imports it
    under `TYPE_CHECKING` and makes a `LazyModule` otherwise.

    Args:
        name: the module's full name.
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
