"""DDL of the constraints of MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from limbeck import operations as ops
from limbeck.catalog import Check, Column, ForeignKey, Unique, table_key
from limbeck.dialects import ddl_builder
from limbeck.dialects.constraints import is_of_type
from limbeck.dialects.ddl_builder import BuildContext
from limbeck.dialects.mysql import guards
from limbeck.dialects.mysql.columns import definition
from limbeck.dialects.mysql.ddl_constructs import is_mariadb
from limbeck.dialects.text_ddl import SqlQuoting, TextStatement
from limbeck.errors import DatabaseError
from limbeck.sqlalchemy_io import escaped

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]


def drop_constraint(context: BuildContext, constraint: Any, **keywords: Any) -> StatementIterator:
    """Build DROP FOREIGN KEY, PRIMARY KEY, INDEX, CHECK or CONSTRAINT.

    Raises:
        NotImplementedError: the kind of the constraint is not given, and MySQL requires it.
    """
    if is_of_type(constraint) and not _exists(context, constraint):
        return
    column = _checked_column(context, constraint)
    if column is not None:
        yield TextStatement(lambda quoting: _without_check(quoting, constraint.table, column))
        return
    if_exists = bool(keywords.get("if_exists")) and is_mariadb(context.dialect)
    if keywords.get("if_exists") and constraint.name and not guards.has_guards(context):
        parts = tuple(drop_constraint(context, constraint))
        named, table = ("constraint", str(constraint.name)), constraint.table
        for element in parts:
            yield from guards.when(context, element, named, table.name, table.schema, is_there=True)
        return
    if type(constraint) is sa.Constraint and not is_mariadb(context.dialect):
        raise NotImplementedError(
            "No generic 'DROP CONSTRAINT' in MySQL - please specify constraint type with type_="
        )
    if (
        type(constraint) is not sa.Constraint
        and not if_exists
        and not _is_for_both_servers(context)
    ):
        yield from ddl_builder.drop_constraint(context, constraint)
        return
    yield TextStatement(lambda quoting: _drop_on_mariadb(quoting, constraint, if_exists=if_exists))


def _is_for_both_servers(context: BuildContext) -> bool:
    """Return whether a script may run on MariaDB as well as on MySQL.

    Both support DROP CONSTRAINT (MySQL since 8.0.19); only MySQL supports DROP CHECK. Projects of
    Alembic keep Alembic's statements.
    """
    return not context.is_live and context.lookup.opts.get("detect") == "all"


def _checked_column(context: BuildContext, constraint: Any) -> Column | None:
    """Return the column whose definition contains a CHECK, which has the name of the column."""
    if not isinstance(constraint, sa.CheckConstraint) or not is_mariadb(context.dialect):
        return None
    if context.server is None or constraint.name is None:
        return None
    table = context.lookup.table(table_key(constraint.table.name, constraint.table.schema))
    if table is None or not table.checks_of(str(constraint.name)):
        return None
    return table.column(str(constraint.name))


def _without_check(quoting: SqlQuoting, table: sa.Table, column: Column) -> str:
    # Only MODIFY and CHANGE remove the CHECK of a column.
    return f"ALTER TABLE {quoting.name(table.name, table.schema)} MODIFY {definition(column)}"


def _drop_on_mariadb(quoting: SqlQuoting, constraint: Any, *, if_exists: bool) -> str:
    kinds = {
        sa.ForeignKeyConstraint: "FOREIGN KEY",
        sa.UniqueConstraint: "INDEX",
    }
    table = quoting.name(constraint.table.name, constraint.table.schema)
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return f"ALTER TABLE {table} DROP PRIMARY KEY"
    kind = kinds.get(type(constraint), "CONSTRAINT")
    guard = "IF EXISTS " if if_exists else ""
    return f"ALTER TABLE {table} DROP {kind} {guard}{quoting.name(constraint.name)}"


def _exists(context: BuildContext, constraint: Any) -> bool:
    # The CHECK of a type is created only if the server supports CHECK.
    if context.server is None or not isinstance(constraint.name, str | quoted_name):
        return False
    table = context.lookup.table(table_key(constraint.table.name, constraint.table.schema))
    return table is not None and any(check.name == constraint.name for check in table.checks)


def add_constraint(context: BuildContext, constraint: sa.Constraint) -> StatementIterator:
    """Build ADD CONSTRAINT; the name of a primary key is always PRIMARY."""
    if isinstance(constraint, sa.PrimaryKeyConstraint) and constraint.name == "PRIMARY":
        constraint.name = None
    yield from ddl_builder.add_constraint(context, constraint)


def rename_constraint(
    context: BuildContext, table: str, old: str, new: str, *, schema: str | None = None
) -> StatementIterator:
    """Rename a unique constraint, or add a check or foreign key again under the new name.

    A unique constraint is an index, the only kind that the servers can rename. If the table cannot
    be read, as in a script, the constraint is assumed to be a unique constraint.

    Raises:
        DatabaseError: the constraint is a primary key, or its definition cannot be repeated.
    """
    known = context.lookup.table(table_key(table, schema))
    parts = known.constraints if known is not None else ()
    part = next((each for each in parts if each.name == old), None)
    is_index = (part is None or isinstance(part, Unique)) and old.upper() != "PRIMARY"
    if is_index:
        yield TextStatement(
            lambda quoting: (
                f"ALTER TABLE {quoting.name(table, schema)} RENAME INDEX "
                f"{quoting.name(old)} TO {quoting.name(new)}"
            )
        )
        return
    add: ops.AddConstraintOp
    match part:
        case ForeignKey(extras=()):
            add = ops.CreateForeignKeyOp(
                new,
                table,
                str(part.target.name),
                list(part.columns),
                list(part.target_columns),
                onupdate=part.on_update,
                ondelete=part.on_delete,
                source_schema=schema,
                referent_schema=part.target.namespace,
            )
            kind = "foreignkey"
        case Check(extras=()):
            add = ops.CreateCheckConstraintOp(new, table, escaped(part.expr), schema=schema)
            kind = "check"
        case _:
            raise DatabaseError(
                f"The constraint {old!r} of table {table!r} cannot be renamed on "
                f"{context.dialect.name}",
                hint="leave the name of a primary key; drop another constraint with "
                "op.drop_constraint and create it again under the new name",
                code="LB345",
            )
    # add the new one first, so that the rows are checked at all times
    yield from context.builder(add, context.lookup)
    yield from context.builder(
        ops.DropConstraintOp(old, table, kind, schema=schema), context.lookup
    )
