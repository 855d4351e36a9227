"""What both sets of directives share, and `BatchOperations`: those without the table's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from sqlalchemy.sql.elements import ColumnElement, conv
from sqlalchemy.types import NULLTYPE

from limbeck.errors import DatabaseError
from limbeck.operations import registry
from limbeck.operations.batch import BatchAlterTableOp, Recreate
from limbeck.operations.columns import AddColumnOp, AlterColumnOp, DropColumnOp
from limbeck.operations.constraints import (
    CreateCheckConstraintOp,
    CreateForeignKeyOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
)
from limbeck.operations.indexes import CreateIndexOp, DropIndexOp
from limbeck.operations.inline_literal import InlineLiteral
from limbeck.operations.operation import Context, Operation
from limbeck.operations.rows import ExecuteSQLOp
from limbeck.operations.schema_objects import SchemaObjects
from limbeck.operations.tables import CreateTableCommentOp, DropTableCommentOp

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Executable, Table
    from sqlalchemy.sql.elements import TextClause
    from sqlalchemy.types import TypeEngine

    from limbeck.operations.columns import AnyType, ServerDefault


_T = TypeVar("_T")
_Kind = TypeVar("_Kind", bound=type[Any])
_Function = TypeVar("_Function", bound=Callable[[Any, Any], Any])
_EMPTY: Mapping[str, Any] = {}


class ScriptOnlyError(DatabaseError, NotImplementedError):
    """A connection is needed where only a script is written."""

    code = "LB339"


class NotAsyncError(DatabaseError, ValueError):
    """An asynchronous connection is needed."""

    code = "LB341"


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

    def f(self, name: str) -> conv:
        """Mark a name as final: no naming convention is applied to it."""
        return conv(name)

    def inline_literal(
        self, value: str | int, type_: TypeEngine[Any] | None = None
    ) -> ColumnElement[Any]:
        """Return a value that is written into the statement, not sent beside it.

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


class BatchOperations(AbstractOperations):
    """Gathers the changes of one table; they run when the block ends.

    Raw SQL and operations with an implementation of their own run at once.
    """

    def _apply(self, operation: Operation) -> Any:
        if isinstance(operation, ExecuteSQLOp):
            return self.migration_context.sink.apply(operation)
        self.impl.ops.append(operation)
        return None

    def add_column(
        self,
        column: Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column.

        Args:
            column: the column.
            insert_before: the column it shall stand before, where the table is copied.
            insert_after: the column it shall stand after, where the table is copied.
            if_not_exists: do nothing when a column of that name is there.
            inline_references: write the foreign key into the column's own clause.
            inline_primary_key: write the primary key into the column's own clause.
        """
        return AddColumnOp.batch_add_column(
            self,
            column,
            insert_before=insert_before,
            insert_after=insert_after,
            if_not_exists=if_not_exists,
            inline_references=inline_references,
            inline_primary_key=inline_primary_key,
        )

    def drop_column(self, column_name: str, **kw: Any) -> None:
        """Drop a column."""
        return DropColumnOp.batch_drop_column(self, column_name, **kw)

    def alter_column(
        self,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: ServerDefault = False,
        new_column_name: str | None = None,
        type_: AnyType | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: ServerDefault = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; what is not given stays.

        The arguments are those of `Operations.alter_column`; `insert_before` and
        `insert_after` move the column where the table is copied.
        """
        return AlterColumnOp.batch_alter_column(
            self,
            column_name,
            nullable=nullable,
            comment=comment,
            server_default=server_default,
            new_column_name=new_column_name,
            type_=type_,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_comment=existing_comment,
            insert_before=insert_before,
            insert_after=insert_after,
            **kw,
        )

    def create_primary_key(self, constraint_name: str | None, columns: list[str]) -> None:
        """Add a primary key."""
        return CreatePrimaryKeyOp.batch_create_primary_key(self, constraint_name, columns)

    def create_unique_constraint(
        self, constraint_name: str | None, columns: Sequence[str], **kw: Any
    ) -> Any:
        """Add a unique constraint."""
        return CreateUniqueConstraintOp.batch_create_unique_constraint(
            self, constraint_name, columns, **kw
        )

    def create_check_constraint(
        self,
        constraint_name: str | None,
        condition: str | ColumnElement[bool] | TextClause,
        **kw: Any,
    ) -> None:
        """Add a check."""
        return CreateCheckConstraintOp.batch_create_check_constraint(
            self, constraint_name, condition, **kw
        )

    def create_foreign_key(
        self,
        constraint_name: str | None,
        referent_table: str,
        local_cols: list[str],
        remote_cols: list[str],
        *,
        referent_schema: str | None = None,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        **dialect_kw: Any,
    ) -> None:
        """Add a foreign key; the arguments are those of `Operations.create_foreign_key`."""
        return CreateForeignKeyOp.batch_create_foreign_key(
            self,
            constraint_name,
            referent_table,
            local_cols,
            remote_cols,
            referent_schema=referent_schema,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            **dialect_kw,
        )

    def drop_constraint(
        self, constraint_name: str | None, type_: str | None = None, *, says: str | None = None
    ) -> None:
        """Drop a constraint; one without a name by the SQL it says."""
        return DropConstraintOp.batch_drop_constraint(self, constraint_name, type_, says=says)

    def create_index(self, index_name: str, columns: list[str], **kw: Any) -> None:
        """Create an index."""
        return CreateIndexOp.batch_create_index(self, index_name, columns, **kw)

    def drop_index(self, index_name: str, **kw: Any) -> None:
        """Drop an index."""
        return DropIndexOp.batch_drop_index(self, index_name, **kw)

    def create_table_comment(
        self, comment: str | None, *, existing_comment: str | None = None
    ) -> None:
        """Set the comment of the table."""
        return CreateTableCommentOp.batch_create_table_comment(
            self, comment, existing_comment=existing_comment
        )

    def drop_table_comment(self, *, existing_comment: str | None = None) -> None:
        """Remove the comment of the table."""
        return DropTableCommentOp.batch_drop_table_comment(self, existing_comment=existing_comment)

    def execute(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run SQL at once, before the changes of the block."""
        return ExecuteSQLOp.batch_execute(self, sqltext, execution_options=execution_options)
