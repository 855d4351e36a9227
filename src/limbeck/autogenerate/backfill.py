"""Add NOT NULL columns without default, with a value for existing rows."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Column as SqlColumn
from sqlalchemy import Date, DateTime, DefaultClause, Enum, Uuid, literal, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import UserDefinedType

from limbeck import operations as ops
from limbeck.autogenerate.columns import is_generated
from limbeck.autogenerate.draft_operations import DowngradeOnlyOp, StatementOp, UpgradeOnlyNoteOp
from limbeck.autogenerate.rename_evidence import allowed_values
from limbeck.catalog import Column, Key, Table
from limbeck.render import escaped
from limbeck.sql import mask_secrets, quote_literal, split_script

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from limbeck.autogenerate.comparison import Comparison


class UpgradeOnlyColumnOp(ops.AlterColumnOp):
    """A change of a column in the upgrade only."""

    def reverse(self) -> Any:
        """Return nothing for the downgrade."""
        return DowngradeOnlyOp(self)


class FillOp(StatementOp):
    """An UPDATE that gives existing rows a value; it runs outside of batch blocks.

    Args:
        sqltext: the statement.
        table: the schema and name of the table.
        column: the column that gets values.
        undo: the statement that reverses it; empty if nothing has to be reversed.
    """

    def __init__(
        self, sqltext: str, table: tuple[str | None, str], column: str, undo: str = ""
    ) -> None:
        super().__init__(sqltext, undo)
        self.table = table
        self.column = column


def fill_ops(
    comparison: Comparison, owner: Key, column: Column, *, only_null: bool
) -> Iterator[FillOp]:
    """Yield the UPDATE that gives existing rows the value that the user chose, if any.

    Args:
        comparison: what is compared, with the answers of the user.
        owner: the table.
        column: the column in its final form.
        only_null: change only rows in which the column is NULL.
    """
    if is_generated(column):
        return
    chosen = comparison.answers.fill(owner, column.name)
    if chosen is None:
        return
    quote = comparison.sa_dialect.identifier_preparer.quote
    table = ".".join(quote(name) for name in owner.path if name)
    name = quote(column.name)
    where = f" WHERE {name} IS NULL" if only_null else ""
    sql = f"UPDATE {table} SET {name} = {chosen}{where}"  # noqa: S608 - names are quoted, the value is SQL by intent
    yield FillOp(sql, (owner.namespace, owner.name), column.name)


def uuid_ops(
    comparison: Comparison, owner: Key, old: Column, new: SqlColumn[Any]
) -> Iterator[FillOp]:
    """Yield the UPDATE that writes UUIDs without hyphens, for a column that becomes a Uuid.

    SQLAlchemy stores a Uuid as 32 characters where the database has no such type.

    Args:
        comparison: what is compared.
        owner: the table.
        old: the column in the database.
        new: the column in the models.
    """
    dialect, type_ = comparison.sa_dialect, new.type
    if not comparison.profile.drafts_runnable or not isinstance(type_, Uuid):
        return
    is_native = type_.native_uuid and getattr(dialect, "supports_native_uuid", False)
    if is_native or not any(word in old.type.name.lower() for word in ("char", "text")):
        return
    if comparison.sa_dialect.type_compiler_instance.process(type_) == str(old.type).upper():
        return
    quote = dialect.identifier_preparer.quote
    table, name = ".".join(quote(name) for name in owner.path if name), quote(old.name)
    sql = f"UPDATE {table} SET {name} = REPLACE({name}, '-', '') WHERE {name} LIKE '%-%'"  # noqa: S608 - names are quoted
    yield FillOp(sql, (owner.namespace, owner.name), old.name)


def needs_backfill(comparison: Comparison, owner: Key, column: Column) -> bool:
    """Return whether existing rows need a value because the column has no default and no NULL.

    Drafts of Alembic projects give them one only if the user has chosen it.
    """
    return (
        not column.nullable
        and column.default is None
        and not dict(column.extras).get("serial")
        and (
            comparison.profile.drafts_runnable
            or comparison.answers.fill(owner, column.name) is not None
        )
    )


def add_backfilled_column(
    comparison: Comparison,
    owner: Key,
    column: Column,
    op: ops.AddColumnOp,
    model: SqlColumn[Any] | None,
) -> Iterator[ops.Operation]:
    """Yield the addition of a column, with a value for existing rows if one can be determined.

    Args:
        comparison: what is compared, with the dialect's rules for neutral values.
        owner: the table.
        column: the column.
        op: the operation that adds the column in its final form.
        model: the models' column, whose Python-side default is preferred.
    """
    fill = _fill(comparison, owner, column, model)
    name = f"{op.table_name}.{column.name}"
    if fill is None:
        yield UpgradeOnlyNoteOp(
            f"{name} is NOT NULL and has no default: {_effect_on_rows(comparison, op)}"
        )
        yield op
        return
    is_given = comparison.answers and comparison.answers.fill(owner, column.name) is not None
    yield UpgradeOnlyNoteOp(
        f"{name} is NOT NULL and has no default: existing rows get {fill}"
        + (", as given." if is_given else ".\nReplace it with a value that suits them.")
    )
    op.column.server_default = DefaultClause(text(escaped(fill)))
    yield op
    yield UpgradeOnlyColumnOp(
        op.table_name,
        column.name,
        schema=op.schema,
        existing_type=op.column.type,
        existing_nullable=False,
        modify_server_default=None,
    )


def _effect_on_rows(comparison: Comparison, op: ops.AddColumnOp) -> str:
    """Describe what happens to existing rows if a column is added without a value for them."""
    live = comparison.dialect.live
    if live is None or not live.fills_new_columns:
        return (
            "this fails if the table has rows.\n"
            "Give it a server_default, or add it as nullable, fill it, and set nullable=False."
        )
    is_date = isinstance(op.column.type, (Date, DateTime))
    return (
        "existing rows get the implicit default of its type"
        + (", which the SQL mode NO_ZERO_DATE refuses" if is_date else "")
        + f'.\nFor another value: --fill "{op.table_name}.{op.column.name}=SQL".'
    )


def drop_backfilled_column(
    comparison: Comparison, owner: Key, column: Column, drop: ops.DropColumnOp
) -> Iterator[ops.Operation]:
    """Yield the drop of a column whose downgrade needs a value for existing rows."""
    added = drop._reverse
    if added is None:
        yield drop
        return
    addition = list(add_backfilled_column(comparison, owner, column, added, None))
    places = [each is added for each in addition].index(True)
    for op in reversed(addition[places + 1 :]):
        yield DowngradeOnlyOp(op)
    yield drop
    for op in reversed(addition[:places]):
        yield DowngradeOnlyOp(op)


def _fill(
    comparison: Comparison, owner: Key, column: Column, model: SqlColumn[Any] | None
) -> str | None:
    given: str | None = comparison.answers.fill(owner, column.name) if comparison.answers else None
    if given is not None:
        return given
    usual = _usual_fill(comparison, owner, column, model)
    if model is None or model.default is not None or not comparison.answers:
        return usual
    type_ = model.type
    asked: str | None = comparison.answers.ask_backfill(
        owner,
        column.name,
        str(column.type),
        default=usual,
        problem=lambda sql: problem_of_fill(comparison, sql, type_),
    )
    return usual if asked is None else asked


def _usual_fill(
    comparison: Comparison, owner: Key, column: Column, model: SqlColumn[Any] | None
) -> str | None:
    """Return the SQL for existing rows if the user has not chosen any; None if there is none."""
    known = comparison.rules.backfill_value
    if known is None or _is_part_of_key(comparison, owner, column.name):
        return None
    default: Any = None if model is None else model.default
    if model is not None and default is not None and default.is_scalar:
        try:
            rendered = literal(default.arg, model.type).compile(
                dialect=comparison.sa_dialect, compile_kwargs={"literal_binds": True}
            )
        except (SQLAlchemyError, NotImplementedError, TypeError, ValueError):
            pass
        else:
            return str(rendered)
    if model is not None and isinstance(model.type, Enum) and model.type.enums:
        return quote_literal(model.type.enums[0])
    catalog = comparison.target if model is not None else comparison.current
    table = catalog.get(owner)
    # a list of values that a check allows, as enum types create it
    allowed = allowed_values(table, column.name) if isinstance(table, Table) else ()
    fill: str | None = allowed[0] if allowed else known(column, catalog)
    return fill


def _is_part_of_key(comparison: Comparison, owner: Key, name: str) -> bool:
    """Return whether one value for all rows would violate a unique key."""
    for catalog in (comparison.target, comparison.current):
        table: Any = catalog.get(owner)
        if table is None:
            continue
        keys = [*table.uniques, *table.foreign_keys, *(i for i in table.indexes if i.unique)]
        keys += [table.primary_key] if table.primary_key is not None else []
        if any(name in key.columns for key in keys):
            return True
    return False


def problem_of_fill(comparison: Comparison, sql: str, type_: TypeEngine[object]) -> str | None:
    """Return why an SQL expression cannot be the value of a new column that is NOT NULL.

    The database evaluates the expression in a transaction that is rolled back. Without a
    database, the expression is not checked.

    Args:
        comparison: what is compared, with the connection.
        sql: the SQL of one value, without a column.
        type_: the type of the column.

    Returns:
        The reason, or None if the SQL can be used.
    """
    connection = comparison.ctx.migration_context.connection
    if len(split_script(f"SELECT ({sql}\n)", comparison.dialect.capabilities.quoting)) != 1:
        return "write the SQL of one value, without a semicolon"
    if connection is None:
        return None
    value: sa.ColumnClause[object] = sa.literal_column(f"({sql})")
    try:
        with _rolled_back(connection):
            result = connection.execute(sa.select(value)).scalar()
            if result is not None and not isinstance(type_, (Enum, UserDefinedType)):
                connection.execute(sa.select(sa.cast(value, type_)))
    except SQLAlchemyError as error:
        lines = str(getattr(error, "orig", None) or error).strip().splitlines()
        return f"the database refuses it: {mask_secrets(lines[0] if lines else 'no reason given')}"
    if result is None:
        return "it gives NULL, and the column is NOT NULL"
    if isinstance(type_, Enum) and type_.enums and result not in type_.enums:
        return f"it gives {result!r}, which is not one of {', '.join(type_.enums)}"
    return None


@contextlib.contextmanager
def _rolled_back(connection: Connection) -> Iterator[None]:
    """Roll back what the block does, whether or not a transaction was open before it."""
    transaction = connection.begin_nested() if connection.in_transaction() else connection.begin()
    try:
        with warnings.catch_warnings():
            # values of types that the server cannot cast to are not evaluated
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            yield
    finally:
        transaction.rollback()
