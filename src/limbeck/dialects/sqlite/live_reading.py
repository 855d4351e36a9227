"""Read a real SQLite database without writing to it: sizes, and queries with a time limit."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from limbeck.dialects.live_rules import TablePath, TableSize

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MOST_ROWS = 1_000_000
_STEPS = 20_000  # of SQLite's virtual machine, between two checks of the time
_INTERRUPTED = 9  # https://www.sqlite.org/rescode.html#interrupt


def create_no_file(engine: Engine) -> None:
    """Connect an engine to an empty database in memory as long as its file does not exist.

    SQLite would create the file. If its folder does not exist, SQLite reports an error.
    """

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, cargs: list[Any], _cparams: object) -> None:
        path = _path_of(cargs[0]) if cargs else None
        if path is not None and not path.exists() and path.parent.is_dir():
            cargs[0] = ":memory:"


def _path_of(database: Any) -> Path | None:
    """Return the path of a database's file; None without one, and if the URI names a mode."""
    text = os.fsdecode(database) if isinstance(database, str | os.PathLike) else ""
    if text.startswith("file:"):
        text, _, options = text.removeprefix("file:").partition("?")
        text = "" if "mode=" in options else unquote(text.removeprefix("//"))
    return None if not text or text == ":memory:" or "://" in text else Path(text)


@contextmanager
def read_only(connection: Connection, seconds: float, *, is_shared: bool) -> Iterator[None]:
    """Refuse writes on a connection, and end statements after a time limit.

    https://www.sqlite.org/pragma.html#pragma_query_only
    """
    del is_shared
    driver: Any = connection.connection.driver_connection
    was_read_only = connection.exec_driver_sql("PRAGMA query_only").scalar()
    # a driver that runs statements in a separate thread has no such handler
    sets_handler = getattr(driver, "set_progress_handler", None)
    has_handler = sets_handler is not None and not getattr(connection.dialect, "is_async", False)
    connection.exec_driver_sql("PRAGMA query_only = ON")
    timer = _Timer(seconds)
    if has_handler:
        driver.set_progress_handler(timer.is_over, _STEPS)
        connection.info["limbeck_timer"] = timer
    try:
        yield
    finally:
        connection.info.pop("limbeck_timer", None)
        if not connection.invalidated:
            if has_handler:
                driver.set_progress_handler(None, 0)
            if not was_read_only:
                connection.exec_driver_sql("PRAGMA query_only = OFF")


class _Timer:
    """Ends a statement that runs too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        """Start the time of the next statement."""
        self._end = time.monotonic() + self._seconds

    def is_over(self) -> int:
        """Return 1 to end the statement."""
        return int(time.monotonic() > self._end)


def restart_timer(connection: Connection) -> None:
    """Restart the time limit for the next statement of a read-only connection."""
    timer: _Timer | None = connection.info.get("limbeck_timer")
    if timer is not None:
        timer.start()


def sizes(
    connection: Connection,
    schemas: Sequence[str | None],
    tables: Sequence[TablePath],
    seconds: float,
) -> Mapping[TablePath, TableSize]:
    """Return the sizes of tables: rows are counted up to a limit; see `LiveRules`."""
    del schemas, seconds
    bytes_of = _bytes(connection)
    sizes_by_table = {}
    for path in tables:
        restart_timer(connection)
        some: Any = sa.select(sa.literal_column("1").label("one")).select_from(
            sa.table(path[1], schema=path[0])
        )
        counted = sa.select(sa.func.count()).select_from(some.limit(MOST_ROWS + 1).subquery())
        size = bytes_of.get(path[1].lower()) if path[0] is None else None
        try:
            number = int(connection.execute(counted).scalar_one())
        except DBAPIError:
            sizes_by_table[path] = TableSize(None, size)
            continue
        is_over = number > MOST_ROWS
        sizes_by_table[path] = TableSize(
            min(number, MOST_ROWS), size, is_exact=not is_over, at_least=is_over
        )
    return sizes_by_table


def _bytes(connection: Connection) -> dict[str, int]:
    """Return the bytes of each table with its indexes, if SQLite was compiled with dbstat.

    https://www.sqlite.org/dbstat.html
    """
    restart_timer(connection)
    try:
        rows = connection.exec_driver_sql(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat AS s"
            " JOIN sqlite_master AS m ON m.name = s.name GROUP BY m.tbl_name"
        ).all()
    except DBAPIError:
        return {}
    return {str(name).lower(): int(size) for name, size in rows}


def is_timeout(error: BaseException) -> bool:
    """Return whether a statement was interrupted because it took too long."""
    original = getattr(error, "orig", error)
    code = getattr(original, "sqlite_errorcode", None)
    return code == _INTERRUPTED or "interrupted" in str(original)
