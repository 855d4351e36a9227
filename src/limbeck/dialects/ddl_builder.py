"""Build the statements of an operation in standard SQL.

`Statements` is a record of functions, one for each kind of statement. The module of a dialect
contains the functions that differ; its record is `GENERIC.replace(alter_column=...)`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import schema as ddl
from sqlalchemy.ext.compiler import compiles

from limbeck.dialects import ddl_elements
from limbeck.dialects.constraints import is_wanted
from limbeck.dialects.dialect import Sent

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.operations import Operation, SchemaLookup


@dataclass(frozen=True, slots=True)
class BuildContext:
    """The arguments of a statement builder: the other builders, and read access to the schema."""

    builder: Statements
    lookup: SchemaLookup

    @property
    def dialect(self) -> sa.engine.Dialect:
        """SQLAlchemy's dialect."""
        return self.lookup.dialect

    @property
    def is_live(self) -> bool:
        """Whether statements are run instead of being written to a script."""
        return self.lookup.connection is not None

    @property
    def server(self) -> sa.Connection | None:
        """The connection if the database can be queried, otherwise None."""
        connection = self.lookup.connection
        # test suites of other packages pass connections that only record
        return connection if isinstance(connection, sa.Connection) else None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A change of one column, and what is known of the column before it.

    `server_default`, `comment` and `existing_server_default` are False if they were not given;
    None is a valid value. `options` contains options of individual databases.
    """

    table: str
    column: str
    schema: str | None = None
    nullable: bool | None = None
    server_default: Any = False
    name: str | None = None
    type_: Any = None
    autoincrement: bool | None = None
    comment: Any = False
    existing_type: Any = None
    existing_server_default: Any = False
    existing_nullable: bool | None = None
    existing_autoincrement: bool | None = None
    existing_comment: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def before(self) -> dict[str, Any]:
        """The arguments of an AlterColumn element that describe the column before the change."""
        return {
            "schema": self.schema,
            "existing_type": self.existing_type,
            "existing_server_default": self.existing_server_default,
            "existing_nullable": self.existing_nullable,
            "existing_comment": self.existing_comment,
        }


def column_change(operation: Any) -> ColumnChange:
    """Return an AlterColumnOp as a ColumnChange."""
    keywords = dict(operation.kw)
    return ColumnChange(
        table=operation.table_name,
        column=operation.column_name,
        schema=operation.schema,
        nullable=operation.modify_nullable,
        server_default=operation.modify_server_default,
        name=operation.modify_name,
        type_=operation.modify_type,
        autoincrement=keywords.pop("autoincrement", None),
        comment=operation.modify_comment,
        existing_type=operation.existing_type,
        existing_server_default=operation.existing_server_default,
        existing_nullable=operation.existing_nullable,
        existing_autoincrement=keywords.pop("existing_autoincrement", None),
        existing_comment=operation.existing_comment,
        options=keywords,
    )


# ── tables ────────────────────────────────────────────────────────────────


class _Runner:
    # The interface that SQLAlchemy's table events expect of the code that creates a table. With the
    # memo, a named type that several columns use is created only once.
    def __init__(self, context: BuildContext) -> None:
        self.memo: dict[Any, Any] = {}
        self.dialect = context.dialect
        self.connection = context.lookup.bind


def _fire(context: BuildContext, event: Any, table: sa.Table) -> None:
    # If the database can be queried, existing types are skipped instead of causing an error.
    is_seen = context.server is not None
    event(table, context.lookup.bind, checkfirst=is_seen, _ddl_runner=_Runner(context))


def create_table(
    context: BuildContext, table: sa.Table, **options: Any
) -> Iterator[Executable | Sent]:
    """Build CREATE TABLE, its indexes and its comments; table events run around it."""
    _fire(context, table.dispatch.before_create, table)
    yield ddl.CreateTable(table, **_given(options))
    _fire(context, table.dispatch.after_create, table)
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        yield from context.builder.create_index(context, index)
    if not context.dialect.supports_comments or context.dialect.inline_comments:
        return
    if table.comment is not None:
        yield from context.builder.table_comment(context, table)
    for column in table.columns:
        if column.comment is not None:
            yield from context.builder.column_comment(context, column)


def drop_table(
    context: BuildContext, table: sa.Table, **options: Any
) -> Iterator[Executable | Sent]:
    """Build DROP TABLE; table events run around it."""
    _fire(context, table.dispatch.before_drop, table)
    yield ddl.DropTable(table, **_given(options))
    _fire(context, table.dispatch.after_drop, table)


def rename_table(
    _context: BuildContext, old: str, new: str, *, schema: str | None = None
) -> Iterator[Executable | Sent]:
    """Build ALTER TABLE RENAME."""
    yield ddl_elements.RenameTable(old, new, schema=schema)


def table_comment(_context: BuildContext, table: sa.Table) -> Iterator[Executable | Sent]:
    """Build COMMENT ON TABLE."""
    yield ddl.SetTableComment(table)


def drop_table_comment(_context: BuildContext, table: sa.Table) -> Iterator[Executable | Sent]:
    """Remove the comment of a table."""
    yield ddl.DropTableComment(table)


def column_comment(_context: BuildContext, column: sa.Column[Any]) -> Iterator[Executable | Sent]:
    """Build COMMENT ON COLUMN."""
    yield ddl.SetColumnComment(column)


# ── columns ───────────────────────────────────────────────────────────────


def add_column(
    _context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **options: Any,
) -> Iterator[Executable | Sent]:
    """Build ADD COLUMN; its constraints and indexes are separate operations."""
    yield ddl_elements.AddColumn(table, column, schema=schema, **_given(options))


def drop_column(
    _context: BuildContext,
    table: str,
    column: sa.Column[Any],
    *,
    schema: str | None = None,
    **keywords: Any,
) -> Iterator[Executable | Sent]:
    """Build DROP COLUMN."""
    if_exists = keywords.get("if_exists")
    yield ddl_elements.DropColumn(table, column, schema=schema, if_exists=if_exists)


def alter_column(context: BuildContext, change: ColumnChange) -> Iterator[Executable | Sent]:
    """Build ALTER COLUMN, one statement for each changed property."""
    if change.autoincrement is not None or change.existing_autoincrement is not None:
        warnings.warn(
            "autoincrement and existing_autoincrement are only supported by MySQL and MariaDB",
            UserWarning,
            stacklevel=2,
        )
    at = (change.table, change.column)
    if change.nullable is not None:
        yield ddl_elements.ColumnNullable(*at, change.nullable, **change.before)
    if change.server_default is not False:
        yield default_element(change)
    if change.type_ is not None:
        yield ddl_elements.ColumnType(*at, change.type_, **change.before)
    if change.comment is not False and context.dialect.supports_comments:
        yield ddl_elements.ColumnComment(*at, change.comment, **change.before)
    if change.name is not None:
        yield ddl_elements.ColumnName(*at, change.name, **change.before)


def default_element(change: ColumnChange) -> ddl_elements.AlterColumn:
    """Return the element for a new default: plain, identity or computed."""
    at = (change.table, change.column)
    both = (change.server_default, change.existing_server_default)
    if any(isinstance(default, sa.Computed) for default in both):
        return ddl_elements.ComputedColumnDefault(*at, change.server_default, **change.before)
    if any(isinstance(default, sa.Identity) for default in both):
        return ddl_elements.IdentityColumnDefault(*at, change.server_default, None, **change.before)
    return ddl_elements.ColumnDefault(*at, change.server_default, **change.before)


# ── constraints, indexes, rows ────────────────────────────────────────────


def add_constraint(context: BuildContext, constraint: sa.Constraint) -> Iterator[Executable | Sent]:
    """Build ADD CONSTRAINT, unless the constraint is not created on this database."""
    if is_wanted(context.dialect, constraint):
        yield ddl.AddConstraint(constraint)


def drop_constraint(
    _context: BuildContext, constraint: sa.Constraint, **options: Any
) -> Iterator[Executable | Sent]:
    """Build DROP CONSTRAINT."""
    yield ddl.DropConstraint(constraint, **_given(options))


def rename_constraint(
    _context: BuildContext, table: str, old: str, new: str, *, schema: str | None = None
) -> Iterator[Executable | Sent]:
    """Build ALTER TABLE ... RENAME CONSTRAINT."""
    yield ddl_elements.RenameConstraint(table, old, new, schema=schema)


def create_index(
    _context: BuildContext, index: sa.Index, **options: Any
) -> Iterator[Executable | Sent]:
    """Build CREATE INDEX."""
    yield ddl.CreateIndex(index, **_given(options))


def drop_index(
    _context: BuildContext, index: sa.Index, **options: Any
) -> Iterator[Executable | Sent]:
    """Build DROP INDEX."""
    yield ddl.DropIndex(index, **_given(options))


def bulk_insert(
    context: BuildContext, table: Any, rows: list[dict[str, Any]], *, multiinsert: bool = True
) -> Iterator[Executable | Sent]:
    """Insert rows: in a script one statement with literals per row, else bound parameters."""
    _check_rows(rows)
    insert = table.insert().inline()
    if not context.is_live:
        # in Alembic's scripts, a column with a Python-side default gets NULL
        is_native = context.lookup.opts.get("detect") == "all"
        for row in rows:
            whole = {**_defaults(table, row), **row} if is_native else row
            yield insert.values({key: _literal(table, key, whole[key]) for key in whole})
    elif rows and multiinsert and not _has_clauses(rows):
        yield Sent(insert, rows)
    else:
        for row in rows:
            yield insert.values(row)


def _check_rows(rows: Any) -> None:
    if not isinstance(rows, list):
        raise TypeError("the rows of a bulk insert come as a List")
    if rows and not isinstance(rows[0], dict):
        raise TypeError("each row of a bulk insert is a Dictionary")


def _literal(table: Any, key: str, value: Any) -> Any:
    if isinstance(value, sa.sql.ClauseElement):
        return value
    return LiteralParameter(key, value, type_=table.c[key].type)


def _defaults(table: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    # a script must contain the values that Python computes when rows are bound
    defaults = {}
    for column in table.columns:
        default = getattr(column, "default", None)
        if default is None or column.key in row or default.is_sequence:
            continue
        defaults[column.key] = default.arg(None) if default.is_callable else default.arg
    return defaults


def _has_clauses(rows: list[dict[str, Any]]) -> bool:
    return any(isinstance(value, sa.sql.ClauseElement) for row in rows for value in row.values())


def execute(
    _context: BuildContext, statement: Any, options: Mapping[str, Any] | None = None
) -> Iterator[Executable | Sent]:
    """Build a statement from the SQL of the operation."""
    executable = sa.text(statement) if isinstance(statement, str) else statement
    yield Sent(executable, None, options) if options else executable


# ── the record ────────────────────────────────────────────────────────────

Writer = Callable[..., Iterator[Any]]


class UnsupportedOperationError(LookupError):
    """The database does not support the operation."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(type(operation).__name__)
        self.operation = operation


