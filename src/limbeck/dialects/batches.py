"""The statements of a backfill: the boundaries of its batches, and the change of one batch.

A batch consists of the rows from one key up to but excluding another, in primary key order.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import CompileError
from sqlalchemy.sql import visitors

from limbeck.dialects.own_comparison import above, at_least, at_most, below, same
from limbeck.errors import BackfillValueError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.operations import BackfillOp

_OPERATORS: Mapping[Any, Callable[[Any, Any], Any]] = {
    same: operator.eq,
    at_least: operator.ge,
    above: operator.gt,
    at_most: operator.le,
    below: operator.lt,
}
_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")  # a bound parameter, as SQLAlchemy finds it


@dataclass(frozen=True, slots=True)
class BatchStatements:
    """The statements of one backfill.

    Args:
        table: the table.
        keys: the columns of its primary key.
        assignments: the new values, by column.
        where: the condition for the rows to change; None for all rows.
        row_values: see `BatchRules`.
        server_operators: whether to compare keys by the operators of the server, whatever the
            search path finds; see `Dialect`.
    """

    table: Any
    keys: tuple[ColumnElement[Any], ...]
    assignments: Mapping[str, Any]
    where: ColumnElement[bool] | None
    row_values: bool
    server_operators: bool = False

    def everything(self) -> sa.Update:
        """Return the change of all rows in one statement."""
        statement = sa.update(self.table).values(dict(self.assignments))
        return statement if self.where is None else statement.where(self.where)

    def explained(self, dialect: SqlDialect) -> str | None:
        """Return SQL that explains the change without running it.

        Returns:
            The SQL; None if a value cannot be written in it.
        """
        try:
            words = {"literal_binds": True}
            return f"EXPLAIN {self.everything().compile(dialect=dialect, compile_kwargs=words)}"
        except Exception:  # noqa: BLE001 - third-party types may raise anything
            return None

    def first(self) -> sa.Select[Any]:
        """Return the query for the first key."""
        return sa.select(*self.keys).select_from(self.table).order_by(*self.keys).limit(1)

    def boundary(
        self, lower: Sequence[Any], rows: int, end: Sequence[Any] | None = None
    ) -> sa.Select[Any]:
        """Return the query for the key that is a number of rows after another.

        Args:
            lower: the other key.
            rows: the number of rows.
            end: a key before which to search; None for no limit.
        """
        query = self.first().where(self._compared(lower, is_lower=True)).offset(rows)
        return query if end is None else query.where(self._compared(end, is_lower=False))

    def null_keys(self) -> sa.Select[Any]:
        """Return the query for a row whose key contains NULL."""
        is_null = sa.or_(*(key.is_(None) for key in self.keys))
        return sa.select(sa.literal_column("1")).select_from(self.table).where(is_null).limit(1)

    def change(self, lower: Sequence[Any], upper: Sequence[Any] | None) -> sa.Update:
        """Return the change of the rows from a key up to another; None for the last batch."""
        statement = self.everything().where(self._compared(lower, is_lower=True))
        if upper is None:
            return statement
        return statement.where(self._compared(upper, is_lower=False))

    def _compared(self, values: Sequence[Any], *, is_lower: bool) -> Any:
        bounds = [_bound(value) for value in values]
        if len(bounds) == 1:
            return self._outside(self.keys[0], bounds[0], is_lower=is_lower)
        if self.row_values:
            return self._outside(sa.tuple_(*self.keys), sa.tuple_(*bounds), is_lower=is_lower)
        # the first comparison is one that every optimizer recognizes as a range
        first = self._by(at_least if is_lower else at_most, self.keys[0], bounds[0])
        return sa.and_(first, self._expanded(bounds, 0, is_lower=is_lower))

    def _expanded(self, bounds: Sequence[Any], position: int, *, is_lower: bool) -> Any:
        key, bound = self.keys[position], bounds[position]
        if position == len(bounds) - 1:
            return self._outside(key, bound, is_lower=is_lower)
        beyond = self._by(above if is_lower else below, key, bound)
        rest = self._expanded(bounds, position + 1, is_lower=is_lower)
        return sa.or_(beyond, sa.and_(self._by(same, key, bound), rest))

    def _outside(self, key: Any, bound: Any, *, is_lower: bool) -> Any:
        return self._by(at_least if is_lower else below, key, bound)

    def _by(self, comparison: Any, key: Any, bound: Any) -> Any:
        compare = comparison if self.server_operators else _OPERATORS[comparison]
        return compare(key, bound)


def _bound(value: Any) -> Any:
    # untyped: after a cast, values could be compared in another order than that of the index
    if isinstance(value, sa.ColumnElement):
        return value
    return sa.bindparam(None, value, type_=sa.types.NullType(), unique=True)


def batch_statements(
    operation: BackfillOp,
    keys: Sequence[str],
    dialect: SqlDialect,
    *,
    row_values: bool,
    server_operators: bool = False,
) -> BatchStatements:
    """Return the statements of a backfill.

    Args:
        operation: the backfill.
        keys: the columns of the table's primary key.
        dialect: the dialect for which names are quoted.
        row_values: see `BatchRules`.
        server_operators: see `BatchStatements`.

    Raises:
        BackfillValueError: a column of the key is assigned, or a value is not an expression.
    """
    taken = [name for name in operation.assignments if name in keys]
    if taken:
        raise BackfillValueError(
            f"op.backfill() of {operation.full_name}: set_ assigns {taken[0]}, a column of the "
            "primary key",
            hint="The key must not change while the batches follow it; use op.execute().",
        )
    is_typed = not isinstance(operation.table, str)
    values = {
        name: _expression(value, is_typed=is_typed) for name, value in operation.assignments.items()
    }
    where = _condition(operation.where)
    quote = dialect.identifier_preparer.quote
    statements = BatchStatements(
        _table(operation, [*values.values(), where]),
        tuple(sa.literal_column(quote(key)) for key in keys),
        values,
        where,
        row_values,
        server_operators,
    )
    try:
        statements.everything().compile(dialect=dialect)
    except CompileError as error:
        raise BackfillValueError(
            f"op.backfill() of {operation.full_name}: {error}",
            hint="Name columns of the table in set_.",
        ) from error
    return statements


def _expression(value: Any, *, is_typed: bool = False) -> Any:
    if isinstance(value, str):
        return sa.text(_BIND.sub(r"\\:", value))
    if is_typed or isinstance(value, sa.ClauseElement):
        return value
    return sa.null() if value is None else sa.literal(value)


def _condition(value: Any) -> Any:
    return None if value is None else _expression(f"({value})" if isinstance(value, str) else value)


def _table(operation: BackfillOp, expressions: Sequence[Any]) -> Any:
    """Return the table to update: the one whose columns the expressions name, if there is one."""
    if not isinstance(operation.table, str):
        return operation.table
    for expression in expressions:
        if not isinstance(expression, sa.ClauseElement):
            continue
        for part in visitors.iterate(expression):
            table = getattr(part, "table", None)
            if (
                isinstance(table, sa.Table)
                and table.name == operation.table
                and table.schema == operation.schema
            ):
                return table
    columns: list[Any] = [sa.column(name) for name in operation.assignments]
    return sa.table(operation.table, *columns, schema=operation.schema)
