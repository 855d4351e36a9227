"""Operations on whole tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.operations.operation import BatchInvoker, Invoker, Operation
from limbeck.operations.operations import BatchOperations, Operations
from limbeck.operations.schema_objects import SchemaObjects, table_options, table_parts

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table
    from sqlalchemy.sql.schema import SchemaItem

    from limbeck.operations.operation import Configured, Context


class AlterTableOp(Operation):
    """An operation that changes a table."""

    def __init__(self, table_name: str, *, schema: str | None = None) -> None:
        super().__init__()
        self.table_name = table_name
        self.schema = schema


@Operations.register_operation("create_table")
class CreateTableOp(Operation):
    """Create a table.

    Args:
        table_name: the table.
        columns: columns, constraints and indexes.
        schema: the schema of the table.
        if_not_exists: do nothing if the table already exists.
        kw: further keywords of `sqlalchemy.Table`: comment, prefixes, info, dialect options.
    """

    def __init__(
        self,
        table_name: str,
        columns: Sequence[SchemaItem],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        _namespace_metadata: MetaData | None = None,
        _constraints_included: bool = False,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.if_not_exists = if_not_exists
        self.info.update(kw.pop("info", {}) or {})
        self.comment = kw.pop("comment", None)
        self.prefixes = kw.pop("prefixes", None)
        self.kw = kw
        self._namespace_metadata = _namespace_metadata
        self._constraints_included = _constraints_included
        self._made: Table | None = None

    def run(self, context: Context) -> Table:
        """Create the table and return the `Table` object that was used."""
        self._made = self.to_table(context)
        try:
            context.sink.apply(self)
            return self._made
        finally:
            self._made = None

    def reverse(self) -> DropTableOp:
        """Return the operation that drops the table."""
        if not self._constraints_included or self._made is not None:
            table = self.to_table()
            return DropTableOp.from_table(table, _namespace_metadata=self._namespace_metadata)
        # the table is only built when needed: a first revision may drop a thousand tables by name
        return DropTableOp(
            self.table_name,
            schema=self.schema,
            table_kw=self._options(),
            _reverse=CreateTableOp(
                self.table_name,
                list(self.columns),
                schema=self.schema,
                _namespace_metadata=self._namespace_metadata,
                _constraints_included=True,
                **self._options(),
            ),
        )

    def _options(self) -> dict[str, Any]:
        return _with_options(self.kw, self)

    def to_diff_tuple(self) -> tuple[str, Table]:
        """Return `("add_table", table)`."""
        return ("add_table", self.to_table())

    @classmethod
    def from_table(
        cls, table: Table, *, _namespace_metadata: MetaData | None = None
    ) -> CreateTableOp:
        """Return the operation that creates `table` without its indexes."""
        return cls(
            table.name,
            table_parts(table),
            schema=table.schema,
            _namespace_metadata=table.metadata
            if _namespace_metadata is None
            else _namespace_metadata,
            _constraints_included=True,
            **table_options(table),
        )

    def to_table(self, migration_context: Configured | None = None) -> Table:
        """Return the table that is created."""
        if self._made is not None:
            return self._made
        return SchemaObjects(migration_context).table(
            self.table_name,
            *self.columns,
            schema=self.schema,
            _constraints_included=self._constraints_included,
            **self._options(),
        )

    @classmethod
    def create_table(
        cls,
        operations: Invoker,
        table_name: str,
        *columns: SchemaItem,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> Table:
        """Create a table.

        Args:
            table_name: the table.
            columns: columns, constraints and indexes.
            if_not_exists: do nothing if the table already exists.
            kw: schema, comment, prefixes, info, and options of the database.

        Returns:
            The table, for use with `bulk_insert`.
        """
        table: Table = operations.invoke(
            cls(table_name, columns, if_not_exists=if_not_exists, **kw)
        )
        return table


def _with_options(options: dict[str, Any], op: CreateTableOp | DropTableOp) -> dict[str, Any]:
    """Return keywords of a table, including those that the operation stores separately."""
    kw = dict(options)
    if op.comment is not None:
        kw["comment"] = op.comment
    if op.prefixes:
        kw["prefixes"] = list(op.prefixes)
    if op.info:
        kw["info"] = dict(op.info)
    return kw


@Operations.register_operation("drop_table")
class DropTableOp(Operation):
    """Drop a table."""

    def __init__(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        table_kw: dict[str, Any] | None = None,
        _reverse: CreateTableOp | None = None,
    ) -> None:
        super().__init__()
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.table_kw = dict(table_kw or {})
        self.comment = self.table_kw.pop("comment", None)
        self.info.update(self.table_kw.pop("info", {}) or {})
        self.prefixes = self.table_kw.pop("prefixes", None)
        self._reverse = _reverse

    def to_diff_tuple(self) -> tuple[str, Table]:
        """Return `("remove_table", table)`."""
        return ("remove_table", self.to_table())

    def reverse(self) -> CreateTableOp:
        """Return the operation that restores the table.

        Raises:
            ValueError: the definition of the table is not known.
        """
        known = self._known
        if not known._constraints_included:
            return CreateTableOp.from_table(
                self.to_table(), _namespace_metadata=known._namespace_metadata
            )
        # the table is only built when needed
        return CreateTableOp(
            self.table_name,
            list(known.columns),
            schema=self.schema,
            _namespace_metadata=known._namespace_metadata,
            _constraints_included=True,
            **_with_options(self.table_kw, self),
        )

    @property
    def _known(self) -> CreateTableOp:
        if self._reverse is None:
            raise ValueError("This drop cannot be reversed: the table's definition is not known.")
        return self._reverse

    @classmethod
    def from_table(
        cls, table: Table, *, _namespace_metadata: MetaData | None = None
    ) -> DropTableOp:
        """Return the operation that drops `table`."""
        return cls(
            table.name,
            schema=table.schema,
            table_kw=table_options(table),
            _reverse=CreateTableOp.from_table(table, _namespace_metadata=_namespace_metadata),
        )

    def to_table(self, migration_context: Configured | None = None) -> Table:
        """Return the dropped table, without columns if they are not known."""
        known = self._reverse
        return SchemaObjects(migration_context).table(
            self.table_name,
            *(known.columns if known else ()),
            schema=self.schema,
            _constraints_included=known._constraints_included if known else False,
            **_with_options(self.table_kw, self),
        )

    @classmethod
    def drop_table(
        cls,
        operations: Invoker,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop a table.

        Args:
            table_name: the table.
            schema: the schema of the table.
            if_exists: do nothing if the table does not exist.
            kw: options of the database.
        """
        operations.invoke(cls(table_name, schema=schema, if_exists=if_exists, table_kw=kw))


