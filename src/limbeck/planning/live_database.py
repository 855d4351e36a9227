"""Read what a plan needs from the real database: schema, sizes, and the answers of its checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from limbeck.catalog import Catalog
from limbeck.dialects import LiveRules, Scope, query_sql
from limbeck.errors import PlanError
from limbeck.planning.plan import CheckStatus, RowCheck
from limbeck.planning.row_checks import MOST_ROWS, CheckQuery, count_sql, keys_sql
from limbeck.runtime import JOURNAL_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects import Dialect, TableSize

_SAVEPOINT = "limbeck_plan"
DEFAULT_TIME_LIMIT = 10.0  # seconds, for each query


@dataclass(frozen=True, slots=True)
class LiveState:
    """What was read of the real database.

    Args:
        catalog: its schema, without limbeck's own tables.
        sizes: the sizes of its tables, by name.
    """

    catalog: Catalog = field(default_factory=Catalog)
    sizes: Mapping[str, TableSize] = field(default_factory=dict)


def read_state(context: Any, seconds: float) -> LiveState:
    """Read schema and sizes in a transaction that cannot write.

    Args:
        context: a migration context with a connection.
        seconds: the time limit of each query.

    Raises:
        PlanError: limbeck cannot read this kind of database.
    """
    record: Dialect = context.sink.record
    connection: Connection = context.connection
    if record.reflect is None or record.live is None:
        raise PlanError(
            f"limbeck cannot plan for a {record.name} database",
            hint="`upgrade --sql` writes the statements of an upgrade.",
            code="LB671",
        )
    with _reading(context, record.live, seconds):
        catalog = without_own_tables(record.reflect(connection, _scope(record)), context)
        paths = [(table.key.namespace, table.key.name) for table in catalog.tables]
        schemas = list(dict.fromkeys(path[0] for path in paths))
        sizes = record.live.sizes(connection, schemas, paths, seconds)
    wanted = {path: name_of(path) for path in paths}
    return LiveState(catalog, {wanted[path]: one for path, one in sizes.items() if path in wanted})


def name_of(path: Sequence[str | None]) -> str:
    """Return the name of a table, with its schema where that is not the default one."""
    return ".".join(word for word in path if word)


def _scope(record: Dialect) -> Scope:
    definitions = record.definitions
    kinds = definitions.kinds | definitions.declarable_kinds
    has_schemas = record.scratch.list_schemas is not None
    return Scope(() if has_schemas else (None,), also=kinds)


def without_own_tables(catalog: Catalog, context: Any) -> Catalog:
    """Return a catalog without the version table and the journal."""
    own = context.version_table
    return catalog.filter(
        lambda one: (
            one.key.name != own
            and not one.key.name.startswith(JOURNAL_TABLE)
            and not one.key.name.startswith(f"{own}_journal")
        )
    )


@contextmanager
def _reading(context: Any, rules: LiveRules, seconds: float) -> Iterator[None]:
    """Read without writing, and leave no transaction behind that was not there before."""
    connection: Connection = context.connection
    was_inside = connection.in_transaction()
    try:
        with rules.read_only(connection, seconds, is_shared=context.has_external_transaction):
            yield
    finally:
        if not was_inside and connection.in_transaction() and not connection.invalidated:
            connection.rollback()


def run_checks(context: Any, queries: Sequence[CheckQuery], seconds: float) -> list[RowCheck]:
    """Ask the real database whether its rows satisfy the checks.

    All checks are one query, and the keys of those that fail another one. Where the database
    refuses that, each check is asked alone.

    Args:
        context: a migration context with a connection.
        queries: the checks.
        seconds: the time limit of each query.
    """
    record: Dialect = context.sink.record
    if record.live is None or not queries:
        return [one.check for one in queries]
    asking = _Asking(context.connection, record, seconds)
    with _reading(context, record.live, seconds):
        counts = asking.counts(queries)
        failing = [place for place, count in counts.items() if isinstance(count, int) and count]
        keys = asking.keys(queries, failing)
    return [
        _answered(query, counts.get(place), keys.get(place, []))
        for place, query in enumerate(queries)
    ]


class _Asking:
    """Runs the queries of checks."""

    def __init__(self, connection: Connection, record: Dialect, seconds: float) -> None:
        self._connection = connection
        self._record = record
        self._seconds = seconds
        self._has_savepoint = False

    def counts(self, queries: Sequence[CheckQuery]) -> dict[int, int | str]:
        """Return, by place, the number of rows, or why it is not known."""
        try:
            rows = self._rows(count_sql(queries))
            return {int(place): int(count) for place, count in rows}
        except DBAPIError as error:
            if len(queries) == 1:
                return {0: self._reason(error)}
        found: dict[int, int | str] = {}
        for place, query in enumerate(queries):
            found[place] = self.counts([query])[0]
        return found

    def keys(
        self, queries: Sequence[CheckQuery], places: Sequence[int]
    ) -> dict[int, list[tuple[str | None, ...]]]:
        """Return, by place, the first keys."""
        wanted = [place for place in places if queries[place].check.key_columns]
        found: dict[int, list[tuple[str | None, ...]]] = {}
        if not wanted:
            return found
        null = query_sql(sa.cast(sa.null(), sa.Text), self._connection.dialect)
        try:
            rows = self._rows(keys_sql(queries, wanted, null))
        except DBAPIError:
            return {} if len(wanted) == 1 else _merged(self.keys(queries, [one]) for one in wanted)
        for place, *values in rows:
            number = len(queries[int(place)].check.key_columns)
            texts = tuple(None if value is None else str(value) for value in values[:number])
            found.setdefault(int(place), []).append(texts)
        return found

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        live, connection = self._record.live, self._connection
        text = sql if live is None else live.limited(connection, sql, self._seconds)
        self._set_savepoint()
        try:
            result = connection.exec_driver_sql(text, execution_options={"no_parameters": True})
            return [tuple(row) for row in result]
        except DBAPIError:
            if self._has_savepoint and not connection.invalidated:
                connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
            raise

    def _set_savepoint(self) -> None:
        """Set a savepoint where an error would abort the whole transaction; it is not released."""
        if not (self._has_savepoint or self._record.capabilities.errors_keep_transaction):
            self._connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
            self._has_savepoint = True

    def _reason(self, error: DBAPIError) -> str:
        live = self._record.live
        if live is not None and live.is_timeout(error):
            return f"it took longer than {self._seconds:g} s"
        if live is not None and live.is_denied(error):
            return "the user may not read the table"
        return str(error.orig).strip().partition("\n")[0]


def _merged(parts: Iterator[dict[int, Any]]) -> dict[int, Any]:
    return {place: value for part in parts for place, value in part.items()}


def _answered(
    query: CheckQuery, count: int | str | None, keys: list[tuple[str | None, ...]]
) -> RowCheck:
    check = query.check
    if not isinstance(count, int):
        return replace(check, status="not run", reason=count or check.reason)
    status: CheckStatus = "passes"
    if count:
        status = "loses" if query.loses else "uncertain" if check.reason else "fails"
    return replace(
        check,
        status=status,
        count=min(count, MOST_ROWS),
        is_at_least=count > MOST_ROWS,
        keys=tuple(keys),
        reason=check.reason if count else None,
    )
