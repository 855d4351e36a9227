"""Operations that add constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.operations.constraints import AddConstraintOp, name_of, table_of
from limbeck.operations.operation import BatchInvoker, Invoker
from limbeck.operations.operations import BatchOperations, Operations
from limbeck.operations.schema_objects import SchemaObjects, constraint_options

if TYPE_CHECKING:
    from sqlalchemy import (
        CheckConstraint,
        Constraint,
        ForeignKeyConstraint,
        PrimaryKeyConstraint,
        UniqueConstraint,
    )
    from sqlalchemy.sql.elements import ColumnElement, TextClause
    from typing_extensions import Self

    from limbeck.operations.operation import Configured


class _KeyConstraintOp(AddConstraintOp):
    """Add a constraint on a list of columns: a primary key or a unique constraint."""

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
    def from_constraint(cls, constraint: Constraint) -> Self:
        """Return the operation that adds `constraint`."""
        key: PrimaryKeyConstraint | UniqueConstraint = constraint  # type: ignore[assignment]
        return cls(
            name_of(key),
            key.table.name,
            [column.name for column in key.columns],
            schema=key.table.schema,
            **constraint_options(key),
        )


@Operations.register_operation("create_primary_key")
@BatchOperations.register_operation("create_primary_key", "batch_create_primary_key")
@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(_KeyConstraintOp):
    """Add a primary key."""

    constraint_type = "primarykey"

    def to_constraint(self, migration_context: Configured | None = None) -> PrimaryKeyConstraint:
        """Return the primary key, on a stand-in for its table."""
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
        """Add a primary key."""
        block = operations.impl
        operations.invoke(cls(constraint_name, block.table_name, columns, schema=block.schema))


@Operations.register_operation("create_unique_constraint")
@BatchOperations.register_operation("create_unique_constraint", "batch_create_unique_constraint")
@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(_KeyConstraintOp):
    """Add a unique constraint."""

    constraint_type = "unique"

    def to_constraint(self, migration_context: Configured | None = None) -> UniqueConstraint:
        """Return the unique constraint, on a stand-in for its table."""
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
        """Add a unique constraint; `kw` may contain deferrable, initially, database options."""
        return operations.invoke(cls(constraint_name, table_name, columns, schema=schema, **kw))

    @classmethod
    def batch_create_unique_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        columns: Sequence[str],
        **kw: Any,
    ) -> Any:
        """Add a unique constraint."""
        kw["schema"] = operations.impl.schema
        return operations.invoke(cls(constraint_name, operations.impl.table_name, columns, **kw))


@Operations.register_operation("create_foreign_key")
@BatchOperations.register_operation("create_foreign_key", "batch_create_foreign_key")
@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """Add a foreign key.

    Args:
        constraint_name: the name of the foreign key.
        source_table: the referencing table.
        referent_table: the referenced table.
        local_cols: the referencing columns.
        remote_cols: the referenced columns.
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
        return cls(name_of(key), key.table.name, referent, local, remote, **kw)

    def to_constraint(self, migration_context: Configured | None = None) -> ForeignKeyConstraint:
        """Return the foreign key, between stand-ins for the two tables."""
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
        """Add a foreign key.

        Args:
            constraint_name: the name; None uses the naming convention or the server's choice.
            source_table: the referencing table.
            referent_table: the referenced table.
            local_cols: the referencing columns.
            remote_cols: the referenced columns.
            onupdate: CASCADE, SET NULL etc.
            ondelete: CASCADE, SET NULL etc.
            deferrable: whether the check can be deferred to the end of the transaction.
            initially: DEFERRED or IMMEDIATE.
            match: FULL, PARTIAL, SIMPLE.
            source_schema: the schema of the referencing table.
            referent_schema: the schema of the referenced table.
            dialect_kw: options of the database.
        """
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
        """Add a foreign key; the arguments are those of `Operations.create_foreign_key`."""
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


@Operations.register_operation("create_check_constraint")
@BatchOperations.register_operation("create_check_constraint", "batch_create_check_constraint")
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
            name_of(check),
            table_of(check).name,
            check.sqltext,
            schema=table_of(check).schema,
            **constraint_options(check),
        )

    def to_constraint(self, migration_context: Configured | None = None) -> CheckConstraint:
        """Return the check, on a stand-in for its table."""
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
        """Add a check; `kw` may contain deferrable, initially, options of the database."""
        operations.invoke(cls(constraint_name, table_name, condition, schema=schema, **kw))

    @classmethod
    def batch_create_check_constraint(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        condition: str | ColumnElement[bool] | TextClause,
        **kw: Any,
    ) -> None:
        """Add a check."""
        block = operations.impl
        operations.invoke(
            cls(constraint_name, block.table_name, condition, schema=block.schema, **kw)
        )


def _target(key: ForeignKeyConstraint) -> tuple[str | None, str, list[str]]:
    """Return namespace, table and columns of the reference, without resolving missing objects."""
    columns: list[str] = []
    schema: str | None = None
    table = ""
    for element in key.elements:
        spec = element._colspec
        if isinstance(spec, str):
            path, _, column = spec.rpartition(".")
            named_schema, _, table = path.rpartition(".")
            # the spec uses column keys and the models' default schema if these are known
            metadata = key.table.metadata
            schema = named_schema or metadata.schema
            known = metadata.tables.get(f"{schema}.{table}" if schema else table)
            if known is not None and not element.link_to_name and column in known.c:
                column = known.c[column].name
        else:
            column, table, schema = spec.name, spec.table.name, spec.table.schema
        columns.append(column)
    return schema, table, columns
