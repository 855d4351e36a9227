"""DDL of Oracle: MODIFY without TYPE, SET or COLUMN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.compiler import compiles

from limbeck.dialects import ddl_elements as base
from limbeck.dialects import sequences
from limbeck.dialects.operation_handlers import GENERIC

if TYPE_CHECKING:
    from sqlalchemy import Column
    from sqlalchemy.sql.compiler import DDLCompiler

    from limbeck.dialects.text_ddl import SqlQuoting


@compiles(base.AddColumn, "oracle")
def visit_add_column(element: base.AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """Compile an AddColumn."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{add_column(compiler, element.column, **kw)}"
    )


def add_column(compiler: DDLCompiler, column: Column[Any], **kw: Any) -> str:
    """Return the ADD clause."""
    parts = [f"ADD {compiler.get_column_specification(column, **kw)}"]
    return " ".join([*parts, *base.constraint_clauses(compiler, column)])


def alter_column(compiler: DDLCompiler, name: str) -> str:
    """Return MODIFY and the column's name."""
    return f"MODIFY {base.format_column_name(compiler, name)}"


@compiles(base.ColumnNullable, "oracle")
def visit_column_nullable(element: base.ColumnNullable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnNullable."""
    return f"{_modified(element, compiler)} {'NULL' if element.nullable else 'NOT NULL'}"


@compiles(base.ColumnType, "oracle")
def visit_column_type(element: base.ColumnType, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnType."""
    return f"{_modified(element, compiler)} {base.format_type(compiler, element.type_)}"


@compiles(base.ColumnName, "oracle")
def visit_column_name(element: base.ColumnName, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnName."""
    old = base.format_column_name(compiler, element.column_name)
    new = base.format_column_name(compiler, element.newname)
    table = base.alter_table(compiler, element.table_name, element.schema)
    return f"{table} RENAME COLUMN {old} TO {new}"


@compiles(base.ColumnDefault, "oracle")
def visit_column_default(element: base.ColumnDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnDefault; a default can only be reset to NULL."""
    default = "NULL"
    if element.default is not None:
        default = base.format_server_default(compiler, element.default)
    return f"{_modified(element, compiler)} DEFAULT {default}"


@compiles(base.ColumnComment, "oracle")
def visit_column_comment(element: base.ColumnComment, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnComment; an empty comment means that there is none."""
    table = base.format_table_name(compiler, element.table_name, element.schema)
    column = base.format_column_name(compiler, element.column_name)
    return f"COMMENT ON COLUMN {table}.{column} IS {base.literal(compiler, element.comment or '')}"


@compiles(base.RenameTable, "oracle")
def visit_rename_table(element: base.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable."""
    new = base.format_table_name(compiler, element.new_table_name, None)
    return f"{base.alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


@compiles(base.IdentityColumnDefault, "oracle")
def visit_identity_column(
    element: base.IdentityColumnDefault, compiler: DDLCompiler, **_kw: Any
) -> str:
    """Compile an IdentityColumnDefault, which always contains all options."""
    if element.default is None:
        return f"{_modified(element, compiler)} DROP IDENTITY"
    identity = compiler.visit_identity_column(element.default)  # type: ignore[no-untyped-call]
    return f"{_modified(element, compiler)} {identity}"


def _modified(element: base.AlterColumn, compiler: DDLCompiler) -> str:
    table = base.alter_table(compiler, element.table_name, element.schema)
    return f"{table} {alter_column(compiler, element.column_name)}"


def _rename_sequence(quoting: SqlQuoting, name: str, _schema: str | None, new: str) -> str:
    return f"RENAME {quoting.name(name)} TO {quoting.name(new)}"


_BACK = {
    "increment": "INCREMENT BY 1",
    "minvalue": "NOMINVALUE",
    "maxvalue": "NOMAXVALUE",
    "cycle": "NOCYCLE",
    "cache": "CACHE 20",
}

elements = GENERIC.replace(
    takes_inline_references=False,
    handlers=sequences.sequences(_BACK, _rename_sequence),
)
