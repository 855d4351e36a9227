"""Run a revision on a scratch database and measure each statement that it sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import event

from limbeck.environment import MigrationContext
from limbeck.operations import Operations
from limbeck.runtime import origin_of_caller, quiet_migration_log
from limbeck.sql import ANY, mask_log_records, strip_leading_comments

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from limbeck.dialects import Dialect, Measured, Probe, ReleaseTables

Running: TypeAlias = Callable[[str | None], AbstractContextManager[object]]
Pausing: TypeAlias = Callable[[], AbstractContextManager[object]]
_READS = ("SELECT", "SHOW", "EXPLAIN", "PRAGMA", "SAVEPOINT", "RELEASE", "SET", "DESCRIBE")
_CHANGES = ("UPDATE", "DELETE")
_ENDS_TRANSACTION = re.compile(
    r"\s*(?:COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b))\b",
    re.IGNORECASE,
)
_RUNS_OTHERS = re.compile(r"\s*(?:CALL|DO)\b", re.IGNORECASE)
_CONTROL = re.compile(r"\s*(?:BEGIN|COMMIT|ROLLBACK)\b", re.IGNORECASE)
# one batch of a loop: so many rows at a time, or those between two keys
_LIMITED = re.compile(r"\bLIMIT\b|\bBETWEEN\b|\bANY\s*\(|\bIN\s*\(\s*[%:?]|>.*<", re.IGNORECASE)
_CHANGES_ROWS = ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE")


@dataclass
class RecordedStatement:
    """One statement of a run.

    Attributes:
        sql: the text as it was sent, that of all statements of the line.
        parts: the statements of the line, one by one.
        line: the line of the revision file that sent it.
        leaves_transaction: it cannot run in a transaction, and the revision does not say so.
        is_outside: it runs outside a transaction.
        measured: what it did, None where it failed.
        error: the error, None where it succeeded.
        failing_queries: queries of the running release that fail after it, with the reason.
        has_queries: whether they were tried.
        left_behind: what a failed statement has left in the database, in words.
        rejects_every_row: it fails whatever the rows hold.
        ends_transaction: it commits or rolls back what precedes it in the revision.
        is_batch: it changes a part of the rows, and is committed by itself.
        changed_rows: how many rows it updated or deleted.
    """

    sql: str
    line: int | None
    leaves_transaction: bool = False
    is_outside: bool = False
    measured: Measured | None = None
    error: BaseException | None = None
    failing_queries: Mapping[str, str] = field(default_factory=dict)
    has_queries: bool = False
    left_behind: tuple[str, ...] = ()
    rejects_every_row: bool = False
    ends_transaction: bool = False
    is_batch: bool = False
    changed_rows: int = 0
    parts: list[str] = field(default_factory=list)

    @property
    def changes(self) -> list[str]:
        """The statements of the line that change something, without those that only read."""
        return [one for one in self.parts if not is_read(one) and not _CONTROL.match(one)]

    @property
    def shown(self) -> str:
        """The text for people: what changes something, or all where nothing does."""
        return ";\n".join(self.changes) or self.sql


@dataclass
class RecordedRun:
    """A run of one revision.

    Attributes:
        statements: those of the revision, in order.
        error: what ended the run, None where it came to its end.
        failing_queries: queries of the running release that fail when the revision is applied.
        missing: objects that are gone after the last statement, and that none has named.
        is_committed: the database has changed; False where everything was rolled back.
    """

    statements: list[RecordedStatement] = field(default_factory=list)
    error: BaseException | None = None
    failing_queries: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    is_committed: bool = False

    @property
    def failed(self) -> RecordedStatement | None:
        """The statement that failed, None where none did."""
        last = self.statements[-1] if self.statements else None
        return last if last is not None and last.error is not None and self.error else None


def is_read(statement: str) -> bool:
    """Return whether a statement changes neither schema nor rows."""
    return strip_leading_comments(statement, ANY).lstrip(" (\n\t").upper().startswith(_READS)


def _is_streamed(context: Any, *_rest: Any) -> bool:
    """Return whether rows are still to come, which a query in between would take away.

    So are catalogs read; it is nothing that a revision does.
    """
    return bool(context.execution_options.get("stream_results"))


def _changes_rows(statement: str) -> bool:
    bare = strip_leading_comments(statement, ANY)
    return bare.lstrip(" (\n\t").upper().startswith(_CHANGES_ROWS)


def _execute(connection: Connection, word: str) -> None:
    """Send a word with the driver's cursor, which no listener sees."""
    cursor = connection.connection.cursor()
    cursor.execute(word)
    cursor.close()


class _RecordedContext(MigrationContext):
    """The context of a run, in which each batch of `op.backfill` is committed by itself."""

    recorder: _Recorder

    def backfill(self, operation: Any) -> int | None:
        """Run a backfill."""
        with self.recorder.batches():
            return super().backfill(operation)


class _RollBackError(Exception):
    """Ends the transaction of a run, which nobody needs any more."""


