"""Compile SQLAlchemy's columns and constraints to parts of a CREATE TABLE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn, CreateTable

from limbeck import operations as ops
from limbeck.dialects.constraints import is_wanted
from limbeck.dialects.sqlite.create_table import (
    Clause,
    ColumnDefinition,
    parse_clause,
    parse_column,
    parse_constraint,
    parse_create_table,
)
from limbeck.dialects.sqlite.create_table import (
    CreateTable as TableTree,
)
from limbeck.sql import unquote

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

    from limbeck.operations import Configured

_PLAIN_DEFAULT = re.compile(
    r"""\s*(\(.*\)|'(?:[^']|'')*'|"(?:[^"]|"")*"|[+-]?\s*[\d.][\w.]*|x'[0-9a-f]*'
        |null|true|false|current_(?:time|date|timestamp))\s*$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_plain_default(text: str) -> bool:
    """Return whether SQLite accepts a default without parentheses around it."""
    return _PLAIN_DEFAULT.match(text) is not None


@dataclass(frozen=True, slots=True)
class TableWriter:
    """Compiles parts of one table.

    Args:
        table: the name of the table.
        schema: the schema of the table.
        dialect: SQLAlchemy's dialect.
        configured: the options of the running environment.
    """

    table: str
    schema: str | None
    dialect: Dialect
    configured: Configured | None

    def column(
        self, column: sa.Column[Any]
    ) -> tuple[ColumnDefinition, list[Clause], list[sa.Index]]:
        """Return a column, the table constraints that it requires, and its indexes."""
        copied, table = self._copy(column)
        definition = parse_column(self._compiler().process(CreateColumn(copied)))
        definition.set_clauses([_parenthesized(clause) for clause in definition.clauses])
        constraints = [
            clause
            for constraint in sorted(table.constraints, key=lambda c: c._creation_order)
            if not isinstance(constraint, sa.PrimaryKeyConstraint)
            and constraint not in copied.constraints
            for clause in self.constraint(constraint)
        ]
        return definition, constraints, sorted(table.indexes, key=lambda index: str(index.name))

    def column_text(self, column: sa.Column[Any]) -> str:
        """Return a column as SQLAlchemy writes it."""
        copied, _ = self._copy(column)
        return str(self._compiler().process(CreateColumn(copied)))

    def _copy(self, column: sa.Column[Any]) -> tuple[sa.Column[Any], sa.Table]:
        """Return a copy that is not a primary key, in a separate table."""
        copied = column._copy()
        copied.primary_key = False
        table = ops.SchemaObjects(self.configured).table(self.table, copied, schema=self.schema)
        copied.nullable = column.nullable and not column.primary_key
        return copied, table

    def constraint(self, constraint: sa.Constraint) -> list[Clause]:
        """Return a constraint; an empty list if it is not created on SQLite."""
        if not is_wanted(self.dialect, constraint):
            return []
        return [parse_constraint(self._compiler().process(constraint))]

    def constraints_of_type(self, column: str, type_: Any) -> list[Clause]:
        """Return the constraints that a type adds to the table of its column."""
        if type_ is None:
            return []
        table = ops.SchemaObjects(self.configured).table(self.table, sa.Column(column, type_))
        return [
            clause
            for constraint in sorted(table.constraints, key=lambda c: str(c.name))
            if getattr(constraint, "_type_bound", False)
            for clause in self.constraint(constraint)
        ]

    def name_of(self, constraint: sa.Constraint) -> str | None:
        """Return the name that the naming convention gives to a constraint."""
        if constraint.name is None:
            return None
        formatted = self._compiler().preparer.format_constraint(constraint)
        return unquote(formatted) if formatted else None

    def table_tree(self, table: sa.Table) -> TableTree:
        """Return the syntax tree of the CREATE TABLE of a whole table."""
        return parse_create_table(str(CreateTable(table).compile(dialect=self.dialect)).strip())

    def _compiler(self) -> Any:
        return self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]


def _parenthesized(clause: Clause) -> Clause:
    """Return a default with the parentheses that SQLite requires around expressions."""
    if clause.kind != "default":
        return clause
    text = clause.text[len("DEFAULT") :].strip()
    return clause if is_plain_default(text) else parse_clause(f"DEFAULT ({text})")
