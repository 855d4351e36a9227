"""Operations on constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from sqlalchemy import Column

from limbeck.operations.operation import BatchInvoker, Invoker, Operation
from limbeck.operations.schema_objects import SchemaObjects, constraint_options

if TYPE_CHECKING:
    from sqlalchemy import (
        CheckConstraint,
        Constraint,
        ForeignKeyConstraint,
        PrimaryKeyConstraint,
        Table,
        UniqueConstraint,
    )
    from sqlalchemy.sql.elements import ColumnElement, TextClause

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
        """The kind of constraint in one word."""
        raise NotImplementedError

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[_Kind], _Kind]:
        """Return a decorator: the class adds constraints whose `__visit_name__` is `type_`."""

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
        """Return the constraint, on a stand-in of its table."""
        raise NotImplementedError

    def reverse(self) -> DropConstraintOp:
        """Return the operation that drops the constraint."""
        op = DropConstraintOp.from_constraint(self.to_constraint())
        op.info.update(self.info)
        return op

    def to_diff_tuple(self) -> tuple[str, Constraint]:
        """Return `("add_constraint", constraint)`."""
        return ("add_constraint", self.to_constraint())


class DropConstraintOp(Operation):
    """Drop a constraint.

    Args:
        constraint_name: its name.
        table_name: its table.
        type_: foreignkey, primary, unique, check, or None where the database need not know.
        schema: the table's namespace.
        if_exists: do nothing when there is no such constraint.
        says: the SQL of a constraint that has no name, by which it is found.
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
        _reverse: AddConstraintOp | None = None,
    ) -> None:
        super().__init__()
        self.says = says
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    def reverse(self) -> AddConstraintOp:
        """Return the operation that brings the constraint back.

        Raises:
            ValueError: what the constraint said is not known.
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
        table = _table_of(constraint)
        return cls(
            _name_of(constraint),
            table.name,
            schema=table.schema,
            type_=_WORDS.get(constraint.__visit_name__),
            _reverse=AddConstraintOp.from_constraint(constraint),
        )

    def to_constraint(self) -> Constraint:
        """Return the constraint.

        Raises:
            ValueError: what the constraint said is not known.
        """
        if self._reverse is None:
            raise ValueError(
                "The constraint cannot be produced and its drop cannot be reversed: "
                "what it said is not known."
            )
        constraint = self._reverse.to_constraint()
        constraint.name = self.constraint_name
        table = constraint.table
        table.name = self.table_name
        table.schema = self.schema
        return constraint

    def stand_in(self, configured: Configured | None = None) -> Constraint:
        """Return a constraint of which only name and kind are known, for the statement."""
        return SchemaObjects(configured).generic_constraint(
            self.constraint_name, self.table_name, self.constraint_type, schema=self.schema
        )

    @classmethod
    def drop_constraint(
        cls,
        operations: Invoker,
        constraint_name: str,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop a constraint."""
        operations.invoke(
            cls(constraint_name, table_name, type_=type_, schema=schema, if_exists=if_exists)
        )

    @classmethod
    def batch_drop_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        type_: str | None = None,
        *,
        says: str | None = None,
    ) -> None:
        """Drop a constraint of the batch's table; one without a name by the SQL it says."""
        block = operations.impl
        operations.invoke(
            cls(constraint_name, block.table_name, type_=type_, schema=block.schema, says=says)
        )


@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(AddConstraintOp):
    """Add a primary key."""

    constraint_type = "primarykey"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> CreatePrimaryKeyOp:
        """Return the operation that adds `constraint`."""
        key: PrimaryKeyConstraint = constraint  # type: ignore[assignment]
        return cls(
            _name_of(key),
            key.table.name,
            [column.name for column in key.columns],
            schema=key.table.schema,
            **constraint_options(key),
        )

    def to_constraint(self, migration_context: Configured | None = None) -> PrimaryKeyConstraint:
        """Return the primary key, on a stand-in of its table."""
        return SchemaObjects(migration_context).primary_key_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )

    @classmethod
    def create_primary_key(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        columns: list[str],
        *,
        schema: str | None = None,
    ) -> None:
        """Add a primary key."""
        operations.invoke(cls(constraint_name, table_name, columns, schema=schema))

    @classmethod
    def batch_create_primary_key(
        cls, operations: BatchInvoker, constraint_name: str | None, columns: list[str]
    ) -> None:
        """Add a primary key to the batch's table."""
        block = operations.impl
        operations.invoke(cls(constraint_name, block.table_name, columns, schema=block.schema))


@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(AddConstraintOp):
    """Add a unique constraint."""

    constraint_type = "unique"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> CreateUniqueConstraintOp:
        """Return the operation that adds `constraint`."""
        unique: UniqueConstraint = constraint  # type: ignore[assignment]
        return cls(
            _name_of(unique),
            unique.table.name,
            [column.name for column in unique.columns],
            schema=unique.table.schema,
            **constraint_options(unique),
        )

    def to_constraint(self, migration_context: Configured | None = None) -> UniqueConstraint:
        """Return the unique constraint, on a stand-in of its table."""
        return SchemaObjects(migration_context).unique_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )

    @classmethod
    def create_unique_constraint(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> Any:
        """Add a unique constraint."""
        return operations.invoke(cls(constraint_name, table_name, columns, schema=schema, **kw))

    @classmethod
    def batch_create_unique_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        columns: Sequence[str],
        **kw: Any,
    ) -> Any:
        """Add a unique constraint to the batch's table."""
        kw["schema"] = operations.impl.schema
        return operations.invoke(cls(constraint_name, operations.impl.table_name, columns, **kw))


