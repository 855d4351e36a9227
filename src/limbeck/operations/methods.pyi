"""Written by scripts/make_stubs.py; do not edit."""

# ruff: noqa: PYI021 - editors show these docstrings

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Column, Executable, Table, TableClause
from sqlalchemy.sql.elements import ColumnElement, TextClause
from sqlalchemy.sql.schema import SchemaItem

from limbeck.operations.columns import AnyType, ServerDefault

class OperationMethods:
    """The directives of `Operations`."""

    def create_table(
        self, table_name: str, *columns: SchemaItem, if_not_exists: bool | None = None, **kw: Any
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

    def rename_table(
        self, old_table_name: str, new_table_name: str, *, schema: str | None = None
    ) -> None:
        """Rename a table."""

    def create_table_comment(
        self,
        table_name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Set the comment of a table; `existing_comment` is what reversing restores."""

    def drop_table_comment(
        self, table_name: str, *, existing_comment: str | None = None, schema: str | None = None
    ) -> None:
        """Remove the comment of a table; `existing_comment` is what reversing restores."""

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

    def drop_constraint(
        self,
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
            constraint_name: its name; None with `columns`.
            table_name: its table.
            type_: foreignkey, primary, unique or check; MySQL needs it.
            schema: the table's namespace.
            if_exists: do nothing when there is no such constraint.
            columns: the columns of a constraint whose name differs between databases. The name
                is read from the database, so that this does not work with `--sql`.
        """

    def rename_constraint(
        self, old_name: str, new_name: str, table_name: str, *, schema: str | None = None
    ) -> None:
        """Rename a constraint.

        PostgreSQL, Oracle and SQL Server rename every kind of constraint in place. MySQL and
        MariaDB rename unique constraints in place; a check or foreign key is added under the
        new name and dropped under the old one, for which limbeck reads its definition from the
        database. SQLite copies the table, in a batch block.

        Args:
            old_name: its current name.
            new_name: its new name.
            table_name: its table.
            schema: the table's schema.
        """

    def create_primary_key(
        self,
        constraint_name: str | None,
        table_name: str,
        columns: list[str],
        *,
        schema: str | None = None,
    ) -> None:
        """Add a primary key."""

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

    def create_index(
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

    def bulk_insert(
        self, table: Table | TableClause, rows: list[dict[str, Any]], *, multiinsert: bool = True
    ) -> None:
        """Insert rows.

        Args:
            table: the table, or a stand-in made with `sqlalchemy.table`.
            rows: one dictionary for each row.
            multiinsert: send them in one go; False sends each by itself, so that rows may
                have different columns or hold SQL expressions.

        Raises:
            TypeError: the rows are no list of dictionaries.
        """

    def execute(
        self, sqltext: Executable | str, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Run SQL.

        Args:
            sqltext: a string, as `sqlalchemy.text` reads it, or any statement of SQLAlchemy's.
            execution_options: options for this statement alone.
        """

    def backfill(
        self,
        table: str | Table,
        set_: str | Mapping[Any, Any],
        *,
        where: str | ColumnElement[bool] | None = None,
        schema: str | None = None,
        batch: int = 1000,
        seconds: float | None = 0.5,
        pause: float = 0.0,
        max_lag: float | None = 10.0,
    ) -> int | None:
        """Change the rows of a table in batches along its primary key, each committed by itself.

        The position is written to the journal in the transaction of each batch: after an
        interruption the same command goes on behind the last batch that was committed. What the
        migration did before is committed first, as `autocommit_block()` does it.

        Args:
            table: the table's name, or a `sqlalchemy.Table` with its primary key.
            set_: the assignments as SQL (`"a = b + 1, c = lower(c)"`), or a dictionary from columns
                to SQL text, SQLAlchemy expressions or plain values.
            where: which rows are changed, as SQL text or a SQLAlchemy expression.
            schema: the table's schema, if `table` is a name.
            batch: rows in the first batch; in a script, in every batch.
            seconds: the time that a batch shall take; the number of rows is adapted to it. None
                keeps the number of rows.
            pause: seconds to wait between two batches.
            max_lag: wait while a replica that the server shows is further behind, in seconds; None
                does not ask for replicas.

        Returns:
            The number of changed rows, None in a script.

        Raises:
            BackfillKeyError: the table cannot be divided along its primary key.
            BackfillTransactionError: the caller's transaction cannot be left.
            BackfillValueError: an argument cannot be used.
        """

    def insert_rows(
        self, table_name: str, rows: Sequence[Mapping[str, Any]], *, schema: str | None = None
    ) -> None:
        """Insert reference rows.

        Values may be plain Python values, dates, Decimal, UUID, and dictionaries for JSON columns;
        they become what the column takes.

        Args:
            table_name: the table, which is known as `op.table` gives it.
            rows: one dictionary for each row.
            schema: the table's schema.

        Raises:
            TableUnknownError: there is no such table.
        """

    def update_rows(
        self,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: str | Sequence[str],
        schema: str | None = None,
    ) -> None:
        """Update reference rows, each by its key.

        Args:
            table_name: the table, which is known as `op.table` gives it.
            rows: one dictionary for each row, with its key and the values that change.
            key: the column or columns that say which row is meant.
            schema: the table's schema.

        Raises:
            TableUnknownError: there is no such table.
        """

    def delete_rows(
        self, table_name: str, rows: Sequence[Mapping[str, Any]], *, schema: str | None = None
    ) -> None:
        """Delete reference rows.

        Args:
            table_name: the table, which is known as `op.table` gives it.
            rows: one dictionary for each row, with the values by which it is found.
            schema: the table's schema.

        Raises:
            TableUnknownError: there is no such table.
        """

    def create_schema(self, schema_name: str, *, if_not_exists: bool | None = None) -> None:
        """Create a schema."""

    def drop_schema(
        self, schema_name: str, *, if_exists: bool | None = None, cascade: bool = False
    ) -> None:
        """Drop a schema; `cascade` drops the objects in it."""

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
            schema: its schema.
            if_not_exists: do nothing when it exists.
            options: data_type, start, increment, minvalue, maxvalue, cycle, cache, and
                owned_by=(table, column) or (schema, table, column).
        """

    def drop_sequence(
        self, sequence_name: str, *, schema: str | None = None, if_exists: bool | None = None
    ) -> None:
        """Drop a sequence."""

    def alter_sequence(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        new_name: str | None = None,
        existing: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Change a sequence; `existing` holds the current values of the options that change."""

    def create_enum(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create an enum type."""

    def drop_enum(
        self,
        enum_name: str,
        existing_values: Sequence[str] | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop an enum type; `existing_values` are the values that reversing restores."""

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
            values: all new values, in order.
            existing_values: its current values.
            schema: its schema.
            new_name: a new name for it.
            renames: old to new names of the values that are renamed.
            replacements: dropped values, and the values that rows get in their place.
        """

    def move_table(
        self,
        table_name: str,
        new_schema: str | None,
        *,
        schema: str | None = None,
        new_table_name: str | None = None,
    ) -> None:
        """Move a table, with its rows, indexes and constraints, to another schema.

        PostgreSQL has ALTER TABLE ... SET SCHEMA, SQL Server ALTER SCHEMA ... TRANSFER. On MySQL
        and MariaDB a schema is a database, and the table is renamed. SQLite and Oracle have no
        such statement.

        Args:
            table_name: its name.
            new_schema: where it goes; None for the default schema.
            schema: where it is; None for the default schema.
            new_table_name: its name there, if it changes.
        """

    def alter_domain(
        self,
        domain_name: str,
        type_: str,
        options: str = "",
        *,
        existing_type: str | None = None,
        existing_options: str = "",
        schema: str | None = None,
    ) -> None:
        """Give a domain of PostgreSQL another type, and convert the columns that have it.

        PostgreSQL has no statement for it: the domain is created again. Views, indexes, checks,
        policies and triggers that use its columns are dropped before and restored after, in one
        statement. Source: https://www.postgresql.org/docs/current/sql-alterdomain.html

        Args:
            domain_name: its name.
            type_: the type on which it will be based, as SQL.
            options: what follows the type in CREATE DOMAIN: COLLATE, DEFAULT, NOT NULL, CHECK.
            existing_type: the present type, for the way back.
            existing_options: the present options, for the way back.
            schema: its schema.
        """

    def create_exclude_constraint(
        self, constraint_name: str | None, table_name: str, *elements: Any, **kw: Any
    ) -> Any:
        """Add an exclusion constraint (PostgreSQL).

        Args:
            operations: what runs it.
            constraint_name: its name.
            table_name: the table.
            elements: pairs of a column or expression and an operator.
            kw: where, schema, using, ops, deferrable, initially.
        """

class BatchOperationMethods:
    """The directives of `BatchOperations`."""

    def create_table_comment(
        self, comment: str | None, *, existing_comment: str | None = None
    ) -> None:
        """Set the comment of the table."""

    def drop_table_comment(self, *, existing_comment: str | None = None) -> None:
        """Remove the comment of the table."""

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

    def drop_column(self, column_name: str, **kw: Any) -> None:
        """Drop a column."""

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

    def drop_constraint(
        self,
        constraint_name: str | None,
        type_: str | None = None,
        *,
        says: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Drop a constraint; one without a name by the SQL it says, or by its columns."""

    def rename_constraint(self, old_name: str, new_name: str) -> None:
        """Rename a constraint of the block's table."""

    def create_primary_key(self, constraint_name: str | None, columns: list[str]) -> None:
        """Add a primary key."""

    def create_unique_constraint(
        self, constraint_name: str | None, columns: Sequence[str], **kw: Any
    ) -> Any:
        """Add a unique constraint."""

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

    def create_check_constraint(
        self,
        constraint_name: str | None,
        condition: str | ColumnElement[bool] | TextClause,
        **kw: Any,
    ) -> None:
        """Add a check."""

    def create_index(
        self,
        index_name: str | None,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        **kw: Any,
    ) -> None:
        """Create an index."""

    def drop_index(self, index_name: str, **kw: Any) -> None:
        """Drop an index."""

    def execute(
        self, sqltext: Executable | str, *, execution_options: Mapping[str, Any] | None = None
    ) -> None:
        """Run SQL at once, before the changes of the block."""

    def create_exclude_constraint(
        self, constraint_name: str | None, *elements: Any, **kw: Any
    ) -> Any:
        """Add an exclusion constraint to the batch's table (PostgreSQL)."""
