"""Operations on constraints: the base class of adding one; dropping and renaming."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sqlalchemy import Column

from limbeck.operations.operation import BatchInvoker, Invoker, Operation
from limbeck.operations.operations import BatchOperations, Operations
from limbeck.operations.schema_objects import SchemaObjects

if TYPE_CHECKING:
    from sqlalchemy import (
        Constraint,
        Table,
    )

    from limbeck.operations.operation import Configured

_Kind = TypeVar("_Kind", bound="type[AddConstraintOp]")

_WORDS = {
    "foreign_key_constraint": "foreignkey",
    "primary_key_constraint": "primary",
    "unique_constraint": "unique",
    "check_constraint": "check",
    "column_check_constraint": "check",
    "table_or_column_check_constraint": "check",
}


class AddConstraintOp(Operation):
    """Add a constraint."""

    add_constraint_ops: ClassVar[dict[str, type[AddConstraintOp]]] = {}

    @property
    def constraint_type(self) -> str:
        """The kind of the constraint."""
        raise NotImplementedError

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[_Kind], _Kind]:
        """Return a decorator that registers a class for the `__visit_name__` of a constraint."""

        def register(kind: _Kind) -> _Kind:
            cls.add_constraint_ops[type_] = kind
            return kind

        return register

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> AddConstraintOp:
        """Return the operation that adds `constraint`.

        Raises:
            ValueError: no operation adds constraints of this kind.
        """
        kind = cls.add_constraint_ops.get(constraint.__visit_name__)
        if kind is None:
            raise ValueError(f"No operation adds a {constraint.__visit_name__!r}.")
        return kind.from_constraint(constraint)

    def to_constraint(self, migration_context: Configured | None = None) -> Constraint:
        """Return the constraint, on a stand-in for its table."""
        raise NotImplementedError

    def reverse(self) -> DropConstraintOp:
        """Return the operation that drops the constraint."""
        op = DropConstraintOp.from_constraint(self.to_constraint())
        op.info.update(self.info)
        return op

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        """Return `("add_constraint", constraint)`."""
        return ("add_constraint", self.to_constraint())


@Operations.register_operation("drop_constraint")
@BatchOperations.register_operation("drop_constraint", "batch_drop_constraint")
class DropConstraintOp(Operation):
    """Drop a constraint.

    Args:
        constraint_name: the name of the constraint.
        table_name: the table.
        type_: foreignkey, primary, unique, check, or None if the database does not need it.
        schema: the schema of the table.
        if_exists: do nothing if the constraint does not exist.
        says: the SQL that identifies a constraint without a name.
    """

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        says: str | None = None,
        columns: Sequence[str] | None = None,
        _reverse: AddConstraintOp | None = None,
    ) -> None:
        super().__init__()
        self.says = says
        self.columns = None if columns is None else tuple(columns)
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    def reverse(self) -> AddConstraintOp:
        """Return the operation that restores the constraint.

        Raises:
            ValueError: the definition of the constraint is not known.
        """
        op = AddConstraintOp.from_constraint(self.to_constraint())
        op.info.update(self.info)
        return op

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        """Return `("remove_fk", constraint)` or `("remove_constraint", constraint)`."""
        word = "remove_fk" if self.constraint_type == "foreignkey" else "remove_constraint"
        return (word, self.to_constraint())

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> DropConstraintOp:
        """Return the operation that drops `constraint`."""
        table = table_of(constraint)
        return cls(
            name_of(constraint),
            table.name,
            schema=table.schema,
            type_=_WORDS.get(constraint.__visit_name__),
            _reverse=AddConstraintOp.from_constraint(constraint),
        )

    def to_constraint(self) -> Constraint:
        """Return the constraint.

        Raises:
            ValueError: the definition of the constraint is not known.
        """
        if self._reverse is None:
            raise ValueError(
                "The constraint cannot be produced and its drop cannot be reversed: "
                "its definition is not known."
            )
        constraint = self._reverse.to_constraint()
        constraint.name = self.constraint_name
        table = constraint.table
        table.name = self.table_name
        table.schema = self.schema
        return constraint

    def stand_in(self, configured: Configured | None = None) -> Constraint:
        """Return a constraint with only name and kind, for the statement."""
        return SchemaObjects(configured).generic_constraint(
            self.constraint_name, self.table_name, self.constraint_type, schema=self.schema
        )

    @classmethod
    def drop_constraint(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Drop a constraint.

        Args:
            constraint_name: the name of the constraint; None with `columns`.
            table_name: the table.
            type_: foreignkey, primary, unique or check; MySQL requires it.
            schema: the schema of the table.
            if_exists: do nothing if the constraint does not exist.
            columns: the columns of a constraint whose name differs between databases. The name
                is read from the database, so this does not work with `--sql`.
        """
        operations.invoke(
            cls(
                constraint_name,
                table_name,
                type_=type_,
                schema=schema,
                if_exists=if_exists,
                columns=columns,
            )
        )

    @classmethod
    def batch_drop_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        type_: str | None = None,
        *,
        says: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Drop a constraint; one without a name is identified by its SQL or its columns."""
        block = operations.impl
        operations.invoke(
            cls(
                constraint_name,
                block.table_name,
                type_=type_,
                schema=block.schema,
                says=says,
                columns=columns,
            )
        )


@Operations.register_operation("rename_constraint")
@BatchOperations.register_operation("rename_constraint", "batch_rename_constraint")
@dataclass(eq=False, repr=False)
class RenameConstraintOp(Operation):
    """Rename a constraint."""

    old_name: str
    new_name: str
    table_name: str
    _: KW_ONLY
    schema: str | None = None

    def reverse(self) -> RenameConstraintOp:
        """Return the operation that restores the old name."""
        return RenameConstraintOp(self.new_name, self.old_name, self.table_name, schema=self.schema)

    def to_diff_tuple(self) -> tuple[str, str | None, str, str, str]:
        """Return `("rename_constraint", schema, table_name, old_name, new_name)`."""
        return ("rename_constraint", self.schema, self.table_name, self.old_name, self.new_name)

    @classmethod
    def rename_constraint(
        cls,
        operations: Invoker,
        old_name: str,
        new_name: str,
        table_name: str,
        *,
        schema: str | None = None,
    ) -> None:
        """Rename a constraint.

        PostgreSQL, Oracle and SQL Server rename every kind of constraint in place. MySQL and
        MariaDB rename unique constraints in place; a check or foreign key is added with the new
        name and the old one is dropped. For this, limbeck reads the definition from the database.
        On SQLite, the table is copied in a batch block.

        Args:
            old_name: the current name.
            new_name: the new name.
            table_name: the table.
            schema: the table's schema.
        """
        operations.invoke(cls(old_name, new_name, table_name, schema=schema))

    @classmethod
    def batch_rename_constraint(
        cls, operations: BatchInvoker, old_name: str, new_name: str
    ) -> None:
        """Rename a constraint of the block's table."""
        block = operations.impl
        operations.invoke(cls(old_name, new_name, block.table_name, schema=block.schema))


def table_of(constraint: Constraint) -> Table:
    """Return the table of a constraint, including a check that is part of a column."""
    parent: Any = getattr(constraint, "parent", None)
    owner: Table = parent.table if isinstance(parent, Column) else constraint.table
    return owner


def name_of(constraint: Constraint) -> str | None:
    """Return the name of a constraint; None if it has no explicit name."""
    name = constraint.name
    return name if isinstance(name, str) else None
