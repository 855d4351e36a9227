"""`if_exists` and `if_not_exists` on MySQL, which supports neither for columns and indexes.

A run looks up the object in the database. A script checks it when it runs, by a prepared
statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import schema as ddl

from limbeck.catalog import Table, table_key
from limbeck.dialects import ddl_builder, ddl_elements
from limbeck.dialects.ddl_builder import BuildContext
from limbeck.dialects.mysql.catalog_queries import quoted
from limbeck.dialects.mysql.ddl_constructs import is_mariadb
from limbeck.dialects.text_ddl import TextStatement

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.dialects.dialect import Sent

    StatementIterator = Iterator[Executable | Sent]

# the view of information_schema with the objects of a kind, and its column for the name
_PLACES = {
    "column": ("COLUMNS", "COLUMN_NAME"),
    "index": ("STATISTICS", "INDEX_NAME"),
    "constraint": ("TABLE_CONSTRAINTS", "CONSTRAINT_NAME"),
}


def add_column(
    context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **options: Any,
) -> StatementIterator:
    """Build ADD COLUMN."""
    guard = options.pop("if_not_exists", None)
    if not guard or has_guards(context):
        yield from ddl_builder.add_column(
            context, table, column, schema=schema, if_not_exists=guard, **options
        )
        return
    given = {key: value for key, value in options.items() if value is not None}
    element = ddl_elements.AddColumn(table, column, schema=schema, **given)
    yield from when(context, element, ("column", column.name), table, schema, is_there=False)


def drop_column(
    context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **keywords: Any,
) -> StatementIterator:
    """Build DROP COLUMN."""
    if not keywords.get("if_exists") or has_guards(context):
        yield from ddl_builder.drop_column(context, table, column, schema=schema, **keywords)
        return
    element = ddl_elements.DropColumn(table, column, schema=schema)
    yield from when(context, element, ("column", column.name), table, schema, is_there=True)


def create_index(context: BuildContext, index: sa.Index, **keywords: Any) -> StatementIterator:
    """Build CREATE INDEX."""
    if not keywords.get("if_not_exists") or has_guards(context):
        yield from ddl_builder.create_index(context, index, **keywords)
        return
    table, element = _table_of(index), ddl.CreateIndex(index)
    name = ("index", str(index.name))
    yield from when(context, element, name, table.name, table.schema, is_there=False)


def drop_index(context: BuildContext, index: sa.Index, **keywords: Any) -> StatementIterator:
    """Build DROP INDEX."""
    if not keywords.get("if_exists") or has_guards(context):
        yield from ddl_builder.drop_index(context, index, **keywords)
        return
    table, element = _table_of(index), ddl.DropIndex(index)
    name = ("index", str(index.name))
    yield from when(context, element, name, table.name, table.schema, is_there=True)


def when(
    context: BuildContext,
    element: Any,
    named: tuple[str, str],
    table: str,
    schema: str | None,
    *,
    is_there: bool,
) -> StatementIterator:
    """Build a statement that runs only if an object of a table exists, or does not exist.

    Args:
        context: the other builders, and read access to the schema.
        element: the statement.
        named: the kind of the object (column, index or constraint) and its name.
        table: the table.
        schema: the schema of the table; None for the default one.
        is_there: whether the object must exist for the statement to run.
    """
    kind, name = named
    if context.server is not None:
        present = context.lookup.table(table_key(table, schema))
        if (name in _names(present, kind)) == is_there:
            yield element
        return
    view, column = _PLACES[kind]
    home = quoted(schema) if schema else "DATABASE()"
    count = (
        f"SELECT COUNT(*) FROM information_schema.{view}"  # noqa: S608
        f" WHERE TABLE_SCHEMA = {home} AND TABLE_NAME = {quoted(table)}"
        f" AND {column} = {quoted(name)}"
    )
    sign = ">" if is_there else "="
    yield TextStatement(
        lambda quoting: (
            f"SET @limbeck_sql = IF(({count}) {sign} 0, "
            f"{quoted(quoting.statement(element))}, 'DO 0')"
        )
    )
    # https://dev.mysql.com/doc/refman/8.4/en/sql-prepared-statements.html
    yield TextStatement(lambda _: "PREPARE limbeck_statement FROM @limbeck_sql")
    yield TextStatement(lambda _: "EXECUTE limbeck_statement")
    yield TextStatement(lambda _: "DEALLOCATE PREPARE limbeck_statement")


def has_guards(context: BuildContext) -> bool:
    """Return whether IF EXISTS is written: for MariaDB, and in scripts of Alembic's projects."""
    if is_mariadb(context.dialect):
        return True
    return not context.is_live and context.lookup.opts.get("detect") != "all"


def _table_of(index: sa.Index) -> sa.Table:
    if index.table is None:
        raise sa.exc.CompileError(f"the index {index.name!r} belongs to no table")
    return index.table


def _names(table: Table | None, kind: str) -> frozenset[str | None]:
    if table is None:
        return frozenset()
    if kind == "column":
        return frozenset(column.name for column in table.columns)
    if kind == "index":
        indexes = {index.name for index in table.indexes}
        return frozenset(indexes | {unique.name for unique in table.uniques})
    checks = {check.name for check in table.checks}
    return frozenset(
        checks
        | {unique.name for unique in table.uniques}
        | {key.name for key in table.foreign_keys}
    )
