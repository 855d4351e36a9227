"""`Operations`: what a migration script says, one typed method for each directive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from limbeck.operations.abstract import AbstractOperations
from limbeck.operations.columns import AddColumnOp, AlterColumnOp, DropColumnOp
from limbeck.operations.constraints import (
    CreateCheckConstraintOp,
    CreateForeignKeyOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
)
from limbeck.operations.indexes import CreateIndexOp, DropIndexOp
from limbeck.operations.operation import Context, Operation
from limbeck.operations.rows import BulkInsertOp, ExecuteSQLOp
from limbeck.operations.schema_level import (
    AlterEnumOp,
    AlterSequenceOp,
    CreateEnumOp,
    CreateSchemaOp,
    CreateSequenceOp,
    DropEnumOp,
    DropSchemaOp,
    DropSequenceOp,
)
from limbeck.operations.tables import (
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    DropTableOp,
    RenameTableOp,
)

if TYPE_CHECKING:
    from sqlalchemy import Column, Executable, Table, TableClause
    from sqlalchemy.sql.elements import ColumnElement, TextClause
    from sqlalchemy.sql.functions import Function
    from sqlalchemy.sql.schema import SchemaItem

    from limbeck.operations.columns import AnyType, ServerDefault


class Operations(AbstractOperations):
    """Runs operations on a migration context; a migration script knows it as `op`."""

    @classmethod
    @contextmanager
    def context(cls, migration_context: Context) -> Iterator[Operations]:
        """Make the module `op` speak to this context for the length of a block."""
        from limbeck.operations.current import speaking

        operations = cls(migration_context)
        with speaking(operations):
            yield operations

    def _apply(self, operation: Operation) -> Any:
        if not isinstance(operation, CreateTableOp):
            return self.migration_context.sink.apply(operation)
        # the script gets the very table that is created
        operation._made = operation.to_table(self.migration_context)
        try:
            self.migration_context.sink.apply(operation)
            return operation._made
        finally:
            operation._made = None

    # ── tables ────────────────────────────────────────────────────────────

    def create_table(
        self,
        table_name: str,
        *columns: SchemaItem,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> Table:
        """Create a table.

        Args:
            table_name: its name.
            columns: columns, constraints and indexes.
            if_not_exists: do nothing when a table of that name is there.
            kw: schema, comment, prefixes, info, and options of the database.

        Returns:
            The table, ready for `bulk_insert`.
        """
        return CreateTableOp.create_table(
            self, table_name, *columns, if_not_exists=if_not_exists, **kw
        )

    def drop_table(
        self,
        table_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop a table.

        Args:
            table_name: its name.
            schema: its namespace.
            if_exists: do nothing when there is no such table.
            kw: options of the database.
        """
        return DropTableOp.drop_table(self, table_name, schema=schema, if_exists=if_exists, **kw)

    def rename_table(
        self, old_table_name: str, new_table_name: str, *, schema: str | None = None
    ) -> None:
        """Rename a table."""
        return RenameTableOp.rename_table(self, old_table_name, new_table_name, schema=schema)

    def create_table_comment(
        self,
        table_name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Set the comment of a table; `existing_comment` is what reversing restores."""
        return CreateTableCommentOp.create_table_comment(
            self, table_name, comment, existing_comment=existing_comment, schema=schema
        )

    def drop_table_comment(
        self,
        table_name: str,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Remove the comment of a table; `existing_comment` is what reversing restores."""
        return DropTableCommentOp.drop_table_comment(
            self, table_name, existing_comment=existing_comment, schema=schema
        )

    # ── columns ───────────────────────────────────────────────────────────

    def add_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column.

        Args:
            table_name: the table.
            column: the column; its foreign keys, unique flag and index come with it.
            schema: the table's namespace.
            if_not_exists: do nothing when a column of that name is there.
            inline_references: write the foreign key into the column's own clause.
            inline_primary_key: write the primary key into the column's own clause.
        """
        return AddColumnOp.add_column(
            self,
            table_name,
            column,
            schema=schema,
            if_not_exists=if_not_exists,
            inline_references=inline_references,
            inline_primary_key=inline_primary_key,
        )

    def drop_column(
        self, table_name: str, column_name: str, *, schema: str | None = None, **kw: Any
    ) -> None:
        """Drop a column.

        Args:
            table_name: the table.
            column_name: the column.
            schema: the table's namespace.
            kw: if_exists, mssql_drop_check, mssql_drop_default, mssql_drop_foreign_key.
        """
        return DropColumnOp.drop_column(self, table_name, column_name, schema=schema, **kw)

    def alter_column(
        self,
        table_name: str,
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
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; what is not given stays.

        Args:
            table_name: the table.
            column_name: the column's name now.
            nullable: whether it shall take NULL.
            comment: the new comment; None removes it.
            server_default: the new default; None removes it.
            new_column_name: the new name.
            type_: the new type.
            existing_type: the type now; MySQL and MariaDB need it for every change.
            existing_server_default: the default now.
            existing_nullable: whether it takes NULL now.
            existing_comment: the comment now.
            schema: the table's namespace.
            kw: postgresql_using, autoincrement, existing_autoincrement and other options of
                the database.
        """
        return AlterColumnOp.alter_column(
            self,
            table_name,
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
            schema=schema,
            **kw,
        )

    # ── constraints ───────────────────────────────────────────────────────

    def create_primary_key(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: list[str],
        *,
        schema: str | None = None,
    ) -> None:
        """Add a primary key."""
        return CreatePrimaryKeyOp.create_primary_key(
            self, constraint_name, table_name, columns, schema=schema
        )

    def create_unique_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: Sequence[str],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> Any:
        """Add a unique constraint; `kw` holds deferrable, initially, options of the database."""
        return CreateUniqueConstraintOp.create_unique_constraint(
            self, constraint_name, table_name, columns, schema=schema, **kw
        )

    def create_check_constraint(
        self,
        constraint_name: str | None,
        table_name: str,
        condition: str | ColumnElement[bool] | TextClause,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Add a check; `kw` holds deferrable, initially, options of the database."""
        return CreateCheckConstraintOp.create_check_constraint(
            self, constraint_name, table_name, condition, schema=schema, **kw
        )

    def create_foreign_key(
        self,
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
            constraint_name: its name; None leaves it to naming convention and server.
            source_table: the table that refers.
            referent_table: the table that is referred to.
            local_cols: the columns that refer.
            remote_cols: the columns that are referred to.
            onupdate: CASCADE, SET NULL ...
            ondelete: CASCADE, SET NULL ...
            deferrable: whether it may be checked at the end of a transaction.
            initially: DEFERRED or IMMEDIATE.
            match: FULL, PARTIAL, SIMPLE.
            source_schema: the namespace of the table that refers.
            referent_schema: the namespace of the table that is referred to.
            dialect_kw: options of the database.
        """
        return CreateForeignKeyOp.create_foreign_key(
            self,
            constraint_name,
            source_table,
            referent_table,
            local_cols,
            remote_cols,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            source_schema=source_schema,
            referent_schema=referent_schema,
            **dialect_kw,
        )

    def drop_constraint(
        self,
        constraint_name: str,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop a constraint.

        Args:
            constraint_name: its name.
            table_name: its table.
            type_: foreignkey, primary, unique or check; MySQL needs it.
            schema: the table's namespace.
            if_exists: do nothing when there is no such constraint.
        """
        return DropConstraintOp.drop_constraint(
            self, constraint_name, table_name, type_, schema=schema, if_exists=if_exists
        )

    # ── indexes ───────────────────────────────────────────────────────────

    def create_index(
        self,
        index_name: str | None,
        table_name: str,
        columns: Sequence[str | TextClause | Function[Any]],
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Create an index.

        Args:
            index_name: its name.
            table_name: its table.
            columns: names of columns, or expressions made with `text()` or `func`.
            schema: the table's namespace.
            unique: whether it forbids duplicates.
            if_not_exists: do nothing when an index of that name is there.
            kw: options of the database: postgresql_where, postgresql_concurrently ...
        """
        return CreateIndexOp.create_index(
            self,
            index_name,
            table_name,
            columns,
            schema=schema,
            unique=unique,
            if_not_exists=if_not_exists,
            **kw,
        )

    def drop_index(
        self,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop an index.

        Args:
            index_name: its name.
            table_name: its table; MySQL and SQL Server need it.
            schema: the table's namespace.
            if_exists: do nothing when there is no such index.
            kw: options of the database: postgresql_concurrently ...
        """
        return DropIndexOp.drop_index(
            self, index_name, table_name, schema=schema, if_exists=if_exists, **kw
        )

    # ── rows and SQL ──────────────────────────────────────────────────────

    def bulk_insert(
        self,
        table: Table | TableClause,
        rows: list[dict[str, Any]],
        *,
        multiinsert: bool = True,
    ) -> None:
        """Insert rows.

        Args:
            table: the table, or a stand-in made with `sqlalchemy.table`.
            rows: one dictionary for each row.
            multiinsert: send them in one go; False sends each by itself, so that rows may
                have different columns or hold SQL expressions.
        """
        return BulkInsertOp.bulk_insert(self, table, rows, multiinsert=multiinsert)

    def execute(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run SQL.

        Args:
            sqltext: a string, as `sqlalchemy.text` reads it, or any statement of SQLAlchemy's.
            execution_options: options for this statement alone.
        """
        return ExecuteSQLOp.execute(self, sqltext, execution_options=execution_options)

    # ── namespaces, sequences, enum types ─────────────────────────────────

    def create_schema(self, schema_name: str, *, if_not_exists: bool | None = None) -> None:
        """Create a namespace."""
        return CreateSchemaOp.create_schema(self, schema_name, if_not_exists=if_not_exists)

    def drop_schema(
        self, schema_name: str, *, if_exists: bool | None = None, cascade: bool = False
    ) -> None:
        """Drop a namespace; `cascade` drops what lies in it."""
        return DropSchemaOp.drop_schema(self, schema_name, if_exists=if_exists, cascade=cascade)

    def create_sequence(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        **options: Any,
    ) -> None:
        """Create a sequence.

        Args:
            sequence_name: its name.
            schema: its namespace.
            if_not_exists: do nothing when it is there.
            options: data_type, start, increment, minvalue, maxvalue, cycle, cache, and
                owned_by=(table, column) or (schema, table, column).
        """
        return CreateSequenceOp.create_sequence(
            self, sequence_name, schema=schema, if_not_exists=if_not_exists, **options
        )

    def drop_sequence(
        self, sequence_name: str, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop a sequence."""
        return DropSequenceOp.drop_sequence(self, sequence_name, schema=schema, if_exists=if_exists)

    def alter_sequence(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        new_name: str | None = None,
        existing: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Change a sequence; `existing` holds the old values of what changes."""
        return AlterSequenceOp.alter_sequence(
            self, sequence_name, schema=schema, new_name=new_name, existing=existing, **options
        )

    def create_enum(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create an enum type."""
        return CreateEnumOp.create_enum(
            self, enum_name, values, schema=schema, if_not_exists=if_not_exists
        )

    def drop_enum(
        self,
        enum_name: str,
        existing_values: Sequence[str] | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop an enum type; `existing_values` are what reversing restores."""
        return DropEnumOp.drop_enum(
            self, enum_name, existing_values, schema=schema, if_exists=if_exists
        )

    def alter_enum(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        existing_values: Sequence[str] | None = None,
        schema: str | None = None,
        new_name: str | None = None,
        renames: Mapping[str, str] | None = None,
        replacements: Mapping[str, str] | None = None,
    ) -> None:
        """Change an enum type: its name, its values, their order.

        Args:
            enum_name: its name.
            values: its values as they shall be, in order.
            existing_values: its values as they are.
            schema: its namespace.
            new_name: a new name for it.
            renames: old to new spelling of values that are renamed.
            replacements: what rows get that hold a value which is dropped.
        """
        return AlterEnumOp.alter_enum(
            self,
            enum_name,
            values,
            existing_values=existing_values,
            schema=schema,
            new_name=new_name,
            renames=renames,
            replacements=replacements,
        )
