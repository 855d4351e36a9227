"""The version table: read and write its rows. Its definition is the same as Alembic's."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from limbeck.dialects import at_least, find, has_table, inspector, same
from limbeck.errors import DatabaseError
from limbeck.history import Heads, Move
from limbeck.runtime.errors import (
    ForeignVersionTableError,
    IdentifierTooLongError,
    VersionRowsChangedError,
)
from limbeck.text import visible_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable, Table

    from limbeck.dialects import TableFacts
    from limbeck.operations import Sink

WIDTH = 32
_HARMLESS = re.compile(r"[\w.]+")
_OLD, _NEW = "limbeckstoodhere", "limbeckgoeshere"
_log = logging.getLogger("alembic.runtime.migration")


def make_version_table(name: str, namespace: str | None, *, primary_key: bool = True) -> Table:
    """Return the SQLAlchemy table of the version table."""
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("version_num", sa.String(WIDTH), nullable=False),
        schema=namespace,
    )
    if primary_key:
        table.append_constraint(sa.PrimaryKeyConstraint("version_num", name=f"{name}_pkc"))
    return table


@lru_cache(maxsize=64)
def shared_version_table(name: str, namespace: str | None, *, primary_key: bool = True) -> Table:
    """Return the result of `make_version_table`, cached; callers must not change it."""
    return make_version_table(name, namespace, primary_key=primary_key)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements of a version table, built once so that SQLAlchemy caches their compiled form.

    Args:
        update_texts: the text of the update for each dialect, in a script or not, with
            placeholders for both ids.
    """

    select: Any
    insert: Any
    update: Any
    delete: Any
    update_texts: WeakKeyDictionary[Any, dict[bool, str]]


@lru_cache(maxsize=16)
def _define_statements(table: Table) -> _Statements:
    column = table.c.version_num
    # the values are literals in the statement, so that the engine's log shows the revisions
    old: Any = sa.bindparam("old_version", type_=sa.String, literal_execute=True)
    new: Any = sa.bindparam("new_version", literal_execute=True)
    adding = table.insert().inline().values(version_num=new)
    return _Statements(
        select=sa.select(column),
        # a trigger, a policy or a view may suppress the row
        insert=adding.execution_options(preserve_rowcount=True),
        update=table.update().values(version_num=new).where(same(column, old)),
        delete=table.delete().where(same(column, old)),
        update_texts=WeakKeyDictionary(),
    )


@contextmanager
def scope(connection: Connection) -> Iterator[None]:
    """Run a block in the open transaction, or else in a new one."""
    if connection.in_transaction():
        yield
    else:
        with connection.begin():
            yield


@contextmanager
def reading(connection: Connection | None) -> Iterator[None]:
    """Run a block of reads, and roll back the transaction that it begins, if any."""
    if connection is None or connection.in_transaction():
        yield
        return
    try:
        yield
    finally:
        if connection.in_transaction() and not connection.invalidated:
            connection.rollback()


