"""Count the rows affected by risks, with limited reads.

At most a fixed number of rows of a table is read, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from limbeck.catalog import Catalog, Column, Computed, Table
from limbeck.dialects import Scope, own_session
from limbeck.history import Origin
from limbeck.runtime import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.dialects import Dialect

Condition: TypeAlias = Callable[[Any], Any]
"""Converts a column to the condition that its values meet."""
_log = logging.getLogger("alembic.runtime.migration")
MAX_COUNT = 1000  # rows; larger numbers are reported as "more than"
SAMPLE_SIZE = 100_000  # the maximum number of rows of a table whose values are examined
_BATCH_SIZE = 30
_BITS = MappingProxyType({"SMALLINT": 15, "INTEGER": 31})


@dataclass(frozen=True, slots=True)
class Risk:
    """A change of a table that can lose data or fail, depending on the rows of the table.

    Args:
        kind: `drop_table`, `empty_table`, `drop_column`, `not_null`, `new_not_null`, `unique`,
            `narrow`, `check`, `enum_value` (a value that the type loses), `unknown_value` (a
            value that the models' Enum does not have, in a text column) or `no_key` (a table
            without a primary key is changed in batches).
        table: the name of the table.
        namespace: the schema of the table; None for the default one.
        columns: the names of the affected columns.
        type: the new type of the column, for `narrow` and, if known, `not_null` and
            `new_not_null`; a tuple of values: the removed ones for `enum_value`, all allowed ones
            for `unknown_value`; the condition of a `check`.
        origin: the position in the revision file.
        enum: the name of the type that loses values, for `enum_value`.
        enum_values: the values that it will have.
    """

    kind: str
    table: str
    namespace: str | None = None
    columns: tuple[str, ...] = ()
    type: Any = None
    origin: Origin | None = None
    enum: str = ""
    enum_values: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The table's name, qualified with its schema."""
        return f"{self.namespace}.{self.table}" if self.namespace else self.table


@dataclass(frozen=True, slots=True)
class Loss:
    """A risk that rows of the database confirm.

    Args:
        risk: the risk.
        text: what happens to how many rows, continuing a sentence such as "The upgrade of x".
        loses_data: True if rows or values are lost; False if the statement will fail.
    """

    risk: Risk
    text: str
    loses_data: bool


def find_losses(target: Target, risks: Iterable[Risk]) -> list[Loss]:
    """Return the risks that rows of the database confirm.

    Tables that cannot be read, because a privilege is missing or the table is locked, are skipped
    and logged.
    """
    connection = target.connection
    wanted = list(dict.fromkeys(risks))
    if not target.dialect.capabilities.alters_columns:
        # SQLite does not enforce the types of columns
        wanted = [risk for risk in wanted if risk.kind != "narrow"]
    if connection is None or not wanted or target.dialect.is_third_party:
        # the reflection of a third-party dialect may fail and end the transaction
        return []
    was_inside = connection.in_transaction()
    try:
        counts = _Counts(target, connection)
        try:
            with counts.savepoint():
                catalog = _reflect_tables(target, connection, wanted)
        except Exception as error:  # noqa: BLE001 - a third-party dialect may raise anything
            _log.info("Cannot read the tables: %s", error)
            return []
        pairs = [
            (risk, query) for risk in wanted if (query := _query(risk, catalog, target)) is not None
        ]
        losses = [
            _loss(risk, number, target)
            for start in range(0, len(pairs), _BATCH_SIZE)
            for risk, number in counts.count(pairs[start : start + _BATCH_SIZE])
            if number
        ]
    finally:
        if not was_inside and connection.in_transaction() and not connection.invalidated:
            connection.rollback()
    return losses


