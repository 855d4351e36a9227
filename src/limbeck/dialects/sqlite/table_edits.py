"""Edits of a CREATE TABLE, for the operations of a batch block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.dialects.sqlite.create_table import (
    Clause,
    ColumnDefinition,
    CreateTable,
    parse_clause,
    parse_constraint,
    with_renamed_column,
)
from limbeck.dialects.sqlite.schema_text import (
    comparable,
    mentions,
    replace_identifier,
    same_name,
)
from limbeck.dialects.sqlite.table_writer import TableWriter
from limbeck.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

    from limbeck.operations import Configured


@dataclass(slots=True)
class TableEdits:
    """The table of a batch block, edited operation by operation.

    Args:
        table: the syntax tree of the table; it is edited in place.
        dialect: SQLAlchemy's dialect.
        configured: the options of the running environment.
        schema: the schema of the table.

    Attributes:
        writer: compiles SQLAlchemy's columns and constraints.
        sources: the old column from which each new column's rows are copied.
        casts: the type to which each new column's rows are cast.
        fills: the SQL that existing rows get, by new column.
        computed: columns that are generated in the old table.
        new_indexes: indexes to create at the end.
        dropped_indexes: names of indexes that are dropped.
        dropped_columns: names of columns that are dropped.
        gone_with_columns: names of the constraints that were dropped with these columns.
    """

    table: CreateTable
    dialect: Dialect
    configured: Configured | None
    schema: str | None = None
    writer: TableWriter = field(init=False)
    sources: dict[str, str] = field(default_factory=dict)
    casts: dict[str, Any] = field(default_factory=dict)
    fills: dict[str, str] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)
    new_indexes: list[sa.Index] = field(default_factory=list)
    dropped_indexes: list[str] = field(default_factory=list)
    dropped_columns: list[str] = field(default_factory=list)
    gone_with_columns: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = TableWriter(self.table.name, self.schema, self.dialect, self.configured)
        self.sources = {c.name: c.name for c in self.table.columns if not c.is_generated}
        self.computed = {c.name for c in self.table.columns if c.is_generated}

    # ── running operations ────────────────────────────────────────────────

    def apply(self, operation: ops.Operation) -> None:
        """Edit the table according to an operation.

        Raises:
            DatabaseError: the operation cannot be part of a batch block.
        """
        for kind, edit in _EDITS:
            if isinstance(operation, kind):
                edit(self, operation)
                return
        raise DatabaseError(
            f"{type(operation).__name__} cannot be part of a batch block on SQLite.",
            hint="Call it with op outside the block.",
            code="LB343",
        )

    def column(self, name: str) -> ColumnDefinition:
        """Return a column.

        Raises:
            KeyError: the table has no such column.
        """
        column = self.table.column(name)
        if column is None:
            renamed = next((new for new, old in self.sources.items() if same_name(old, name)), None)
            column = self.table.column(renamed) if renamed is not None else None
        if column is None:
            raise KeyError(f"No such column in {self.table.name!r}: {name!r}")
        return column

    # ── columns ───────────────────────────────────────────────────────────

    def add_column(self, operation: ops.AddColumnOp) -> None:
        """Add a column with its constraints and indexes."""
        if self.table.column(operation.column.name) is not None and operation.if_not_exists:
            return
        column, constraints, indexes = self.writer.column(operation.column)
        self.table.columns.append(column)
        # an index on a column that is dropped and added in the same block is kept
        self.dropped_columns = [
            each for each in self.dropped_columns if not same_name(each, column.name)
        ]
        self.table.constraints += constraints
        self.new_indexes += indexes
        if operation.column.primary_key:
            self._join_primary_key(column)
        self._move(column, operation.kw)

    def _join_primary_key(self, column: ColumnDefinition) -> None:
        old = [each for each in self.table.columns if each.clause("primary") is not None]
        constraint = self.table.primary_key()
        if constraint is not None:
            self.set_primary_key([*constraint.columns, column.name], constraint.name)
        else:
            self.set_primary_key([*(each.name for each in old), column.name], None)

    def drop_column(self, operation: ops.DropColumnOp) -> None:
        """Drop a column with the constraints that use it."""
        if self.table.column(operation.column_name) is None and operation.if_exists:
            return
        column = self.column(operation.column_name)
        self.table.columns.remove(column)
        self.sources.pop(column.name, None)
        self.casts.pop(column.name, None)
        self.fills.pop(column.name, None)
        self.dropped_columns.append(column.name)
        self.gone_with_columns += [clause.name for clause in column.clauses]
        for constraint in list(self.table.constraints):
            if constraint.kind == "primary" and any(
                same_name(c, column.name) for c in constraint.columns
            ):
                rest = [c for c in constraint.columns if not same_name(c, column.name)]
                self.set_primary_key(rest, constraint.name)
            elif self._uses_column(constraint, column.name):
                self.gone_with_columns.append(constraint.name)
                self.table.constraints.remove(constraint)
        for other in self.table.columns:
            other.set_clauses([c for c in other.clauses if not self._uses_column(c, column.name)])

    @staticmethod
    def _uses_column(constraint: Clause, name: str) -> bool:
        if constraint.kind == "check":
            return mentions(constraint.text, name)
        return any(same_name(column, name) for column in constraint.columns)

    def alter_column(self, operation: ops.AlterColumnOp) -> None:
        """Change a column's name, type, nullability, default or position."""
        column = self.column(operation.column_name)
        if operation.modify_type is not None:
            self._retype(column, operation)
        if operation.modify_nullable is not None:
            column.remove_clauses("not null", "null")
            if not operation.modify_nullable:
                column.insert_clause(Clause("not null", "NOT NULL"))
        if operation.modify_server_default is not False:
            self._set_default(column, operation.modify_server_default)
        if operation.modify_name is not None and operation.modify_name != column.name:
            self._rename(column, operation.modify_name)
        self._move(column, operation.kw)

    def _retype(self, column: ColumnDefinition, operation: ops.AlterColumnOp) -> None:
        for constraint in self.writer.constraints_of_type(column.name, operation.existing_type):
            self._drop_matching(constraint)
        new = sa.types.to_instance(operation.modify_type)
        old = self.dialect._resolve_type_affinity(column.type_text)  # type: ignore[attr-defined]
        column.type_text = self.dialect.type_compiler_instance.process(new)
        column.source = None
        collation = getattr(new, "collation", None)
        if collation or getattr(operation.existing_type, "collation", None):
            column.remove_clauses("collate")
        self.table.constraints += self.writer.constraints_of_type(column.name, new)
        self._set_cast(column, old, new)

    def _set_cast(self, column: ColumnDefinition, old: Any, new: sa.types.TypeEngine[Any]) -> None:
        # dates are stored as text: a cast to DATETIME would turn '2020-01-31' into 2020
        shown = new.dialect_impl(self.dialect)
        is_text = isinstance(new, (sa.JSON, sa.Date, sa.DateTime, sa.Time)) or isinstance(
            shown, (sa.JSON, sa.Date, sa.DateTime, sa.Time)
        )
        if column.name in self.sources and not is_text:
            if old._type_affinity is not new._type_affinity:
                self.casts[column.name] = new
            else:
                self.casts.pop(column.name, None)

    def _drop_matching(self, constraint: Clause) -> None:
        wanted = comparable(constraint.text)
        self.table.constraints = [
            each
            for each in self.table.constraints
            if not same_name(each.name, constraint.name) and comparable(each.text) != wanted
        ]
        for column in self.table.columns:
            column.set_clauses(
                [clause for clause in column.clauses if comparable(clause.text) != wanted]
            )

    def _set_default(self, column: ColumnDefinition, default: Any) -> None:
        if isinstance(default, sa.Identity):
            return
        if isinstance(default, sa.Computed):
            definition, _, _ = self.writer.column(sa.Column(column.name, sa.Integer, default))
            column.remove_clauses("generated", "default")
            generated = [clause for clause in definition.clauses if clause.kind == "generated"]
            column.set_clauses([*column.clauses, *generated])
            self.sources.pop(column.name, None)
            return
        if column.is_generated and column.name in self.computed:
            # the values that were generated so far are copied
            self.sources[column.name] = column.name
        before = column.clause("default")
        if before is not None and column.name not in self.sources:
            # added in the same block: existing rows get the default that it had so far
            self.fills.setdefault(column.name, before.expression)
        column.remove_clauses("default", "generated")
        if default is None or default is False:
            return
        type_ = self.dialect._resolve_type_affinity(column.type_text)  # type: ignore[attr-defined]
        definition, _, _ = self.writer.column(sa.Column(column.name, type_, server_default=default))
        clause = definition.clause("default")
        if clause is not None:
            column.insert_clause(clause)

    def _rename(self, column: ColumnDefinition, name: str) -> None:
        old, quoted = column.name, self.quote(name)
        for each in self.table.columns:
            each.set_clauses(
                [
                    parse_clause(replace_identifier(clause.text, old, quoted))
                    if clause.kind in {"check", "generated"} and mentions(clause.text, old)
                    else clause
                    for clause in each.clauses
                ]
            )
        self.table.constraints = [
            with_renamed_column(constraint, old, quoted)
            if self._uses_column(constraint, old)
            else constraint
            for constraint in self.table.constraints
        ]
        column.name, column.name_text, column.source = name, quoted, None
        self.sources = {
            (name if new == old else new): source for new, source in self.sources.items()
        }
        self.casts = {(name if new == old else new): type_ for new, type_ in self.casts.items()}
        self.fills = {(name if new == old else new): sql for new, sql in self.fills.items()}

    def _move(self, column: ColumnDefinition, kw: dict[str, Any]) -> None:
        before, after = kw.get("insert_before"), kw.get("insert_after")
        if not before and not after:
            return
        columns = self.table.columns
        columns.remove(column)
        # insert_after has precedence if both are given
        at = (
            columns.index(self.column(after)) + 1
            if after
            else columns.index(self.column(before or ""))
        )
        columns.insert(at, column)

    # ── constraints and indexes ───────────────────────────────────────────

    def add_constraint(self, operation: ops.AddConstraintOp) -> None:
        """Add a constraint; a new primary key replaces the old one."""
        constraint = operation.to_constraint(self.configured)
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            name = self.writer.name_of(constraint)
            self.set_primary_key([column.name for column in constraint.columns], name)
            return
        for clause in self.writer.constraint(constraint):
            if clause.name is not None:
                self.table.constraints = [
                    each for each in self.table.constraints if not self._is_replaced(each, clause)
                ]
            self.table.constraints.append(clause)

    def _is_replaced(self, old: Clause, new: Clause) -> bool:
        """Return whether a new constraint replaces an old one of the same name.

        Checks of other columns may have the same name: a type gives its name to all its checks.
        """
        if not same_name(old.name, new.name):
            return False
        if not old.kind == new.kind == "check":
            return True
        return self._columns_in(old) == self._columns_in(new)

    def _columns_in(self, check: Clause) -> set[str]:
        return {column.name for column in self.table.columns if mentions(check.text, column.name)}

    def add_table_constraints(self, constraints: Iterable[Clause]) -> None:
        """Add the constraints that the table does not have yet."""
        present = {comparable(each.text) for each in self.table.constraints}
        self.table.constraints += [
            each for each in constraints if comparable(each.text) not in present
        ]

    def set_primary_key(self, columns: Sequence[str], name: str | None = None) -> None:
        """Replace the primary key; without columns, remove it."""
        for column in self.table.columns:
            column.remove_clauses("primary")
        self.table.constraints = [each for each in self.table.constraints if each.kind != "primary"]
        if columns:
            key = ", ".join(self.quote(column) for column in columns)
            named = f"CONSTRAINT {self.quote(name)} " if name else ""
            text = f"{named}PRIMARY KEY ({key})"
            self.table.constraints.insert(0, Clause("primary", text, name, tuple(columns)))

    def set_autoincrement(self, *, enabled: bool) -> None:
        """Add AUTOINCREMENT to a primary key of one integer column, or remove it."""
        constraint = self.table.primary_key()
        keys = [each for each in self.table.columns if each.clause("primary") is not None]
        if constraint is not None:
            keys = [
                each for each in self.table.columns if same_name(each.name, constraint.columns[0])
            ]
        if len(keys) != 1 or (constraint is not None and len(constraint.columns) != 1):
            return
        key = keys[0]
        clause = key.clause("primary")
        if enabled and "INT" in key.type_text.upper():
            self.set_primary_key([])
            key.insert_clause(parse_clause("PRIMARY KEY AUTOINCREMENT"))
        elif not enabled and clause is not None and clause.autoincrement:
            self.set_primary_key([key.name], clause.name)

    def drop_constraint(self, operation: ops.DropConstraintOp) -> None:
        """Drop a constraint by its name, or an unnamed one by its definition.

        Raises:
            ValueError: the constraint does not exist.
        """
        if operation.constraint_type == "primary":
            self.set_primary_key([])
            return
        names = [operation.constraint_name]
        if operation.constraint_name is not None:
            names.append(self.writer.name_of(operation.stand_in(self.configured)))
        for constraint in self._matching_first(operation):
            if any(same_name(constraint.name, name) for name in names):
                self.table.constraints.remove(constraint)
                return
        for column in self.table.columns:
            for clause in column.clauses:
                if any(same_name(clause.name, name) for name in names):
                    column.set_clauses([each for each in column.clauses if each is not clause])
                    return
        if operation.constraint_name is None and self._drop_unnamed(operation):
            return
        # a block may drop a column first, and then the constraint that has gone with it
        is_gone = any(same_name(gone, name) for gone in self.gone_with_columns for name in names)
        if not (operation.if_exists or is_gone):
            raise self._no_such_constraint(operation)

    def _no_such_constraint(self, operation: ops.DropConstraintOp) -> ValueError:
        wanted = f"{operation.constraint_name!r}"
        if operation.columns:
            wanted = f"{operation.constraint_type or 'one'} on ({', '.join(operation.columns)})"
        present = ", ".join(each.text for each in self.table.constraints) or "none"
        return ValueError(f"No such constraint: {wanted}; the table's constraints are: {present}")

    def rename_constraint(self, operation: ops.RenameConstraintOp) -> None:
        """Rename a constraint of the table or of one of its columns."""
        new = operation.new_name
        self.table.rename_constraint(operation.old_name, new, self.quote(new))

    def _matching_first(self, operation: ops.DropConstraintOp) -> list[Clause]:
        """Return the constraints, those with the given definition first: names may be repeated."""
        if operation.says is None or operation.constraint_name is None:
            return self.table.constraints
        wanted = comparable(operation.says)

        def differs(constraint: Clause) -> bool:
            return comparable(constraint.text)[-len(wanted) :] != wanted

        return sorted(self.table.constraints, key=differs)

    def _drop_unnamed(self, operation: ops.DropConstraintOp) -> bool:
        """Drop a constraint without a name; return whether it was found."""
        if operation.columns:
            return self._drop_on_columns(operation.columns, operation.constraint_type)
        wanted = self._definition(operation)
        if wanted is not None:
            return self._drop_equal(wanted) or self._drop_column_clause(wanted)
        of_kind = [
            each
            for each in self.table.constraints
            if each.kind == operation.constraint_type and not each.name
        ]
        if len(of_kind) != 1:
            return False
        self.table.constraints.remove(of_kind[0])
        return True

    def _drop_on_columns(self, columns: tuple[str, ...], kind: str | None) -> bool:
        """Drop the only constraint on some columns; return whether it was found."""
        matching = [
            each
            for each in self.table.constraints
            if each.columns == columns and kind in {None, each.kind}
        ]
        if len(matching) == 1:
            self.table.constraints.remove(matching[0])
            return True
        if matching or len(columns) != 1:
            return False
        for column in self.table.columns:
            clauses = [each for each in column.clauses if each.kind == kind]
            if column.name == columns[0] and len(clauses) == 1:
                column.set_clauses([each for each in column.clauses if each is not clauses[0]])
                return True
        return False

    def _definition(self, operation: ops.DropConstraintOp) -> Clause | None:
        """Return the constraint to drop, as far as the operation describes it."""
        if operation.says is not None:
            return parse_constraint(operation.says)
        if operation._reverse is None:
            return None
        constraint = operation._reverse.to_constraint()
        constraint.name = None
        return next(iter(self.writer.constraint(constraint)), None)

    def _drop_equal(self, wanted: Clause) -> bool:
        """Drop an unnamed constraint with the same definition, or else with the same columns."""
        unnamed = [
            each for each in self.table.constraints if each.kind == wanted.kind and not each.name
        ]
        text = comparable(wanted.text)
        matching = [each for each in unnamed if comparable(each.text) == text]
        if not matching and wanted.kind != "check":
            matching = [each for each in unnamed if each.columns == wanted.columns]
        if matching:
            self.table.constraints.remove(matching[0])
            return True
        for column in self.table.columns:
            for clause in column.clauses:
                if not clause.name and comparable(clause.text) == text:
                    column.set_clauses([each for each in column.clauses if each is not clause])
                    return True
        return False

    def _drop_column_clause(self, wanted: Clause) -> bool:
        """Drop a constraint of one column that is part of the column's definition."""
        if len(wanted.columns) != 1:
            return False
        column = self.column(wanted.columns[0])
        if column.clause(wanted.kind) is None:
            return False
        column.remove_clauses(wanted.kind)
        return True

    def create_index(self, operation: ops.CreateIndexOp) -> None:
        """Create an index once the table is complete."""
        self.new_indexes.append(operation.to_index(self.configured))

    def drop_index(self, operation: ops.DropIndexOp) -> None:
        """Drop an index, or cancel its creation."""
        self.dropped_indexes.append(str(operation.index_name))
        self.new_indexes = [i for i in self.new_indexes if i.name != operation.index_name]

    def quote(self, name: str) -> str:
        """Return an identifier, quoted if necessary."""
        return self.dialect.identifier_preparer.quote(name)

    def ignore(self, _operation: ops.Operation) -> None:
        """Ignore comments, which SQLite does not support."""


_EDITS: tuple[tuple[type[ops.Operation], Callable[[TableEdits, Any], None]], ...] = (
    (ops.AddColumnOp, TableEdits.add_column),
    (ops.DropColumnOp, TableEdits.drop_column),
    (ops.AlterColumnOp, TableEdits.alter_column),
    (ops.AddConstraintOp, TableEdits.add_constraint),
    (ops.DropConstraintOp, TableEdits.drop_constraint),
    (ops.RenameConstraintOp, TableEdits.rename_constraint),
    (ops.CreateIndexOp, TableEdits.create_index),
    (ops.DropIndexOp, TableEdits.drop_index),
    (ops.CreateTableCommentOp, TableEdits.ignore),
    (ops.DropTableCommentOp, TableEdits.ignore),
)
