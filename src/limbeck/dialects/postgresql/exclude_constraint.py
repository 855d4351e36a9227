"""Operations that only PostgreSQL has: exclusion constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from limbeck.operations import (
    AddConstraintOp,
    BatchOperations,
    DropConstraintOp,
    Operations,
    SchemaObjects,
)

if TYPE_CHECKING:
    from limbeck.operations import Configured


@Operations.register_operation("create_exclude_constraint")
@BatchOperations.register_operation("create_exclude_constraint", "batch_create_exclude_constraint")
@AddConstraintOp.register_add_constraint("exclude_constraint")
class CreateExcludeConstraintOp(AddConstraintOp):
    """Add an exclusion constraint.

    Args:
        constraint_name: the name; None uses the server's choice.
        table_name: the table.
        elements: pairs of a column or expression and an operator.
        where: a predicate; the constraint applies only to rows that satisfy it.
        schema: the schema of the table.
        kw: using, ops, deferrable, initially.
    """

    constraint_type = "exclude"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        elements: Sequence[tuple[Any, str]],
        where: Any = None,
        schema: str | None = None,
        _orig_constraint: ExcludeConstraint | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.elements = elements
        self.where = where
        self.schema = schema
        self._orig_constraint = _orig_constraint
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> CreateExcludeConstraintOp:
        """Return the operation that adds `constraint`."""
        table = constraint.table
        return cls(
            constraint.name,
            table.name,
            [(expression, operator) for expression, _name, operator in constraint._render_exprs],
            where=constraint.where,
            schema=table.schema,
            _orig_constraint=constraint,
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            using=constraint.using,
        )

    def to_constraint(self, migration_context: Configured | None = None) -> ExcludeConstraint:
        """Return the constraint, on a stand-in for its table."""
        if self._orig_constraint is not None:
            return self._orig_constraint
        make = SchemaObjects(migration_context)
        table = sa.Table(self.table_name, make.metadata(), schema=self.schema)
        constraint = ExcludeConstraint(
            *self.elements, name=self.constraint_name, where=self.where, **self.kw
        )
        for column in _columns_of(constraint):
            if column.name and column.name not in table.c:
                table.append_column(sa.Column(column.name, sa.types.NULLTYPE))
        table.append_constraint(constraint)
        return constraint

    def reverse(self) -> DropConstraintOp:
        """Return the operation that drops the constraint by its explicit name."""
        op = super().reverse()
        op.constraint_name = self.constraint_name
        return op

    @classmethod
    def create_exclude_constraint(
        cls,
        operations: Any,
        constraint_name: str | None,
        table_name: str,
        *elements: Any,
        **kw: Any,
    ) -> Any:
        """Add an exclusion constraint (PostgreSQL).

        Args:
            operations: the object that runs it.
            constraint_name: the name of the constraint.
            table_name: the table.
            elements: pairs of a column or expression and an operator.
            kw: where, schema, using, ops, deferrable, initially.
        """
        return operations.invoke(cls(constraint_name, table_name, elements, **kw))

    @classmethod
    def batch_create_exclude_constraint(
        cls, operations: Any, constraint_name: str | None, *elements: Any, **kw: Any
    ) -> Any:
        """Add an exclusion constraint to the batch's table (PostgreSQL)."""
        kw["schema"] = operations.impl.schema
        return operations.invoke(cls(constraint_name, operations.impl.table_name, elements, **kw))


def _columns_of(constraint: ExcludeConstraint) -> list[Any]:
    columns: list[Any] = list(constraint.columns)
    for expression, name, _operator in constraint._render_exprs:
        if isinstance(expression, str) and name:
            columns.append(sa.column(name))
    return columns
