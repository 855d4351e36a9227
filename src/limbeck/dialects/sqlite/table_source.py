"""The original table of a batch block, from sqlite_schema or from the script's declaration."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.sqlite.create_table import Clause, CreateTable, parse_create_table
from limbeck.dialects.sqlite.schema_text import same_name
from limbeck.dialects.sqlite.table_edits import TableEdits
from limbeck.dialects.sqlite.table_writer import TableWriter
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect

    from limbeck.operations import BatchAlterTableOp, SchemaLookup

PREFIX = "_alembic_tmp_"
"""Prefix of the name under which the new table is created."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of sqlite_schema."""

    type: str
    name: str
    table: str
    sql: str


def entries(connection: Connection, schema: str | None) -> list[Entry]:
    """Return the rows of sqlite_schema that have SQL text."""
    master = master_table(connection.dialect, schema)
    rows = connection.exec_driver_sql(
        f"SELECT type, name, tbl_name, sql FROM {master} WHERE sql IS NOT NULL"  # noqa: S608
    )
    return [Entry(*row) for row in rows]


def find_entry(rows: Iterable[Entry], type_: str, name: str) -> Entry | None:
    """Return the row of one object."""
    return next((e for e in rows if e.type == type_ and same_name(e.name, name)), None)


def master_table(dialect: Dialect, schema: str | None) -> str:
    """Return the name of sqlite_schema in a schema; older versions call it sqlite_master."""
    prefix = f"{dialect.identifier_preparer.quote(schema)}." if schema else ""
    return f"{prefix}sqlite_master"


def source_table(
    block: BatchAlterTableOp, rows: list[Entry], environment: SchemaLookup
) -> CreateTable:
    """Return the syntax tree of the table that a batch block changes.

    Args:
        block: the batch block.
        rows: the rows of sqlite_schema; empty without a connection.
        environment: the options of the running environment.

    Raises:
        DatabaseError: the table does not exist, or its rebuild was interrupted.
    """
    writer = TableWriter(block.table_name, block.schema, environment.dialect, environment)
    if block.copy_from is not None:
        table = writer.table_tree(block.copy_from)
    elif environment.connection is None:
        raise DatabaseError(
            f"A script cannot copy the SQLite table {block.table_name}: its definition is not "
            "known without a database.",
            hint=f"Declare it in the revision: op.batch_alter_table({block.table_name!r}, "
            "copy_from=sa.Table(...)), or run the migration without --sql.",
            place=_line_of_block(),
            code="LB342",
        )
    else:
        table = _table_in_database(block, rows)
    if block.reflect_args or block.reflect_kwargs:
        _overlay(table, block, environment)
    if block.naming_convention:
        _name_constraints(table, block.naming_convention, writer)
    return table


def _line_of_block() -> str | None:
    """Return the file and line of the innermost caller outside limbeck and Python."""
    inside = (str(Path(__file__).parents[2]), str(Path(contextlib.__file__).parent), "<")
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith(inside):
            return f"{path}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _table_in_database(block: BatchAlterTableOp, rows: list[Entry]) -> CreateTable:
    name = block.table_name
    entry = find_entry(rows, "table", name)
    if entry is not None:
        return parse_create_table(entry.sql)
    if find_entry(rows, "table", f"{PREFIX}{name}") is None:
        raise sa.exc.NoSuchTableError(name)
    raise DatabaseError(
        f"The table {name!r} does not exist and its copy {PREFIX + name!r} does: a batch block "
        "was interrupted after the copy was complete.",
        hint=f"Rename {PREFIX + name!r} back to {name!r} and run again.",
        code="LB335",
    )


def _overlay(table: CreateTable, block: BatchAlterTableOp, environment: SchemaLookup) -> None:
    """Replace the columns in reflect_args, and the columns that listeners have changed."""
    edits = TableEdits(table, environment.dialect, environment, block.schema)
    given = [item for item in block.reflect_args if isinstance(item, sa.Column)]
    if block.reflect_kwargs and environment.connection is not None:
        plain = _reflected(block, environment.connection, {})
        for column in _reflected(block, environment.connection, block.reflect_kwargs).columns:
            before = plain.c.get(column.name)
            text = edits.writer.column_text(column)
            if before is None or edits.writer.column_text(before) != text:
                given.append(column)
    for column in given:
        old = table.column(column.name)
        definition, constraints, _ = edits.writer.column(column)
        if old is None:
            table.columns.append(definition)
        else:
            primary = [clause for clause in old.clauses if clause.kind == "primary"]
            definition.set_clauses([*primary, *definition.clauses])
            definition.lead, definition.trail = old.lead, old.trail
            table.columns[table.columns.index(old)] = definition
        edits.add_table_constraints(constraints)
    for item in block.reflect_args:
        if isinstance(item, sa.Constraint):
            table.constraints += edits.writer.constraint(item)


def _reflected(block: BatchAlterTableOp, connection: Connection, kw: Any) -> sa.Table:
    with warnings.catch_warnings():
        # the text that is copied contains what reflection skips
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        return sa.Table(
            block.table_name,
            sa.MetaData(),
            schema=block.schema,
            autoload_with=connection,
            resolve_fks=False,
            **kw,
        )


def _name_constraints(table: CreateTable, convention: Any, writer: TableWriter) -> None:
    """Give unnamed constraints the name of a naming convention."""
    quote = writer.dialect.identifier_preparer.quote
    metadata = sa.MetaData(naming_convention=convention)
    columns = [sa.Column(column.name, sa.types.NULLTYPE) for column in table.columns]
    stand_in = sa.Table(table.name, metadata, *columns)
    for index, clause in enumerate(table.constraints):
        if clause.name is not None:
            continue
        try:
            constraint = _stand_in_of(clause, stand_in)
        except sa.exc.InvalidRequestError:
            continue  # the convention requires an explicit name
        # a convention need not have a rule for every kind; then there is no name
        name = None if constraint is None else writer.name_of(constraint)
        if name:
            text = f"CONSTRAINT {quote(name)} {clause.text}"
            table.constraints[index] = clause._replace(name=name, text=text)


def _stand_in_of(clause: Clause, table: sa.Table) -> sa.Constraint | None:
    columns = [column for column in clause.columns if column in table.c]
    constraint: sa.Constraint
    if clause.kind == "unique":
        constraint = sa.UniqueConstraint(*columns)
    elif clause.kind == "primary":
        constraint = sa.PrimaryKeyConstraint(*columns)
    elif clause.kind == "check":
        constraint = sa.CheckConstraint("1")
    elif clause.references is not None:
        name, remote = clause.references.table, clause.references.columns
        # a table may refer to itself, so that the columns can be there already
        target = table.metadata.tables.get(name)
        if target is None:
            target = sa.Table(name, table.metadata)
        for column in remote:
            if column not in target.c:
                target.append_column(sa.Column(column, sa.types.NULLTYPE))
        constraint = sa.ForeignKeyConstraint(columns, [target.c[column] for column in remote])
    else:
        return None
    table.append_constraint(constraint)
    return constraint
