"""Operations on indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from limbeck.operations.operation import BatchInvoker, Context, Invoker, Operation
from limbeck.operations.operations import BatchOperations, Operations
from limbeck.operations.schema_objects import SchemaObjects, dialect_keywords

if TYPE_CHECKING:
    from sqlalchemy import Index
    from sqlalchemy.sql.elements import ColumnElement, TextClause

    from limbeck.operations.operation import Configured


@Operations.register_operation("create_index")
@BatchOperations.register_operation("create_index", "batch_create_index")
class CreateIndexOp(Operation):
    """Create an index.

    Args:
        index_name: the name of the index.
        table_name: the table.
        columns: names of columns, or expressions.
        schema: the schema of the table.
        unique: whether the index is unique.
        if_not_exists: do nothing if the index already exists.
        kw: options of the database: postgresql_where, mysql_length etc.
    """

    def __init__(
        self,
        index_name: str | None,
        table_name: str,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    def reverse(self) -> DropIndexOp:
        """Return the operation that drops the index."""
        op = DropIndexOp.from_index(self.to_index())
        op.if_exists = self.if_not_exists
        op.info.update(self.info)
        return op

    def run(self, context: Context) -> Any:
        """Create the index, outside the transaction if it is built concurrently."""
        with _transaction_for(self.kw, context):
            return super().run(context)

    def to_diff_tuple(self) -> tuple[str, Index]:
        """Return `("add_index", index)`."""
        return ("add_index", self.to_index())

    @classmethod
    def from_index(cls, index: Index) -> CreateIndexOp:
        """Return the operation that creates `index`."""
        table = index.table
        if table is None:
            raise ValueError(f"The index {index.name!r} belongs to no table.")
        return cls(
            index.name,
            table.name,
            list(index.expressions),
            schema=table.schema,
            unique=index.unique,
            **_options(index),
        )

    def to_index(self, migration_context: Configured | None = None) -> Index:
        """Return the index, on a stand-in for its table."""
        return SchemaObjects(migration_context).index(
            self.index_name,
            self.table_name,
            self.columns,
            schema=self.schema,
            unique=self.unique,
            **self.kw,
        )

    @classmethod
    def create_index(
        cls,
        operations: Invoker,
        index_name: str | None,
        table_name: str,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Create an index.

        Args:
            index_name: the name of the index.
            table_name: the table.
            columns: names of columns, or expressions made with `text()` or `func`.
            schema: the schema of the table.
            unique: whether the index is unique.
            if_not_exists: do nothing if the index already exists.
            kw: options of the database: postgresql_where, postgresql_concurrently etc.
        """
        operations.invoke(
            cls(
                index_name,
                table_name,
                columns,
                schema=schema,
                unique=unique,
                if_not_exists=if_not_exists,
                **kw,
            )
        )

    @classmethod
    def batch_create_index(
        cls,
        operations: BatchInvoker,
        index_name: str | None,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        **kw: Any,
    ) -> None:
        """Create an index."""
        block = operations.impl
        operations.invoke(cls(index_name, block.table_name, columns, schema=block.schema, **kw))


@Operations.register_operation("drop_index")
@BatchOperations.register_operation("drop_index", "batch_drop_index")
class DropIndexOp(Operation):
    """Drop an index."""

    def __init__(
        self,
        index_name: Any,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateIndexOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse
        self.kw = kw

    def run(self, context: Context) -> Any:
        """Drop the index, outside the transaction if it is dropped concurrently."""
        with _transaction_for(self.kw, context):
            return super().run(context)

    def to_diff_tuple(self) -> tuple[str, Index]:
        """Return `("remove_index", index)`."""
        return ("remove_index", self.to_index())

    def reverse(self) -> CreateIndexOp:
        """Return the operation that restores the index.

        Raises:
            ValueError: the columns of the index are not known.
        """
        if self._reverse is None:
            raise ValueError("This drop cannot be reversed: the index's columns are not known.")
        op = CreateIndexOp.from_index(self.to_index())
        op.if_not_exists = self.if_exists
        op.info.update(self.info)
        return op

    @classmethod
    def from_index(cls, index: Index) -> DropIndexOp:
        """Return the operation that drops `index`."""
        if index.table is None:
            raise ValueError(f"The index {index.name!r} belongs to no table.")
        return cls(
            index.name,
            table_name=index.table.name,
            schema=index.table.schema,
            _reverse=CreateIndexOp.from_index(index),
            unique=index.unique,
            **_options(index),
        )

    def to_index(self, migration_context: Configured | None = None) -> Index:
        """Return the index; a placeholder replaces its columns if they are not known."""
        return SchemaObjects(migration_context).index(
            self.index_name,
            self.table_name,
            self._reverse.columns if self._reverse else ["x"],
            schema=self.schema,
            **self.kw,
        )

    @classmethod
    def drop_index(
        cls,
        operations: Invoker,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop an index.

        Args:
            index_name: the name of the index.
            table_name: the table; MySQL and SQL Server require it.
            schema: the schema of the table.
            if_exists: do nothing if the index does not exist.
            kw: options of the database: postgresql_concurrently etc.
        """
        operations.invoke(
            cls(index_name, table_name=table_name, schema=schema, if_exists=if_exists, **kw)
        )

    @classmethod
    def batch_drop_index(cls, operations: BatchInvoker, index_name: str, **kw: Any) -> None:
        """Drop an index."""
        block = operations.impl
        operations.invoke(cls(index_name, table_name=block.table_name, schema=block.schema, **kw))


def _transaction_for(kw: Mapping[str, Any], context: Context) -> AbstractContextManager[object]:
    """Return a block outside transactions for an index that is built or dropped concurrently.

    https://www.postgresql.org/docs/current/sql-createindex.html: CREATE INDEX CONCURRENTLY cannot
    be executed within a transaction block.
    """
    dialect = getattr(context, "dialect", None)
    if dialect is None or not kw.get(f"{dialect.name}_concurrently"):
        return nullcontext()
    leave = getattr(context, "outside_transaction", nullcontext)
    block: AbstractContextManager[object] = leave()
    return block


def _options(index: Index) -> dict[str, Any]:
    options: dict[str, Any] = dict(dialect_keywords(index))
    if index.info:
        options["info"] = dict(index.info)
    return options
