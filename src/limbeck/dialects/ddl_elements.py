"""ALTER TABLE as SQLAlchemy DDL elements, compiled to standard SQL.

A database with a different syntax registers its own `@compiles` for the element; third-party
packages may do so too. They rely on the names and attributes of these classes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Column, Computed, FetchedValue, Identity, Integer
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.elements import ClauseElement, TextClause, quoted_name

if TYPE_CHECKING:
    from sqlalchemy import Constraint, ForeignKeyConstraint
    from sqlalchemy.sql.compiler import DDLCompiler
    from sqlalchemy.sql.functions import Function
    from sqlalchemy.types import TypeEngine

    ServerDefault = FetchedValue | str | TextClause | Function[Any] | ClauseElement

Name = str | quoted_name


class AlterTable(DDLElement):
    """ALTER TABLE of one table; subclasses add the rest."""

    inherit_cache = False

    def __init__(self, table_name: str, schema: Name | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTable(AlterTable):
    """ALTER TABLE ... RENAME TO."""

    def __init__(
        self, old_table_name: str, new_table_name: Name, schema: Name | None = None
    ) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


class RenameConstraint(AlterTable):
    """ALTER TABLE ... RENAME CONSTRAINT."""

    def __init__(
        self, table_name: str, old_name: str, new_name: str, schema: Name | None = None
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.old_name = old_name
        self.new_name = new_name


class AlterColumn(AlterTable):
    """A change of one column; `existing_*` describe the column before the change."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | None = None,
        existing_type: TypeEngine[Any] | None = None,
        existing_nullable: bool | None = None,  # noqa: FBT001
        existing_server_default: ServerDefault | Literal[False] | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column_name = column_name
        self.existing_type = _type(existing_type) if existing_type is not None else None
        self.existing_nullable = existing_nullable
        self.existing_server_default = existing_server_default
        self.existing_comment = existing_comment


class ColumnNullable(AlterColumn):
    """SET NOT NULL or DROP NOT NULL."""

    def __init__(self, name: str, column_name: str, nullable: bool, **kw: Any) -> None:  # noqa: FBT001
        super().__init__(name, column_name, **kw)
        self.nullable = nullable


