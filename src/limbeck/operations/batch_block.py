"""The value of `batch_op.impl`: the block with the changes that were collected so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.operations.columns import AddColumnOp, AlterColumnOp, DropColumnOp
from limbeck.operations.constraints import AddConstraintOp, DropConstraintOp
from limbeck.operations.indexes import CreateIndexOp, DropIndexOp
from limbeck.operations.operation import BatchAlterTableOp, Operation
from limbeck.operations.operations import AbstractOperations

if TYPE_CHECKING:
    from sqlalchemy import Column, Constraint, Dialect, Index

_MODIFIED = {"name", "type_", "nullable", "server_default", "comment"}


class BatchBlock(BatchAlterTableOp):
    """A batch block of a migration; its methods add changes, for implementations of operations.

    Args:
        operations: the operations outside the block.
        table_name: the table.
        options: the other arguments of `BatchAlterTableOp`.
    """

    def __init__(self, operations: Any, table_name: str, **options: Any) -> None:
        super().__init__(table_name, **options)
        self.operations = operations

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect."""
        dialect: Dialect = self.operations.migration_context.dialect
        return dialect

    @property
    def impl(self) -> Any:
        """The dialect implementation outside the block."""
        return self.operations.impl

    @property
    def batch(self) -> Sequence[Operation]:
        """The changes that were collected so far."""
        return self.ops

    def add_column(
        self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any
    ) -> None:
        """Add a column when the block ends."""
        self.ops.append(AddColumnOp(table_name, column, schema=schema, **kw))

    def drop_column(
        self, table_name: str, column: Column[Any], *, schema: str | None = None, **kw: Any
    ) -> None:
        """Drop a column when the block ends."""
        self.ops.append(DropColumnOp(table_name, column.name, schema=schema, **kw))

    def alter_column(self, table_name: str, column_name: str, **kw: Any) -> None:
        """Change a column when the block ends."""
        changes = {
            f"modify_{name.rstrip('_')}" if name in _MODIFIED else name: value
            for name, value in kw.items()
        }
        self.ops.append(AlterColumnOp(table_name, column_name, **changes))

    def add_constraint(self, const: Constraint) -> None:
        """Create a constraint when the block ends."""
        self.ops.append(AddConstraintOp.from_constraint(const))

    def drop_constraint(self, const: Constraint) -> None:
        """Drop a constraint when the block ends."""
        self.ops.append(DropConstraintOp.from_constraint(const))

    def create_index(self, idx: Index, *, if_not_exists: bool | None = None) -> None:
        """Create an index when the block ends."""
        operation = CreateIndexOp.from_index(idx)
        operation.if_not_exists = if_not_exists
        self.ops.append(operation)

    def drop_index(self, idx: Index, *, if_exists: bool | None = None) -> None:
        """Drop an index when the block ends."""
        operation = DropIndexOp.from_index(idx)
        operation.if_exists = if_exists
        self.ops.append(operation)


AbstractOperations._make_block = BatchBlock
