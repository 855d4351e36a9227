"""Written by scripts/make_stubs.py; do not edit."""

# ruff: noqa: PYI021 - editors show these docstrings

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

from sqlalchemy import Column, Connection, Executable, Table, TableClause
from sqlalchemy.sql.elements import ColumnElement, TextClause, conv
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from limbeck.operations.columns import AnyType, ServerDefault
from limbeck.operations.operation import Operation, Recreate
from limbeck.operations.operations import BatchOperations, Tables

_T = TypeVar("_T")
_Kind = TypeVar("_Kind", bound=type[Any])
_Function = TypeVar("_Function", bound=Callable[[Any, Any], Any])

tables: Tables

def register_operation(name: str, sourcename: str | None = None) -> Callable[[_Kind], _Kind]:
    """Return a decorator that makes an operation class a directive of migration scripts.

    Args:
        name: the directive: `op.<name>(...)`.
        sourcename: the class method that runs it, if it has another name.
    """

def implementation_for(
    op_cls: type[Any], replace: bool = False
) -> Callable[[_Function], _Function]:
    """Return a decorator for a function `(operations, operation)` that runs these operations.

    Args:
        op_cls: the class of operation.
        replace: replace an existing implementation.

    Raises:
        ValueError: an implementation exists and `replace` is False.
    """

def invoke(operation: Operation) -> Any:
    """Run an operation and return what it returns."""

@contextmanager
def batch_alter_table(
    table_name: str,
    schema: str | None = None,
    recreate: Recreate = "auto",
    partial_reordering: Sequence[tuple[str, ...]] | None = None,
    copy_from: Table | None = None,
    table_args: tuple[Any, ...] = (),
    table_kwargs: Mapping[str, Any] = ...,
    reflect_args: tuple[Any, ...] = (),
    reflect_kwargs: Mapping[str, Any] = ...,
    naming_convention: Mapping[str, Any] | None = None,
) -> Iterator[BatchOperations]:
    """Collect changes of one table and run them together when the block ends.

    They run one by one if the database can make all of them. SQLite alters the table if it can;
    otherwise the table is copied once.

    Args:
        table_name: the table.
        schema: the schema of the table.
        recreate: "auto" copies the table if necessary, "always" always, "never" never.
        partial_reordering: tuples of columns that are placed in this order; copies the table.
        copy_from: the current table, if it cannot be reflected.
        table_args: further constraints of the new table.
        table_kwargs: further keywords of the new table.
        reflect_args: columns that replace reflected ones.
        reflect_kwargs: keywords of reflection, including listeners.
        naming_convention: names for constraints that have none.
    """

def get_context() -> Any:
    """Return the migration context."""

def get_bind() -> Connection:
    """Return the connection.

    In a script there is no connection, and None is returned.
    """

def table(name: str, schema: str | None = None) -> Table:
    """Return the definition of a table at this point of the migration, for use in statements.

    It is computed from the earlier migrations and from the operations of this one, so that a
    migration need not import the application's models. It works in scripts too. The database is
    queried where their effect is not known, for example of SQL in `op.execute`.

    Args:
        name: the table.
        schema: the table's schema.

    Raises:
        TableUnknownError: the table does not exist.
    """

def f(name: str) -> conv:
    """Mark a name as final: no naming convention is applied to it."""

