"""Functions of dialects for constraints: whether to create one, and the server's name for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Key
from limbeck.dialects.dialect import Scope
from limbeck.errors import ConstraintNotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.catalog import Constraint, Table
    from limbeck.dialects.dialect import Dialect
    from limbeck.operations import DropConstraintOp


def is_wanted(dialect: SqlDialect, constraint: Any) -> bool:
    """Return whether a constraint is created on this database; type constraints may not be."""
    rule = constraint._create_rule
    return rule is None or bool(rule(dialect.ddl_compiler(dialect, None)))  # type: ignore[arg-type]


def is_of_type(constraint: Any) -> bool:
    """Return whether a constraint belongs to a column's type (Boolean, Enum)."""
    return bool(getattr(constraint, "_type_bound", False))


def named_on_server(operation: DropConstraintOp, table: Table | None) -> str | None:
    """Return the name that the server gave to an unnamed constraint.

    The constraint is found by the columns that the operation names, by its original definition,
    or because it is the only one of its kind; None if none of these identifies it.

    Raises:
        ConstraintNotFoundError: the operation names columns that no single constraint has.
    """
    if table is None:
        return None
    kind = _KINDS.get(operation.constraint_type)
    columns = operation.columns or _columns(operation)
    matching = [
        constraint
        for constraint in table.constraints
        if (constraint.kind == kind or (operation.columns and kind is None))
        and (not columns or getattr(constraint, "columns", None) == columns)
    ]
    if len(matching) == 1:
        return matching[0].name
    if operation.columns and not operation.if_exists:
        wanted = f"{_WORDS[kind]} " if kind else ""
        raise ConstraintNotFoundError(
            f"Table {table.key.full_name} has {len(matching) or 'no'} {wanted}constraint"
            f"{'s' if matching else ''} on ({', '.join(operation.columns)})",
            hint=f"the table has {list_constraints(table)}",
        )
    return None


def list_constraints(table: Table) -> str:
    """Return a description of a table's constraints, for a message."""
    return ", ".join(map(_described, table.constraints)) or "no constraints"


def _described(constraint: Constraint) -> str:
    columns = getattr(constraint, "columns", None)
    on = f" on ({', '.join(columns)})" if columns else ""
    return f"{constraint.name or 'without a name'} ({_WORDS[constraint.kind]}{on})"


def explain_missing(
    error: Exception, operation: DropConstraintOp, record: Dialect, connection: Connection | None
) -> None:
    """Add the constraints of the table to the error of a drop of a missing constraint.

    The hint is stored as `limbeck_hint` on SQLAlchemy's error, so that programs can still catch
    that error. The table is read with a separate connection, because the transaction of the
    failed statement may have ended.

    Args:
        error: the error.
        operation: the operation that failed.
        record: the record of the database.
        connection: the connection on which it failed.
    """
    if connection is None or record.reflect is None or operation.constraint_name is None:
        return
    key = Key("table", (operation.schema, operation.table_name))
    scope = Scope(
        namespaces=(operation.schema,),
        kinds=frozenset({"table"}),
        tables=frozenset({operation.table_name}),
    )
    with suppress(Exception), connection.engine.connect() as other:
        table = record.reflect(other, scope).table(operation.table_name, operation.schema)
        names = (
            {constraint.name for constraint in table.constraints} if table is not None else set()
        )
        if table is None or operation.constraint_name in names:
            return
        error.limbeck_hint = (  # type: ignore[attr-defined]
            f"table {key.full_name} has {list_constraints(table)}: name one of them, or its "
            f"columns with op.drop_constraint(None, {operation.table_name!r}, type_=..., "
            "columns=[...])"
        )


def _columns(operation: DropConstraintOp) -> tuple[str, ...]:
    reverse = getattr(operation, "_reverse", None)
    names = getattr(reverse, "local_cols", None) or getattr(reverse, "columns", None) or ()
    return tuple(str(getattr(column, "name", column)) for column in names)


_KINDS: dict[str | None, str] = {
    "unique": "unique",
    "check": "check",
    "primary": "primary_key",
    "foreignkey": "foreign_key",
}
_WORDS = {
    "unique": "unique",
    "check": "check",
    "primary_key": "primary key",
    "foreign_key": "foreign key",
    "exclude": "exclude",
}
