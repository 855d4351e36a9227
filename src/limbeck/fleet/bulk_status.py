"""Read the version rows of many tenants: those of one database in a few statements.

The others are read one by one, several at once. Nothing is written.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import sqlalchemy as sa

from limbeck.dialects import find, has_table, inspector, same
from limbeck.environment import Tenant, answers_within
from limbeck.errors import HistoryError, LimbeckError, MissingSchemaError
from limbeck.fleet.connections import server_of
from limbeck.fleet.failures import FailureText, describe_failure, is_missing_database
from limbeck.fleet.results import State, TenantStatus
from limbeck.fleet.worker import Worker
from limbeck.history import History
from limbeck.runtime import journal_name

_AT_ONCE = 1000  # tenants that are read before the first is returned
_IN_STATEMENT = 500  # tables in one statement


@dataclass(frozen=True, slots=True)
class TenantRows:
    """The version rows of a tenant, or why they cannot be read.

    Args:
        tenant: whose they are.
        rows: what its version table holds.
        failure: why it cannot be read.
        is_missing: its schema or database does not exist.
        is_locked: somebody holds its run lock.
        interrupted: the revision that an earlier run has begun and not ended; "" for none.
    """

    tenant: Tenant
    rows: tuple[str, ...] = ()
    failure: FailureText | None = None
    is_missing: bool = False
    is_locked: bool = False
    interrupted: str = ""


def read_rows(
    worker: Worker, tenants: Iterable[Tenant], *, details: bool = False
) -> Iterator[TenantRows]:
    """Yield the version rows of tenants, in their order.

    Args:
        worker: whose connections and settings are used.
        tenants: the tenants.
        details: look for locks and interrupted migrations, too.
    """
    left = iter(tenants)
    reader = _Reader(worker, details=details)
    with ThreadPoolExecutor(worker.settings.workers, "limbeck-status") as pool:
        while chunk := list(islice(left, _AT_ONCE)):
            yield from reader.read(chunk, pool)


class _Reader:
    """Reads a number of tenants at once."""

    def __init__(self, worker: Worker, *, details: bool) -> None:
        self._worker = worker
        self._details = details
        self._limits: dict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(worker.settings.connections_per_server)
        )

    def read(self, tenants: Sequence[Tenant], pool: ThreadPoolExecutor) -> Iterator[TenantRows]:
        found: list[TenantRows | None] = [None] * len(tenants)
        schemas: dict[str, list[int]] = defaultdict(list)
        alone = []
        for place, tenant in enumerate(tenants):
            if tenant.url is not None and tenant.schema is not None:
                schemas[tenant.url].append(place)
            else:
                alone.append(place)
        groups = [(url, [tenants[one] for one in places]) for url, places in schemas.items()]
        together = pool.map(lambda group: self._of_database(*group), groups)
        singles = pool.map(lambda place: self._of_one(tenants[place]), alone)
        for places, rows in zip(schemas.values(), together, strict=True):
            for place, one in zip(places, rows, strict=True):
                found[place] = one
        for place, one in zip(alone, singles, strict=True):
            found[place] = one
        return (one for one in found if one is not None)

    def _of_one(self, tenant: Tenant) -> TenantRows:
        try:
            with self._limits[server_of(tenant.url)]:
                found = TenantRows(tenant, self._worker.read_rows(tenant))
                return self._with_details(found) if self._details else found
        except Exception as error:  # noqa: BLE001 - the others go on
            return _failed(tenant, error)

    def _with_details(self, found: TenantRows) -> TenantRows:
        tenant = found.tenant
        if tenant.url is None:
            return found
        worker = self._worker
        name = worker.settings.version_table
        with worker.connections.connect(tenant) as connection:
            journal = journal_name(name)
            interrupted = ""
            if has_table(connection, None, journal):
                (steps,) = self._union(connection, [("", journal)], _journal_select(connection))
                interrupted = steps[0][0] if isinstance(steps, list) and steps else ""
            connection.rollback()
            names = [f"{worker.settings.version_table_schema or ''}.{name}"]
            return replace(
                found, interrupted=interrupted, is_locked=bool(_locked(connection, names))
            )

    # ── schemas of one database ───────────────────────────────────────────

    def _of_database(self, url: str, tenants: Sequence[Tenant]) -> list[TenantRows]:
        try:
            seconds = self._worker.project.connect_timeout
            with (
                self._limits[server_of(url)],
                answers_within(seconds),
                self._worker.connections.connect(Tenant("", url)) as connection,
            ):
                return self._schemas(connection, tenants)
        except Exception as error:  # noqa: BLE001 - other databases go on
            return [_failed(tenant, error) for tenant in tenants]

    def _schemas(self, connection: sa.Connection, tenants: Sequence[Tenant]) -> list[TenantRows]:
        table = self._worker.settings.version_table
        journal = journal_name(table)
        have = _schemas_with(connection, (table, journal) if self._details else (table,))
        with_rows = [one for one in tenants if (one.schema, table) in have]
        rows = self._union(
            connection, [(one.schema or "", table) for one in with_rows], _version_select
        )
        by_id = dict(zip((one.id for one in with_rows), rows, strict=True))
        found = []
        existing = None
        for tenant in tenants:
            read = by_id.get(tenant.id, ())
            if isinstance(read, Exception):
                found.append(_failed(tenant, read))
                continue
            if tenant.id not in by_id:
                existing = existing or frozenset(inspector(connection).get_schema_names())
                if tenant.schema not in existing:
                    found.append(_failed(tenant, _no_schema(tenant)))
                    continue
            found.append(TenantRows(tenant, tuple(row[0] for row in read)))
        if not self._details:
            return found
        with_journal = [
            place for place, one in enumerate(found) if (one.tenant.schema, journal) in have
        ]
        steps = self._union(
            connection,
            [(found[place].tenant.schema or "", journal) for place in with_journal],
            _journal_select(connection),
        )
        for place, step in zip(with_journal, steps, strict=True):
            if not isinstance(step, Exception) and step:
                found[place] = replace(found[place], interrupted=step[0][0])
        connection.rollback()
        names = [f"{one.tenant.schema}.{table}" for one in found]
        for place in _locked(connection, names):
            found[place] = replace(found[place], is_locked=True)
        return found

    def _union(
        self, connection: sa.Connection, tables: Sequence[tuple[str, str]], select: Any
    ) -> list[list[tuple[Any, ...]] | Exception]:
        """Return the rows of a SELECT over each of many tables, or the error of a table."""
        found: list[list[tuple[Any, ...]] | Exception] = [[] for _ in tables]
        todo = [
            range(start, min(start + _IN_STATEMENT, len(tables)))
            for start in range(0, len(tables), _IN_STATEMENT)
        ]
        while todo:
            part = todo.pop()
            texts = [select(place, _quoted(connection, *tables[place])) for place in part]
            try:
                rows = connection.execution_options(no_parameters=True).exec_driver_sql(
                    " UNION ALL ".join(texts)
                )
                for place, *values in rows:
                    listed = found[place]
                    if isinstance(listed, list):
                        listed.append(tuple(values))
            except sa.exc.DBAPIError as error:
                if error.connection_invalidated:
                    raise
                connection.rollback()
                if len(part) == 1:
                    found[part[0]] = error
                else:
                    middle = (part.start + part.stop) // 2
                    todo += [range(part.start, middle), range(middle, part.stop)]
        connection.rollback()
        return found


def _version_select(place: int, table: str) -> str:
    return f"SELECT {place}, version_num FROM {table}"  # noqa: S608 - a quoted name


def _journal_select(connection: sa.Connection) -> Callable[[int, str], str]:
    """Return a function that makes the SELECT of the unfinished steps in a journal."""
    state: Any = sa.column("state", sa.String)
    is_unfinished = sa.or_(*(same(state, sa.literal(one)) for one in ("running", "failed")))
    condition = is_unfinished.compile(
        dialect=connection.dialect, compile_kwargs={"literal_binds": True}
    )

    def select(place: int, table: str) -> str:
        return f"SELECT {place}, revision, state FROM {table} WHERE {condition}"  # noqa: S608 - quoted

    return select


def _quoted(connection: sa.Connection, schema: str, table: str) -> str:
    """Return the full name of a table in quotes, for a statement without parameters."""
    preparer: Any = connection.dialect.identifier_preparer
    start, end = preparer.initial_quote, preparer.final_quote
    names = (name.replace(end, end * 2) for name in (schema, table) if name)
    return ".".join(f"{start}{name}{end}" for name in names)


def _schemas_with(connection: sa.Connection, tables: Sequence[str]) -> set[tuple[str, str]]:
    """Return which schemas have which of some tables."""
    schema: Any = sa.column("table_schema")
    name: Any = sa.column("table_name", sa.String)
    query = (
        sa.select(schema, name)
        .select_from(sa.table("tables", schema="information_schema"))
        .where(sa.or_(*(same(name, table) for table in tables)))
    )
    return {(row[0], row[1]) for row in connection.execute(query)}


def _locked(connection: sa.Connection, names: Sequence[str]) -> frozenset[int]:
    locked = find(connection.dialect.name).tenancy.locked
    return locked(connection, names) if locked is not None and names else frozenset()


def _no_schema(tenant: Tenant) -> LimbeckError:
    return MissingSchemaError(
        f"There is no schema {tenant.schema!r} in this database",
        hint=f"Nothing was run. `fleet create {tenant.id}` creates it; or take the tenant out of "
        "the fleet.",
    )


def _failed(tenant: Tenant, error: Exception) -> TenantRows:
    failure = describe_failure(error, tenant.url)
    is_missing = isinstance(error, MissingSchemaError) or is_missing_database(failure.text)
    return TenantRows(tenant, failure=failure, is_missing=is_missing)


class Judge:
    """Tells from version rows where a tenant stands; each set of rows is looked up once.

    Args:
        history: the revisions of the project.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: dict[tuple[str, ...], tuple[State, int, str, str]] = {}

    def status(self, found: TenantRows) -> TenantStatus:
        """Return the status of a tenant."""
        tenant = found.tenant
        if found.failure is not None:
            state: State = "missing" if found.is_missing else "unreachable"
            return TenantStatus(
                tenant.id, state, detail=found.failure.text, code=found.failure.code,
                group=tenant.group,
            )  # fmt: skip
        state, behind, detail, code = self._of_rows(found.rows)
        if found.is_locked:
            state, detail = "locked", "somebody holds its run lock: a migration is running"
        elif found.interrupted:
            state = "failed"
            detail = f"revision {found.interrupted} was interrupted; `fleet upgrade` continues it"
        return TenantStatus(tenant.id, state, found.rows, behind, detail, code, tenant.group)

    def _of_rows(self, rows: tuple[str, ...]) -> tuple[State, int, str, str]:
        if rows not in self._known:
            self._known[rows] = self._judged(rows)
        return self._known[rows]

    def _judged(self, rows: tuple[str, ...]) -> tuple[State, int, str, str]:
        try:
            history, rows = self._history.placed(rows)
            at = {one.id for row in rows for one in history.resolve(row)}
        except HistoryError as error:
            words = f"the version table says {', '.join(rows)}: {error}"
            return "unknown revision", 0, words, error.code
        behind = len(history) - len(history.ancestors(at))
        return ("behind" if behind else "at head"), behind, "", ""
