"""`Operations` and `BatchOperations`: the objects on which migration scripts call directives.

The directives are methods that the operation classes register. Each is declared once as a class
method of its operation: `CreateTableOp.create_table` is `op.create_table`. Their types are in
methods.pyi, which scripts/make_stubs.py generates from these class methods.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sqlalchemy import literal
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BindParameter, conv
from sqlalchemy.types import NULLTYPE

from limbeck.errors import NotAsyncError, ScriptOnlyError
from limbeck.operations import registry
from limbeck.operations.operation import BatchAlterTableOp, Context, Operation, Recreate
from limbeck.operations.schema_objects import SchemaObjects

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.elements import ColumnElement
    from sqlalchemy.types import TypeEngine

    from limbeck.operations.methods import BatchOperationMethods, OperationMethods
else:
    OperationMethods = BatchOperationMethods = object

_T = TypeVar("_T")
_Kind = TypeVar("_Kind", bound=type[Any])
_Function = TypeVar("_Function", bound=Callable[[Any, Any], Any])
_EMPTY: Mapping[str, Any] = {}
_in_context: ContextVar[tuple[AbstractOperations, ...]] = ContextVar(
    "limbeck_operations", default=()
)
_in_process: list[AbstractOperations] = []


class InlineLiteral(BindParameter[Any]):
    """A bound value that is always rendered as a literal."""

    inherit_cache = False

    def __init__(self, value: Any, type_: Any) -> None:
        super().__init__(None, value, type_, unique=True)


@compiles(InlineLiteral)
def _written(element: InlineLiteral, compiler: SQLCompiler, **kw: Any) -> str:
    plain = literal(element.value, element.type)
    if plain.type._isnull:
        plain = literal(element.value)
    kw["literal_binds"] = True
    try:
        return compiler.process(plain, **kw)
    except CompileError:
        # a third-party type that cannot render values: use the type of the Python value
        return compiler.process(literal(element.value), **kw)


class Tables:
    """Provides tables by name: `op.tables.user`, or `op.tables["user"]`.

    Args:
        find: returns a table by its name.
    """

    def __init__(self, find: Callable[[str], Table]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Table:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._find(name)

    def __getitem__(self, name: str) -> Table:
        return self._find(name)


class AbstractOperations:
    """Runs operations on a migration context.

    Args:
        migration_context: the context in which the operations run.
        impl: the value of `operations.impl` for third-party code.
    """

    def __init__(self, migration_context: Context, impl: Any = None) -> None:
        self.migration_context = migration_context
        self.impl = migration_context.impl if impl is None else impl
        self.schema_obj = SchemaObjects(migration_context)

    # `batch_block` sets this, because its operations import this module
    _make_block: ClassVar[Callable[..., BatchAlterTableOp]]

    # test suites of other packages replace and restore this
    _to_impl: ClassVar[registry.Implementations] = registry._REGISTRY

    # ── registering ───────────────────────────────────────────────────────

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[_Kind], _Kind]:
        """Return a decorator that makes an operation class a directive of migration scripts.

        Args:
            name: the directive: `op.<name>(...)`.
            sourcename: the class method that runs it, if it has another name.
        """
        return registry.add_method(cls, name, sourcename)

    @classmethod
    def implementation_for(
        cls,
        op_cls: type[Any],
        replace: bool = False,  # noqa: FBT001, FBT002
    ) -> Callable[[_Function], _Function]:
        """Return a decorator for a function `(operations, operation)` that runs these operations.

        Args:
            op_cls: the class of operation.
            replace: replace an existing implementation.

        Raises:
            ValueError: an implementation exists and `replace` is False.
        """
        return registry.implement(op_cls, replace=replace)

    # ── running ───────────────────────────────────────────────────────────

    def invoke(self, operation: Operation) -> Any:
        """Run an operation and return what it returns."""
        implementation = registry.implementation_of(operation)
        if implementation is not None:
            return implementation(self, operation)
        return self._apply(operation)

    def _apply(self, operation: Operation) -> Any:
        raise NotImplementedError

    @contextmanager
    def batch_alter_table(
        self,
        table_name: str,
        schema: str | None = None,
        recreate: Recreate = "auto",
        partial_reordering: Sequence[tuple[str, ...]] | None = None,
        copy_from: Table | None = None,
        table_args: tuple[Any, ...] = (),
        table_kwargs: Mapping[str, Any] = _EMPTY,
        reflect_args: tuple[Any, ...] = (),
        reflect_kwargs: Mapping[str, Any] = _EMPTY,
        naming_convention: Mapping[str, Any] | None = None,
    ) -> Iterator[BatchOperations]:
        """Collect changes of one table and run them together when the block ends.

        They run one by one if the database can make all of them. SQLite alters the table if it can;
        otherwise the table is copied once.

        Args:
            table_name: the table.
            schema: the schema of the table.
            recreate: "auto" copies the table if necessary, "always" always, "never" never.
            partial_reordering: tuples of columns that are placed in this order; copies the table.
            copy_from: the current table, if it cannot be reflected.
            table_args: further constraints of the new table.
            table_kwargs: further keywords of the new table.
            reflect_args: columns that replace reflected ones.
            reflect_kwargs: keywords of reflection, including listeners.
            naming_convention: names for constraints that have none.
        """
        block = self._make_block(
            self,
            table_name,
            schema=schema,
            recreate=recreate,
            partial_reordering=partial_reordering,
            copy_from=copy_from,
            table_args=table_args,
            table_kwargs=table_kwargs,
            reflect_args=reflect_args,
            reflect_kwargs=reflect_kwargs,
            naming_convention=naming_convention,
        )
        yield BatchOperations(self.migration_context, impl=block)
        self.migration_context.sink.apply(block)

    # ── services ──────────────────────────────────────────────────────────

    def get_context(self) -> Any:
        """Return the migration context."""
        return self.migration_context

    def get_bind(self) -> Connection:
        """Return the connection.

        In a script there is no connection, and None is returned.
        """
        return self.migration_context.bind  # type: ignore[return-value]

    def table(self, name: str, schema: str | None = None) -> Table:
        """Return the definition of a table at this point of the migration, for use in statements.

        It is computed from the earlier migrations and from the operations of this one, so that a
        migration need not import the application's models. It works in scripts too. The database is
        queried where their effect is not known, for example of SQL in `op.execute`.

        Args:
            name: the table.
            schema: the table's schema.

        Raises:
            TableUnknownError: the table does not exist.
        """
        return self.migration_context.table(name, schema)

    @property
    def tables(self) -> Tables:
        """The tables at this point of the migration: `op.tables.user` is `op.table("user")`."""
        return Tables(self.table)

    def f(self, name: str) -> conv:
        """Mark a name as final: no naming convention is applied to it."""
        return conv(name)

    def inline_literal(
        self, value: str | int, type_: TypeEngine[Any] | None = None
    ) -> ColumnElement[Any]:
        """Return a value that is rendered in the statement instead of being sent as a parameter.

        Args:
            value: a string, an integer, or any value that its type can render.
            type_: the type of the value.
        """
        return InlineLiteral(value, NULLTYPE if type_ is None else type_)

    def run_async(
        self, async_function: Callable[..., Awaitable[_T]], *args: Any, **kw_args: Any
    ) -> _T:
        """Run a coroutine function with the asynchronous connection as its first argument.

        Raises:
            ScriptOnlyError: a script is written, so there is no connection.
            NotAsyncError: the connection is not asynchronous.
        """
        bind: Connection | None = self.get_bind()
        if bind is None:
            raise ScriptOnlyError("Cannot call run_async in SQL mode: there is no connection.")
        if not bind.dialect.is_async:
            raise NotAsyncError(
                "Cannot call run_async with a sync engine.",
                hint="Use an asynchronous driver, or call a plain function with op.get_bind().",
            )
        from sqlalchemy.ext.asyncio import AsyncConnection
        from sqlalchemy.util import await_only

        connection = AsyncConnection._retrieve_proxy_for_target(bind)
        return await_only(async_function(connection, *args, **kw_args))


class Operations(AbstractOperations, OperationMethods):
    """Runs operations on a migration context; available to migration scripts as `op`.

    The operation classes register its methods, see `register_operation`.
    """

    @classmethod
    @contextmanager
    def context(cls, migration_context: Context) -> Iterator[Operations]:
        """Let the module `op` use this context for the duration of a block."""
        operations = cls(migration_context)
        with activate(operations):
            yield operations

    def _apply(self, operation: Operation) -> Any:
        return operation.run(self.migration_context)


class BatchOperations(AbstractOperations, BatchOperationMethods):
    """Collects the changes of one table; they run when the block ends.

    Raw SQL and operations with a registered implementation run at once.
    """

    def _apply(self, operation: Operation) -> Any:
        if operation.runs_at_once:
            return operation.run(self.migration_context)
        self.impl.ops.append(operation)
        return None


@contextmanager
def activate(operations: AbstractOperations) -> Iterator[None]:
    """Let the module `op` call these operations for the duration of a block."""
    token = _in_context.set((*_in_context.get(), operations))
    _in_process.append(operations)
    try:
        yield
    finally:
        _in_context.reset(token)
        _in_process.remove(operations)


def current_operations() -> AbstractOperations | None:
    """Return the operations that `op` calls.

    A thread that a script starts does not inherit the context. In such a thread, the operations
    are used if they are the only active ones of the process.
    """
    return current_in_context() or (_in_process[0] if len(_in_process) == 1 else None)


def current_in_context() -> AbstractOperations | None:
    """Return the operations that are active in this thread or task, or None."""
    active = _in_context.get()
    return active[-1] if active else None