class ColumnType(AlterColumn):
    """Change the type of a column."""

    def __init__(self, name: str, column_name: str, type_: TypeEngine[Any], **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.type_ = _type(type_)


class ColumnName(AlterColumn):
    """Change the name of a column."""

    def __init__(self, name: str, column_name: str, newname: str, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.newname = newname


class ColumnDefault(AlterColumn):
    """SET DEFAULT, or DROP DEFAULT when `default` is None."""

    def __init__(
        self, name: str, column_name: str, default: ServerDefault | None, **kw: Any
    ) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default


class ComputedColumnDefault(AlterColumn):
    """Add, drop or change a generation expression."""

    def __init__(self, name: str, column_name: str, default: Computed | None, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default


class IdentityColumnDefault(AlterColumn):
    """Add, drop or change an identity."""

    def __init__(
        self, name: str, column_name: str, default: Identity | None, impl: Any, **kw: Any
    ) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default
        self.impl = impl


class AddColumn(AlterTable):
    """ADD COLUMN."""

    def __init__(
        self,
        name: str,
        column: Column[Any],
        schema: Name | None = None,
        if_not_exists: bool | None = None,  # noqa: FBT001
        inline_references: bool | None = None,  # noqa: FBT001
        inline_primary_key: bool | None = None,  # noqa: FBT001
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key


class DropColumn(AlterTable):
    """DROP COLUMN."""

    def __init__(
        self,
        name: str,
        column: Column[Any],
        schema: str | None = None,
        if_exists: bool | None = None,  # noqa: FBT001
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_exists = if_exists


class ColumnComment(AlterColumn):
    """COMMENT ON COLUMN; a comment of None removes it."""

    def __init__(self, name: str, column_name: str, comment: str | None, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.comment = comment


# ── compilation where nothing else is registered ──────────────────────────


@compiles(RenameTable)
def visit_rename_table(element: RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable."""
    new = format_table_name(compiler, element.new_table_name, element.schema)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


@compiles(RenameConstraint)
def visit_rename_constraint(element: RenameConstraint, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameConstraint."""
    table = alter_table(compiler, element.table_name, element.schema)
    quote = compiler.preparer.quote
    return f"{table} RENAME CONSTRAINT {quote(element.old_name)} TO {quote(element.new_name)}"


@compiles(AddColumn)
def visit_add_column(element: AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """Compile an AddColumn."""
    clause = add_column(
        compiler,
        element.column,
        if_not_exists=element.if_not_exists,
        inline_references=element.inline_references,
        inline_primary_key=element.inline_primary_key,
        **kw,
    )
    return f"{alter_table(compiler, element.table_name, element.schema)} {clause}"


@compiles(DropColumn)
def visit_drop_column(element: DropColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """Compile a DropColumn."""
    clause = drop_column(compiler, element.column.name, if_exists=element.if_exists, **kw)
    return f"{alter_table(compiler, element.table_name, element.schema)} {clause}"


@compiles(ColumnNullable)
def visit_column_nullable(element: ColumnNullable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnNullable."""
    return f"{_altered(element, compiler)} {'DROP' if element.nullable else 'SET'} NOT NULL"


@compiles(ColumnType)
def visit_column_type(element: ColumnType, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnType."""
    return f"{_altered(element, compiler)} TYPE {format_type(compiler, element.type_)}"


@compiles(ColumnName)
def visit_column_name(element: ColumnName, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnName."""
    old = format_column_name(compiler, element.column_name)
    new = format_column_name(compiler, element.newname)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME {old} TO {new}"


@compiles(ColumnDefault)
def visit_column_default(element: ColumnDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnDefault."""
    if element.default is None:
        return f"{_altered(element, compiler)} DROP DEFAULT"
    return (
        f"{_altered(element, compiler)} SET DEFAULT "
        f"{format_server_default(compiler, element.default)}"
    )


@compiles(ComputedColumnDefault)
def visit_computed_column(
    element: ComputedColumnDefault,
    compiler: DDLCompiler,  # noqa: ARG001 - called by this name from outside
    **_kw: Any,
) -> str:
    """Raise an error: standard SQL cannot add, drop or change a generation expression."""
    raise CompileError(
        f'The generation expression ("computed", GENERATED ALWAYS AS) of the existing column '
        f"{element.table_name}.{element.column_name} cannot be altered: Adding or removing "
        f'a "computed" construct means dropping the column and adding it again'
    )


@compiles(IdentityColumnDefault)
def visit_identity_column(element: IdentityColumnDefault, compiler: DDLCompiler, **_kw: Any) -> str:
    """Raise an error: this database cannot alter the identity of a column."""
    raise CompileError(
        f'Adding, removing or modifying an "identity" construct (GENERATED AS IDENTITY) of the '
        f"existing column {element.table_name}.{element.column_name} is not something "
        f"{compiler.dialect.name} can do"
    )


@compiles(ColumnComment)
def visit_column_comment(element: ColumnComment, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a ColumnComment."""
    table = format_table_name(compiler, element.table_name, element.schema)
    column = format_column_name(compiler, element.column_name)
    comment = "NULL" if element.comment is None else literal(compiler, element.comment)
    return f"COMMENT ON COLUMN {table}.{column} IS {comment}"


# ── helpers for compilers ─────────────────────────────────────────────────


def quote_dotted(name: Name, quote: Callable[[str], str]) -> Name:
    """Quote each part of a dotted name; a quoted_name is a single part."""
    if isinstance(name, quoted_name):
        return quote(name)
    return ".".join(quote(part) for part in name.split("."))


def format_table_name(compiler: DDLCompiler, name: Name, schema: Name | None) -> Name:
    """Return a table's name, quoted if necessary, with its schema if there is one."""
    quote = compiler.preparer.quote
    return f"{quote_dotted(schema, quote)}.{quote(name)}" if schema else quote(name)


def format_column_name(compiler: DDLCompiler, name: Name | None) -> Name:
    """Return a column's name, quoted if necessary."""
    return compiler.preparer.quote(name)  # type: ignore[arg-type]


def format_server_default(compiler: DDLCompiler, default: ServerDefault | None) -> str:
    """Return a server default as written after DEFAULT."""
    holder = Column("x", Integer, server_default=default)  # type: ignore[arg-type]
    return compiler.get_column_default_string(holder) or ""


def format_type(compiler: DDLCompiler, type_: TypeEngine[Any]) -> str:
    """Return a type as the compiler's database spells it."""
    return compiler.dialect.type_compiler_instance.process(type_)


def alter_table(compiler: DDLCompiler, name: str, schema: Name | None) -> str:
    """Return ALTER TABLE and the table's name."""
    return f"ALTER TABLE {format_table_name(compiler, name, schema)}"


def alter_column(compiler: DDLCompiler, name: str) -> str:
    """Return ALTER COLUMN and the column's name."""
    return f"ALTER COLUMN {format_column_name(compiler, name)}"


def drop_column(
    compiler: DDLCompiler,
    name: str,
    if_exists: bool | None = None,  # noqa: FBT001
    **_kw: Any,
) -> str:
    """Return the DROP COLUMN clause."""
    guard = "IF EXISTS " if if_exists else ""
    return f"DROP COLUMN {guard}{format_column_name(compiler, name)}"


def add_column(
    compiler: DDLCompiler,
    column: Column[Any],
    if_not_exists: bool | None = None,  # noqa: FBT001
    inline_references: bool | None = None,  # noqa: FBT001
    inline_primary_key: bool | None = None,  # noqa: FBT001
    **kw: Any,
) -> str:
    """Return the ADD COLUMN clause with the constraints of the column definition."""
    guard = "IF NOT EXISTS " if if_not_exists else ""
    parts = [f"ADD COLUMN {guard}{compiler.get_column_specification(column, **kw)}"]
    if inline_primary_key and column.primary_key:
        parts.append("PRIMARY KEY")
    if inline_references and column.foreign_keys:
        parts.append(references(compiler, column))
    parts.extend(constraint_clauses(compiler, column))
    return " ".join(parts)


def constraint_clauses(compiler: DDLCompiler, column: Column[Any]) -> list[str]:
    """Return the constraints of the column definition."""
    return [word for constraint in column.constraints if (word := compiler.process(constraint))]


def references(compiler: DDLCompiler, column: Column[Any]) -> str:
    """Return the REFERENCES clause of a column's foreign key."""
    key = next(iter(column.foreign_keys))
    constraint: ForeignKeyConstraint = key.constraint  # type: ignore[assignment]
    text = f"REFERENCES {_referred(compiler, key)}"
    if constraint.match:
        text += compiler.define_constraint_match(constraint)
    text += compiler.define_constraint_cascades(constraint)
    return text + compiler.define_constraint_deferrability(constraint)


def literal(compiler: DDLCompiler, value: str) -> str:
    """Return a text as a quoted literal of the compiler's database."""
    from sqlalchemy import String

    return compiler.sql_compiler.render_literal_value(value, String())


def _referred(compiler: DDLCompiler, key: Any) -> str:
    column = key.column
    table = compiler.preparer.format_table(column.table)
    return f"{table} ({compiler.preparer.quote(column.name)})"


def _altered(element: AlterColumn, compiler: DDLCompiler) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} {alter_column(compiler, element.column_name)}"


def _type(type_: Any) -> TypeEngine[Any]:
    instance: TypeEngine[Any] = type_() if isinstance(type_, type) else type_
    return instance


def _fk_spec(
    constraint: Constraint,
) -> tuple[str | None, str, list[str], str | None, str, list[str], Any, Any, Any, Any]:
    """Return the parts of a foreign key: source, target and options."""
    fk: ForeignKeyConstraint = constraint  # type: ignore[assignment]
    source = fk.parent
    first = fk.elements[0]
    parts = [element._get_colspec().split(".") for element in fk.elements]
    return (
        source.schema,
        source.name,
        [column.name for column in fk.columns],
        first.column.table.schema,
        first.column.table.name,
        [part[-1] for part in parts],
        fk.onupdate,
        fk.ondelete,
        fk.deferrable,
        fk.initially,
    )
