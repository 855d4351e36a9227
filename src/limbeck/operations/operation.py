"""What every operation is, and the one way out for its SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Dialect
    from sqlalchemy.engine.mock import MockConnection

    from limbeck.catalog import Key, Table


class Operation:
    """One directive of a migration script.

    Attributes:
        info: free space for hooks; limbeck keeps nothing there.
        runs_at_once: whether a batch block runs the operation at once instead of collecting it.
    """

    runs_at_once: ClassVar[bool] = False

    def __init__(self) -> None:
        self._info: dict[Any, Any] | None = None

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary in which hooks may keep what they like."""
        if getattr(self, "_info", None) is None:
            self._info = {}
        return self._info  # type: ignore[return-value]

    def run(self, context: Context) -> Any:
        """Run the operation and return what its directive returns."""
        return context.sink.apply(self)

    def reverse(self) -> Operation:
        """Return the operation that undoes this one.

        Raises:
            NotImplementedError: nothing is known that undoes it.
        """
        raise NotImplementedError

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return this operation as `compare_metadata` lists it.

        Raises:
            NotImplementedError: the operation is no difference between models and database.
        """
        raise NotImplementedError


class Configured(Protocol):
    """Anything that knows what env.py configured: naming conventions are looked up there."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`."""


class SchemaLookup(Protocol):
    """Asks what stands in the database now: reflection when live, replayed history on a tape."""

    @property
    def connection(self) -> Connection | None:
        """The live connection, None where there is none."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`; `operation.to_table(lookup)` reads them."""

    @property
    def bind(self) -> Connection | MockConnection:
        """What table events run against: the connection, or a mock that feeds the sink."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect, for which statements are compiled."""

    def table(self, key: Key) -> Table | None:
        """Return the table as it is at this moment, None when it is not there."""


class Sink(Protocol):
    """Where operations and their statements go: a connection, a script, a tape."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect for which statements are compiled."""

    @property
    def bind(self) -> Connection | MockConnection | None:
        """What `op.get_bind()` and table events see."""

    @property
    def is_script(self) -> bool:
        """True when statements are written down, not run."""

    @property
    def lookup(self) -> SchemaLookup:
        """The eye of operations that must see the table first."""

    def execute(
        self,
        statement: Executable | str,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        """Send one statement; a script or tape returns None."""

    def apply(self, operation: Operation) -> object:
        """Run an operation by the dialect's elements.

        Registered implementations were asked before, by `Operations.invoke`.
        """


class Context(Protocol):
    """What operations ask of a migration context."""

    @property
    def opts(self) -> dict[str, Any]:
        """The options given to `context.configure`."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""

    @property
    def bind(self) -> Connection | None:
        """The connection, None in a script."""

    @property
    def as_sql(self) -> bool:
        """True when a script is written."""

    @property
    def impl(self) -> Any:
        """The dialect implementation that outside code expects."""

    @property
    def sink(self) -> Sink:
        """Where operations go."""

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Leave the transaction for the length of a block."""

    def table(self, name: str, schema: str | None = None) -> SqlTable:
        """Return a table as it is at this moment of the migration."""

    def backfill(self, operation: Any) -> int | None:
        """Run a `BackfillOp`: change rows in batches, each in a transaction of its own."""


class Invoker(Protocol):
    """Runs operations: `Operations` and `BatchOperations` alike."""

    def invoke(self, operation: Operation) -> Any:
        """Run the operation and return what it returns."""


class Block(Protocol):
    """The table that a batch block is about."""

    @property
    def table_name(self) -> str:
        """Its name."""

    @property
    def schema(self) -> str | None:
        """Its namespace."""


class BatchInvoker(Invoker, Protocol):
    """Runs operations on the table of a batch block."""

    @property
    def impl(self) -> Block:
        """The block."""
