"""DDL of PostgreSQL: type changes with USING, identity columns, named types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, named_types
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import TextClause

from limbeck import operations as ops
from limbeck.dialects import ddl_builder, sequences
from limbeck.dialects import ddl_elements as base
from limbeck.dialects.ddl_builder import BuildContext, ColumnChange
from limbeck.dialects.operation_handlers import GENERIC
from limbeck.dialects.postgresql import enums
from limbeck.dialects.postgresql.exclude_constraint import CreateExcludeConstraintOp
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.sql.compiler import DDLCompiler

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]


class PostgresqlColumnType(base.AlterColumn):
    """Change the type of a column, with the expression that converts existing values."""

    def __init__(self, name: str, column_name: str, type_: Any, **kw: Any) -> None:
        using = kw.pop("using", None)
        super().__init__(name, column_name, **kw)
        self.type_ = sa.types.to_instance(type_)
        self.using: TextClause | None = sa.text(using) if using is not None else None


@compiles(PostgresqlColumnType, "postgresql")
@compiles(PostgresqlColumnType)
def visit_column_type(element: PostgresqlColumnType, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a PostgresqlColumnType."""
    using = ""
    if element.using is not None:
        using = f" USING {compiler.sql_compiler.process(element.using, literal_binds=True)}"
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{base.alter_column(compiler, element.column_name)} "
        f"TYPE {base.format_type(compiler, element.type_)}{using}"
    )


class DropExpression(base.AlterColumn):
    """Make a computed column a plain one that keeps its values."""


@compiles(DropExpression, "postgresql")
@compiles(DropExpression)
def visit_drop_expression(element: DropExpression, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a DropExpression."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{base.alter_column(compiler, element.column_name)} DROP EXPRESSION"
    )


@compiles(base.RenameTable, "postgresql")
def visit_rename_table(element: base.RenameTable, compiler: DDLCompiler, **_kw: Any) -> str:
    """Compile a RenameTable."""
    return (
        f"{base.alter_table(compiler, element.table_name, element.schema)} RENAME TO "
        f"{base.format_table_name(compiler, element.new_table_name, None)}"
    )


@compiles(base.ColumnComment, "postgresql")
def visit_column_comment(element: base.ColumnComment, compiler: DDLCompiler, **kw: Any) -> str:
    """Compile a ColumnComment."""
    return base.visit_column_comment(element, compiler, **kw)


@compiles(base.IdentityColumnDefault, "postgresql")
def visit_identity_column(
    element: base.IdentityColumnDefault, compiler: DDLCompiler, **_kw: Any
) -> str:
    """Compile an IdentityColumnDefault: ADD GENERATED, DROP IDENTITY, or SET of changed options."""
    start = (
        f"{base.alter_table(compiler, element.table_name, element.schema)} "
        f"{base.alter_column(compiler, element.column_name)}"
    )
    new, old = element.default, element.existing_server_default
    if new is None:
        return f"{start} DROP IDENTITY"
    if not isinstance(old, sa.Identity):
        identity = compiler.visit_identity_column(new)  # type: ignore[no-untyped-call]
        return f"{start} ADD {identity}"
    return f"{start} {' '.join(_identity_changes(new, old, compiler))}"


def _identity_changes(new: sa.Identity, old: sa.Identity, compiler: DDLCompiler) -> Iterator[str]:
    # Equivalent options are treated as equal; options missing in the new identity do not change.
    names = ("cache", "cycle", "increment", "maxvalue", "minvalue", "nomaxvalue", "nominvalue")
    for name in ("always", *names, "start"):
        wanted, had = getattr(new, name), getattr(old, name)
        if _same_option(wanted, had, name):
            continue
        if name == "always":
            yield f"SET GENERATED {'ALWAYS' if wanted else 'BY DEFAULT'}"
        elif wanted is not None:
            option = compiler.get_identity_options(sa.Identity(**{name: wanted}))
            yield f"SET {option}"
    began, least, most = _start_of(old), new.minvalue, new.maxvalue
    if (least is not None and began < least) or (most is not None and began > most):
        # the current value is out of the new bounds
        yield "RESTART"


def _start_of(identity: sa.Identity) -> int:
    return 1 if identity.start is None else identity.start


def _same_option(wanted: Any, had: Any, name: str) -> bool:
    ordinary = {"increment": 1, "cache": 1, "start": 1}
    is_flag = name in {"always", "cycle", "nominvalue", "nomaxvalue"}
    default = False if is_flag else ordinary.get(name)
    return (default if wanted is None else wanted) == (default if had is None else had)


# ── columns ───────────────────────────────────────────────────────────────