class _Recorder:
    """Listens to a connection, and measures the statements that come from a revision file."""

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        probe: Probe | None,
        path: str | None,
        *,
        every_commit: bool,
        skips_failures: bool,
        merges_lines: bool,
        pausing: Pausing,
    ) -> None:
        self._connection = connection
        self._pausing = pausing
        # where DDL commits by itself, every change of a schema is outside transactions
        is_transactional = dialect.capabilities.transactional_ddl
        self._rules = dialect.transaction_rules if is_transactional else None
        self._probe = probe
        self._path = path
        self._every_commit = every_commit
        self._merges_lines = merges_lines
        self._measurement = dialect.measurement
        self._row_violation = dialect.scratch.row_violation if skips_failures else None
        self._current: RecordedStatement | None = None
        self._is_outside = False
        self._is_running = False
        self._has_own_transaction = False
        self._was_switched = False
        self._is_in_batches = False
        self.run = RecordedRun()

    @contextmanager
    def batches(self) -> Iterator[None]:
        """Commit each statement of a block by itself."""
        self._is_in_batches = True
        try:
            yield
        finally:
            self._is_in_batches = False

    @contextmanager
    def listen(self) -> Iterator[None]:
        connection = self._connection

        def before(*arguments: Any) -> tuple[str, Any]:
            with self._pausing():
                return self._before(*arguments)

        def after(*arguments: Any) -> None:
            with self._pausing():
                self._after(*arguments)

        event.listen(connection, "before_cursor_execute", before, retval=True, named=False)
        event.listen(connection, "after_cursor_execute", after, named=False)
        try:
            yield
        finally:
            event.remove(connection, "before_cursor_execute", before)
            event.remove(connection, "after_cursor_execute", after)

    def _before(
        self, conn: Connection, _cursor: Any, statement: str, parameters: Any, *rest: Any
    ) -> tuple[str, Any]:
        if _is_streamed(*rest):
            return statement, parameters
        previous, self._current, self._is_running = self._current, None, False
        origin = origin_of_caller(self._path)
        if origin is None:
            return statement, parameters
        declared = conn.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
        is_outside = self._rules is not None and (
            self._rules.is_non_transactional(statement)
            or (declared and self._commits_by_itself(conn, statement))
        )
        is_batch = self._is_in_batches or (declared and _LIMITED.search(statement) is not None)
        continues = self._merges_lines and previous is not None and previous.line == origin.line
        continues = continues and not is_batch
        if previous is not None and continues:
            found = previous
            found.sql = f"{found.sql};\n{statement}"
        else:
            found = RecordedStatement(statement, origin.line)
            self.run.statements.append(found)
        found.parts.append(statement)
        if self._rules is not None and not declared and _ENDS_TRANSACTION.match(statement):
            found.ends_transaction = self.run.is_committed = True
        found.is_batch = is_batch
        found.leaves_transaction |= is_outside and not declared
        found.is_outside |= is_outside or declared
        # what a transaction can contain is measured in one, also in an autocommit block
        commits = declared or self._every_commit or self._is_in_batches
        commits = commits and self._rules is not None
        self._current, self._is_outside = found, is_outside
        self.run.is_committed |= commits or is_outside
        if commits and not is_outside:
            if not declared:
                self._switch(conn, autocommit=True)
            self._has_own_transaction = True
            _execute(conn, "BEGIN")
        replacement = None
        if self._probe is not None:
            replacement = self._probe.before(
                strip_leading_comments(statement, ANY),
                in_transaction=not self._is_outside,
                continues=continues,
            )
        if is_outside and not declared:
            self._switch(conn, autocommit=True)
        if replacement is None and not self._is_outside and not is_read(statement):
            replacement = self._skip_if_rows_reject(conn, found, statement, parameters)
        self._is_running = True
        return (statement, parameters) if replacement is None else (replacement, ())

    def _commits_by_itself(self, conn: Connection, statement: str) -> bool:
        """Return whether a block or procedure ends transactions, so that none can contain it."""
        if self._measurement is None or not _RUNS_OTHERS.match(statement):
            return False
        cursor = conn.connection.cursor()
        cursor.execute("BEGIN")
        try:
            cursor.execute(statement)
        except Exception as error:  # noqa: BLE001 - any error is the answer
            return self._measurement.refused_in_transaction(error)
        finally:
            cursor.execute("ROLLBACK")
            cursor.close()
        return False

    def _skip_if_rows_reject(
        self, conn: Connection, found: RecordedStatement, statement: str, parameters: Any
    ) -> str | None:
        """Try a statement that existing rows may reject, so that those after it run as well.

        Returns:
            A statement that does nothing, where the rows reject it; else None.
        """
        if self._row_violation is None:
            return None
        cursor = conn.connection.cursor()
        cursor.execute("SAVEPOINT limbeck_try")
        try:
            cursor.execute(statement, *([parameters] if parameters else []))
        except Exception as error:  # noqa: BLE001 - any error is the answer
            if self._row_violation(error) is not None:
                found.error = error
                if self._probe is not None:
                    found.rejects_every_row = self._probe.rejects_every_row(error)
        finally:
            with suppress(Exception):
                cursor.execute("ROLLBACK TO SAVEPOINT limbeck_try")
                cursor.execute("RELEASE SAVEPOINT limbeck_try")
            cursor.close()
        return None if found.error is None else "SELECT 1"

    def _after(
        self, conn: Connection, cursor: Any, statement: str, _parameters: Any, *rest: Any
    ) -> None:
        if _is_streamed(*rest):
            return
        self._is_running = False
        found = self._current
        if found is not None and strip_leading_comments(statement, ANY).upper().startswith(
            _CHANGES
        ):
            found.changed_rows += max(cursor.rowcount, 0)
        if found is not None and self._probe is not None and found.error is None:
            self._measure(found, statement)
        self._end_own_transaction(conn, "COMMIT")
        self._restore(conn)

    def _measure(self, found: RecordedStatement, statement: str) -> None:
        if self._probe is None:
            return
        text = strip_leading_comments(found.sql, ANY)
        found.measured = self._probe.after(text, in_transaction=not self._is_outside)
        if not self._is_outside and not is_read(statement) and not _changes_rows(statement):
            found.failing_queries = self._probe.failing_queries()
            found.has_queries = True

    def _end_own_transaction(self, conn: Connection, word: str) -> None:
        if self._has_own_transaction:
            self._has_own_transaction = False
            _execute(conn, word)

    def fail(self, error: BaseException) -> None:
        """Record the error that ended the run, with the statement that raised it, if any."""
        self.run.error = error
        current = self._current
        if not self._is_running or current is None:
            # the program has sent others since, to clean up
            sql = getattr(error, "statement", None)
            found = [one for one in self.run.statements if sql in one.parts]
            if found:
                found[-1].error = getattr(error, "orig", None) or error
                found[-1].measured = None
            return
        original = getattr(error, "orig", None)
        current.error = error if original is None else original
        with suppress(Exception):
            self._end_own_transaction(self._connection, "ROLLBACK")
        self._restore(self._connection)
        if self._probe is not None:
            current.rejects_every_row = self._probe.rejects_every_row(error)
            if self._is_outside:
                with suppress(Exception):
                    current.left_behind = self._probe.left_behind()

    def _switch(self, conn: Connection, *, autocommit: bool) -> None:
        driver: Any = conn.connection.dbapi_connection
        if not hasattr(driver, "autocommit") or callable(driver.autocommit):
            return
        with suppress(Exception):
            driver.commit()
        driver.autocommit = autocommit
        self._was_switched = autocommit

    def _restore(self, conn: Connection) -> None:
        if self._was_switched:
            driver: Any = conn.connection.dbapi_connection
            self._was_switched = False
            try:
                driver.autocommit = False
            except Exception:  # noqa: BLE001 - the statement has left the session unusable
                conn.invalidate()


