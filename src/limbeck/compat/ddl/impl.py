"""`alembic.ddl.impl`: the base class of implementations in packages for other databases.

Each method builds the statements of limbeck's dialect and passes them to `_exec`. A method that
a subclass overrides replaces that part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.util import immutabledict

# the names that build statements are read from `dialects` when they are needed
from limbeck import dialects
from limbeck.compat.ddl._compare import Comparing
from limbeck.compat.ddl._looking import ImplLookup
from limbeck.dialects import Sent, built_in, script_parts, sql_text
from limbeck.dialects.alembic_types import Params
from limbeck.dialects.dialect import Capabilities
from limbeck.environment import MigrationContext
from limbeck.runtime import make_version_table as _version_table

if TYPE_CHECKING:
    from typing import TextIO

    from sqlalchemy import Connection, CursorResult, Executable
    from sqlalchemy.engine import Dialect as EngineDialect
    from sqlalchemy.types import TypeEngine

    from limbeck.dialects import BuildContext, ColumnChange, Statements

__all__ = ["DefaultImpl", "ImplMeta", "Params", "_impls"]

_PACKAGE = __name__.rpartition(".")[0]
_FILES = MappingProxyType(
    {
        "mariadb": "mysql",
        "mssql": "mssql",
        "mysql": "mysql",
        "oracle": "oracle",
        "postgresql": "postgresql",
        "sqlite": "sqlite",
    }
)


class _Kinds(dict[str, "type[DefaultImpl]"]):
    """Implementations by database; limbeck's are imported when they are accessed."""

    def __missing__(self, name: str) -> type[DefaultImpl]:
        if name in _FILES:
            import_module(f"{_PACKAGE}.{_FILES[name]}")
        if name in self:
            return self[name]
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the implementation for a database, or the default."""
        try:
            return self[name]
        except KeyError:
            return default


_impls = _Kinds()


class ImplMeta(type):
    """Registers an implementation under its `__dialect__` when its class is created."""

    def __init__(cls, classname: str, bases: tuple[type, ...], dict_: dict[str, Any]) -> None:
        super().__init__(classname, bases, dict_)
        name = dict_.get("__dialect__")
        # limbeck's implementation may be imported after one that a package registered in its place
        is_late = cls.__module__.rpartition(".")[0] == _PACKAGE and name in _impls
        if name is not None and not is_late:
            _impls[name] = cls  # type: ignore[assignment]


# Methods that packages override, and the corresponding functions of limbeck's dialects.
_PARTS: Mapping[str, str] = {
    "create_table": "create_table",
    "drop_table": "drop_table",
    "rename_table": "rename_table",
    "create_table_comment": "table_comment",
    "drop_table_comment": "drop_table_comment",
    "create_column_comment": "column_comment",
    "add_column": "add_column",
    "drop_column": "drop_column",
    "alter_column": "alter_column",
    "add_constraint": "add_constraint",
    "drop_constraint": "drop_constraint",
    "create_index": "create_index",
    "drop_index": "drop_index",
    "bulk_insert": "bulk_insert",
    "execute": "execute",
}


class DefaultImpl(Comparing, metaclass=ImplMeta):
    """Runs the operations of one database, with the interface that packages use.

    Args:
        dialect: SQLAlchemy's dialect.
        connection: the connection, or the mock of a script.
        as_sql: write statements to a script instead of running them.
        transactional_ddl: whether a rollback undoes DDL; None for the database's behavior.
        output_buffer: the stream for a script.
        context_opts: the options of `context.configure`.
    """

    __dialect__ = "default"
    _native: ClassVar[str | None] = None

    transactional_ddl: bool = False
    command_terminator: str = ";"
    batch_separator: str | None = None

    def __init__(
        self,
        dialect: EngineDialect,
        connection: Connection | None,
        as_sql: bool,  # noqa: FBT001
        transactional_ddl: bool | None,  # noqa: FBT001
        output_buffer: TextIO | None,
        context_opts: dict[str, Any],
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.as_sql = as_sql
        self.literal_binds = context_opts.get("literal_binds", False)
        self.output_buffer = output_buffer
        self.memo: dict[Any, Any] = {}
        self.context_opts = context_opts
        if transactional_ddl is not None:
            self.transactional_ddl = transactional_ddl
        if self.literal_binds and not self.as_sql:
            raise ValueError("literal_binds is for scripts only: it needs as_sql")
        self._sink: Any = None
        self._tape: list[Sent] | None = None

    @classmethod
    def get_by_dialect(cls, dialect: EngineDialect) -> type[DefaultImpl]:
        """Return the implementation for a database.

        Raises:
            KeyError: there is no implementation with the name.
        """
        return _impls[dialect.name]

    @property
    def bind(self) -> Connection | None:
        """The connection."""
        connection: Connection | None = self.connection
        return connection

    # ── sending ───────────────────────────────────────────────────────────

    def _exec(
        self,
        construct: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
        multiparams: Sequence[Mapping[str, Any]] | None = None,
        params: Mapping[str, Any] = immutabledict(),
    ) -> CursorResult[Any] | None:
        executable = sa.text(construct) if isinstance(construct, str) else construct
        if multiparams is not None and params:
            raise TypeError("Can't send params and multiparams at the same time")
        rows: Any = multiparams if multiparams is not None else (params or None)
        if self._tape is not None:
            self._tape.append(Sent(executable, rows, execution_options))
            return None
        if self.as_sql and rows is not None:
            raise TypeError("SQL parameters not allowed with as_sql")
        if self._sink is not None:
            sent: CursorResult[Any] | None = self._sink.execute(
                executable, rows, execution_options=execution_options
            )
            return sent
        if self.as_sql:
            text = sql_text(executable, self.dialect, literal_binds=self.literal_binds)
            for part in script_parts(text, self._capabilities()):
                self.static_output(part)
            return None
        connection = self.connection
        if connection is None:
            raise RuntimeError("there is no connection to run statements on")
        if execution_options:
            connection = connection.execution_options(**execution_options)
        result: CursorResult[Any] = (
            connection.execute(executable) if rows is None else connection.execute(executable, rows)
        )
        return result

    def _capabilities(self) -> Capabilities:
        return Capabilities(
            statement_end=self.command_terminator, batch_separator=self.batch_separator
        )

    def execute(
        self,
        sql: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run one statement."""
        self._exec(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write text to the script, followed by an empty line."""
        if self._sink is not None and self._sink.is_script:
            self._sink.write(text)
        elif self.output_buffer is not None:
            self.output_buffer.write(text + "\n\n")
            self.output_buffer.flush()

    @contextmanager
    def _taping(self) -> Iterator[list[Sent]]:
        before, self._tape = self._tape, []
        try:
            yield self._tape
        finally:
            self._tape = before

    # ── the native parts, and those that a subclass replaces ──────────────

    @classmethod
    def _parent(cls) -> Statements:
        record = built_in(cls._native) if cls._native else None
        generic = dialects.GENERIC
        statements = record.elements if record is not None else generic
        return statements if isinstance(statements, dialects.Statements) else generic

    @classmethod
    def _overridden(cls) -> Iterator[str]:
        for name in _PARTS:
            owner = next(kind for kind in cls.__mro__ if name in vars(kind))
            if not owner.__module__.startswith(__name__.rpartition(".")[0]):
                yield name

    def _statements(self) -> Statements:
        overridden = {_PARTS[name]: self._captured(name) for name in self._overridden()}
        # compilers of packages may access the table of a column
        return self._parent().replace(adds_columns_alone=False, **overridden)

    def _captured(self, name: str) -> Callable[..., Iterator[Sent]]:
        method = getattr(self, name)

        def run(_context: BuildContext, *args: Any, **kw: Any) -> Iterator[Sent]:
            given = {key: value for key, value in kw.items() if value is not None}
            if name == "alter_column":
                args, given = _spread(args[0])
            with self._taping() as tape:
                method(*args, **given)
            yield from tape

        return run

    def _context(self) -> BuildContext:
        lookup = self._sink.lookup if self._sink is not None else ImplLookup(self)
        return dialects.BuildContext(self._statements(), lookup)

    def _say(self, part: str, *args: Any, **kw: Any) -> None:
        for item in getattr(self._parent(), part)(self._context(), *args, **kw):
            statement: Any = item.statement if isinstance(item, Sent) else item
            if getattr(statement, "impl", self) is None:
                statement.impl = self
            if isinstance(item, Sent):
                self._exec(statement, item.options, item.parameters)
            else:
                self._exec(statement)

    # ── statements ────────────────────────────────────────────────────────

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        name: str | None = None,
        type_: TypeEngine[Any] | None = None,
        schema: str | None = None,
        autoincrement: bool | None = None,
        comment: str | bool | None = False,
        existing_comment: str | None = None,
        existing_type: TypeEngine[Any] | None = None,
        existing_server_default: Any = None,
        existing_nullable: bool | None = None,
        existing_autoincrement: bool | None = None,
        **kw: Any,
    ) -> None:
        """Alter a column."""
        change = dialects.ColumnChange(
            table=table_name,
            column=column_name,
            schema=schema,
            nullable=nullable,
            server_default=server_default,
            name=name,
            type_=type_,
            autoincrement=autoincrement,
            comment=comment,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_autoincrement=existing_autoincrement,
            existing_comment=existing_comment,
            options=kw,
        )
        self._say("alter_column", change)

    def add_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column, without its constraints and indexes."""
        self._say(
            "add_column",
            table_name,
            column,
            schema=schema,
            if_not_exists=if_not_exists,
            inline_references=inline_references,
            inline_primary_key=inline_primary_key,
        )

    def drop_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column."""
        self._say("drop_column", table_name, column, schema=schema, if_exists=if_exists, **kw)

    def add_constraint(self, const: Any, **kw: Any) -> None:
        """Add a constraint."""
        self._say("add_constraint", const, **kw)

    def drop_constraint(self, const: sa.Constraint, **kw: Any) -> None:
        """Drop a constraint."""
        self._say("drop_constraint", const, **kw)

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        """Rename a table."""
        self._say("rename_table", old_table_name, new_table_name, schema=schema)

    def create_table(self, table: sa.Table, **kw: Any) -> None:
        """Create a table with its indexes and comments."""
        self._say("create_table", table, **kw)

    def drop_table(self, table: sa.Table, **kw: Any) -> None:
        """Drop a table."""
        self._say("drop_table", table, **kw)

    def create_index(self, index: sa.Index, **kw: Any) -> None:
        """Create an index."""
        self._say("create_index", index, **kw)

    def drop_index(self, index: sa.Index, **kw: Any) -> None:
        """Drop an index."""
        self._say("drop_index", index, **kw)

    def create_table_comment(self, table: sa.Table) -> None:
        """Set a table's comment."""
        self._say("table_comment", table)

    def drop_table_comment(self, table: sa.Table) -> None:
        """Remove a table's comment."""
        self._say("drop_table_comment", table)

    def create_column_comment(self, column: sa.Column[Any]) -> None:
        """Set a column's comment."""
        self._say("column_comment", column)

    def bulk_insert(
        self,
        table: Any,
        rows: list[dict[str, Any]],
        multiinsert: bool = True,  # noqa: FBT001, FBT002
    ) -> None:
        """Insert rows."""
        self._say("bulk_insert", table, rows, multiinsert=multiinsert)

    # ── the run ───────────────────────────────────────────────────────────

    def version_table_impl(
        self,
        *,
        version_table: str,
        version_table_schema: str | None,
        version_table_pk: bool,
        **_kw: Any,
    ) -> sa.Table:
        """Return the version table; a hook for databases with special requirements."""
        return _version_table(version_table, version_table_schema, primary_key=version_table_pk)

    def start_migrations(self) -> None:
        """Prepare the first migration; a hook for subclasses."""

    def emit_begin(self) -> None:
        """Begin a transaction in a script."""
        self.static_output(f"BEGIN{self.command_terminator}")

    def emit_commit(self) -> None:
        """Commit a transaction in a script."""
        self.static_output(f"COMMIT{self.command_terminator}")

    # ── batch ─────────────────────────────────────────────────────────────

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Return whether a batch must copy the table because ALTER does not support its changes."""
        del batch_op
        return False

    def prep_table_for_batch(self, batch_impl: Any, table: sa.Table) -> None:
        """Change a reflected table before a batch copies it; a hook for subclasses."""

    def cast_for_batch_migrate(
        self, existing: sa.Column[Any], existing_transfer: dict[str, Any], new_type: Any
    ) -> None:
        """Set how a column's values are converted when a batch copies them; a hook."""


def _spread(change: ColumnChange) -> tuple[tuple[str, str], dict[str, Any]]:
    keywords: dict[str, Any] = {
        "nullable": change.nullable,
        "server_default": change.server_default,
        "name": change.name,
        "type_": change.type_,
        "schema": change.schema,
        "existing_type": change.existing_type,
        "existing_server_default": change.existing_server_default,
        "existing_nullable": change.existing_nullable,
        "comment": change.comment,
        "existing_comment": change.existing_comment,
        **change.options,
    }
    for name in ("autoincrement", "existing_autoincrement"):
        if getattr(change, name) is not None:
            keywords[name] = getattr(change, name)
    return (change.table, change.column), keywords


def impl_of(context: Any) -> DefaultImpl:
    """Return the implementation of a migration context, which sends statements to its sink."""
    kind: type[DefaultImpl] = _impls.get(context.dialect.name, DefaultImpl)
    impl = kind(
        context.dialect,
        context.connection,
        context.as_sql,
        context.transactional_ddl,
        context.output_buffer,
        context.opts,
    )
    impl._sink = context.sink
    return impl


MigrationContext.make_impl = impl_of