def add_column(
    context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **options: Any,
) -> StatementIterator:
    """Build ADD COLUMN, after the creation of the enum or domain that the column uses."""
    yield from missing_types(context, column.type)
    yield from ddl_builder.add_column(context, table, column, schema=schema, **options)


def alter_column(context: BuildContext, change: ColumnChange) -> StatementIterator:
    """Build ALTER COLUMN, the type first because the rest may depend on it.

    Raises:
        DatabaseError: there is a USING expression without a type.
    """
    options = dict(change.options)
    using = options.pop("postgresql_using", None)
    if using is not None and change.type_ is None:
        raise DatabaseError(
            f"postgresql_using must be used with the type_ parameter "
            f"(column {change.table}.{change.column})",
            hint="name the type that the expression converts to",
            code="LB332",
        )
    if change.type_ is not None:
        yield from missing_types(context, change.type_)
        yield PostgresqlColumnType(
            change.table, change.column, change.type_, using=using, **change.before
        )
    change = replace(change, type_=None, options=options)
    new, old = change.server_default, change.existing_server_default
    if isinstance(old, sa.Computed) and new is not False and not isinstance(new, sa.Computed):
        yield DropExpression(change.table, change.column, **change.before)
        change = replace(
            change, existing_server_default=None, server_default=False if new is None else new
        )
    elif isinstance(new, sa.Identity) and _is_plain_default(old):
        # a column cannot have both an identity and a default
        yield base.ColumnDefault(change.table, change.column, None, **change.before)
        change = replace(change, existing_server_default=None)
    elif isinstance(old, sa.Identity) and (new is None or _is_plain_default(new)):
        # nor be nullable
        yield base.IdentityColumnDefault(change.table, change.column, None, None, **change.before)
        rest = False if new is None else new
        change = replace(change, existing_server_default=None, server_default=rest)
    yield from ddl_builder.alter_column(context, change)


def _is_plain_default(default: Any) -> bool:
    if default is None or default is False:
        return False
    return not isinstance(default, sa.Identity | sa.Computed)


def missing_types(context: BuildContext, type_: Any) -> Iterator[Executable]:
    """Build CREATE TYPE for the named types of a column that the database does not have.

    In a script the existing types are not known, so only the script's statements create types.
    """
    connection = context.server
    if connection is None:
        return
    for named in named_types_of(type_, context.dialect):
        schema = connection.schema_for_object(named)
        if named.create_type and not context.dialect.has_type(  # type: ignore[attr-defined]
            connection, named.name, schema=schema
        ):
            yield _creation(named)


def _creation(named: Any) -> Executable:
    if isinstance(named, named_types.DOMAIN):
        return named_types.CreateDomainType(named)
    return named_types.CreateEnumType(named)


def named_types_of(type_: Any, dialect: sa.engine.Dialect) -> Iterator[Any]:
    """Yield the enums and domains of a column's type in PostgreSQL's dialect."""
    implementation = sa.types.to_instance(type_).dialect_impl(dialect)
    if isinstance(implementation, sa.types.TypeDecorator):
        implementation = implementation.impl_instance.dialect_impl(dialect)
    if isinstance(implementation, ARRAY | sa.ARRAY):
        yield from named_types_of(implementation.item_type, dialect)
    elif isinstance(implementation, named_types.NamedType):
        if isinstance(implementation, named_types.DOMAIN):
            yield from named_types_of(implementation.data_type, dialect)
        yield implementation


# ── indexes ───────────────────────────────────────────────────────────────


def create_index(context: BuildContext, index: sa.Index, **options: Any) -> StatementIterator:
    """Build CREATE INDEX; included columns may be missing in the stand-in for the table."""
    for column in index.dialect_options["postgresql"]["include"] or ():
        name = column if isinstance(column, str) else column.name
        if index.table is not None and name not in index.table.c:
            index.table.append_column(sa.Column(name, sa.types.NULLTYPE))
    return ddl_builder.create_index(context, index, **options)


def _exclude(context: BuildContext, operation: CreateExcludeConstraintOp) -> StatementIterator:
    return context.builder.add_constraint(context, operation.to_constraint(context.lookup))


elements = GENERIC.replace(
    adds_columns_alone=True,
    add_column=add_column,
    alter_column=alter_column,
    create_index=create_index,
    handlers={
        CreateExcludeConstraintOp: _exclude,
        ops.CreateEnumOp: enums.create_enum,
        ops.DropEnumOp: enums.drop_enum,
        ops.AlterEnumOp: enums.alter_enum,
        ops.AlterDomainOp: enums.alter_domain,
        ops.MoveTableOp: enums.move_table,
        **sequences.sequences(),
        **sequences.SCHEMAS,
    },
)
