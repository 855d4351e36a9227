"""Run a backfill: change rows in batches in primary key order, each with its position.

The position is the key at which the next batch begins. It is stored in the journal's row of the
backfill and is updated in the transaction of the batch, so that both are always consistent.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import logging
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchTableError, SQLAlchemyError

from limbeck.dialects import BatchStatements, batch_statements, inspector
from limbeck.errors import BackfillKeyError, BackfillTransactionError
from limbeck.runtime.journal import Journal
from limbeck.runtime.target import Target
from limbeck.runtime.transactions import RunEvents, Transactions
from limbeck.text import visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.operations import BackfillOp

_log = logging.getLogger("alembic.runtime.migration")
_MOST_ROWS = 200_000
_LARGEST = 2**63 - 1  # the largest integer that each driver accepts
_RANGE = 2  # the integers that are searched for each row of a batch
_GROWTH = 4.0  # from one batch to the next
_LOG_INTERVAL = 5.0  # seconds
_LAG_INTERVAL = 1.0
_FIRST_WAIT = 0.2  # seconds before a batch is repeated after a lock timeout

_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    uuid.UUID: ("uuid", str),
    bytes: ("bytes", bytes.hex),
    dt.datetime: ("datetime", dt.datetime.isoformat),
    dt.date: ("date", dt.date.isoformat),
    dt.time: ("time", dt.time.isoformat),
    decimal.Decimal: ("decimal", str),
}
_READERS: dict[str, Callable[[str], Any]] = {
    "uuid": uuid.UUID,
    "bytes": bytes.fromhex,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "decimal": decimal.Decimal,
}


@dataclass(frozen=True, slots=True)
class Position:
    """The progress of a backfill.

    Args:
        key: the key at which the next batch begins.
        rows: the number of rows changed so far.
    """

    key: tuple[Any, ...]
    rows: int = 0

    def to_text(self) -> str:
        """Return the position in the format of the journal."""
        return json.dumps({"key": [_to_json(value) for value in self.key], "rows": self.rows})

    @classmethod
    def from_text(cls, text: str) -> Position:
        """Read a position from the journal."""
        found = json.loads(text)
        return cls(tuple(map(_from_json, found["key"])), found["rows"])


def _to_json(value: Any) -> Any:
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, memoryview | bytearray):
        value = bytes(value)
    for kind, (name, write) in _WRITERS.items():
        if isinstance(value, kind):
            return {name: write(value)}
    raise TypeError(type(value).__name__)


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((name, text),) = value.items()
    return _READERS[name](text)


def run_backfill(
    operation: BackfillOp,
    target: Target,
    transactions: Transactions,
    journal: Journal | None = None,
    events: RunEvents | None = None,
) -> int:
    """Run a backfill, or continue one that an earlier run has begun.

    Without a journal, all batches use the open transaction of the caller, because the position
    cannot be stored.

    Args:
        operation: the backfill.
        target: what env.py configured.
        transactions: the transactions of the run.
        journal: the journal of the current run, if any.
        events: the current run.

    Returns:
        The number of changed rows, including those of earlier runs.

    Raises:
        BackfillKeyError: the table cannot be divided along its primary key.
        BackfillTransactionError: the backfill is in an autocommit block.
        ExternalTransactionError: the transaction was begun by env.py.
    """
    connection = target.connection
    assert connection is not None  # noqa: S101 - a script is written elsewhere; for mypy
    if transactions.is_outside:
        raise BackfillTransactionError(
            f"op.backfill() of {operation.full_name} is in an autocommit block",
            hint="Move it out of the block: it commits each batch itself.",
        )
    statements = _prepare(connection, target, operation)
    everything = statements.everything().compile(dialect=target.sql_dialect)
    first = connection.execute(statements.first()).first()
    start = Position(() if first is None else tuple(first))
    try:
        text = start.to_text()
    except TypeError as error:
        raise _unusable(operation, f"its primary key has values of the type {error}") from None
    begun = None
    if journal is not None:
        begun = journal.begin_backfill(everything.string, everything.params, text)
    batch_run = _BatchRun(connection, target, operation, statements)
    if begun is None or journal is None or events is None:
        return 0 if first is None else batch_run.run(start, nullcontext, lambda _position: None)
    row, checkpoints = begun
    if row is None or row.trace is None:
        return 0
    position = Position.from_text(row.trace)

    def save(position: Position | None) -> None:
        nonlocal row
        assert row is not None  # noqa: S101 - see above; for mypy
        text = None if position is None else position.to_text()
        row = checkpoints.pass_batch(connection, row, text)

    if position.rows:
        _log.info("Continuing the backfill of %s", visible(operation.full_name))
    batch_run.report = journal.notify_batch
    with (
        transactions.own_transactions(events, "op.backfill()"),
        journal.batches(everything.string) as renew,
    ):
        return batch_run.run(position, lambda: _transaction(connection, target, renew), save)


@contextmanager
def _transaction(
    connection: Connection, target: Target, renew: Callable[[], None]
) -> Iterator[None]:
    """Run a block in the transaction of one batch, with the usual limit on waits for tables."""
    table_lock_timeout = target.dialect.table_lock_timeout
    with connection.begin():
        if (
            table_lock_timeout is not None
            and not table_lock_timeout.is_per_session
            and target.table_timeout > 0
        ):
            table_lock_timeout.limit(connection, target.table_timeout)
        renew()
        yield


class _BatchRun:
    """Changes the rows of a table in batches.

    Args:
        connection: the connection.
        target: what env.py configured.
        operation: the backfill.
        statements: its statements.
    """

    def __init__(
        self,
        connection: Connection,
        target: Target,
        operation: BackfillOp,
        statements: BatchStatements,
    ) -> None:
        self._connection = connection
        self._target = target
        self._operation = operation
        self._statements = statements
        self._size = operation.batch
        self._logged = time.monotonic()
        self._lag_read = 0.0
        self._reads_lag = operation.max_lag is not None
        self._bounds: tuple[int, int] | None = None
        self._waited = 0.0
        self.report: Callable[[str, int, float | None], None] | None = None

    def run(
        self,
        position: Position,
        begin: Callable[[], AbstractContextManager[None]],
        save: Callable[[Position | None], None],
    ) -> int:
        """Change all rows from a position on.

        Args:
            position: where to begin.
            begin: a function that returns the transaction of a batch.
            save: a function that stores the position of the next batch; None at the end.

        Returns:
            The number of changed rows.
        """
        is_own = begin is not nullcontext
        if is_own:
            with begin():
                self._bounds = self._read_bounds()
        while True:
            started = time.monotonic()
            try:
                with begin():
                    position, is_last = self._change(position)
                    save(None if is_last else position)
            except DBAPIError as error:
                if not (is_own and self._may_repeat(error)):
                    raise
                continue
            self._waited = 0.0
            self._report(position)
            if is_last:
                return position.rows
            self._adapt(time.monotonic() - started)
            if is_own:
                self._wait_for_replicas()
            if self._operation.pause:
                time.sleep(self._operation.pause)

    def _change(self, position: Position) -> tuple[Position, bool]:
        """Change one batch; return where the next one begins, and whether this was the last."""
        execute = self._connection.execute
        key = position.key
        if not key:  # the table was empty when the backfill was recorded
            first = execute(self._statements.first()).first()
            if first is None:
                return position, True
            key = tuple(first)
        upper = self._next_key(key)
        changed = execute(self._statements.change(key, upper)).rowcount
        return Position(upper or key, position.rows + max(changed, 0)), upper is None

    def _next_key(self, key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Return the key at which the batch after this one begins; None for the last batch."""
        execute, statements = self._connection.execute, self._statements
        found = None
        if len(key) == 1 and type(key[0]) is int:
            # For the rest of a table without statistics, PostgreSQL chooses to sort all rows of it
            # in each batch. In most tables the key is found in a small range.
            end = (min(key[0] + _RANGE * self._size, _LARGEST),)
            found = execute(statements.boundary(key, self._size, end)).first()
        if found is None:
            found = execute(statements.boundary(key, self._size)).first()
        return None if found is None else tuple(found)

    def _adapt(self, elapsed: float) -> None:
        seconds = self._operation.seconds
        if seconds is None:
            return
        factor = min(max(seconds / max(elapsed, 0.001), 1 / _GROWTH), _GROWTH)
        self._size = min(max(int(self._size * factor), 1), max(_MOST_ROWS, self._operation.batch))

    def _may_repeat(self, error: DBAPIError) -> bool:
        """Return whether to repeat a batch that waited too long for a lock, after a pause."""
        table_lock_timeout = self._target.dialect.table_lock_timeout
        if (
            table_lock_timeout is None
            or error.connection_invalidated
            or not table_lock_timeout.is_lock_error(error)
        ):
            return False
        if self._waited + self._target.table_timeout >= self._target.lock_timeout:
            return False
        self._size = max(self._size // 2, 1)
        wait = _FIRST_WAIT + self._target.table_timeout
        self._waited += wait
        _log.warning(
            "A batch of %s waited too long for locked rows; it is repeated with %d rows",
            visible(self._operation.full_name),
            self._size,
        )
        time.sleep(_FIRST_WAIT)
        return True

    # ── replicas ──────────────────────────────────────────────────────────

    def _wait_for_replicas(self) -> None:
        """Wait while a replica is too far behind."""
        limit = self._operation.max_lag
        while self._reads_lag and limit is not None:
            if time.monotonic() - self._lag_read < _LAG_INTERVAL:
                return
            lag = self._read_lag()
            self._lag_read = time.monotonic()
            if lag is None or lag <= limit:
                return
            _log.info("The backfill waits: a replica is %.0f s behind", lag)
            time.sleep(_LAG_INTERVAL)

    def _read_lag(self) -> float | None:
        read = self._target.dialect.batches.replica_lag
        if read is None:
            self._reads_lag = False
            return None
        try:
            with self._connection.begin():
                return read(self._connection)
        except SQLAlchemyError:
            if self._connection.invalidated:
                raise
            self._reads_lag = False  # the role lacks the privilege to see replicas
            return None

    # ── progress ──────────────────────────────────────────────────────────

    def _read_bounds(self) -> tuple[int, int] | None:
        """Return the first and last key of a table whose key is a single integer."""
        keys = self._statements.keys
        if len(keys) != 1:
            return None
        last = self._statements.first().order_by(None).order_by(keys[0].desc())
        low = self._connection.execute(self._statements.first()).scalar()
        high = self._connection.execute(last).scalar()
        if isinstance(low, int) and isinstance(high, int) and low < high:
            return low, high
        return None

    def _report(self, position: Position) -> None:
        share = None
        if self._bounds is not None and isinstance(position.key[0], int):
            low, high = self._bounds
            share = min(max((position.key[0] - low) / (high - low), 0.0), 1.0)
        if self.report is not None:
            self.report(self._operation.full_name, position.rows, share)
        if time.monotonic() - self._logged >= _LOG_INTERVAL:
            self._logged = time.monotonic()
            _log.info(
                "Backfill of %s: %d rows%s",
                visible(self._operation.full_name),
                position.rows,
                "" if share is None else f", {share:.0%}",
            )


def _prepare(connection: Connection, target: Target, operation: BackfillOp) -> BatchStatements:
    """Read the primary key of the table, and check that it can be divided into batches."""
    names = connection.get_execution_options().get("schema_translate_map") or {}
    schema = names.get(operation.schema, operation.schema)
    reading, name = inspector(connection), operation.table_name
    with warnings.catch_warnings():
        # a type that SQLAlchemy does not know is no matter of the user's
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        try:
            keys = reading.get_pk_constraint(name, schema=schema)["constrained_columns"]
            columns = {one["name"]: one for one in reading.get_columns(name, schema=schema)}
        except NoSuchTableError:
            raise _unusable(operation, "the table does not exist") from None
    if not keys:
        raise _unusable(operation, "the table has no primary key")
    rules = target.dialect.batches
    for key in keys:
        type_ = columns[key]["type"]
        reason = "is a floating-point number" if isinstance(type_, sa.Float) else None
        if reason is None and rules.unusable_key is not None:
            reason = rules.unusable_key(type_)
        if reason is not None:
            raise _unusable(operation, f"{key}, a column of its primary key, {reason}")
    rollback = target.dialect.rollback
    if rollback is not None and rollback.is_permanent(connection, schema, operation.table_name):
        raise _unusable(
            operation,
            "its storage engine has no transactions, so a batch and its position could differ",
        )
    has_server_operators = target.dialect.has_server_operators
    statements = batch_statements(
        operation,
        keys,
        target.sql_dialect,
        row_values=rules.row_values,
        server_operators=has_server_operators is not None
        and all(has_server_operators(columns[key]["type"]) for key in keys),
    )
    _expect_no_nulls(connection, operation, statements, [columns[key] for key in keys])
    explained = statements.explained(target.sql_dialect) if rules.explains else None
    if explained is not None:
        # an error of the expression is found before anything is recorded
        connection.exec_driver_sql(explained).close()
    return statements


def _expect_no_nulls(
    connection: Connection,
    operation: BackfillOp,
    statements: BatchStatements,
    columns: Sequence[Any],
) -> None:
    may_be_null = any(column["nullable"] for column in columns)
    if may_be_null and connection.execute(statements.null_keys()).first() is not None:
        raise _unusable(operation, "there are rows whose primary key contains NULL")


def _unusable(operation: BackfillOp, reason: str) -> BackfillKeyError:
    return BackfillKeyError(
        f"op.backfill() of {operation.full_name} is not possible: {reason}. No batch was run",
        hint="Correct the table first, or change its rows with op.execute() in one transaction.",
    )
