"""What a migration may cost in rows: risks held against the live data, by bounded reads.

Nothing is read beyond a fixed number of rows of a table, and nothing is written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from limbeck.catalog import Catalog, Table
from limbeck.dialects import Scope
from limbeck.history import Origin
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_log = logging.getLogger("alembic.runtime.migration")
COUNTED = 1000  # rows; above that it is "more than"
LOOKED_AT = 100_000  # rows of a table whose values are looked at
_AT_ONCE = 30
_BITS = MappingProxyType({"SMALLINT": 15, "INTEGER": 31})


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that a migration does to a table, before anybody looked what is in it.

    Args:
        kind: `drop_table`, `empty_table`, `drop_column`, `not_null`, `new_not_null`, `unique`
            or `narrow`.
        type: the new type, where it is about one.
        origin: where in a revision file it stands.
    """

    kind: str
    table: str
    namespace: str | None = None
    columns: tuple[str, ...] = ()
    type: Any = None
    origin: Origin | None = None

    @property
    def name(self) -> str:
        """The table as people write it."""
        return f"{self.namespace}.{self.table}" if self.namespace else self.table


@dataclass(frozen=True, slots=True)
class Loss:
    """A risk that the live data makes true.

    Args:
        words: what happens to how many rows.
        is_final: rows or values are gone afterwards; else the statement is going to fail.
    """

    risk: Risk
    words: str
    is_final: bool


def find_losses(target: Target, risks: Iterable[Risk]) -> list[Loss]:
    """Return those of some risks that the data in the database makes true.

    What cannot be looked at, for want of a right or because somebody holds the table, is left
    out and logged.
    """
    connection = target.connection
    wanted = list(dict.fromkeys(risks))
    if connection is None or not wanted or target.dialect.is_third_party:
        # what a package from outside reads with may fail, and end the transaction with it
        return []
    was_inside = connection.in_transaction()
    try:
        counts = _Counts(target, connection)
        try:
            with counts.kept():
                catalog = _present(target, connection, wanted)
        except Exception as error:  # noqa: BLE001 - a dialect from outside raises what it likes
            _log.info("Cannot look at the tables: %s", error)
            return []
        pairs = [
            (risk, query) for risk in wanted if (query := _query(risk, catalog, target)) is not None
        ]
        found = [
            _loss(risk, number, target)
            for start in range(0, len(pairs), _AT_ONCE)
            for risk, number in counts.of(pairs[start : start + _AT_ONCE])
            if number
        ]
    finally:
        if not was_inside and connection.in_transaction() and not connection.invalidated:
            connection.rollback()
    return found


class _Counts:
    """Asks for many counts in one statement, and for each alone where that fails."""

    def __init__(self, target: Target, connection: Connection) -> None:
        self._connection = connection
        # where an error ends the transaction, a savepoint is what keeps it
        self._saves = target.dialect.capabilities.transactional_ddl

    def of(self, pairs: Sequence[tuple[Risk, Any]]) -> Iterator[tuple[Risk, int]]:
        parts = [
            sa.select(sa.literal_column(str(place)).label("place"), query.label("found"))
            for place, (_, query) in enumerate(pairs)
        ]
        try:
            rows = self._ask(sa.union_all(*parts) if len(parts) > 1 else parts[0])
        except SQLAlchemyError as error:
            if len(pairs) == 1:
                _log.info("Cannot look at the rows of %s: %s", pairs[0][0].name, error)
                return
            for pair in pairs:
                yield from self.of([pair])
            return
        for place, number in rows:
            yield pairs[place][0], int(number or 0)

    def kept(self) -> AbstractContextManager[object]:
        """Keep the transaction that there is through an error."""
        inside = self._saves and self._connection.in_transaction()
        return self._connection.begin_nested() if inside else nullcontext()

    def _ask(self, statement: Any) -> list[tuple[int, int]]:
        with self.kept():
            return [tuple(row) for row in self._connection.execute(statement)]


def _present(target: Target, connection: Connection, risks: Sequence[Risk]) -> Catalog:
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
    """Return what counts the rows that a risk is about; None where there is nothing to count."""
    table = catalog.table(risk.table, risk.namespace)
    if table is None:
        return None
    there = [name for name in risk.columns if table.column(name) is not None]
    if risk.kind != "new_not_null" and len(there) != len(risk.columns):
        return None
    return _QUERIES[risk.kind](risk, table, target)


