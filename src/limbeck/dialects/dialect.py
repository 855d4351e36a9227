"""The record `Dialect`: everything limbeck knows about one database, in a few typed parts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from limbeck.dialects.batch_rules import BatchRules
from limbeck.dialects.scratch_rules import ScratchRules
from limbeck.sql import STANDARD, QuotingRules

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck import catalog
    from limbeck.catalog import Catalog, Column, Constraint, Index, Key, Table
    from limbeck.dialects.live_rules import LiveRules
    from limbeck.dialects.measurement import Measurement
    from limbeck.dialects.table_facts import TableFacts
    from limbeck.dialects.transaction_rules import TransactionRules
    from limbeck.diff import Change, Rename
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
        also: kinds of things wanted besides those.
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
class DiffRules:
    """What a change of one object means for others, as far as the server decides it.

    Args:
        can_drop_expression: kinds of computed columns ("stored", "virtual") that can become plain
            columns and keep their values; others are dropped and created.
        create_or_replace: kinds of text-defined objects that are replaced in place; others are
            dropped and created, with all that needs them.
        views_track_renames: the server rewrites views, triggers and constraints when a column
            that they use is renamed.
        inserts_casts: the server puts casts into expressions over a column whose type changes,
            and keeps them: the objects with such expressions are dropped and created.
        foreign_keys_need_index: a foreign key needs an index of its own table, and the server
            does not drop the last one.
        views_block_column_changes: the server refuses to change a column that a view, policy or
            trigger uses.
    """

    can_drop_expression: frozenset[str] = frozenset({"stored", "virtual"})
    create_or_replace: frozenset[str] = frozenset()
    views_track_renames: bool = True
    inserts_casts: bool = False
    foreign_keys_need_index: bool = False
    views_block_column_changes: bool = True


@dataclass(frozen=True, slots=True)
class Definitions:
    """The objects that this database holds as text: views, triggers, functions and the like.

    Args:
        kinds: kinds that are dropped when the models lack them, where the project says that the
            models declare all of them (`undeclared = drop`).
        declarable_kinds: kinds that models can declare.
        reflected_kinds: kinds of objects that a comparison reads although the models declare
            none, because a change of a table may concern them; None for all that are read.
        canonical_names: renames the objects of the models' catalog to the names that the server
            gives them, as the types in a function's signature.
        statements: yields the SQL of a change of an object for which there is no operation.
        operation: returns the operation for such a change where there is one after all.
    """

    kinds: frozenset[str] = frozenset()
    declarable_kinds: frozenset[str] = frozenset()
    reflected_kinds: frozenset[str] | None = None
    canonical_names: Callable[[Catalog], Catalog] | None = None
    statements: Callable[[Change], Iterable[str]] | None = None
    operation: Callable[[Change], Operation | None] | None = None


@dataclass(frozen=True, slots=True)
class DraftRules:
    """How changes are drafted for this database, where operations alone do not say enough.

    None means that the database has no such statement, or needs none.

    Args:
        cast_keywords: takes the old and the new column, and the expression that the user gave or
            None; returns keywords of `op.alter_column` that convert the values.
        default_name: takes a table, one of its constraints and the names in use; returns the name
            that the server gives the constraint when it has none.
        alter_part: takes a table's key, a constraint or index as it will be, the fields that
            change and SQLAlchemy's dialect; returns the SQL for it, None to drop and create.
        rename_part: takes the rename of a constraint or index and its table's key; returns the
            SQL for it, None to drop and create.
        comment_ddl: takes a table's key and a constraint or index; returns the SQL that sets its
            comment, or removes it.
        index_suffix: takes an index and SQLAlchemy's dialect; returns the end of CREATE INDEX
            that SQLAlchemy does not write.
        constraint_ddl: takes a table's key and a constraint with options; returns the SQL that
            adds it and the SQL that drops it, None if an operation can do it.
        keys_after_indexes: takes a table; returns its foreign keys that need one of its indexes,
            and are created after the indexes and dropped before them.
        add_key_indexes: takes a table; returns it with the indexes that the server creates for
            its foreign keys.
        alter_table_options: takes a table as it is and as it will be; yields the SQL that changes
            its options.
        copy_keywords: takes a table as it is and as it will be; returns the keywords for a copy
            of it that has the options of the second.
        with_copy_keywords: takes a table and keywords of a copy of it; returns the table that the
            copy is.
        table_keywords: takes a table and the name of SQLAlchemy's dialect; returns the keywords
            of `sqlalchemy.Table` for its options.
        moves_tables: a table is moved to another schema with its rows.
        identity_transition: takes a table's key, a column as it is and as it will be; returns the
            SQL before and after the change, for a column that starts or stops to count.
        identity_options: takes a column; returns all options of its identity, with the server's
            defaults.
        sequence_options: takes a sequence; returns all its options, with the server's defaults.
        add_serial_column: takes a table's key and a column; returns the SQL that adds the column
            with a sequence of its own.
        partition_ddl: takes a connection, a partitioned table's key and a column or None; yields
            the SQL that restores the partitions, or their own indexes on the column.
        backfill_value: takes a column and its catalog; returns a neutral value as SQL, None where
            its type has none.
        full_column_ddl: takes a table and the name of a column; returns the SQL that redefines
            the column with its checks, for databases that keep checks with the column.
        rename_column_ddl: takes a table's key, a column, its old and its new name, and the texts of
            its checks; returns the SQL that renames it, for databases that keep checks with the
            column.
        drop_expression: takes a table and the name of a computed column; returns the SQL that
            makes it a plain column.
        has_drop_expression: dropping the default of a computed column makes it a plain column.
        redefines_columns: a changed column is defined as a whole, and loses what is left out.
        without_create_type: takes a type of SQLAlchemy; returns it as a type that an operation
            of the draft creates, and not the table that uses it.
        exclude_constraint: takes an exclusion constraint; returns SQLAlchemy's object for it.
        reparseable: takes an expression as the server prints it; returns one that the server
            prints in that way again.
    """

    cast_keywords: Callable[[Column, Column, str | None], dict[str, str]] | None = None
    default_name: Callable[[Table, Constraint, Collection[str]], str | None] | None = None
    alter_part: (
        Callable[[Key, Constraint | Index, frozenset[str], SqlDialect], str | None] | None
    ) = None
    rename_part: Callable[[Rename, Key], str | None] | None = None
    comment_ddl: Callable[[Key, Constraint | Index], str] | None = None
    index_suffix: Callable[[Index, SqlDialect], str] | None = None
    constraint_ddl: Callable[[Key, Constraint], tuple[str, str] | None] | None = None
    keys_after_indexes: Callable[[Table], tuple[catalog.ForeignKey, ...]] | None = None
    add_key_indexes: Callable[[Table], Table] | None = None
    alter_table_options: Callable[[Table, Table], Iterable[str]] | None = None
    copy_keywords: Callable[[Table, Table], dict[str, bool]] | None = None
    with_copy_keywords: Callable[[Table, Mapping[str, Any]], Table] | None = None
    table_keywords: Callable[[Table, str], dict[str, Any]] | None = None
    moves_tables: bool = False
    identity_transition: Callable[[Key, Column, Column], tuple[str | None, str | None]] | None = (
        None
    )
    identity_options: Callable[[Column], dict[str, Any]] | None = None
    sequence_options: Callable[[catalog.Sequence], dict[str, Any]] | None = None
    add_serial_column: Callable[[Key, Column], str] | None = None
    partition_ddl: Callable[[Connection, Key, str | None], Iterable[str]] | None = None
    backfill_value: Callable[[Column, Catalog], str | None] | None = None
    full_column_ddl: Callable[[Table, str], str] | None = None
    rename_column_ddl: Callable[[Key, Column, str, str, Iterable[str]], str] | None = None
    drop_expression: Callable[[Table, str], str] | None = None
    has_drop_expression: bool = False
    redefines_columns: bool = False
    without_create_type: Callable[[Any], Any] | None = None
    exclude_constraint: Callable[[catalog.Exclude], Any] | None = None
    reparseable: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Tenancy:
    """How schemas of one database are migrated like databases of their own.

    Args:
        schema_is_database: what SQLAlchemy calls a schema is a database of the server, and a URL
            names it.
        database_is_file: a database is a file, which connecting would create.
        enter_schema: makes a schema the one that names without a schema mean, for the session of
            a connection; None where sessions have no such schema.
        locked: takes names of run locks; returns the places of those that somebody holds.
    """

    schema_is_database: bool = False
    database_is_file: bool = False
    enter_schema: Callable[[Connection, str], None] | None = None
    locked: Callable[[Connection, Sequence[str]], frozenset[int]] | None = None


@dataclass(frozen=True, slots=True)
class AlembicRules:
    """What a comparison with Alembic's set of detections asks for besides.

    The functions have the names and arguments of Alembic's `DefaultImpl`, with the migration
    context as first argument, and come from the classes of other packages.

    Args:
        unread_parts: takes a connection; returns the kinds of constraints and indexes that
            SQLAlchemy does not read from this database.
        unique_constraints_are_indexes: the database keeps a unique constraint as an index, and an
            index with the name of a foreign key is the server's own.
        reflects_plain_indexes: SQLAlchemy reads only indexes on columns, without their order.
        compare_type: returns whether the types of a column differ.
        compare_server_default: returns whether the defaults of a column differ.
        correct_for_autogen_constraints: removes constraints and indexes that are not compared.
        correct_for_autogen_foreignkeys: removes foreign keys that are not compared.
        autogen_column_reflect: changes what was read of a column.
    """

    unread_parts: Callable[[Connection], frozenset[str]] | None = None
    unique_constraints_are_indexes: bool = False
    reflects_plain_indexes: bool = False
    compare_type: Callable[..., Any] | None = None
    compare_server_default: Callable[..., Any] | None = None
    correct_for_autogen_constraints: Callable[..., Any] | None = None
    correct_for_autogen_foreignkeys: Callable[..., Any] | None = None
    autogen_column_reflect: Callable[..., Any] | None = None


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
        alembic: what a comparison with Alembic's set of detections asks for besides.
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
