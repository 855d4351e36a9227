"""Sinks: the destinations of statements, which are a connection, a script or a recorder."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.schema import DDLElement

from limbeck.dialects import (
    Scope,
    as_configured,
    begin_text,
    comment_text,
    commit_text,
    script_parts,
    undoubled,
    without_tabs,
)
from limbeck.history import Move, Origin

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.catalog import Catalog, Key, Table
    from limbeck.dialects import Dialect
    from limbeck.operations import Operation

Parameters = Sequence[Mapping[str, Any]] | Mapping[str, Any] | None
# characters with a special meaning in SQLAlchemy's text() or in drivers
_MARKS = ":%\\"
_NAME = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


class _Lookup:
    """The part of a sink that operations use: the current tables, and the bind."""

    def __init__(
        self,
        sink: _Sink,
        opts: Mapping[str, Any],
        connection: Connection | None,
        replayed: Callable[[], Catalog] | None = None,
    ) -> None:
        self._sink = sink
        self._replayed = replayed
        self.opts = opts
        self.connection = connection
        self.dialect = sink.dialect

    @property
    def bind(self) -> Connection | MockConnection:
        bind: Connection | MockConnection = self._sink.bind
        return bind

    def table(self, key: Key) -> Table | None:
        if self._replayed is not None:
            namespace, name = key.path
            return self._replayed().table(str(name), namespace)
        record = self._sink.record
        if self.connection is None or record.reflect is None:
            return None
        namespace, name = key.path
        catalog = record.reflect(
            self.connection,
            Scope(
                namespaces=(namespace,),
                kinds=frozenset({"table"}),
                tables=frozenset({str(name)}),
            ),
        )
        return catalog.table(str(name), namespace)


class _Sink:
    """The base class: converts operations to DDL elements and executes them."""

    is_script = False

    def __init__(self, dialect: SqlDialect, record: Dialect) -> None:
        self.dialect = dialect
        self.record = record
        self.lookup: _Lookup
        self.move: Move | None = None
        self.steps: list[Operation] = []

    def begin_move(self, move: Move | None) -> None:
        """Clear `steps`, which contains the operations of the current move."""
        self.move = move
        self.steps = []

    @property
    def bind(self) -> Any:
        raise NotImplementedError

    def execute(
        self,
        statement: Executable | str,
        parameters: Parameters = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        raise NotImplementedError

    def apply(self, operation: Operation) -> object:
        """Run the statements of an operation."""
        from limbeck.dialects import send  # many runs have none

        self.steps.append(operation)
        return send(operation, self)


class Live(_Sink):
    """Executes every statement on the connection that env.py passed."""

    def __init__(
        self,
        connection: Connection,
        record: Dialect,
        opts: Mapping[str, Any],
        *,
        dialect: SqlDialect | None = None,
    ) -> None:
        super().__init__(dialect or connection.dialect, record)
        self.connection = connection
        self.lookup = _Lookup(self, opts, connection)

    @property
    def bind(self) -> Connection:
        """The connection."""
        return self.connection

    def own_statements(
        self,
        operation: Operation | None = None,  # noqa: ARG002 - a subclass records it
    ) -> AbstractContextManager[None]:
        """Return a block whose statements are limbeck's, for an operation or to read a table."""
        return nullcontext()

    def execute(
        self,
        statement: Executable | str,
        parameters: Parameters = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        """Execute one statement."""
        if isinstance(statement, str):
            statement = sa.text(statement)
        connection = self.connection
        if execution_options:
            connection = connection.execution_options(**execution_options)
        if parameters is None:
            return connection.execute(statement)
        return connection.execute(statement, parameters)


class _OfflineSink(_Sink):
    """A sink without a database, whose bind is a mock connection that writes to the sink."""

    def __init__(self, dialect: SqlDialect, record: Dialect) -> None:
        super().__init__(dialect, record)
        self._bind = MockConnection(dialect, self._caught)
        self._inside = False

    @property
    def bind(self) -> MockConnection:
        """A mock connection that passes every statement to this sink."""
        return self._bind

    def _caught(self, statement: Any, *multi: Any, **kw: Any) -> None:
        parameters = multi[0] if multi and multi[0] else (kw or None)
        self.execute(statement, parameters)

    def apply(self, operation: Operation) -> object:
        """Write the statements of an operation."""
        self._inside = True
        try:
            return super().apply(operation)
        finally:
            self._inside = False

    def _compile(self, statement: Any, *, literal: bool) -> str:
        if isinstance(statement, str):
            if not any(mark in statement for mark in _MARKS):
                return without_tabs(statement).strip()
            statement = sa.text(statement)
        if isinstance(statement, sa.TextClause):
            statement = _with_escaped_names(statement)
        wanted = literal or statement.get_execution_options().get("limbeck_literal", False)
        if wanted and not isinstance(statement, DDLElement):
            compiled = statement.compile(
                dialect=self.dialect, compile_kwargs={"literal_binds": True}
            )
        else:
            compiled = statement.compile(dialect=self.dialect)
        # a client reads the script, so percent signs are not doubled as for a driver
        return without_tabs(undoubled(compiled)).strip()


def _with_escaped_names(statement: sa.TextClause) -> sa.TextClause:
    """Escape `:name` in a text if no value is given, because a script has no parameters."""
    unbound = {name for name, bound in statement._bindparams.items() if bound.required}
    if not unbound:
        return statement
    text = _NAME.sub(
        lambda found: f"\\{found[0]}" if found[1] in unbound else found[0], statement.text
    )
    given = [bound for name, bound in statement._bindparams.items() if name not in unbound]
    return sa.text(text).bindparams(*given).execution_options(**statement.get_execution_options())


def _with_values(statement: Any, row: Mapping[str, Any]) -> Any:
    """Insert the values of a call `bind.execute(statement, row)` into the statement."""
    if not row:
        return statement
    if isinstance(statement, str):
        statement = sa.text(statement)
    if isinstance(statement, sa.TextClause):
        return statement.bindparams(**row)
    return statement.values(**row) if isinstance(statement, sa.Insert) else statement.params(row)


class ScriptSink(_OfflineSink):
    """Writes every statement to a script for the database's command-line client."""

    is_script = True

    def __init__(
        self,
        dialect: SqlDialect,
        record: Dialect,
        opts: Mapping[str, Any],
        *,
        output: IO[str] | None = None,
    ) -> None:
        super().__init__(dialect, as_configured(record, opts))
        if dialect.server_version_info is None and hasattr(dialect, "_backslash_escapes"):
            # without a connection SQLAlchemy 2.0 assumes escapes for PostgreSQL too
            dialect._backslash_escapes = record.capabilities.quoting.backslash_escapes
        self.output: IO[str] = output if output is not None else sys.stdout
        # standard output that is a file or a pipe need not be flushed after each statement
        self._flushes = self.output is not sys.stdout or self.output.isatty()
        self._literal = bool(opts.get("literal_binds", False))
        self._held: str | None = None
        self.lookup = _Lookup(self, opts, None)

    def _caught(self, statement: Any, *multi: Any, **kw: Any) -> None:
        given = multi[0] if multi and multi[0] else kw
        for row in given if isinstance(given, (list, tuple)) else (given,):
            literal = bool(row) or self._literal or self._inside
            self.write_statement(self._compile(_with_values(statement, row), literal=literal))

    def execute(
        self,
        statement: Executable | str,
        parameters: Parameters = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> CursorResult[Any] | None:
        """Write one statement, with its values as literals if `literal_binds` is set."""
        del execution_options
        if parameters:
            raise TypeError("SQL parameters not allowed with as_sql")
        self.write_statement(self._compile(statement, literal=self._literal or self._inside))
        return None

    def text(self, statement: Executable) -> str:
        """Return the text of a statement, with its values as literals."""
        return self._compile(statement, literal=True)

    def write_statement(self, text: str) -> None:
        """Write the text of one statement."""
        for part in script_parts(text, self.record.capabilities):
            self.write(part)

    def write(self, text: str) -> None:
        """Write text and an empty line after it."""
        if self._held is not None:
            text, self._held = f"{self._held}\n\n{text}", None
        self.output.write(text + "\n\n")
        if self._flushes:
            self.output.flush()

    def begin(self) -> None:
        """Write the statement that begins a transaction, together with the next statement.

        If the arguments of the command are wrong, there is none, and nothing is written.
        """
        self._held = begin_text(self.record.capabilities)

    def commit(self) -> None:
        """Write the statement that commits a transaction."""
        self._write_if_any(commit_text(self.record.capabilities))
        separator = self.record.capabilities.batch_separator
        if separator is not None:
            self.write(separator)

    def comment(self, words: str) -> None:
        """Write a comment."""
        self.write(comment_text(words))

    def _write_if_any(self, text: str | None) -> None:
        if text is not None:
            self.write(text)


class RecordingSink(_OfflineSink):
    """The base class of sinks that record operations and statements instead of running them.

    Args:
        replayed: a function that returns the current catalog of the replay.
        path: the path of the running revision file, for finding line numbers.
    """

    def __init__(
        self,
        dialect: SqlDialect,
        record: Dialect,
        opts: Mapping[str, Any],
        *,
        replayed: Callable[[], Catalog] | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(dialect, record)
        self.path = path
        self.lookup = _Lookup(self, opts, None, replayed)


def origin_of_caller(path: str | None) -> Origin | None:
    """Return the line of the revision file that is being executed."""
    if path is None:
        return None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == path:
            return Origin(path=path, line=frame.f_lineno, operation=frame.f_code.co_name)
        frame = frame.f_back
    return None