class VersionTable:
    """Reads and writes the version rows of a database.

    Args:
        table: the table, of `make_version_table` or of a dialect with further columns.
        connection: the connection; None in offline mode.
        errors_keep_transaction: whether a transaction is usable after a failed statement.

    Attributes:
        is_there: whether the table existed when it was last read; None before that.
    """

    def __init__(
        self,
        table: Table,
        connection: Connection | None,
        *,
        errors_keep_transaction: bool = False,
    ) -> None:
        self.table = table
        self.connection = connection
        self._errors_keep_transaction = errors_keep_transaction
        self._statements = _define_statements(table)
        self._width: int | None = None
        self.is_there: bool | None = None
        self._was_found = False
        self._needs_reading = False

    def exists(self) -> bool:
        """Return whether the table exists."""
        connection = self._live()
        return has_table(connection, _translated(connection, self.table.schema), self.table.name)

    def read(self) -> tuple[str, ...]:
        """Return the rows; empty if the table does not exist."""
        connection = self._live()
        was_found, self._was_found = self._was_found, False
        was_in_transaction = connection.in_transaction()
        if self._errors_keep_transaction or not was_in_transaction:
            # one round trip if the table exists, which is the usual case
            try:
                rows = self._select_rows(connection)
            except Exception as error:
                # a listener of `handle_error` may raise an exception of its own class
                if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                    raise
                if not was_in_transaction:
                    connection.rollback()
                self.is_there = self.exists()
                # Another runner may have created the table. Other errors occur again.
                return self._select_rows(connection) if self.is_there else ()
            self.is_there = True
            return rows
        self.is_there = was_found or self.exists()
        return self._select_rows(connection) if self.is_there else ()

    def _select_rows(self, connection: Connection) -> tuple[str, ...]:
        return tuple(row[0] for row in connection.execute(self._statements.select))

    def verify(self, *, is_strict: bool) -> TableFacts | None:
        """Verify that the rows of the table can be trusted.

        Args:
            is_strict: raise an error instead of a warning.

        Returns:
            Facts about the table, None if it does not exist or the database has none.

        Raises:
            ForeignVersionTableError: another user controls the table, or it has other columns.
        """
        connection = self._live()
        read = find(connection.dialect.name).table_facts
        if read is None:
            return None
        schema = _translated(connection, self.table.schema)
        facts = read(connection, schema, self.table.name)
        if facts is None:
            return None
        self._was_found = facts.is_table  # `read` comes next
        name = self.table.fullname
        reason = facts.fault(frozenset({"version_num"}), accept_triggers=True)
        if reason is not None:
            message = f"The version table {name} cannot be trusted: {reason}"
            if is_strict:
                raise ForeignVersionTableError(
                    message,
                    hint="Nothing was run. Find out who created it. Then drop or rename it, or "
                    "make the user that runs the migrations its owner.",
                )
            _log.warning("%s", message)
        self._needs_reading = reason is not None or bool(facts.triggers)
        if facts.triggers:
            _log.warning(
                "The version table %s has triggers or rules, which run on each change: %s",
                name, visible_line(", ".join(facts.triggers)),
            )  # fmt: skip
        return facts

    def ensure(self, *, is_absent: bool = False) -> None:
        """Create the table if it is missing.

        Args:
            is_absent: the table is known to be missing, and no other runner can create it now.
        """
        connection = self._live()
        with scope(connection):
            self._create(connection, checkfirst=not is_absent)

    def _create(self, connection: Connection, *, checkfirst: bool) -> None:
        """Create the table with a transactional storage engine."""
        if checkfirst and self.exists():
            return
        table = self.table
        rollback = find(connection.dialect.name).rollback
        if rollback is not None and (options := rollback.table_options(connection)):
            table = table.to_metadata(sa.MetaData())
            table.dialect_kwargs.update(options)
        table.create(connection, checkfirst=False)

    def purge(self) -> None:
        """Empty the table, or create it if it is missing."""
        connection = self._live()
        with scope(connection):
            self._create(connection, checkfirst=True)
            # MySQL's sql_safe_updates rejects a DELETE without a condition on the key
            connection.execute(self.table.delete().where(at_least(self.table.c.version_num, "")))

    def create_in(self, sink: Sink) -> None:
        """Write CREATE TABLE to a script."""
        sink.execute(CreateTable(self.table))

    def write(self, move: Move, rows: Heads, sink: Sink) -> Heads:
        """Write the version rows of a move, with as few statements as possible.

        Args:
            move: the move that was just run.
            rows: the current rows of the table.
            sink: the sink for the statements.

        Returns:
            The new rows of the table.

        Raises:
            VersionRowsChangedError: an expected row is missing, or was not written.
        """
        gone = ordered(move.before - move.after, move.revision.down)
        new = ordered(move.after - move.before, move.revision.down)
        for id_ in new:
            self._ensure_width(id_, sink)
        if gone and new:
            for id_ in gone[:-1]:
                self._delete(id_, sink)
            for id_ in new[:-1]:
                self._insert(id_, sink)
            self._update(gone[-1], new[-1], sink)
        else:
            for id_ in gone:
                self._delete(id_, sink)
            for id_ in new:
                self._insert(id_, sink)
        if self._needs_reading and not sink.is_script:
            self._expect_written(gone, new)
        return (rows - frozenset(gone)) | frozenset(new)

    def _expect_written(self, gone: Iterable[str], new: Iterable[str]) -> None:
        """Read the rows again: a trigger can replace a row that the server counts as written."""
        found = self._select_rows(self._live())
        wrong = sorted({one for one in gone if one in found} | set(new).difference(found))
        if wrong:
            raise VersionRowsChangedError(
                f"The change of {', '.join(map(repr, wrong))} was not written to "
                f"'{self.table.name}', which now has {', '.join(map(repr, found)) or 'no rows'}",
                hint="A trigger or rule of the version table changes the rows. Drop it. Then run "
                "the same command again.",
            )

    def reread(self) -> tuple[str, ...]:
        """Return the rows; faster than `read` if this run has read the table before."""
        if not self.is_there:
            return self.read()
        return self._select_rows(self._live())

    def _insert(self, id_: str, sink: Sink) -> None:
        if sink.is_script:
            sink.execute(literal(self.table.insert().values(version_num=id_literal(id_))))
        else:
            result = sink.execute(self._statements.insert, {"new_version": id_})
            self._expect_one(result, f"inserting {id_!r}")

    def _update(self, old: str, new: str, sink: Sink) -> None:
        text = self._update_text(old, new, sink)
        if sink.is_script:
            if text is not None and not any(mark in text for mark in ":%\\"):
                sink.execute(text)
            else:
                column = self.table.c.version_num
                whole = self.table.update().values(version_num=new).where(column == old)
                sink.execute(literal(whole))
            return
        connection = self.connection
        if text is None or connection is None or _is_translated(connection):
            values = {"old_version": old, "new_version": new}
            result = sink.execute(self._statements.update, values)
        else:
            result = connection.exec_driver_sql(text)
        self._expect_one(result, f"updating {old!r} to {new!r}")

    def _update_text(self, old: str, new: str, sink: Sink) -> str | None:
        """Return the statement with both identifiers, None if they need quoting.

        Compiling the statement for each move would take as long as the rest of the run.
        """
        if not (_HARMLESS.fullmatch(old) and _HARMLESS.fullmatch(new)):
            return None
        if not (old.isascii() and new.isascii()):
            return None
        column = self.table.c.version_num
        texts = self._statements.update_texts.setdefault(sink.dialect, {})
        text = texts.get(sink.is_script)
        if text is None:
            # scripts have the same statements as those of Alembic
            is_old: Any = column == _OLD if sink.is_script else same(column, sa.literal(_OLD))
            whole = self.table.update().values(version_num=_NEW).where(is_old)
            compiled = whole.compile(dialect=sink.dialect, compile_kwargs={"literal_binds": True})
            text = texts[sink.is_script] = str(compiled)
        return text.replace(_NEW, new).replace(_OLD, old)

    def _delete(self, id_: str, sink: Sink) -> None:
        if sink.is_script:
            sink.execute(literal(self.table.delete().where(self.table.c.version_num == id_)))
            return
        self._expect_one(
            sink.execute(self._statements.delete, {"old_version": id_}), f"deleting {id_!r}"
        )

    def _expect_one(self, result: Any, doing: str) -> None:
        if self.connection is None or result is None:
            return
        if not self.connection.dialect.supports_sane_rowcount:
            return
        found = result.rowcount
        if isinstance(found, int) and found not in (1, -1):
            raise VersionRowsChangedError(
                f"Online migration expected to match one row when {doing} in "
                f"'{self.table.name}'; {found} found",
                hint="Something else changed the version table during this run, or a trigger, a "
                "row-level policy or a view in its place suppresses the row. Check the version "
                "table with `current`, and correct it with `stamp` if it is wrong.",
            )

    def _ensure_width(self, id_: str, sink: Sink) -> None:
        declared = self.table.c.version_num.type
        width = getattr(declared, "length", None)
        if width is None or len(id_) <= width or len(id_) <= (self._width or 0):
            return
        if self.connection is not None:
            self._width = self._real_width()
            if self._width is None or len(id_) <= self._width:
                self._width = max(len(id_), self._width or 0)
                return
        self._width = max(len(id_), 2 * width)
        _log.warning(
            "Widening %s.version_num to %s characters for revision %s",
            self.table.name, self._width, id_,
        )  # fmt: skip
        try:
            self._widen(self._width, sink)
        except sa.exc.DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            raise IdentifierTooLongError(
                f"Revision {id_!r} has {len(id_)} characters, {self.table.name}.version_num allows "
                f"{width}, and the column cannot be widened: {reason}",
                hint=f"Let the owner of the table change the column to VARCHAR({self._width}), or "
                "shorten the identifier of the revision. Then run the same command again.",
            ) from error

    def _real_width(self) -> int | None:
        name, connection = self.table.name, self._live()
        schema = _translated(connection, self.table.schema)
        for column in inspector(connection).get_columns(name, schema=schema):
            if column["name"] == "version_num":
                width: int | None = getattr(column["type"], "length", None)
                return width
        return None

    def _widen(self, width: int, sink: Sink) -> None:
        from limbeck.operations import AlterColumnOp

        if sink.dialect.name == "" or not sink.dialect.supports_alter:
            return  # such databases do not enforce the declared length
        sink.apply(
            AlterColumnOp(
                self.table.name,
                "version_num",
                schema=self.table.schema,
                modify_type=sa.String(width),
                existing_type=sa.String(WIDTH),
                existing_nullable=False,
            )
        )

    def _live(self) -> Connection:
        if self.connection is None:
            raise DatabaseError("The version table cannot be read in offline mode (--sql)")
        return self.connection


def literal(statement: Executable) -> Executable:
    """Mark a statement whose values are written as literals in scripts."""
    return statement.execution_options(limbeck_literal=True)


def id_literal(id_: str) -> Any:
    """Return an identifier as a SQL literal, or as a bound value if it needs quoting.

    SQLAlchemy adds RETURNING for a key given as a SQL expression. Alembic's scripts contain it,
    so limbeck's scripts do too.
    """
    return sa.literal_column(f"'{id_}'") if _HARMLESS.fullmatch(id_) else id_


def ordered(ids: Iterable[str], order: Sequence[str]) -> list[str]:
    """Return identifiers with those of `order` last, in that order; the others are sorted."""
    place = {id_: number for number, id_ in enumerate(order)}
    return sorted(ids, key=lambda id_: (place.get(id_, -1), id_))


def _is_translated(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("schema_translate_map"))


def _translated(connection: Connection, namespace: str | None) -> str | None:
    names = connection.get_execution_options().get("schema_translate_map") or {}
    found: str | None = names.get(namespace, namespace)
    return found
