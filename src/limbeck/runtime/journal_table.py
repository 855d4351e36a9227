"""The journal's table: steps of interrupted moves, and the sources of applied revisions."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import BindTyping

from limbeck.dialects import execute_compiled, has_table, inspector, query_sql, same
from limbeck.history import Move
from limbeck.runtime.errors import ForeignJournalError, LockHeldError
from limbeck.runtime.journal_row import (
    APPLIED,
    SKIPPED,
    Row,
    define_statements,
    expect_one_way,
)
from limbeck.runtime.lock_lease import DIRECTION, LockLease
from limbeck.runtime.session_names import SessionNames
from limbeck.runtime.target import Target
from limbeck.sql import mask_secrets
from limbeck.text import visible_line

if TYPE_CHECKING:
    from typing import Concatenate

    from sqlalchemy import Connection
    from sqlalchemy.sql.compiler import SQLCompiler
    from typing_extensions import ParamSpec

    Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_log = logging.getLogger("alembic.runtime.migration")
TABLE = "limbeck_journal"
_MAX_LENGTH = 15_000  # characters of a statement; MySQL's TEXT holds 64 kB in utf8mb4


def _at_home(
    method: Callable[Concatenate[JournalTable, Parameters], Result],
) -> Callable[Concatenate[JournalTable, Parameters], Result]:
    """Run a method with the default schema of the start of the run; see `SessionNames`."""

    @functools.wraps(method)
    def run(self: JournalTable, /, *args: Parameters.args, **kw: Parameters.kwargs) -> Result:
        if not self._names.is_away:
            return method(self, *args, **kw)
        with self._names.at_home():
            return method(self, *args, **kw)

    return run


class JournalTable:
    """Reads and writes the journal's table of one target.

    Each version table has its own journal in the same schema, so that one run lock covers both.

    Attributes:
        exists: whether the table existed when it was last looked up; None before that.
    """

    def __init__(self, target: Target, names: SessionNames | None = None) -> None:
        self._names = names or SessionNames(target)
        self._scope = f"{target.version_table_schema or ''}.{target.version_table}"[:128]
        options = tuple(target.dialect.own_table_options.items())
        name = journal_name(target.version_table)
        self._statements = define_statements(name, target.version_table_schema, options)
        self.table = self._statements.table
        self.name = self.table.fullname
        self.exists: bool | None = None
        self._compiled: dict[Any, SQLCompiler] = {}
        self._table_facts = target.dialect.table_facts
        rules = target.dialect.capabilities
        self._commits_table = rules.ddl_needs_commit and not target.transactional_ddl
        self._accepts_other_way = target.accept_removed
        self._is_loaded = False
        self._has_lease = False
        self._steps: dict[tuple[str, str], list[Row]] = {}
        self._revisions: set[str] = set()
        self._skipped: set[str] = set()
        # the revisions that have a source, where this object has created the table
        self._with_source: set[str] | None = None
        self.lease = LockLease(target, self.table, self._scope, self._names)
        self._sql_dialect = target.sql_dialect

    @functools.cached_property
    def no_operation(self) -> str:
        """A statement that changes no row, which is executed in place of a skipped one."""
        return query_sql(self._statements.delete_nothing, self._sql_dialect)

    # ── the table ─────────────────────────────────────────────────────────

    def _schema(self, connection: Connection) -> str | None:
        names = connection.get_execution_options().get("schema_translate_map") or {}
        return names.get(self.table.schema, self.table.schema)

    @_at_home
    def find_table(self, connection: Connection) -> bool:
        """Return whether the table exists."""
        self.exists = has_table(connection, self._schema(connection), self.table.name)
        return self.exists

    @_at_home
    def create(self, connection: Connection) -> None:
        """Create the table if it is missing."""
        if self.exists is None:
            self.find_table(connection)
        if not self.exists:
            self._with_source = set()
            self.table.create(connection, checkfirst=False)
            if self._commits_table:
                # by the driver: SQLAlchemy's transaction, of the run or of env.py, goes on
                connection.connection.commit()
            self.exists = True

    @_at_home
    def drop_if_empty(self, connection: Connection, *, in_transaction: bool = False) -> None:
        """Drop the table if it has no rows.

        Args:
            connection: the connection.
            in_transaction: drop it also inside an open transaction.
        """
        if self.exists is False:
            return
        if not connection.in_transaction():
            with connection.begin():
                if self.exists or self.find_table(connection):
                    self._drop_if_empty(connection)
        elif in_transaction:
            self._drop_if_empty(connection)

    def _drop_if_empty(self, connection: Connection) -> None:
        if connection.execute(sa.select(self.table.c.place).limit(1)).first() is None:
            self.table.drop(connection, checkfirst=False)
            self.exists = False

    # ── steps of moves ────────────────────────────────────────────────────

    @_at_home
    def steps(self, connection: Connection, move: Move) -> list[Row]:
        """Return the steps of a move that earlier runs have recorded.

        Raises:
            RecoveryChoiceError: a move in the other direction is interrupted.
        """
        self._load_once(connection)
        if not self._accepts_other_way:
            expect_one_way(self._steps, move.direction, move.revision.id)
        return self._steps.pop((move.revision.id, move.direction), [])

    @_at_home
    def all_steps(self, connection: Connection) -> dict[tuple[str, str], list[Row]]:
        """Return the steps of all interrupted moves, by revision and direction."""
        if self.exists is None:
            self.find_table(connection)
        if self.exists:
            self._load(connection)
        return dict(self._steps)

    def forget_reads(self) -> None:
        """Discard the rows that were read, so that they are read again."""
        self.exists = None
        self._is_loaded = self._has_lease = False
        self._steps.clear()
        self._revisions.clear()
        self._skipped.clear()
        self._with_source = None

    def _load_once(self, connection: Connection) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        if self.exists is None:
            self.find_table(connection)
        if self.exists:
            self._load(connection)
            self._refuse_other_holder(connection)

    def _refuse_other_holder(self, connection: Connection) -> None:
        if self._has_lease and (holder := self.lease.find_other(connection)) is not None:
            self.forget_reads()
            raise LockHeldError(holder)

    def _load(self, connection: Connection) -> None:
        self._steps.clear()
        for row in self._trusted_rows(connection):
            if row.direction == DIRECTION:
                self._has_lease = True
                continue
            if row.direction == SKIPPED:
                self._skipped.add(row.revision)
                continue
            self._revisions.add(row.revision)
            self._steps.setdefault((row.revision, row.direction), []).append(
                Row(
                    revision=row.revision,
                    position=row.place,
                    sql=_from_ascii(row.statement),
                    fingerprint=row.fingerprint,
                    trace=row.trace,
                    state=row.state,
                )
            )

    def _trusted_rows(self, connection: Connection) -> Sequence[Any]:
        """Return the rows of steps, which decide which statements are skipped.

        Raises:
            ForeignJournalError: limbeck did not create the table.
        """
        try:
            rows = connection.execute(self._statements.steps, {"its_lane": self._scope}).all()
        except (sa.exc.ProgrammingError, sa.exc.OperationalError) as error:
            if error.connection_invalidated or self._has_columns(connection):
                raise
            self._refuse("it has other columns")
        if rows:
            self._expect_own(connection)
        return rows

    def _expect_own(self, connection: Connection) -> None:
        """Raise an error if another user controls the table, or it has other columns."""
        if self._table_facts is None:
            return
        facts = self._table_facts(connection, self._schema(connection), self.table.name)
        reason = None
        if facts is not None:
            reason = facts.fault(frozenset(column.name for column in self.table.c))
        if reason is not None:
            self._refuse(reason)

    def _refuse(self, reason: str) -> NoReturn:
        raise ForeignJournalError(
            f"The table {self.name} is not limbeck's journal: {reason}",
            hint="Nothing was run. Find out who created it. Then drop or rename it, or make "
            "the user that runs the migrations its owner.",
        )

    def _has_columns(self, connection: Connection) -> bool:
        if connection.in_transaction():
            connection.rollback()
        found = inspector(connection).get_columns(self.table.name, schema=self._schema(connection))
        return {column.name for column in self.table.c} <= {one["name"] for one in found}

    @_at_home
    def count_steps(self, connection: Connection, move: Move) -> int:
        """Return the number of recorded steps of a move."""
        columns = self.table.c
        query = sa.select(columns.place).where(
            same(columns.lane, self._scope),
            same(columns.revision, move.revision.id),
            same(columns.direction, move.direction),
        )
        return len(connection.execute(query).all())

    @_at_home
    def add_steps(self, connection: Connection, move: Move, rows: Sequence[Row]) -> None:
        """Record steps."""
        self._revisions.add(move.revision.id)
        values = [
            {
                "its_lane": self._scope,
                "its_revision": row.revision,
                "its_direction": move.direction,
                "its_place": row.position,
                "its_statement": _to_ascii(row.sql if row.changes_rows else mask_secrets(row.sql)),
                "its_fingerprint": row.fingerprint,
                "its_trace": row.trace,
                "its_state": row.state,
            }
            for row in rows
        ]
        self._execute(connection, self._statements.add_step, values)

    @_at_home
    def set_state(self, connection: Connection, direction: str, row: Row, state: str) -> None:
        """Change the state of a step."""
        where = self._is(direction, row)
        connection.execute(self.table.update().where(*where).values(state=state))

    @_at_home
    def set_position(
        self, connection: Connection, direction: str, row: Row, trace: str | None
    ) -> bool:
        """Write the position of a backfill; return False if another run has changed it.

        Args:
            connection: the connection, in the transaction of the batch.
            direction: the direction of the move.
            row: the row of the backfill that this run has read or written last.
            trace: the new position, None if the backfill is done.
        """
        before = self.table.c.trace
        is_unchanged: Any = before.is_(None) if row.trace is None else same(before, row.trace)
        where = [*self._is(direction, row), is_unchanged]
        values = {"trace": trace, "state": "done" if trace is None else "partial"}
        return connection.execute(self.table.update().where(*where).values(values)).rowcount == 1

    @_at_home
    def delete_step(self, connection: Connection, direction: str, row: Row) -> None:
        """Delete the row of a step that had no effect or was reverted."""
        connection.execute(self.table.delete().where(*self._is(direction, row)))

    def _is(self, direction: str, row: Row) -> list[Any]:
        columns = self.table.c
        return [
            same(columns.lane, self._scope),
            same(columns.revision, row.revision),
            # rows with the source of a revision have a place as well
            same(columns.direction, direction),
            same(columns.place, row.position),
        ]

    @_at_home
    def delete_steps(
        self, connection: Connection, revisions: Collection[str], *, is_stamp: bool = False
    ) -> bool:
        """Delete all steps of revisions in both directions; return whether there were any.

        Args:
            connection: the connection.
            revisions: their identifiers.
            is_stamp: warn that no migration has finished the steps.
        """
        self._load_once(connection)
        found = sorted(self._revisions.intersection(revisions))
        if not found:
            return False
        if is_stamp:
            _log.warning(
                "The migration of %s was interrupted, and has changed the database. stamp keeps "
                "these changes, and forgets which steps were done.", visible_line(", ".join(found)),
            )  # fmt: skip
        self._revisions.difference_update(found)
        values = [{"its_lane": self._scope, "its_revision": one} for one in found]
        self._execute(connection, self._statements.delete_steps, values)
        return True

    def _execute(
        self, connection: Connection, statement: Any, values: Sequence[dict[str, Any]]
    ) -> None:
        """Execute a statement for each set of values.

        On a database whose DDL commits, nearly every move writes one row and deletes it. The
        driver executes these statements directly, which takes half the time.
        """
        dialect = connection.dialect
        is_direct = (
            len(values) == 1
            and connection.in_transaction()
            and dialect.bind_typing is not BindTyping.SETINPUTSIZES
            and not connection.get_execution_options().get("schema_translate_map")
        )
        if not is_direct:
            connection.execute(statement, values)
            return
        compiled = self._compiled.get(statement)
        if compiled is None:
            compiled = self._compiled[statement] = statement.compile(dialect=dialect)
        execute_compiled(connection, compiled, values[0])

    @_at_home
    def delete_all_steps(self, connection: Connection) -> bool:
        """Delete the steps of all revisions; return whether there were any."""
        self._load_once(connection)
        return self.delete_steps(connection, set(self._revisions), is_stamp=True)

    # ── revisions that were stamped instead of run ────────────────────────

    @_at_home
    def add_skipped(self, connection: Connection, revision: str) -> None:
        """Record that a revision was stamped instead of run."""
        values = {
            "lane": self._scope, "revision": revision, "direction": SKIPPED, "place": 0,
            "state": SKIPPED, "fingerprint": "", "statement": "",
            "started": sa.func.current_timestamp(),
        }  # fmt: skip
        self._skipped.add(revision)
        connection.execute(self.table.insert().values(values))

    @_at_home
    def delete_skipped(self, connection: Connection, revisions: Collection[str]) -> bool:
        """Delete the records of stamped revisions; return whether there were any."""
        self._load_once(connection)
        found = sorted(self._skipped.intersection(revisions))
        self._skipped.difference_update(found)
        columns = self.table.c
        for revision in found:
            connection.execute(
                self.table.delete().where(
                    same(columns.lane, self._scope),
                    same(columns.revision, revision),
                    same(columns.direction, SKIPPED),
                )
            )
        return bool(found)

    @_at_home
    def skipped(self, connection: Connection) -> tuple[str, ...]:
        """Return the revisions that were stamped instead of run."""
        if not (self.exists or self.find_table(connection)):
            return ()
        columns = self.table.c
        query = (
            sa.select(columns.revision)
            .where(same(columns.lane, self._scope), same(columns.direction, SKIPPED))
            .order_by(columns.started, columns.revision)
        )
        return tuple(connection.execute(query).scalars())

    # ── sources of applied revisions ──────────────────────────────────────

    @_at_home
    def applied_rows(self, connection: Connection, *, sources: bool) -> Any:
        """Return the rows of applied revisions in order, with their sources if requested.

        Raises:
            ForeignJournalError: the sources are requested, which may be run, and another user
                controls the table.
        """
        if sources:
            self._expect_own(connection)
        query = self._statements.applied_with_sources if sources else self._statements.applied
        return connection.execute(query, {"its_lane": self._scope})

    def summary(self) -> sa.Select[Any]:
        """Return the query for revision, direction, place, state and fingerprint of each row."""
        columns = self.table.c
        wanted = (columns.revision, columns.direction, columns.place, columns.state)
        return sa.select(*wanted, columns.fingerprint).where(same(columns.lane, self._scope))

    def applied_inserts(self, rows: Sequence[Mapping[str, Any]]) -> list[sa.Insert]:
        """Return an INSERT for each row of applied revisions."""
        return [self.table.insert().values(self._applied_values(row)) for row in rows]

    def _applied_values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {"lane": self._scope, "direction": APPLIED, "state": APPLIED, **row}

    @_at_home
    def add_applied(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows of applied revisions."""
        values = [self._applied_values(row) for row in rows]
        connection.execute(self._statements.add_applied, values)
        if self._with_source is not None:
            self._with_source.update(row["revision"] for row in rows)

    @_at_home
    def delete_applied(self, connection: Connection, revisions: Sequence[str]) -> None:
        """Delete the rows of applied revisions."""
        known = self._with_source
        if known is not None:
            revisions = [one for one in revisions if one in known]
            known.difference_update(revisions)
        if revisions:
            values = [{"its_lane": self._scope, "its_revision": one} for one in revisions]
            connection.execute(self._statements.delete_applied, values)


def journal_name(version_table: str) -> str:
    """Return the name of the journal for a version table."""
    return TABLE if version_table == "alembic_version" else f"{TABLE}_{version_table}"[:60]


def _to_ascii(sql: str) -> str:
    # the character set of the table may not contain all characters of the statement
    return sql.encode("ascii", "backslashreplace").decode("ascii")[:_MAX_LENGTH]


def _from_ascii(sql: str) -> str:
    return re.sub(
        r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))",
        lambda found: chr(int(found[1] or found[2] or found[3], 16)),
        sql,
    )
