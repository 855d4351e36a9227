"""`Operations` and `BatchOperations`: the objects on which migration scripts call directives.

The directives themselves are methods that the operation classes register, each declared once as
a class method of its operation: `CreateTableOp.create_table` is `op.create_table`. Their types
stand in methods.pyi, which scripts/make_stubs.py writes from those class methods.
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
from limbeck.operations.containers import BatchAlterTableOp, Recreate
from limbeck.operations.operation import Context, Operation
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
    """A bound value that is always written out."""

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
        # a type from outside that cannot write values: the type of the Python value can
        return compiler.process(literal(element.value), **kw)


class Tables:
    """Gives each table by its name: `op.tables.user`, or `op.tables["user"]`.

    Args:
        find: returns a table.
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
        migration_context: where they go.
        impl: what outside code finds as `operations.impl`.
    """

    def __init__(self, migration_context: Context, impl: Any = None) -> None:
        self.migration_context = migration_context
        self.impl = migration_context.impl if impl is None else impl
        self.schema_obj = SchemaObjects(migration_context)

    # suites of outside packages put this aside and back
    _to_impl: ClassVar[registry.Implementations] = registry._REGISTRY

    # ── registering ───────────────────────────────────────────────────────

    @classmethod
    def register_operation(
        cls, name: str, sourcename: str | None = None
    ) -> Callable[[_Kind], _Kind]:
        """Return a decorator that makes an operation class a directive of migration scripts.

        Args:
            name: the directive: `op.<name>(...)`.
            sourcename: the class method that runs it, when it is called otherwise.
        """
        return registry.add_method(cls, name, sourcename)

    @classmethod
    def implementation_for(
        cls,
        op_cls: type[Any],
        replace: bool = False,  # noqa: FBT001, FBT002
    ) -> Callable[[_Function], _Function]:
        """Return a decorator: the function `(operations, operation)` runs operations of a class.

        Args:
            op_cls: the class of operation.
            replace: take the place of the implementation that is there.

        Raises:
            ValueError: there is an implementation already and `replace` is not given.
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
        """Gather changes of one table and run them together when the block ends.

        A database that can alter everything runs them one by one. SQLite alters where it can
        and copies the table, once, where it cannot.

        Args:
            table_name: the table.
            schema: its namespace.
            recreate: "auto" copies the table where it must, "always" always, "never" never.
            partial_reordering: tuples of columns that shall stand in this order; copies.
            copy_from: the table as it is, where it cannot be reflected.
            table_args: further constraints of the new table.
            table_kwargs: further keywords of the new table.
            reflect_args: columns that replace what reflection finds.
            reflect_kwargs: keywords of reflection, listeners among them.
            naming_convention: names for the constraints that have none.
        """
        block = BatchAlterTableOp(
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

        In a script there is none and None is returned.
        """
        return self.migration_context.bind  # type: ignore[return-value]

    def table(self, name: str, schema: str | None = None) -> Table:
        """Return a table as it is at this moment of the migration, ready for statements.

        It comes from the migrations before and from what this one has done so far, so that no
        migration imports the application's models; it works in scripts too. Where their effect is
        not known, as of SQL in `op.execute`, the database is asked.

        Args:
            name: the table.
            schema: its schema.

        Raises:
            TableUnknownError: there is no such table.
        """
        return self.migration_context.table(name, schema)

    @property
    def tables(self) -> Tables:
        """The tables as they are at this moment: `op.tables.user` is `op.table("user")`."""
        return Tables(self.table)

    def f(self, name: str) -> conv:
        """Mark a name as final: no naming convention is applied to it."""
        return conv(name)

    def inline_literal(
        self, value: str | int, type_: TypeEngine[Any] | None = None
    ) -> ColumnElement[Any]:
        """Return a value that is written into the statement, not sent as a parameter.

        Args:
            value: a string, an integer, or anything its type can write.
            type_: its type.
        """
        return InlineLiteral(value, NULLTYPE if type_ is None else type_)

    def run_async(
        self, async_function: Callable[..., Awaitable[_T]], *args: Any, **kw_args: Any
    ) -> _T:
        """Run a coroutine function with the asynchronous connection as its first argument.

        Raises:
            ScriptOnlyError: there is no connection, as a script is written.
            NotAsyncError: the connection is not an asynchronous one.
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
    """Runs operations on a migration context; a migration script knows it as `op`.

    Its methods are registered by the operation classes, see `register_operation`.
    """

    @classmethod
    @contextmanager
    def context(cls, migration_context: Context) -> Iterator[Operations]:
        """Make the module `op` speak to this context for the length of a block."""
        operations = cls(migration_context)
        with activate(operations):
            yield operations

    def _apply(self, operation: Operation) -> Any:
        return operation.run(self.migration_context)


class BatchOperations(AbstractOperations, BatchOperationMethods):
    """Collects the changes of one table; they run when the block ends.

    Raw SQL and operations with an implementation of their own run at once.
    """

    def _apply(self, operation: Operation) -> Any:
        if operation.runs_at_once:
            return operation.run(self.migration_context)
        self.impl.ops.append(operation)
        return None


@contextmanager
def activate(operations: AbstractOperations) -> Iterator[None]:
    """Let the module `op` call these operations for the length of a block."""
    token = _in_context.set((*_in_context.get(), operations))
    _in_process.append(operations)
    try:
        yield
    finally:
        _in_context.reset(token)
        _in_process.remove(operations)


def current_operations() -> AbstractOperations | None:
    """Return the operations that `op` calls.

    A plain thread that a script starts does not inherit the context. There, the only active
    operations of the process are used.
    """
    return current_in_context() or (_in_process[0] if len(_in_process) == 1 else None)


def current_in_context() -> AbstractOperations | None:
    """Return the operations that are active in this thread or task, None for none."""
    found = _in_context.get()
    return found[-1] if found else None