class _Counts:
    """Runs many counts in one statement, or each separately if that fails."""

    def __init__(self, target: Target, connection: Connection) -> None:
        self._connection = connection
        # PostgreSQL aborts the whole transaction after an error, unless a savepoint is set
        self._uses_savepoint = target.dialect.capabilities.transactional_ddl

    def count(self, pairs: Sequence[tuple[Risk, Any]]) -> Iterator[tuple[Risk, int]]:
        parts = [
            sa.select(sa.literal_column(str(position)).label("place"), query.label("found"))
            for position, (_, query) in enumerate(pairs)
        ]
        try:
            rows = self._rows(sa.union_all(*parts) if len(parts) > 1 else parts[0])
        except SQLAlchemyError as error:
            if len(pairs) == 1:
                _log.info("Cannot read the rows of %s: %s", pairs[0][0].name, error)
                return
            for pair in pairs:
                yield from self.count([pair])
            return
        for position, number in rows:
            yield pairs[position][0], int(number or 0)

    def savepoint(self) -> AbstractContextManager[object]:
        """Set a savepoint, so that an error does not end the current transaction."""
        inside = self._uses_savepoint and self._connection.in_transaction()
        return self._connection.begin_nested() if inside else nullcontext()

    def _rows(self, query: Any) -> list[tuple[int, int]]:
        with self.savepoint():
            return [tuple(row) for row in own_session(self._connection).execute(query)]


def _reflect_tables(target: Target, connection: Connection, risks: Sequence[Risk]) -> Catalog:
    if target.dialect.reflect is None:
        return Catalog({})
    return target.dialect.reflect(
        connection,
        Scope(
            namespaces=tuple(dict.fromkeys(risk.namespace for risk in risks)),
            kinds=frozenset({"table"}),
            tables=frozenset(risk.table for risk in risks),
        ),
    )


def _query(risk: Risk, catalog: Catalog, target: Target) -> Any:
    """Return the query that counts the rows affected by a risk; None if there is none to count."""
    table = catalog.table(risk.table, risk.namespace)
    if table is None:
        return None
    present = [name for name in risk.columns if table.column(name) is not None]
    if risk.kind != "new_not_null" and len(present) != len(risk.columns):
        return None
    return _QUERIES[risk.kind](risk, table, target)


