"""The journal's table and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.history import Move
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

TABLE = "limbeck_journal"
NOTHING = "DELETE FROM {} WHERE 1 = 0"
_DONE = "done"
_RUNNING = "running"
_KEPT = "kept"
_GIVEN = (
    "lane", "revision", "direction", "place", "statement", "fingerprint", "trace", "state",
)  # fmt: skip
_LONGEST = 15_000  # of a statement, in characters: four bytes each have room on MySQL


@dataclass(frozen=True, slots=True)
class Row:
    """One step that was done, or was being done.

    Args:
        trace: what the statement acts on, as it stood before; "" where the statement may be
            repeated, None where nothing can be said.
    """

    revision: str
    place: int
    sql: str
    fingerprint: str
    trace: str | None
    is_done: bool


class Ledger:
    """Reads and writes the journal's table on one target.

    Each version table has a journal of its own beside it, so that the one run lock covers both.
    """

    def __init__(self, target: Target) -> None:
        self._lane = f"{target.version_table_schema or ''}.{target.version_table}"[:128]
        self.table = journal_table(journal_name(target.version_table), target.version_table_schema)
        self.name = self.table.fullname
        self.is_there: bool | None = None
        self._is_loaded = False
        self._found: dict[tuple[str, str], list[Row]] = {}
        quoted = target.sql_dialect.identifier_preparer.format_table(self.table)
        self.nothing = NOTHING.format(quoted)

    # built once: SQLAlchemy then finds them compiled at every further step

    @cached_property
    def _adding(self) -> Any:
        given: dict[str, Any] = {name: _asked(name) for name in _GIVEN}
        return self.table.insert().values({**given, "started": sa.func.current_timestamp()})

    @cached_property
    def _forgetting(self) -> Any:
        columns = self.table.c
        return self.table.delete().where(*(columns[name] == _asked(name) for name in _GIVEN[:3]))

    def rows(self, connection: Connection, move: Move) -> list[Row]:
        """Return the steps of a move that earlier runs have noted."""
        if not self._is_loaded:
            self._is_loaded = True
            if self.is_there is None:
                self.look(connection)
            if self.is_there:
                self._load(connection)
        return self._found.pop((move.revision.id, move.direction), [])

    def start_anew(self) -> None:
        """Forget what was read."""
        self.is_there = None
        self._is_loaded = False
        self._found.clear()

    def _load(self, connection: Connection) -> None:
        columns = self.table.c
        wanted = (
            sa.select(self.table)
            .where(columns.lane == self._lane, columns.state.in_((_DONE, _RUNNING)))
            .order_by(columns.place)
        )
        for row in connection.execute(wanted):
            self._found.setdefault((row.revision, row.direction), []).append(
                Row(
                    revision=row.revision,
                    place=row.place,
                    sql=row.statement,
                    fingerprint=row.fingerprint,
                    trace=row.trace,
                    is_done=row.state == _DONE,
                )
            )

    def count(self, connection: Connection, move: Move) -> int:
        """Return how many steps of a move are noted."""
        wanted = sa.select(sa.func.count()).select_from(self.table).where(self._of(move))
        return int(connection.execute(wanted).scalar_one())

    def make(self, connection: Connection) -> None:
        """Create the table where it is missing."""
        if not self.is_there:
            self.table.create(connection, checkfirst=self.is_there is None)
            self.is_there = True

    def add(self, connection: Connection, move: Move, row: Row) -> None:
        """Write a step down."""
        connection.execute(self._adding, self._given(move, row))

    def _given(self, move: Move, row: Row) -> dict[str, Any]:
        return {
            "its_lane": self._lane,
            "its_revision": row.revision,
            "its_direction": move.direction,
            "its_place": row.place,
            "its_statement": _written(row.sql),
            "its_fingerprint": row.fingerprint,
            "its_trace": row.trace,
            "its_state": _DONE if row.is_done else _RUNNING,
        }

    def remove(self, connection: Connection, move: Move, row: Row) -> None:
        """Take a step of a move back that did not happen."""
        columns = self.table.c
        connection.execute(
            self.table.delete().where(
                columns.lane == self._lane,
                columns.revision == row.revision,
                # what is kept of a revision's source has places as well
                columns.direction == move.direction,
                columns.place == row.place,
            )
        )

    def forget(self, connection: Connection, move: Move, *, drop: bool) -> None:
        """Remove the steps of a move; with `drop` the table too, when nothing else is in it."""
        mine = {
            "its_lane": self._lane,
            "its_revision": move.revision.id,
            "its_direction": move.direction,
        }
        connection.execute(self._forgetting, mine)
        if drop:
            self._drop_if_empty(connection)

    def drop_if_empty(self, connection: Connection, *, inside: bool = False) -> None:
        """Remove the table when nobody has a row in it.

        The table stays in a transaction that others have begun, unless told otherwise.
        """
        if self.is_there is False:
            return
        if connection.in_transaction():
            if inside:
                self._drop_if_empty(connection)
            return
        with connection.begin():
            if self.is_there or self.look(connection):
                self._drop_if_empty(connection)

    def _drop_if_empty(self, connection: Connection) -> None:
        if connection.execute(sa.select(self.table.c.place).limit(1)).first() is None:
            self.table.drop(connection, checkfirst=False)
            self.is_there = False

    def look(self, connection: Connection) -> bool:
        """Find out whether the table is there."""
        self.is_there = self._look(connection)
        return self.is_there

    def kept(self, connection: Connection, *, sources: bool) -> Any:
        """Return the rows of what was applied, in order; their sources where asked for."""
        columns = self.table.c
        source = columns.statement if sources else sa.literal("").label("statement")
        return connection.execute(
            sa.select(columns.revision, columns.place, columns.fingerprint, columns.trace, source)
            .where(columns.lane == self._lane, columns.direction == _KEPT)
            .order_by(columns.revision, columns.place)
        )

    def add_kept(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write down what was applied."""
        fixed = {"lane": self._lane, "direction": _KEPT, "state": _KEPT}
        connection.execute(self.table.insert(), [{**fixed, **row} for row in rows])

    def drop_kept(self, connection: Connection, revisions: Sequence[str]) -> None:
        """Remove what was written down of revisions."""
        columns = self.table.c
        for start in range(0, len(revisions), 500):
            connection.execute(
                self.table.delete().where(
                    columns.lane == self._lane,
                    columns.direction == _KEPT,
                    columns.revision.in_(revisions[start : start + 500]),
                )
            )

    def _look(self, connection: Connection) -> bool:
        names = connection.get_execution_options().get("schema_translate_map") or {}
        schema = names.get(self.table.schema, self.table.schema)
        return bool(connection.dialect.has_table(connection, self.table.name, schema=schema))

    def _of(self, move: Move) -> Any:
        columns = self.table.c
        return sa.and_(
            columns.lane == self._lane,
            columns.revision == move.revision.id,
            columns.direction == move.direction,
        )


def _asked(name: str) -> Any:
    return sa.bindparam(f"its_{name}")


def _written(sql: str) -> str:
    # a table may have been made with a character set that cannot hold the statement
    return sql.encode("ascii", "backslashreplace").decode("ascii")[:_LONGEST]


def journal_name(version_table: str) -> str:
    """Return the name of the journal that belongs to a version table."""
    return TABLE if version_table == "alembic_version" else f"{TABLE}_{version_table}"[:60]


def journal_table(name: str, namespace: str | None) -> sa.Table:
    """Return the journal's table."""
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("lane", sa.String(128), primary_key=True),
        sa.Column("revision", sa.String(128), primary_key=True),
        sa.Column("direction", sa.String(8), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("trace", sa.Text),
        sa.Column("started", sa.String(32)),
        schema=namespace,
    )
