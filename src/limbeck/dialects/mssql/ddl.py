"""DDL of SQL Server: ADD without COLUMN, sp_rename, defaults as constraints."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from limbeck import operations as ops
from limbeck.dialects import ddl_builder, sequences
from limbeck.dialects import ddl_elements as base
from limbeck.dialects.ddl_builder import BuildContext, ColumnChange
from limbeck.dialects.operation_handlers import GENERIC
from limbeck.dialects.text_ddl import SqlQuoting, TextStatement
from limbeck.errors import DatabaseError
from limbeck.sql import quote_literal

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.sql.compiler import DDLCompiler

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]


class DropNameless(base.AlterColumn):
    """Drop a constraint of a column whose name the server generated, looked up by its kind.

    Args:
        table: the table's name.
        column: the column's name.
        kind: the catalog view that lists constraints of the kind.
        schema: the table's schema.
    """

    def __init__(self, table: str, column: str, kind: str, schema: str | None = None) -> None:
        super().__init__(table, column, schema=schema)
        self.kind = kind


# ── compilation ───────────────────────────────────────────────────────────


@compiles(base.AddColumn, "mssql")
def visit_add_column(element: base.AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """Compile an AddColumn."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{mssql_add_column(compiler, element.column, **kw)}"
    )


def mssql_add_column(compiler: DDLCompiler, column: sa.Column[Any], **kw: Any) -> str:
    """Return the ADD clause."""
    parts = [f"ADD {compiler.get_column_specification(column, **kw)}"]
    return " ".join([*parts, *base.constraint_clauses(compiler, column)])