@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """Add a foreign key.

    Args:
        constraint_name: its name.
        source_table: the table that refers.
        referent_table: the table that is referred to.
        local_cols: the columns that refer.
        remote_cols: the columns that are referred to.
        kw: source_schema, referent_schema, onupdate, ondelete, deferrable, initially, match,
            and options of the database.
    """

    constraint_type = "foreignkey"

    def __init__(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: list[str],
        remote_cols: list[str],
        **kw: Any,
    ) -> None:
        super().__init__()
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    def to_diff_tuple(self) -> tuple[str, ForeignKeyConstraint]:
        """Return `("add_fk", constraint)`."""
        return ("add_fk", self.to_constraint())

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> CreateForeignKeyOp:
        """Return the operation that adds `constraint`."""
        key: ForeignKeyConstraint = constraint  # type: ignore[assignment]
        kw = constraint_options(key)
        for word in ("onupdate", "ondelete", "match"):
            if getattr(key, word):
                kw[word] = getattr(key, word)
        if key.use_alter:
            kw["use_alter"] = True
        schema, referent, remote = _target(key)
        kw["source_schema"] = key.table.schema
        kw["referent_schema"] = schema
        local = [column.name for column in key.columns]
        return cls(_name_of(key), key.table.name, referent, local, remote, **kw)

    def to_constraint(self, migration_context: Configured | None = None) -> ForeignKeyConstraint:
        """Return the foreign key, between stand-ins of the two tables."""
        return SchemaObjects(migration_context).foreign_key_constraint(
            self.constraint_name,
            self.source_table,
            self.referent_table,
            self.local_cols,
            self.remote_cols,
            **self.kw,
        )

    @classmethod
    def create_foreign_key(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: list[str],
        remote_cols: list[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **dialect_kw: Any,
    ) -> None:
        """Add a foreign key."""
        operations.invoke(
            cls(
                constraint_name,
                source_table,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                source_schema=source_schema,
                referent_schema=referent_schema,
                initially=initially,
                match=match,
                **dialect_kw,
            )
        )

    @classmethod
    def batch_create_foreign_key(
        cls,
        operations: BatchInvoker,
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
        """Add a foreign key to the batch's table."""
        block = operations.impl
        operations.invoke(
            cls(
                constraint_name,
                block.table_name,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                source_schema=block.schema,
                referent_schema=referent_schema,
                initially=initially,
                match=match,
                **dialect_kw,
            )
        )


@AddConstraintOp.register_add_constraint("check_constraint")
@AddConstraintOp.register_add_constraint("table_or_column_check_constraint")
@AddConstraintOp.register_add_constraint("column_check_constraint")
class CreateCheckConstraintOp(AddConstraintOp):
    """Add a check."""

    constraint_type = "check"

    def __init__(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: str | TextClause | ColumnElement[Any],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        super().__init__()
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Constraint) -> CreateCheckConstraintOp:
        """Return the operation that adds `constraint`."""
        check: CheckConstraint = constraint  # type: ignore[assignment]
        return cls(
            _name_of(check),
            _table_of(check).name,
            check.sqltext,
            schema=_table_of(check).schema,
            **constraint_options(check),
        )

    def to_constraint(self, migration_context: Configured | None = None) -> CheckConstraint:
        """Return the check, on a stand-in of its table."""
        return SchemaObjects(migration_context).check_constraint(
            self.constraint_name, self.table_name, self.condition, schema=self.schema, **self.kw
        )

    @classmethod
    def create_check_constraint(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        table_name: str,
        condition: str | ColumnElement[bool] | TextClause,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Add a check."""
        operations.invoke(cls(constraint_name, table_name, condition, schema=schema, **kw))

    @classmethod
    def batch_create_check_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        condition: str | ColumnElement[bool] | TextClause,
        **kw: Any,
    ) -> None:
        """Add a check to the batch's table."""
        block = operations.impl
        operations.invoke(
            cls(constraint_name, block.table_name, condition, schema=block.schema, **kw)
        )


def _table_of(constraint: Constraint) -> Table:
    parent: Any = getattr(constraint, "parent", None)
    # a check may have been written on a column
    owner: Table = parent.table if isinstance(parent, Column) else constraint.table
    return owner


def _name_of(constraint: Constraint) -> str | None:
    name = constraint.name
    return name if isinstance(name, str) else None


def _target(key: ForeignKeyConstraint) -> tuple[str | None, str, list[str]]:
    """Return namespace, table and columns referred to, resolving nothing that is not there."""
    columns: list[str] = []
    schema: str | None = None
    table = ""
    for element in key.elements:
        spec = element._colspec
        if isinstance(spec, str):
            path, _, column = spec.rpartition(".")
            named_schema, _, table = path.rpartition(".")
            # the spec speaks of keys and of the models' default schema where they are known
            metadata = key.table.metadata
            schema = named_schema or metadata.schema
            known = metadata.tables.get(f"{schema}.{table}" if schema else table)
            if known is not None and not element.link_to_name and column in known.c:
                column = known.c[column].name
        else:
            column, table, schema = spec.name, spec.table.name, spec.table.schema
        columns.append(column)
    return schema, table, columns
