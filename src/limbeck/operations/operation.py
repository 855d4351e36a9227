"""The base class of operations, and the protocols through which operations send their SQL."""

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
        info: a dictionary for hooks; limbeck does not use it.
        runs_at_once: whether a batch block runs the operation at once instead of collecting it.
    """

    runs_at_once: ClassVar[bool] = False

    def __init__(self) -> None:
        self._info: dict[Any, Any] | None = None

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary for the use of hooks."""
        if getattr(self, "_info", None) is None:
            self._info = {}
        return self._info  # type: ignore[return-value]

    def run(self, context: Context) -> Any:
        """Run the operation and return what its directive returns."""
        return context.sink.apply(self)

    def reverse(self) -> Operation:
        """Return the operation that reverses this one.

        Raises:
            NotImplementedError: no reverse operation is known.
        """
        raise NotImplementedError

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return this operation as `compare_metadata` lists it.

        Raises:
            NotImplementedError: the operation is not a difference between models and database.
        """
        raise NotImplementedError


class Configured(Protocol):
    """An object with the options of env.py, from which naming conventions are read."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`."""


class SchemaLookup(Protocol):
    """Looks up the current schema: by reflection with a connection, otherwise by a replay."""

    @property
    def connection(self) -> Connection | None:
        """The connection; None if there is none."""

    @property
    def opts(self) -> Mapping[str, Any]:
        """The options given to `context.configure`, for `operation.to_table(lookup)`."""

    @property
    def bind(self) -> Connection | MockConnection:
        """The target of table events: the connection, or a mock that sends SQL to the sink."""

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect for which statements are compiled."""

    def table(self, key: Key) -> Table | None:
        """Return the current definition of a table; None if the table does not exist."""


class Sink(Protocol):
    """The destination of operations and statements: a connection, a script, or a recorder."""

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect for which statements are compiled."""

    @property
    def bind(self) -> Connection | MockConnection | None:
        """The bind of `op.get_bind()` and of table events."""

    @property
    def is_script(self) -> bool:
        """Whether statements are written to a script instead of being run."""

    @property
    def lookup(self) -> SchemaLookup:
        """The schema lookup for operations that need the current definition of a table."""

    def execute(
        self,
        statement: Executable | str,
        parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        """Send one statement; a script or recorder returns None."""

    def apply(self, operation: Operation) -> object:
        """Run an operation with the dialect's DDL elements.

        `Operations.invoke` has already looked for a registered implementation.
        """


class Context(Protocol):
    """The part of a migration context that operations use."""

    @property
    def opts(self) -> dict[str, Any]:
        """The options given to `context.configure`."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""

    @property
    def bind(self) -> Connection | None:
        """The connection; None in a script."""

    @property
    def as_sql(self) -> bool:
        """Whether a script is written."""

    @property
    def impl(self) -> Any:
        """The dialect implementation for third-party code."""

    @property
    def sink(self) -> Sink:
        """The destination of operations."""

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Leave the transaction for the duration of a block."""

    def table(self, name: str, schema: str | None = None) -> SqlTable:
        """Return the definition of a table at this point of the migration."""

    def backfill(self, operation: Any) -> int | None:
        """Run a `BackfillOp`: change rows in batches, each in a separate transaction."""


class Invoker(Protocol):
    """Runs operations; implemented by `Operations` and `BatchOperations`."""

    def invoke(self, operation: Operation) -> Any:
        """Run the operation and return what it returns."""


class Block(Protocol):
    """The table of a batch block."""

    @property
    def table_name(self) -> str:
        """The table's name."""

    @property
    def schema(self) -> str | None:
        """The table's namespace."""


class BatchInvoker(Invoker, Protocol):
    """Runs operations on the table of a batch block."""

    @property
    def impl(self) -> Block:
        """The block."""