@dataclass(frozen=True, slots=True)
class Statements:
    """The functions that build the statements of one database; callable with an operation.

    Every function takes the BuildContext first. `handlers` maps a class of operation to the
    function that builds its statements; an operation that only some databases have is in their
    records only.
    """

    create_table: Writer = create_table
    drop_table: Writer = drop_table
    rename_table: Writer = rename_table
    table_comment: Writer = table_comment
    drop_table_comment: Writer = drop_table_comment
    column_comment: Writer = column_comment
    add_column: Writer = add_column
    drop_column: Writer = drop_column
    alter_column: Writer = alter_column
    add_constraint: Writer = add_constraint
    drop_constraint: Writer = drop_constraint
    rename_constraint: Writer = rename_constraint
    create_index: Writer = create_index
    drop_index: Writer = drop_index
    bulk_insert: Writer = bulk_insert
    execute: Writer = execute
    takes_inline_references: bool = True
    adds_columns_alone: bool = False  # SQLAlchemy can compile them without a table
    handlers: Mapping[type, Callable[[BuildContext, Any], Iterator[Any]]] = field(
        default_factory=dict
    )

    def __call__(self, operation: Operation, lookup: SchemaLookup) -> Iterator[Executable | Sent]:
        """Yield the statements of an operation, in order.

        Raises:
            UnsupportedOperationError: this database does not support the operation.
        """
        writer = _of_class(self.handlers, operation)
        if writer is None:
            raise UnsupportedOperationError(operation)
        return writer(BuildContext(self, lookup), operation)

    def replace(self, **other: Any) -> Statements:
        """Return the record with some functions replaced; `own` is extended."""
        if "handlers" in other:
            other["handlers"] = {**self.handlers, **other["handlers"]}
        return replaced(self, **other)


def _of_class(
    table: Mapping[type, Callable[[BuildContext, Any], Iterator[Any]]], operation: Operation
) -> Callable[[BuildContext, Any], Iterator[Any]] | None:
    for kind in type(operation).__mro__:
        if kind in table:
            return table[kind]
    return None


# ── small answers that dialects share ─────────────────────────────────────


class LiteralParameter(sa.BindParameter[Any]):
    """A value that is always rendered as a literal."""

    inherit_cache = True


@compiles(LiteralParameter)
def _visit_written(element: LiteralParameter, compiler: Any, **kw: Any) -> str:
    return str(compiler.render_literal_bindparam(element, **kw))


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}