@compiles(base.ColumnNullable, "mssql")
def visit_column_nullable(element: base.ColumnNullable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnNullable, which includes the type on this server."""
    type_ = base.format_type(compiler, element.existing_type)  # type: ignore[arg-type]
    return f"{_altered(element, compiler)} {type_} {'NULL' if element.nullable else 'NOT NULL'}"


@compiles(base.ColumnType, "mssql")
def visit_column_type(element: base.ColumnType, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnType."""
    return f"{_altered(element, compiler)} {base.format_type(compiler, element.type_)}"


@compiles(base.ColumnDefault, "mssql")
def visit_column_default(element: base.ColumnDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnDefault: a constraint that is added."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} ADD DEFAULT "
        f"{base.format_server_default(compiler, element.default)} "
        f"FOR {base.format_column_name(compiler, element.column_name)}"
    )


@compiles(base.ColumnComment, "mssql")
def visit_column_comment(element: base.ColumnComment, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnComment: an extended property of the column."""
    quoting = SqlQuoting(compiler)
    at = _place(compiler, element.table_name, element.schema)
    arguments = f"{at}, 'column', {base.format_column_name(compiler, element.column_name)}"
    if element.comment is None:
        return f"exec sp_dropextendedproperty 'MS_Description', {arguments}"
    verb = "add" if element.existing_comment is None else "update"
    text = quoting.literal(element.comment)
    return quoting.finished(
        f"exec sp_{verb}extendedproperty 'MS_Description', N{text.removeprefix('N')}, {arguments}"
    )


@compiles(base.ColumnName, "mssql")
def visit_rename_column(element: base.ColumnName, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnName."""
    table = base.format_table_name(compiler, element.table_name, element.schema)
    old = quote_literal(f"{table}.{base.format_column_name(compiler, element.column_name)}")
    new = base.format_column_name(compiler, element.newname)
    return f"EXEC sp_rename {old}, {new}, 'COLUMN'"


@compiles(base.RenameTable, "mssql")
def visit_rename_table(element: base.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable."""
    old = quote_literal(base.format_table_name(compiler, element.table_name, element.schema))
    return f"EXEC sp_rename {old}, {base.format_table_name(compiler, element.new_table_name, None)}"


@compiles(base.RenameConstraint, "mssql")
def visit_rename_constraint(
    element: base.RenameConstraint, compiler: DDLCompiler, **_kw: Any
) -> str:
    """Compile a RenameConstraint: a constraint is an object of its table's schema.

    Source: https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-rename-transact-sql
    """
    old = quote_literal(base.format_table_name(compiler, element.old_name, element.schema))
    return f"EXEC sp_rename {old}, {compiler.preparer.quote(element.new_name)}, 'OBJECT'"


_LOOK_UP = {
    "sys.foreign_keys": (
        "\nsys.foreign_keys fk join sys.foreign_key_columns fkc\n"
        "on fk.object_id=fkc.constraint_object_id\n"
        "where fkc.parent_object_id = object_id({table})\n"
        "and col_name(fkc.parent_object_id, fkc.parent_column_id) = {column}"
    ),
    "": (
        " {kind}\nwhere parent_object_id = object_id({table})\n"
        "and col_name(parent_object_id, parent_column_id) = {column}"
    ),
}


@compiles(DropNameless, "mssql")
def visit_drop_nameless(element: DropNameless, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a DropNameless: a batch that reads the name and drops the constraint."""
    table = base.format_table_name(compiler, element.table_name, element.schema)
    where = _LOOK_UP.get(element.kind, _LOOK_UP[""]).format(
        kind=element.kind, table=quote_literal(table), column=quote_literal(element.column_name)
    )
    drop = quote_literal(f"alter table {table} drop constraint ")
    return (
        "declare @const_name varchar(256)\n"
        f"select @const_name = QUOTENAME([name]) from{where}\n"
        f"exec({drop} + @const_name)"
    )


def _altered(element: base.AlterColumn, compiler: DDLCompiler) -> str:
    table = base.alter_table(compiler, element.table_name, element.schema)
    return f"{table} {base.alter_column(compiler, element.column_name)}"


def _place(compiler: DDLCompiler, table: str, schema: Any) -> str:
    owner = schema or compiler.dialect.default_schema_name or "dbo"
    quote = compiler.preparer.quote
    return f"'schema', {base.quote_dotted(owner, quote)}, 'table', {quote(table)}"


# ── columns ───────────────────────────────────────────────────────────────

_FLAGS = (
    ("mssql_drop_check", "sys.check_constraints"),
    ("mssql_drop_default", "sys.default_constraints"),
    ("mssql_drop_foreign_key", "sys.foreign_keys"),
)


def drop_column(
    context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **options: Any,
) -> StatementIterator:
    """Build DROP COLUMN, after dropping its constraints with generated names."""
    for flag in ("mssql_drop_default", "mssql_drop_check", "mssql_drop_foreign_key"):
        if options.pop(flag, None):
            yield DropNameless(table, column.name, dict(_FLAGS)[flag], schema=schema)
    yield from ddl_builder.drop_column(context, table, column, schema=schema, **options)


def alter_column(context: BuildContext, change: ColumnChange) -> StatementIterator:
    """Build ALTER COLUMN with type and nullability together, and the default around it.

    Raises:
        DatabaseError: nullability is given without a type.
    """
    options = {key: value for key, value in change.options.items() if key not in dict(_FLAGS)}
    change = replace(_with_both(change), options=options)
    default = change.server_default
    plain = not any(
        isinstance(each, sa.Computed | sa.Identity)
        for each in (default, change.existing_server_default)
    )
    if default is not False and not plain:
        yield ddl_builder.default_element(change)
    elif default is None or (default is not False and change.existing_server_default is not False):
        yield DropNameless(
            change.table, change.column, "sys.default_constraints", schema=change.schema
        )
    yield from ddl_builder.alter_column(context, replace(change, server_default=False, name=None))
    if plain and default is not False and default is not None:
        yield ddl_builder.default_element(change)
    if change.name is not None:
        yield base.ColumnName(change.table, change.column, change.name, **change.before)


def _with_both(change: ColumnChange) -> ColumnChange:
    # A type without NULL or NOT NULL makes the column nullable, so both are given together.
    if change.nullable is not None:
        if change.type_ is not None:
            return replace(change, existing_type=change.type_, type_=None)
        if change.existing_type is None:
            raise DatabaseError(
                "MS-SQL ALTER COLUMN operations with NULL or NOT NULL require the "
                f"existing_type or a new type_ be passed (column {change.table}.{change.column})",
                hint="pass existing_type=",
                code="LB334",
            )
        return change
    if change.type_ is None:
        return change
    if change.existing_nullable is None:
        warnings.warn(
            "MS-SQL ALTER COLUMN operations that specify type_= should also specify a "
            "nullable= or existing_nullable=, or the column becomes nullable",
            UserWarning,
            stacklevel=3,
        )
        return change
    return replace(
        change, nullable=change.existing_nullable, existing_type=change.type_, type_=None
    )


# ── the rest ──────────────────────────────────────────────────────────────


def table_comment(_context: BuildContext, table: sa.Table) -> StatementIterator:
    """Build sp_addextendedproperty for a table."""
    yield from _described(table, "execute sp_addextendedproperty", table.comment)


def drop_table_comment(_context: BuildContext, table: sa.Table) -> StatementIterator:
    """Build sp_dropextendedproperty for a table."""
    yield from _described(table, "execute sp_dropextendedproperty", None)


def column_comment(_context: BuildContext, column: sa.Column[Any]) -> StatementIterator:
    """Build sp_addextendedproperty for a column."""
    yield from _described(
        column.table, "execute sp_addextendedproperty", column.comment, column=column.name
    )


def _described(
    table: Any, verb: str, comment: str | None, *, column: str | None = None
) -> Iterator[TextStatement]:
    def write(quoting: SqlQuoting) -> str:
        value = "" if comment is None else f", N{quoting.literal(comment).removeprefix('N')}"
        schema = table.schema or quoting.default_schema or "dbo"
        end = f", 'column', {quoting.name(column)}" if column is not None else ""
        return (
            f"{verb} 'MS_Description'{value}, 'schema', {quoting.dotted(schema)}, "
            f"'table', {quoting.name(table.name)}{end}"
        )

    yield TextStatement(write)


def create_index(context: BuildContext, index: sa.Index, **options: Any) -> StatementIterator:
    """Build CREATE INDEX; included columns may be missing in the stand-in for the table."""
    for column in index.dialect_options["mssql"]["include"] or ():
        name = column if isinstance(column, str) else column.name
        if index.table is not None and name not in index.table.c:
            index.table.append_column(sa.Column(name, sa.types.NULLTYPE))
    return ddl_builder.create_index(context, index, **options)


def bulk_insert(
    context: BuildContext, table: Any, rows: list[dict[str, Any]], *, multiinsert: bool = True
) -> StatementIterator:
    """Insert rows; in a script, writing to identity columns is enabled in the meantime."""
    if not context.is_live:
        yield _identity_insert(table, "ON")
    yield from ddl_builder.bulk_insert(context, table, rows, multiinsert=multiinsert)
    if not context.is_live:
        yield _identity_insert(table, "OFF")


def _identity_insert(table: Any, state: str) -> TextStatement:
    schema = getattr(table, "schema", None)
    return TextStatement(
        lambda quoting: f"SET IDENTITY_INSERT {quoting.name(table.name, schema)} {state}"
    )


def _rename_sequence(quoting: SqlQuoting, name: str, schema: str | None, new: str) -> str:
    return (
        f"EXEC sp_rename {quote_literal(quoting.name(name, schema))}, {quoting.name(new)}, 'OBJECT'"
    )


def _move_table(_context: BuildContext, op: ops.MoveTableOp) -> StatementIterator:
    """Build ALTER SCHEMA ... TRANSFER, and the rename if the table is also renamed."""
    table, home = op.table_name, op.new_schema or "dbo"
    yield TextStatement(
        lambda quoting: (
            f"ALTER SCHEMA {quoting.name(home)} TRANSFER {quoting.name(table, op.schema or 'dbo')}"
        )
    )
    if op.new_table_name is not None:
        yield base.RenameTable(table, op.new_table_name, schema=home)


_BACK = {key: text for key, text in sequences.STANDARD.items() if key != "owned_by"}

elements = GENERIC.replace(
    table_comment=table_comment,
    drop_table_comment=drop_table_comment,
    column_comment=column_comment,
    drop_column=drop_column,
    alter_column=alter_column,
    create_index=create_index,
    bulk_insert=bulk_insert,
    takes_inline_references=False,
    handlers={
        **sequences.sequences(_BACK, _rename_sequence),
        **sequences.SCHEMAS,
        ops.MoveTableOp: _move_table,
    },
)