def _rows(risk: Risk, _table: Table, _target: Target) -> Any:
    one: Any = sa.select(sa.literal_column("1").label("one"))
    some = one.select_from(_named(risk)).limit(COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def _with_value(risk: Risk, _table: Table, _target: Target) -> Any:
    return _among(risk, lambda column: column.is_not(None))


def _without_value(risk: Risk, table: Table, _target: Target) -> Any:
    column = table.column(risk.columns[0])
    if column is not None and not column.nullable:
        return None
    return _among(risk, lambda column: column.is_(None))


def _repeated(risk: Risk, _table: Table, _target: Target) -> Any:
    some = _sample(risk)
    columns = list(some.c)
    groups = (
        sa.select(sa.literal_column("1").label("one"))
        .select_from(some)
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .limit(COUNTED + 1)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(groups).scalar_subquery()


def _too_great(risk: Risk, _table: Table, target: Target) -> Any:
    if not target.dialect.capabilities.alters_columns:
        return None  # such a database holds no value to its column's type
    type_: Any = risk.type
    if isinstance(type_, sa.String) and type_.length:
        length: int = type_.length
        return _among(risk, lambda column: sa.func.char_length(sa.cast(column, sa.Text)) > length)
    if isinstance(type_, sa.Numeric) and type_.asdecimal and type_.precision:
        whole, scale = 10 ** (type_.precision - (type_.scale or 0)), type_.scale or 0
        return _among(
            risk,
            lambda column: (
                (sa.func.abs(column) >= whole) | (sa.func.round(column, scale) != column)
            ),
        )
    bits = _BITS.get(getattr(type_, "__visit_name__", "").upper().replace("_", ""))
    if isinstance(type_, sa.SmallInteger):
        bits = _BITS["SMALLINT"]
    if bits is None or not isinstance(type_, sa.Integer):
        return None
    return _among(risk, lambda column: ~column.between(-(2**bits), 2**bits - 1))


def _named(risk: Risk) -> Any:
    return sa.table(risk.table, *map(sa.column, risk.columns), schema=risk.namespace)


def _sample(risk: Risk) -> Any:
    table = _named(risk)
    return sa.select(*table.c).limit(LOOKED_AT).subquery()


def _among(risk: Risk, condition: Callable[[Any], Any]) -> Any:
    """Count the rows of a sample that meet a condition on the one column."""
    some = _sample(risk)
    (column,) = some.c
    wanted = sa.select(sa.func.count()).select_from(some).where(condition(column))
    return wanted.scalar_subquery()


_QUERIES: Mapping[str, Callable[[Risk, Table, Target], Any]] = MappingProxyType(
    {
        "drop_table": _rows,
        "empty_table": _rows,
        "drop_column": _with_value,
        "not_null": _without_value,
        "new_not_null": _rows,
        "unique": _repeated,
        "narrow": _too_great,
    }
)


def _loss(risk: Risk, number: int, target: Target) -> Loss:
    column = f"{risk.name}.{risk.columns[0]}" if risk.columns else ""
    match risk.kind:
        case "drop_table":
            words, is_final = f"drops table {risk.name}, which holds {_so_many(number)}", True
        case "empty_table":
            words, is_final = f"empties table {risk.name}, which holds {_so_many(number)}", True
        case "drop_column":
            words = f"drops column {column}, which has a value in {_so_many(number)}"
            is_final = True
        case "narrow":
            type_ = risk.type.compile(dialect=target.sql_dialect)
            words = f"makes {column} {type_}, which {_values(number)} not fit into"
            is_final = True
        case "not_null":
            words = f"makes {column} NOT NULL, but {_so_many(number)} {_have(number)} no value"
            is_final = False
        case "new_not_null":
            words = (
                f"adds {column} NOT NULL without a default to a table that holds {_so_many(number)}"
            )
            is_final = False
        case _:
            columns = ", ".join(risk.columns)
            words = f"makes {risk.name} ({columns}) unique, but values are there more than once"
            is_final = False
    return Loss(risk, words, is_final)


def _so_many(number: int) -> str:
    if number > COUNTED:
        return f"more than {COUNTED} rows"
    return "1 row" if number == 1 else f"{number} rows"


def _values(number: int) -> str:
    return "1 value does" if number == 1 else f"{min(number, COUNTED)} values do"


def _have(number: int) -> str:
    return "has" if number == 1 else "have"
