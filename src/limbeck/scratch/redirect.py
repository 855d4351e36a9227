"""Let env.py work on a scratch database: its own engines connect there and nowhere else."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Pool, event
from sqlalchemy.exc import DisconnectionError

from limbeck.errors import ScratchError
from limbeck.runtime import quiet_migration_log
from limbeck.scratch.source import DatabaseSource
from limbeck.sql import mask_log_records

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect
    from sqlalchemy.pool import ConnectionPoolEntry

    from limbeck.scratch.database import ScratchDatabase

# what every server has, and nobody's tables are in it
_OWN = frozenset({
    "information_schema", "pg_catalog", "pg_toast", "performance_schema", "mysql", "sys",
})  # fmt: skip


# in the info of a connection: the block in which it was opened
_OPENED_IN = "limbeck_opened_in"
_TABLE_FOLLOWS = r"FROM|JOIN|INTO|UPDATE|TABLE|VIEW|EXISTS|REFERENCES|TO|USING|IGNORE|ONLY|SEQUENCE"
# statements that may run statements which their text does not contain
_RUNS_OTHERS = re.compile(r"\s*(?:DO|CALL|EXECUTE|BEGIN\s+NOT)\b", re.IGNORECASE)
_CALLS = re.compile(r"\s*(?:DO|CALL|EXECUTE|SELECT|WITH)\b", re.IGNORECASE)
_ENDS_TRANSACTION = re.compile(r"\s*(?:COMMIT|END)\b", re.IGNORECASE)
_INDEX = re.compile(r"\s*(?:CREATE|DROP)\b[^()]*?\bON\s+([`\"]?)(\w+)\1\s*\.", re.IGNORECASE)
_TABLE = re.compile(
    rf"(?:\b(?:{_TABLE_FOLLOWS})\s+|,\s*)([`\"]?)(\w+)\1\s*\.\s*[`\"]?\w", re.IGNORECASE
)


class _CapturedError(BaseException):
    """Leaves env.py at its first attempt to connect.

    Args:
        source: where it wanted to connect.
    """

    def __init__(self, source: DatabaseSource) -> None:
        super().__init__()
        self.source = source


def capture_source(run: Callable[[], object]) -> DatabaseSource:
    """Return the database to which env.py connects, without connecting to it.

    Args:
        run: executes env.py online, with a job that does nothing.

    Raises:
        ScratchError: env.py connects in a way that cannot be redirected.
    """

    def capture(
        dialect: SqlDialect, _record: object, args: Sequence[Any], params: dict[str, Any]
    ) -> None:
        raise _CapturedError(DatabaseSource.of_arguments(dialect, args, params))

    event.listen(Engine, "do_connect", capture)
    try:
        with quiet_migration_log(), _new_connections():
            run()
    except _CapturedError as found:
        return found.source
    finally:
        event.remove(Engine, "do_connect", capture)
        mask_log_records()  # env.py has set up the logs to which migrations write
    raise ScratchError(
        "env.py opens its connection in a way that cannot be redirected to a scratch database",
        hint="let env.py make its engine of a URL, without `creator` and without a pool of its own",
        code="LB606",
    )


@contextlib.contextmanager
def redirected(
    scratch: ScratchDatabase,
    source: DatabaseSource,
    *,
    refuse: Callable[[str, str], None] | None = None,
    connecting: Callable[[DatabaseSource], None] | None = None,
    executing: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Let every engine that connects to the project's database connect to the scratch database.

    Statements that would act on more than the scratch database are refused before they run.

    Args:
        scratch: where to.
        source: the project's database, as `capture_source` found it.
        refuse: called with a reason and the statement before a statement is refused; it may
            raise an error of its own.
        connecting: called before each connection; it may raise.
        executing: called with each statement before it is executed.

    Raises:
        ScratchError: an engine connects to another database, or a statement acts on one.
    """

    def connect(
        dialect: SqlDialect, _record: object, args: Sequence[Any], params: dict[str, Any]
    ) -> object:
        wanted = DatabaseSource.of_arguments(dialect, args, params)
        if connecting is not None:
            connecting(wanted)
        if not wanted.is_same_place(source):
            place = wanted.url.set(password=None).render_as_string()
            raise ScratchError(
                f"env.py opens a second database, {place}; a scratch database replaces only one",
                hint="Let env.py choose a database by a value of -x; run the command for each.",
                code="LB607",
            )
        defaults.set(dialect)
        url = scratch.source.url.set(drivername=wanted.url.drivername)
        there = DatabaseSource(url, scratch.source.connect_args or wanted.connect_args)
        new_args, new_params = there.arguments(dialect)
        return dialect.connect(*new_args, **new_params)

    others = _other_places(scratch)

    def check(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if connection.engine is scratch.engine:
            return
        reason = _beyond(scratch, statement, others)
        if reason is None:
            if executing is not None:
                executing(statement)
            return
        if refuse is not None:
            refuse(reason, statement)
        raise ScratchError(
            f"A statement was not run because it {reason}",
            hint="it would act on more than the scratch database; name a server for scratch "
            "databases with scratch_url, or leave this revision out",
            code="LB608",
        )

    shared = _SharedObjects(scratch, refuse)
    default = scratch.schema if scratch.kind == "schema" else scratch.name
    defaults = _DefaultSchemas(scratch, default)
    event.listen(Engine, "do_connect", connect)
    event.listen(Engine, "before_cursor_execute", check)
    try:
        with quiet_migration_log(), _new_connections(), shared.watching():
            yield
    finally:
        event.remove(Engine, "do_connect", connect)
        event.remove(Engine, "before_cursor_execute", check)
        defaults.restore(source)


@contextlib.contextmanager
def _new_connections() -> Iterator[None]:
    """Let pools open a new connection in the block instead of one that they keep, and after it."""
    token = object()
    opened: list[ConnectionPoolEntry] = []

    def connected(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_OPENED_IN] = token
        opened.append(record)

    def checked_out(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info.get(_OPENED_IN) is not token:
            # the pool closes this connection and opens another one
            raise DisconnectionError

    event.listen(Pool, "connect", connected)
    event.listen(Pool, "checkout", checked_out)
    try:
        yield
    finally:
        event.remove(Pool, "connect", connected)
        event.remove(Pool, "checkout", checked_out)
        for record in opened:
            record.invalidate(soft=True)


class _SharedObjects:
    """Stops a migration that changes roles of the server by dynamic SQL.

    The text of such a statement does not show what it does, so the server is asked: before each
    COMMIT, and after each block or call. If a statement would commit by itself, it is run in a
    transaction first, which is rolled back. What no transaction can contain is reported.

    Args:
        scratch: the scratch database.
        refuse: called with a reason and the statement before an error is raised.
    """

    def __init__(self, scratch: ScratchDatabase, refuse: Callable[[str, str], None] | None) -> None:
        self._rules = scratch.record.scratch
        self._own_engine = scratch.engine
        self._refuse = refuse
        self._before: dict[Connection, object] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch all connections for the length of a block."""
        if self._rules.shared_state is None:
            yield
            return
        listeners: dict[str, Callable[..., Any]] = {
            "before_cursor_execute": self._executing,
            "after_cursor_execute": self._executed,
            "commit": self._committing,
        }
        for name, listener in listeners.items():
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(Engine, name, listener)

    def _executing(
        self,
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Any,
        *_rest: object,
    ) -> None:
        if connection.engine is self._own_engine:
            return
        if _ENDS_TRANSACTION.match(statement):
            self._committing(connection)
        if self._rules.shared_changes is None:
            is_hidden = _RUNS_OTHERS.match(statement) is not None
        else:
            commits = getattr(connection.connection.dbapi_connection, "autocommit", False) is True
            is_hidden = commits and _CALLS.match(statement) is not None
        if is_hidden:
            if self._rules.shared_changes is not None:
                self._try(connection, statement, parameters)
            self._before[connection] = self._ask(connection, self._rules.shared_state)

    def _executed(
        self, connection: Connection, _cursor: object, statement: str, *_rest: object
    ) -> None:
        if connection.engine is self._own_engine:
            return
        before = self._before.pop(connection, None)
        if before is not None and before != self._ask(connection, self._rules.shared_state):
            self._stop("has changed roles of the server", statement)
        if _RUNS_OTHERS.match(statement):
            self._check(connection, statement)

    def _committing(self, connection: Connection) -> None:
        if connection.engine is not self._own_engine:
            self._check(connection, "COMMIT")

    def _check(self, connection: Connection, statement: str) -> None:
        found = self._ask(connection, self._rules.shared_changes)
        if found is not None:
            self._stop(str(found), statement)

    def _try(self, connection: Connection, statement: str, parameters: Any) -> None:
        """Run a statement that commits by itself in a transaction, which is rolled back."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute("BEGIN")
            try:
                cursor.execute(statement, parameters or None)
            except Exception:  # noqa: BLE001 - it fails again when it is executed
                return
            self._check(connection, statement)
        finally:
            cursor.execute("ROLLBACK")
            cursor.close()

    def _ask(self, connection: Connection, question: Callable[[Any], object] | None) -> object:
        """Ask with the driver's cursor, which no listener sees."""
        if question is None:
            return None
        cursor = connection.connection.cursor()
        try:
            return question(cursor)
        finally:
            cursor.close()

    def _stop(self, reason: str, statement: str) -> None:
        if self._refuse is not None:
            self._refuse(reason, statement)
        raise ScratchError(
            f"The migration was stopped because a statement {reason}",
            hint="it acts on more than the scratch database; name a server for scratch databases "
            "with scratch_url, or leave this revision out",
            code="LB608",
        )


class _DefaultSchemas:
    """What the dialects of redirected engines take for the default schema.

    A dialect finds it out once, at its first connection.

    Args:
        scratch: the scratch database.
        name: its default schema, where schemas are databases or the scratch database is a schema.
    """

    def __init__(self, scratch: ScratchDatabase, name: str | None) -> None:
        self._is_database = scratch.record.tenancy.schema_is_database
        self._name = name if self._is_database or scratch.kind == "schema" else None
        self._before: dict[SqlDialect, str | None] = {}

    def set(self, dialect: SqlDialect) -> None:
        """Set it before a connection of the dialect is opened."""
        if self._name is not None and dialect not in self._before:
            self._before[dialect] = dialect.default_schema_name
            dialect.default_schema_name = self._name

    def restore(self, source: DatabaseSource) -> None:
        """Set it to that of the project's database again."""
        for dialect, name in self._before.items():
            is_known = name is not None or not self._is_database
            dialect.default_schema_name = name if is_known else source.url.database


def _beyond(scratch: ScratchDatabase, statement: str, others: frozenset[str]) -> str | None:
    rules = scratch.record.scratch
    reason = None if rules.effect_outside is None else rules.effect_outside(statement, scratch.name)
    if reason is None and others:
        name = _qualifying_name(statement, others)
        return None if name is None else f"names a table of {name}"
    return reason


def _other_places(scratch: ScratchDatabase) -> frozenset[str]:
    """Return the databases or schemas that a statement could reach with a qualified name."""
    rules = scratch.record.scratch
    if scratch.kind == "schema":
        listed, own = rules.list_schemas, scratch.schema
    elif rules.list_schemas is None:
        listed, own = rules.list_databases, scratch.name
    else:
        # a database of its own: its schemas are in it
        return frozenset()
    if listed is None:
        return frozenset()
    with scratch.engine.connect() as connection:
        return frozenset(listed(connection, "")) - {own} - _OWN


def _qualifying_name(sql: str, names: Collection[str]) -> str | None:
    """Return the first of some databases or schemas in which a statement names a table.

    Args:
        sql: the statement.
        names: the names that count.
    """
    found = [match[2] for match in _TABLE.finditer(sql)]
    index = _INDEX.match(sql)
    return next((name for name in (*found, *([index[2]] if index else ())) if name in names), None)
