"""What limbeck must know of a database: a record of small parts, nothing to inherit from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable

    from limbeck.catalog import Catalog, Type
    from limbeck.operations import Look, Operation
    from limbeck.plan import Step


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
        delimiter: what ends one there that holds statements of its own, as the client wants
            to be told; None where it sees by itself.
        begin: the line of a script that opens a transaction, None for none.
        commit: the line of a script that ends it.
        lock_in_transaction: the run lock can only be had inside a transaction.
        updates_two_tables: one UPDATE can change rows of two tables.
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
    updates_two_tables: bool = False


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

    def __call__(self, operation: Operation, look: Look) -> Iterator[Executable | Sent]:
        """Yield the statements of an operation."""


class Cost(Protocol):
    """Work out whether a statement may run in a transaction, and what it locks."""

    def __call__(self, sql: str) -> Step:
        """Return the statement as a Step."""


class Mutex(Protocol):
    """The run lock.

    Entering waits at most `timeout` seconds for the lock called `name`, calls `waiting` once
    with words about the holder if it must wait, and raises DatabaseError (LB310) at the end.
    What it yields says how long the lock lasts: True, to the end of the session; False, to the
    end of the transaction, so that it is taken again in the next one. Inside a transaction
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


class Peek(Protocol):
    """Read a small table that may be absent, in one message.

    Raises LookupError where this driver, or this moment, needs more than one.
    """

    def __call__(self, connection: Connection, sql: str) -> tuple[tuple[Any, ...], ...] | None:
        """Return the rows of a query; None where its table is not there."""


class ReadyMutex(Protocol):
    """Set up once, for a whole run, what each taking of the run lock would set up again."""

    def __call__(self, connection: Connection, *, timeout: float) -> AbstractContextManager[Mutex]:
        """Return the lock to use on this connection, ready to be entered."""


class Trace(Protocol):
    """Say what a statement acts on as it stands now, to see later whether the statement ran.

    Returns None where nothing can be said of this kind of statement, and "" where running it
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
class Glance:
    """All that a statement does, where that can be told by a name that comes or goes.

    Args:
        table: the table, as the statement writes it.
        column: the column that it adds or drops, in small letters; None for the table itself.
        adds: True when it is there afterwards.
    """

    table: str
    column: str | None
    adds: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """Says by names whether a statement that commits by itself has run: cheaper than a trace.

    Args:
        glance: reads a statement; None where it does something else or more. A statement of
            which it says something commits what stands before it, unless it cannot be read.
        columns: the names of a table's columns in small letters, None where there is no table;
            raises LookupError where the table cannot be seen.
    """

    glance: Callable[[str], Glance | None]
    columns: Callable[[Connection, str], frozenset[str] | None]


class Scratch(Protocol):
    """Make a temporary database or schema beside `connection`'s, and drop it whatever happens."""

    def __call__(self, connection: Connection) -> AbstractContextManager[Connection]:
        """Return the temporary one, ready to be entered."""


class ReadType(Protocol):
    """Turn a SQLAlchemy type into a catalog Type, spelled as this database prints it."""

    def __call__(self, type_: Any, sql: str) -> Type:
        """Return the type."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """All that limbeck knows of one database.

    A relative of a known database is `dataclasses.replace(POSTGRESQL, name=...)`.
    """

    name: str
    capabilities: Capabilities = field(default_factory=Capabilities)
    elements: Elements | None = None
    reflect: Reflect | None = None
    normalize: Normalize | None = None
    cost: Cost | None = None
    mutex: Mutex | None = None
    ready_mutex: ReadyMutex | None = None
    peek: Peek | None = None
    trace: Trace | None = None
    outline: Outline | None = None
    patience: Patience | None = None
    scratch: Scratch | None = None
    probe: Callable[..., Any] | None = None
    kinds: tuple[Any, ...] = ()
    operations: tuple[type[Operation], ...] = ()
    recipes: tuple[Any, ...] = ()
    rules: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


def later(module: str, name: str) -> Any:
    """Return a function that is imported when it is first called.

    A dialect's record holds such functions, so that a run that reads no catalog does not
    import what reads catalogs.
    """
    home: list[Any] = []

    def call(*args: Any, **kw: Any) -> Any:
        if not home:
            home.append(import_module(module))
        return getattr(home[0], name)(*args, **kw)

    call.__name__ = call.__qualname__ = name
    return call