@Operations.register_operation("rename_table")
class RenameTableOp(AlterTableOp):
    """Rename a table."""

    def __init__(
        self, old_table_name: str, new_table_name: str, *, schema: str | None = None
    ) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name

    def reverse(self) -> RenameTableOp:
        """Return the operation that restores the old name."""
        return RenameTableOp(self.new_table_name, self.table_name, schema=self.schema)

    @classmethod
    def rename_table(
        cls,
        operations: Invoker,
        old_table_name: str,
        new_table_name: str,
        *,
        schema: str | None = None,
    ) -> None:
        """Rename a table."""
        operations.invoke(cls(old_table_name, new_table_name, schema=schema))


@Operations.register_operation("create_table_comment")
@BatchOperations.register_operation("create_table_comment", "batch_create_table_comment")
class CreateTableCommentOp(AlterTableOp):
    """Set the comment of a table."""

    def __init__(
        self,
        table_name: str,
        comment: str | None,
        *,
        schema: str | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.comment = comment
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp | DropTableCommentOp:
        """Return the operation that restores the previous comment, or drops this one."""
        if self.existing_comment is None:
            return DropTableCommentOp(
                self.table_name, existing_comment=self.comment, schema=self.schema
            )
        return CreateTableCommentOp(
            self.table_name,
            self.existing_comment,
            existing_comment=self.comment,
            schema=self.schema,
        )

    def to_table(self, migration_context: Configured | None = None) -> Table:
        """Return a table without columns, with the comment."""
        return SchemaObjects(migration_context).table(
            self.table_name, schema=self.schema, comment=self.comment
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("add_table_comment", table, existing_comment)`."""
        return ("add_table_comment", self.to_table(), self.existing_comment)

    @classmethod
    def create_table_comment(
        cls,
        operations: Invoker,
        table_name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Set the comment of a table; `existing_comment` is restored by the downgrade."""
        operations.invoke(
            cls(table_name, comment, existing_comment=existing_comment, schema=schema)
        )

    @classmethod
    def batch_create_table_comment(
        cls,
        operations: BatchInvoker,
        comment: str | None,
        *,
        existing_comment: str | None = None,
    ) -> None:
        """Set the comment of the table."""
        block = operations.impl
        operations.invoke(
            cls(block.table_name, comment, existing_comment=existing_comment, schema=block.schema)
        )


@Operations.register_operation("drop_table_comment")
@BatchOperations.register_operation("drop_table_comment", "batch_drop_table_comment")
class DropTableCommentOp(AlterTableOp):
    """Remove the comment of a table."""

    def __init__(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp:
        """Return the operation that restores the comment."""
        return CreateTableCommentOp(self.table_name, self.existing_comment, schema=self.schema)

    def to_table(self, migration_context: Configured | None = None) -> Table:
        """Return a table without columns."""
        return SchemaObjects(migration_context).table(self.table_name, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("remove_table_comment", table)`."""
        return ("remove_table_comment", self.to_table())

    @classmethod
    def drop_table_comment(
        cls,
        operations: Invoker,
        table_name: str,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Remove the comment of a table; `existing_comment` is restored by the downgrade."""
        operations.invoke(cls(table_name, existing_comment=existing_comment, schema=schema))

    @classmethod
    def batch_drop_table_comment(
        cls, operations: BatchInvoker, *, existing_comment: str | None = None
    ) -> None:
        """Remove the comment of the table."""
        block = operations.impl
        operations.invoke(
            cls(block.table_name, existing_comment=existing_comment, schema=block.schema)
        )
