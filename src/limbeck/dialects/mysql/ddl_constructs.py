"""DDL constructs of MySQL and MariaDB, and their compilation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from limbeck.dialects import ddl_elements as base
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import DDLCompiler


class MySQLAlterDefault(base.AlterColumn):
    """SET DEFAULT or DROP DEFAULT, which does not require the rest of the definition."""

    def __init__(
        self, name: str, column_name: str, default: Any, schema: str | None = None
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        self.default = default


class MySQLChangeColumn(base.AlterColumn):
    """CHANGE: the complete definition of a column, with its possibly new name."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | None = None,
        newname: str | None = None,
        type_: Any = None,
        nullable: bool | None = None,  # noqa: FBT001
        default: Any = False,  # noqa: FBT002 - False means not given
        autoincrement: bool | None = None,  # noqa: FBT001
        comment: str | Literal[False] | None = False,  # noqa: FBT002 - the same
        on_update: str | None = None,
        checks: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        if type_ is None:
            raise DatabaseError(
                "All MySQL CHANGE/MODIFY COLUMN operations require the existing type "
                f"(column {name}.{column_name})",
                hint="pass existing_type=, and with it existing_nullable= and "
                "existing_server_default=",
                code="LB334",
            )
        self.newname = newname
        self.type_ = sa.types.to_instance(type_)
        self.nullable = True if nullable is None else nullable
        self.default = default
        self.autoincrement = autoincrement
        self.comment = comment
        self.on_update = on_update
        self.checks = checks


class MySQLModifyColumn(MySQLChangeColumn):
    """MODIFY: the complete definition of a column."""


@compiles(MySQLAlterDefault, "mysql", "mariadb")
def visit_alter_default(element: MySQLAlterDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLAlterDefault."""
    default = element.default
    end = (
        "DROP DEFAULT"
        if default is None
        else f"SET DEFAULT {base.format_server_default(compiler, default)}"
    )
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{base.alter_column(compiler, element.column_name)} {end}"
    )


@compiles(MySQLModifyColumn, "mysql", "mariadb")
def visit_modify_column(element: MySQLModifyColumn, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLModifyColumn."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"MODIFY {base.format_column_name(compiler, element.column_name)} "
        f"{column_clauses(compiler, element)}"
    )


@compiles(MySQLChangeColumn, "mysql", "mariadb")
def visit_change_column(element: MySQLChangeColumn, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a MySQLChangeColumn."""
    new = element.newname if element.newname is not None else element.column_name
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"CHANGE {base.format_column_name(compiler, element.column_name)} "
        f"{base.format_column_name(compiler, new)} {column_clauses(compiler, element)}"
    )


@compiles(base.RenameTable, "mysql", "mariadb")
def visit_rename_table(element: base.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable; without the schema, the new name would move the table."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} RENAME TO "
        f"{base.format_table_name(compiler, element.new_table_name, element.schema)}"
    )


def column_clauses(compiler: DDLCompiler, element: MySQLChangeColumn) -> str:
    """Return the definition of a column for CHANGE and MODIFY."""
    parts = [base.format_type(compiler, element.type_)]
    if isinstance(element.default, sa.Computed):
        parts.append(compiler.process(element.default))
        if not element.nullable and not is_mariadb(compiler.dialect):
            parts.append("NOT NULL")
    else:
        parts.append("NULL" if element.nullable else "NOT NULL")
        if element.autoincrement:
            parts.append("AUTO_INCREMENT")
        if element.default is not False and element.default is not None:
            parts.append(f"DEFAULT {base.format_server_default(compiler, element.default)}")
        if element.on_update:
            parts.append(f"ON UPDATE {element.on_update}")
    if element.comment:
        parts.append(f"COMMENT {base.literal(compiler, element.comment)}")
    for text in element.checks:
        # text from the server; statements double the percent signs for drivers
        doubles = compiler.preparer._double_percents
        parts.append(f"CHECK ({text.replace('%', '%%') if doubles else text})")
    return " ".join(parts)


def is_mariadb(dialect: sa.engine.Dialect) -> bool:
    """Return whether the server is MariaDB, independent of the URL."""
    return dialect.name == "mariadb" or bool(getattr(dialect, "is_mariadb", False))