def inline_literal(value: str | int, type_: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """Return a value that is rendered in the statement instead of being sent as a parameter.

    Args:
        value: a string, an integer, or any value that its type can render.
        type_: the type of the value.
    """

def run_async(async_function: Callable[..., Awaitable[_T]], *args: Any, **kw_args: Any) -> _T:
    """Run a coroutine function with the asynchronous connection as its first argument.

    Raises:
        ScriptOnlyError: a script is written, so there is no connection.
        NotAsyncError: the connection is not asynchronous.
    """

def create_table(
    table_name: str, *columns: SchemaItem, if_not_exists: bool | None = None, **kw: Any
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

def drop_table(
    table_name: str, *, schema: str | None = None, if_exists: bool | None = None, **kw: Any
) -> None:
    """Drop a table.

    Args:
        table_name: the table.
        schema: the schema of the table.
        if_exists: do nothing if the table does not exist.
        kw: options of the database.
    """

def rename_table(old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
    """Rename a table."""

def create_table_comment(
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> None:
    """Set the comment of a table; `existing_comment` is restored by the downgrade."""

def drop_table_comment(
    table_name: str, *, existing_comment: str | None = None, schema: str | None = None
) -> None:
    """Remove the comment of a table; `existing_comment` is restored by the downgrade."""

def add_column(
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
        column: the column, including its foreign keys, unique flag and index.
        schema: the schema of the table.
        if_not_exists: do nothing if the column already exists.
        inline_references: include the foreign key in the column definition.
        inline_primary_key: include the primary key in the column definition.
    """

def drop_column(table_name: str, column_name: str, *, schema: str | None = None, **kw: Any) -> None:
    """Drop a column.

    Args:
        table_name: the table.
        column_name: the column.
        schema: the schema of the table.
        kw: if_exists, mssql_drop_check, mssql_drop_default, mssql_drop_foreign_key.
    """

def alter_column(
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
    """Change a column; properties that are not given do not change.

    Args:
        table_name: the table.
        column_name: the current name of the column.
        nullable: whether the column becomes nullable.
        comment: the new comment; None removes it.
        server_default: the new default; None removes it.
        new_column_name: the new name.
        type_: the new type.
        existing_type: the current type; MySQL and MariaDB require it for every change.
        existing_server_default: the current default.
        existing_nullable: whether the column is nullable now.
        existing_comment: the current comment.
        schema: the schema of the table.
        kw: postgresql_using, autoincrement, existing_autoincrement and other options of
            the database.
    """

def drop_constraint(
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

def rename_constraint(
    old_name: str, new_name: str, table_name: str, *, schema: str | None = None
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

def create_primary_key(
    constraint_name: str | None, table_name: str, columns: list[str], *, schema: str | None = None
) -> None:
    """Add a primary key."""

def create_unique_constraint(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    **kw: Any,
) -> Any:
    """Add a unique constraint; `kw` may contain deferrable, initially, database options."""

def create_foreign_key(
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

def create_check_constraint(
    constraint_name: str | None,
    table_name: str,
    condition: str | ColumnElement[bool] | TextClause,
    *,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Add a check; `kw` may contain deferrable, initially, options of the database."""

def create_index(
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

def drop_index(
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

def bulk_insert(
    table: Table | TableClause, rows: list[dict[str, Any]], *, multiinsert: bool = True
) -> None:
    """Insert rows.

    Args:
        table: the table, or a stand-in made with `sqlalchemy.table`.
        rows: one dictionary for each row.
        multiinsert: send all rows in one statement; False sends one statement per row, so that
            rows may have different columns or contain SQL expressions.

    Raises:
        TypeError: the rows are not a list of dictionaries.
    """

def execute(
    sqltext: Executable | str, *, execution_options: Mapping[str, Any] | None = None
) -> None:
    """Run SQL.

    Args:
        sqltext: a string, which is read as by `sqlalchemy.text`, or a SQLAlchemy statement.
        execution_options: options for this statement only.
    """

def backfill(
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
    """Change the rows of a table in batches along its primary key, with a commit after each.

    Each batch writes its position to the journal in its transaction. After an interruption, the
    same command continues after the last committed batch. Earlier changes of the migration are
    committed first, as with `autocommit_block()`.

    Args:
        table: the table's name, or a `sqlalchemy.Table` with its primary key.
        set_: the assignments as SQL (`"a = b + 1, c = lower(c)"`), or a dictionary from columns
            to SQL text, SQLAlchemy expressions or plain values.
        where: the condition for the rows to change, as SQL text or a SQLAlchemy expression.
        schema: the table's schema, if `table` is a name.
        batch: the number of rows in the first batch; in a script, in every batch.
        seconds: the target duration of a batch, to which the number of rows is adapted. None
            keeps the number of rows.
        pause: seconds to wait between two batches.
        max_lag: wait while a replica known to the server lags behind by more than this number
            of seconds; None does not check replicas.

    Returns:
        The number of changed rows; None in a script.

    Raises:
        BackfillKeyError: the table cannot be divided along its primary key.
        BackfillTransactionError: the caller's transaction cannot be committed.
        BackfillValueError: an argument cannot be used.
    """

def insert_rows(
    table_name: str, rows: Sequence[Mapping[str, Any]], *, schema: str | None = None
) -> None:
    """Insert reference rows.

    Values may be plain Python values, dates, Decimal, UUID, and dictionaries for JSON columns.
    They are converted to the form that the column accepts.

    Args:
        table_name: the table; its definition is found as by `op.table`.
        rows: one dictionary for each row.
        schema: the table's schema.

    Raises:
        TableUnknownError: the table does not exist.
    """

def update_rows(
    table_name: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str | Sequence[str],
    schema: str | None = None,
) -> None:
    """Update reference rows, each by its key.

    Args:
        table_name: the table; its definition is found as by `op.table`.
        rows: one dictionary for each row, with its key and the values that change.
        key: the column or columns that identify a row.
        schema: the table's schema.

    Raises:
        TableUnknownError: the table does not exist.
    """

def delete_rows(
    table_name: str, rows: Sequence[Mapping[str, Any]], *, schema: str | None = None
) -> None:
    """Delete reference rows.

    Args:
        table_name: the table; its definition is found as by `op.table`.
        rows: one dictionary for each row, with the values that identify it.
        schema: the table's schema.

    Raises:
        TableUnknownError: the table does not exist.
    """

def create_schema(schema_name: str, *, if_not_exists: bool | None = None) -> None:
    """Create a schema."""

def drop_schema(schema_name: str, *, if_exists: bool | None = None, cascade: bool = False) -> None:
    """Drop a schema; `cascade` drops the objects in it."""

def create_sequence(
    sequence_name: str,
    *,
    schema: str | None = None,
    if_not_exists: bool | None = None,
    **options: Any,
) -> None:
    """Create a sequence.

    Args:
        sequence_name: the sequence.
        schema: the schema of the sequence.
        if_not_exists: do nothing if the sequence already exists.
        options: data_type, start, increment, minvalue, maxvalue, cycle, cache, and
            owned_by=(table, column) or (schema, table, column).
    """

def drop_sequence(
    sequence_name: str, *, schema: str | None = None, if_exists: bool | None = None
) -> None:
    """Drop a sequence."""

def alter_sequence(
    sequence_name: str,
    *,
    schema: str | None = None,
    new_name: str | None = None,
    existing: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Change a sequence; `existing` holds the current values of the options that change."""

def create_enum(
    enum_name: str,
    values: Sequence[str],
    *,
    schema: str | None = None,
    if_not_exists: bool | None = None,
) -> None:
    """Create an enum type."""

def drop_enum(
    enum_name: str,
    existing_values: Sequence[str] | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
) -> None:
    """Drop an enum type; `existing_values` are the values that reversing restores."""

def alter_enum(
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
        enum_name: the enum type.
        values: all new values, in order.
        existing_values: the current values.
        schema: the schema of the enum type.
        new_name: the new name, if it changes.
        renames: old to new names of the renamed values.
        replacements: dropped values, and the values that replace them in rows.
    """

def move_table(
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
        table_name: the table.
        new_schema: the new schema; None for the default schema.
        schema: the current schema; None for the default schema.
        new_table_name: the new name, if it changes.
    """

def alter_domain(
    domain_name: str,
    type_: str,
    options: str = "",
    *,
    existing_type: str | None = None,
    existing_options: str = "",
    schema: str | None = None,
) -> None:
    """Change the type of a PostgreSQL domain, and convert the columns that use it.

    PostgreSQL has no statement for this: the domain is created again. Views, indexes, checks,
    policies and triggers that use its columns are dropped before and restored after, in one
    statement. Source: https://www.postgresql.org/docs/current/sql-alterdomain.html

    Args:
        domain_name: the domain.
        type_: the new underlying type, as SQL.
        options: what follows the type in CREATE DOMAIN: COLLATE, DEFAULT, NOT NULL, CHECK.
        existing_type: the current type, for the downgrade.
        existing_options: the current options, for the downgrade.
        schema: the schema of the domain.
    """

def create_exclude_constraint(
    constraint_name: str | None, table_name: str, *elements: Any, **kw: Any
) -> Any:
    """Add an exclusion constraint (PostgreSQL).

    Args:
        operations: the object that runs it.
        constraint_name: the name of the constraint.
        table_name: the table.
        elements: pairs of a column or expression and an operator.
        kw: where, schema, using, ops, deferrable, initially.
    """