def _all_rows(risk: Risk, _table: Table, _target: Target) -> Any:
    row: Any = sa.select(sa.literal_column("1").label("one"))
    some = row.select_from(_sqlalchemy_table(risk)).limit(MAX_COUNT + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _rows_without_default(risk: Risk, table: Table, target: Target) -> Any:
    rows = _all_rows(risk, table, target)
    live = target.dialect.live
    if live is None or not live.fills_new_columns:
        return rows
    if not isinstance(risk.type, (sa.Date, sa.DateTime)):
        return None  # existing rows get the implicit default of the type
    # https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html: that of dates is refused
    mode: Any = sa.literal_column("@@SESSION.sql_mode", sa.String)
    return sa.case((mode.like("%NO_ZERO_DATE%") & mode.like("%STRICT%"), rows), else_=0)


def _rows_with_value(risk: Risk, table: Table, _target: Target) -> Any:
    column = table.column(risk.columns[0])
    if column is not None and isinstance(column.default, Computed):
        return None  # the values are computed from other columns
    return _count_in_sample(risk, lambda column: column.is_not(None))


def _rows_without_value(risk: Risk, table: Table, _target: Target) -> Any:
    column = table.column(risk.columns[0])
    if column is not None and not column.nullable:
        return None
    return _count_in_sample(risk, lambda column: column.is_(None))


def _duplicate_values(risk: Risk, _table: Table, _target: Target) -> Any:
    some = _sample(risk)
    columns = list(some.c)
    groups = (
        sa.select(sa.literal_column("1").label("one"))
        .select_from(some)
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .limit(MAX_COUNT + 1)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(groups).scalar_subquery()


def _violations(risk: Risk, _table: Table, _target: Target) -> Any:
    source = sa.table(risk.table, schema=risk.namespace)
    # the condition may qualify columns with the name of the table
    rows: Any = sa.select(sa.literal_column("*")).select_from(source).limit(SAMPLE_SIZE)
    some = rows.subquery(risk.table)
    condition = sa.text(f"NOT ({risk.type})")
    return sa.select(sa.func.count()).select_from(some).where(condition).scalar_subquery()


def _lost_values(risk: Risk, _table: Table, _target: Target) -> Any:
    return _count_in_sample(risk, lambda column: sa.cast(column, sa.Text).in_(risk.type))


def _unknown_values(risk: Risk, _table: Table, _target: Target) -> Any:
    return _count_in_sample(risk, lambda column: sa.cast(column, sa.Text).not_in(risk.type))


def _lack_of_key(_risk: Risk, table: Table, _target: Target) -> Any:
    return None if table.primary_key is not None else sa.literal_column("1")


# what servers accept as a number; PostgreSQL also accepts digit groups, other bases and names
_NUMBER = r"^\s*[-+]?([0-9_]+[.]?[0-9_]*|[.][0-9_]+)([eE][-+]?[0-9]+)?\s*$"
_OTHER_NUMBER = (
    r"^\s*[-+]?(0[xXoObB][0-9a-fA-F_]+|[nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)\s*$"
)
_WHOLE_NUMBER = r"^\s*[-+]?[0-9]+\s*$"
# no server accepts a text with nonzero digits after the point as a whole number
_FRACTION = r"^\s*[-+]?[0-9_]*[.][0-9_]*[1-9][0-9_]*\s*$"
_WIDE = sa.Numeric(65, 20)


def _bad_numbers(is_outside: Callable[[Any], Any], *, is_whole: bool) -> Condition:
    """Return the condition for texts that are not numbers, or numbers outside of the type."""

    def condition(column: Any) -> Any:
        plain = column.regexp_match(_NUMBER)
        known = plain | column.regexp_match(_OTHER_NUMBER)
        return sa.case(
            (column.is_(None), sa.false()),
            (~known, sa.true()),
            *([(column.regexp_match(_FRACTION), sa.true())] if is_whole else []),
            (column.regexp_match(_WHOLE_NUMBER), is_outside(sa.cast(column, _WIDE))),
            else_=sa.false(),
        )

    return condition


def _values_too_large(risk: Risk, table: Table, target: Target) -> Any:
    condition = unfitting_values(
        risk.type, table.column(risk.columns[0]), target.dialect, target.sql_dialect
    )
    return None if condition is None else _count_in_sample(risk, condition)


def unfitting_values(  # noqa: PLR0911 -- a table of cases
    type_: Any, present: Column | None, dialect: Dialect, sql_dialect: SqlDialect
) -> Condition | None:
    """Return the condition for values that do not fit into a type.

    Args:
        type_: SQLAlchemy's type.
        present: the current column.
        dialect: the record of the database.
        sql_dialect: SQLAlchemy's dialect.

    Returns:
        A function from a column to a condition; None if the values cannot be counted.
    """
    if not dialect.capabilities.alters_columns:
        return None  # SQLite does not enforce the types of columns
    if isinstance(type_, sa.Enum) and type_.native_enum and sql_dialect.supports_native_enum:
        values = [str(value) for value in type_.enums]
        return lambda column: sa.cast(column, sa.Text).not_in(values)
    is_text = present is not None and any(
        word in present.type.name.lower() for word in ("char", "text")
    )
    if isinstance(type_, sa.String) and type_.length:
        length: int = type_.length
        return lambda column: sa.func.char_length(sa.cast(column, sa.Text)) > length
    if isinstance(type_, sa.Numeric) and type_.asdecimal and type_.precision:
        whole, scale = 10 ** (type_.precision - (type_.scale or 0)), type_.scale or 0
        if is_text:
            return _bad_numbers(lambda number: sa.func.abs(number) >= whole, is_whole=False)
        return lambda column: (
            (sa.func.abs(column) >= whole) | (sa.func.round(column, scale) != column)
        )
    bits = _BITS.get(getattr(type_, "__visit_name__", "").upper().replace("_", ""))
    if isinstance(type_, sa.SmallInteger):
        bits = _BITS["SMALLINT"]
    if is_text and isinstance(type_, (sa.Integer, sa.Numeric)):
        limit = 2 ** (bits or 63)
        is_whole = isinstance(type_, sa.Integer)
        return _bad_numbers(
            lambda number: (number < -limit) | (number >= limit) if is_whole else sa.false(),
            is_whole=is_whole,
        )
    if bits is None or not isinstance(type_, sa.Integer):
        return None
    least, greatest = -(2**bits), 2**bits - 1
    return lambda column: (column < least) | (column > greatest)


def _sqlalchemy_table(risk: Risk) -> Any:
    return sa.table(risk.table, *map(sa.column, risk.columns), schema=risk.namespace)


def _sample(risk: Risk) -> Any:
    table = _sqlalchemy_table(risk)
    return sa.select(*table.c).limit(SAMPLE_SIZE).subquery()


def _count_in_sample(risk: Risk, condition: Condition) -> Any:
    """Count the rows of a sample that meet a condition on the column."""
    some = _sample(risk)
    (column,) = some.c
    wanted = sa.select(sa.func.count()).select_from(some).where(condition(column))
    return wanted.scalar_subquery()


_QUERIES: Mapping[str, Callable[[Risk, Table, Target], Any]] = MappingProxyType(
    {
        "drop_table": _all_rows,
        "empty_table": _all_rows,
        "drop_column": _rows_with_value,
        "not_null": _rows_without_value,
        "new_not_null": _rows_without_default,
        "unique": _duplicate_values,
        "narrow": _values_too_large,
        "check": _violations,
        "enum_value": _lost_values,
        "unknown_value": _unknown_values,
        "no_key": _lack_of_key,
    }
)


def _loss(risk: Risk, number: int, target: Target) -> Loss:  # noqa: C901 - a case for each kind
    column = f"{risk.name}.{risk.columns[0]}" if risk.columns else ""
    match risk.kind:
        case "drop_table":
            text, loses_data = f"drops table {risk.name}, which holds {_row_count(number)}", True
        case "empty_table":
            text, loses_data = f"empties table {risk.name}, which holds {_row_count(number)}", True
        case "drop_column":
            text = f"drops column {column}, which has a value in {_row_count(number)}"
            loses_data = True
        case "narrow":
            type_ = risk.type.compile(dialect=target.sql_dialect)
            text = f"makes {column} {type_}, which {_values(number)} not fit into"
            loses_data = True
        case "not_null":
            text = f"makes {column} NOT NULL, but {_row_count(number)} {_have(number)} no value"
            loses_data = False
        case "new_not_null":
            rows = _row_count(number)
            text = f"adds {column} NOT NULL without a default to a table that holds {rows}"
            loses_data = False
        case "check":
            text = f"adds a check to {risk.name} that {_row_count(number)} {_do(number)} not meet"
            loses_data = False
        case "enum_value":
            values = ", ".join(repr(value) for value in risk.type)
            text = f"removes {values}, which {_row_count(number)} of {column} {_have(number)}"
            loses_data = False
        case "unknown_value":
            text = f"leaves {_row_count(number)} of {column} with a value that the models lack"
            loses_data = True
        case "no_key":
            text = f"changes {risk.name} in batches, but this table has no primary key"
            loses_data = False
        case _:
            columns = ", ".join(risk.columns)
            text = f"makes {risk.name} ({columns}) unique, but some values occur more than once"
            loses_data = False
    return Loss(risk, text, loses_data)


def _row_count(number: int) -> str:
    if number > MAX_COUNT:
        return f"more than {MAX_COUNT} rows"
    return "1 row" if number == 1 else f"{number} rows"


def _values(number: int) -> str:
    return "1 value does" if number == 1 else f"{min(number, MAX_COUNT)} values do"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