def record(
    program: Callable[..., None],
    engine: Engine,
    dialect: Dialect,
    *,
    path: str | None,
    options: Mapping[str, Any] | None = None,
    measure: bool = True,
    words: Collection[str] | None = None,
    release: ReleaseTables | None = None,
    every_commit: bool = False,
    skips_failures: bool = False,
    merges_lines: bool = True,
    running: Running | None = None,
    pausing: Pausing | None = None,
) -> RecordedRun:
    """Run the upgrade function of a revision on a scratch database.

    Args:
        program: the function.
        engine: of the scratch database, which is at the parent revision.
        dialect: the record of the database.
        path: the revision file, to find the line of each statement.
        options: options of `context.configure`.
        measure: measure what each statement does; False only records whether it fails.
        words: those of the revision's statements, where they are known.
        release: the tables and columns that the running release knows; None for all.
        every_commit: commit after each statement.
        skips_failures: go on after a statement that existing rows reject.
        merges_lines: the statements of one line are measured together.
        running: opens the block in which the function runs.
        pausing: opens a block in which a statement is measured.
    """
    measurement = dialect.measurement
    with engine.connect() as connection:
        probe = None
        if measure and measurement is not None:
            probe = measurement.open_probe(connection, engine, words, release)
            connection.rollback()
        recorder = _Recorder(
            connection,
            dialect,
            probe,
            path,
            every_commit=every_commit,
            skips_failures=skips_failures,
            merges_lines=merges_lines,
            pausing=pausing or nullcontext,
        )
        run = recorder.run
        run.is_committed = measurement is None or not measurement.rolls_back
        mask_log_records()
        with quiet_migration_log():
            context = _RecordedContext.configure(connection, opts=dict(options or {}))
        assert isinstance(context, _RecordedContext)  # noqa: S101 - for mypy
        context.recorder = recorder
        try:
            with Operations.context(context), context.begin_transaction(), recorder.listen():
                with nullcontext() if running is None else running(path):
                    program()
                if probe is not None:
                    run.failing_queries = probe.failing_queries()
                    run.missing = probe.missing_at_end()
                raise _RollBackError  # noqa: TRY301 - leaves the transaction's block
        except _RollBackError:
            pass
        except Exception as error:  # noqa: BLE001 - a program may raise anything
            recorder.fail(error)
        finally:
            if probe is not None:
                probe.close()
            try:
                connection.rollback()
                connection.connection.rollback()
            except Exception:  # noqa: BLE001 - a statement has left the session unusable
                connection.invalidate()
    return run
