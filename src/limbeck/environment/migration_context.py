"""`MigrationContext`: one database that env.py has configured, and the run on it."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine.mock import MockConnection

from limbeck.dialects import find
from limbeck.environment.migration_info import MigrationInfo
from limbeck.environment.stamps import resolve, stamps
from limbeck.errors import DatabaseError, ProjectError
from limbeck.history import Heads
from limbeck.runtime import (
    JournalTable,
    Live,
    Runner,
    RunRecord,
    ScriptSink,
    Stepping,
    Target,
    Transaction,
    Transactions,
    VersionTable,
    make_target,
    quiet_migration_log,
    shared_version_table,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine import Dialect

    from limbeck.environment.current import EnvironmentProtocol

_log = logging.getLogger("alembic.runtime.migration")
_PACKAGE = __name__.partition(".")[0]
_PROJECT_SETTINGS = ("lock_timeout", "table_timeout", "silence_timeout", "journal")


class MigrationContext:
    """Reads and changes the revision of a database.

    env.py creates it with `context.configure()`, other programs with
    `MigrationContext.configure(connection)`.

    Args:
        dialect: SQLAlchemy's dialect.
        connection: the connection; None in offline mode.
        opts: the options of `configure`.
        environment_context: the environment it belongs to, if any.

    Attributes:
        make_impl: the function that creates `impl`; set by the module that defines it.
    """

    make_impl: ClassVar[Callable[[MigrationContext], Any] | None] = None

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None,
        opts: dict[str, Any],
        environment_context: EnvironmentProtocol | None = None,
    ) -> None:
        self.environment_context = environment_context
        self.opts = opts
        self.dialect = dialect
        self.script = opts.get("script")
        self.as_sql: bool = opts.get("as_sql", False)
        self.purge: bool = opts.get("purge", False)
        self.transactional_ddl: bool | None = opts.get("transactional_ddl")
        self.on_version_apply_callbacks = tuple(opts.get("on_version_apply") or ())
        self.version_table: str = opts.get("version_table", "alembic_version")
        self.version_table_schema: str | None = opts.get("version_table_schema")
        self.output_buffer: Any = _output(opts)
        self._start_from_rev = opts.get("starting_rev")
        self._migrations_fn = opts.get("fn")
        self._user_compare_type = opts.get("compare_type", True)
        self._user_compare_server_default = opts.get("compare_server_default", False)
        record = find(dialect.name)
        self.sink: Live | ScriptSink
        self.connection: Connection | MockConnection | None
        script: ScriptSink | None = None
        if self.as_sql:
            script = ScriptSink(dialect, record, opts, output=self.output_buffer)
            self.sink, self.connection = script, script.bind
        else:
            # a context without a connection can do everything except execute statements
            self.sink = Live(connection, record, opts, dialect=dialect)  # type: ignore[arg-type]
            self.connection = connection
        is_live = not (self.as_sql or isinstance(connection, MockConnection))
        self.record = RunRecord(connection if is_live else None)
        self._transactions = Transactions(
            connection if is_live else None,
            script=script,
            transactional_ddl=self._has_transactional_ddl,
            per_migration=opts.get("transaction_per_migration", False),
            record=self.record,
        )
        self._runner: Runner | None = None
        self._arguments: Mapping[str, Any] = {}
        make_impl = type(self).make_impl
        self.impl: Any = None if make_impl is None else make_impl(self)
        self._introduce()
        self._version = self._version_table()
        self._versions = VersionTable(
            self._version,
            None if self.as_sql else connection,
            errors_keep_transaction=record.capabilities.errors_keep_transaction,
        )

    @classmethod
    def configure(
        cls,
        connection: Connection | None = None,
        url: str | sa.URL | None = None,
        dialect_name: str | None = None,
        dialect: Dialect | None = None,
        environment_context: EnvironmentProtocol | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: dict[str, Any] | None = None,
    ) -> MigrationContext:
        """Create a context from a connection, or from a dialect in offline mode.

        Args:
            connection: an open connection.
            url: a SQLAlchemy URL that selects the dialect.
            dialect_name: the name of the dialect.
            dialect: SQLAlchemy's dialect.
            environment_context: the environment it belongs to, if any.
            dialect_opts: arguments for the dialect of `url` or `dialect_name`.
            opts: the options of `context.configure`.

        Raises:
            ProjectError: an Engine was passed as connection, or nothing was passed.
        """
        if connection is not None:
            given: object = connection
            if isinstance(given, Engine):
                raise ProjectError(
                    "'connection' argument to configure() is expected to be a "
                    f"sqlalchemy.engine.Connection instance, got {connection!r}",
                    hint="Use `with engine.connect() as connection:` and pass the connection.",
                )
            dialect = connection.dialect
        elif url:
            dialect = sa.make_url(url).get_dialect()(**(dialect_opts or {}))
        elif dialect_name:
            made = sa.make_url(f"{dialect_name}://").get_dialect()
            dialect = made(**(dialect_opts or {}))
        elif dialect is None:
            raise ProjectError(
                "Connection, url, or dialect_name is required.",
                hint="Pass one of them to `configure()`.",
            )
        return cls(dialect, connection, {} if opts is None else opts, environment_context)

    # private attributes of Alembic that programs read

    @property
    def _in_external_transaction(self) -> bool:
        return self._transactions.is_external

    @property
    def _transaction(self) -> Any:
        return self._transactions.current

    # ── properties ────────────────────────────────────────────────────────

    @property
    def bind(self) -> Any:
        """The connection; in offline mode a mock connection that writes to the script."""
        return self.connection

    @property
    def config(self) -> Any:
        """The Config of the environment, None without an environment."""
        return None if self.environment_context is None else self.environment_context.config

    @cached_property
    def target(self) -> Target:
        """The resolved options of `configure`, with settings of the project as defaults."""
        project = getattr(self.script, "project", self.script)
        options = dict(self.opts)
        for name in _PROJECT_SETTINGS:
            if (value := getattr(project, name, None)) is not None:
                options.setdefault(name, value)
        return make_target(
            options,
            sql_dialect=self.dialect,
            dialect=self.sink.record,
            connection=None if self.as_sql else self.connection,  # type: ignore[arg-type]
            transactional_ddl=self._has_transactional_ddl(),
        )

    def _has_transactional_ddl(self) -> bool:
        if self.impl is not None:
            return bool(self.impl.transactional_ddl)
        if self.transactional_ddl is not None:
            return self.transactional_ddl
        return self.sink.record.capabilities.transactional_ddl

    def _introduce(self) -> None:
        record = self.sink.record
        name = type(self.impl).__name__ if self.impl is not None else f"{record.name} (native)"
        _log.info("Context impl %s.", name)
        if self.as_sql:
            _log.info("Generating static SQL")
        kind = "transactional" if self._has_transactional_ddl() else "non-transactional"
        _log.info("Will assume %s DDL.", kind)

    def _version_table(self) -> sa.Table:
        words: dict[str, Any] = {
            "version_table": self.version_table,
            "version_table_schema": self.version_table_schema,
            "version_table_pk": self.opts.get("version_table_pk", True),
        }
        make = getattr(self.impl, "version_table_impl", None)
        if make is not None and make.__module__.partition(".")[0] != _PACKAGE:
            table: sa.Table = make(**words)  # a third-party dialect may define its own table
            return table
        return shared_version_table(
            self.version_table, self.version_table_schema, primary_key=words["version_table_pk"]
        )

    # ── transactions ──────────────────────────────────────────────────────

    def begin_transaction(
        self,
        _per_migration: bool = False,  # noqa: FBT001, FBT002 - a public signature
    ) -> AbstractContextManager[Transaction | None]:
        """Begin the transaction of the run, unless each migration has its own."""
        return self._transactions.begin(per_migration=_per_migration)

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Commit the current transaction and run a block outside any transaction.

        Changes before the block are kept if a later statement fails.
        """
        if self._runner is not None:
            return self._runner.autocommit_block()
        return self._transactions.autocommit_block()

    @property
    def journal_table(self) -> JournalTable | None:
        """The journal table during a run; None before and after it."""
        return None if self._runner is None else self._runner.journal_table

    @property
    def run_arguments(self) -> Mapping[str, Any]:
        """The arguments of `run_migrations`, which are passed to each migration function."""
        return self._arguments

    @property
    def has_external_transaction(self) -> bool:
        """Whether env.py or the program has begun the transaction."""
        return self._transactions.is_external

    @property
    def is_outside_transaction(self) -> bool:
        """Whether an autocommit block is active."""
        return self._transactions.is_outside

    def outside_transaction(self) -> AbstractContextManager[None]:
        """Return an autocommit block for a statement that cannot run in a transaction.

        The block does nothing inside another autocommit block, on an engine that commits each
        statement, and in scripts for projects of Alembic, which have no such blocks.
        """
        is_plain = self._transactions.commits_each_statement
        if is_plain or (self.as_sql and self.opts.get("detect") != "all"):
            return nullcontext()
        return self.autocommit_block()

    def backfill(self, operation: Any) -> int | None:
        """Run a `BackfillOp`: change rows in batches, each in its own transaction.

        Outside a run, all batches use the transaction of the caller.

        Returns:
            The number of changed rows, None in offline mode.
        """
        if isinstance(self.sink, Live):
            with self.sink.own_statements(operation):
                if self._runner is not None:
                    return self._runner.backfill(operation)
                from limbeck.runtime import run_backfill

                return run_backfill(operation, self.target, self._transactions)
        sink: Any = self.sink  # a replay replaces the sink
        if isinstance(sink, ScriptSink):
            from limbeck.runtime import write_backfill

            needs_key = isinstance(operation.table, str) and sink.record.batches.script is not None
            table = self.table(operation.table, operation.schema) if needs_key else None
            key = () if table is None else table.primary_key
            write_backfill(operation, sink, self._own_transactions(), [one.name for one in key])
        else:
            sink.apply(operation)
        return None

    def table(self, name: str, schema: str | None = None) -> sa.Table:
        """Return a table in its current state during the migration.

        Args:
            name: the name of the table.
            schema: its schema.

        Raises:
            TableUnknownError: the table does not exist.
        """
        from limbeck.environment.table_lookup import find_table

        return find_table(self, name, schema)

    def _own_transactions(self) -> AbstractContextManager[None]:
        """Return an autocommit block, unless one is active."""
        return nullcontext() if self._transactions.is_outside else self.autocommit_block()

    # ── the revision of the database ──────────────────────────────────────

    def get_current_revision(self) -> str | None:
        """Return the only revision of the database, None at the base.

        Raises:
            DatabaseError: the database is at several revisions.
        """
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise DatabaseError(
                f"Version table '{self.version_table}' has more than one head present; "
                "please use get_current_heads()"
            )
        return heads[0] if heads else None

    def get_current_heads(self) -> tuple[str, ...]:
        """Return the version rows; in offline mode, the starting revisions of the script.

        Raises:
            DatabaseError: a starting revision was passed together with a connection.
        """
        if self.as_sql:
            return self._starting_heads()
        if self._start_from_rev:
            raise DatabaseError(
                "Can't specify current_rev to context when using a database connection"
            )
        return self._versions.read()

    def _starting_heads(self) -> tuple[str, ...]:
        start = self._start_from_rev
        if start is None or start == "base":
            return ()
        given = (start,) if isinstance(start, str) else tuple(start)
        if self.script is None:
            return given
        return tuple(id_ for symbol in given for id_ in resolve(self.script, symbol))

    def ensure_version_table(self) -> None:
        """Create the version table if it is missing."""
        self._ensure_version_table()

    def _ensure_version_table(self, purge: bool = False) -> None:  # noqa: FBT001, FBT002 - programs call it
        if self.as_sql:
            self._versions.create_in(self.sink)
        elif purge:
            self._versions.purge()
        else:
            self._versions.ensure()

    def _has_version_table(self) -> bool:
        return self._versions.exists()

    # ── running migrations ────────────────────────────────────────────────

    def stamp(self, script_directory: Any, revision: Any) -> None:
        """Set the version rows without running a migration.

        Args:
            script_directory: the revisions, as Alembic's ScriptDirectory or a Project.
            revision: the destination.
        """
        self._run(lambda rows: stamps(script_directory, revision, rows), {})

    def run_migrations(self, **kw: Any) -> None:
        """Run the steps of the command; `kw` are passed to each upgrade or downgrade function."""
        fn = self._migrations_fn
        if fn is None:
            raise ProjectError("run_migrations() was called outside a command (no `fn`)")
        if self.impl is not None and hasattr(self.impl, "start_migrations"):
            self.impl.start_migrations()
        if self.purge and self.as_sql:
            raise ProjectError("Can't use --purge with --sql mode")
        self._run(lambda rows: fn(rows, self), kw)

    def _run(
        self, plan: Callable[[tuple[str, ...]], Iterable[Any]], arguments: dict[str, Any]
    ) -> None:
        runner = Runner(
            self.target,
            versions=self._versions,
            sink=self.sink,
            transactions=self._transactions,
            record=self.record,
            heads=self.get_current_heads,
            plan=plan,
            applied=self._applied,
            purge=self.purge,
            read_only=self.opts.get("dont_mutate", False),
        )
        self._runner, self._arguments = runner, arguments
        try:
            runner.run(arguments)
        finally:
            self._runner = None

    def _applied(self, step: Stepping, rows: Heads) -> None:
        if not self.on_version_apply_callbacks:
            return
        info = getattr(step, "info", None) or MigrationInfo.of(
            step.move, getattr(self.script, "revision_map", None)
        )
        for callback in self.on_version_apply_callbacks:
            callback(ctx=self, step=info, heads=set(rows), run_args=self._arguments)

    def execute(
        self,
        sql: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute one statement, or write it to the script."""
        self.sink.execute(sql, execution_options=execution_options)

    def static_output(self, text: str) -> None:
        """Write text to the script."""
        if isinstance(self.sink, ScriptSink):
            self.sink.write(text)


def _output(opts: Mapping[str, Any]) -> Any:
    output = opts.get("output_buffer")
    if output is None:
        output = sys.stdout
    encoding = opts.get("output_encoding")
    if not encoding:
        return output
    beneath: Any = getattr(output, "buffer", output)
    return _Encoded(beneath, encoding=encoding, write_through=True)


class _Encoded(io.TextIOWrapper):
    """A writer whose `close` leaves the underlying stream open, because the caller owns it."""

    def close(self) -> None:
        self.flush()


def own_context(
    connection: Connection | None = None,
    *,
    dialect: Dialect | None = None,
    opts: dict[str, Any],
) -> MigrationContext:
    """Create a context from a connection or a dialect, without its log messages.

    Args:
        connection: an open connection.
        dialect: SQLAlchemy's dialect, if there is no connection.
        opts: the options of `context.configure`.
    """
    with quiet_migration_log():
        return MigrationContext.configure(connection, dialect=dialect, opts=opts)
