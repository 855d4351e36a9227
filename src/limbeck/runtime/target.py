"""What env.py configured, settled: the one value that the jobs of commands are handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from limbeck.errors import InvalidValueError
from limbeck.runtime.events import Listener

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.dialects import Dialect

LOCK_TIMEOUT = 60.0
_TOO_LONG = 1e9  # seconds; `inf` is longer
TABLE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """A database to work on, and how.

    Args:
        sql_dialect: SQLAlchemy's dialect, for which statements are compiled.
        dialect: what limbeck knows of this database.
        connection: the connection env.py gave, None when a script is written.
        journal: "auto" keeps the step journal while a run needs it, "keep" for ever,
            "off" never.
        lock_timeout: seconds to wait for another runner.
        table_timeout: seconds that one statement waits for a table that others hold, before
            everything is rolled back and tried again; 0 leaves it to the server.
        silence_timeout: seconds of silence after which the server's machine counts as out of
            reach; 0 leaves it to the system and the driver.
        locking: False leaves the run lock alone.
        is_strict: refuse a version table that others control, where a project of Alembic gets a
            warning.
        accept_removed: go on where a statement that an earlier run has done is no longer in the
            file, and leave what it has done.
    """

    sql_dialect: SqlDialect
    dialect: Dialect
    connection: Connection | None = None
    as_sql: bool = False
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    transactional_ddl: bool = False
    transaction_per_migration: bool = False
    on_version_apply: tuple[Callable[..., None], ...] = ()
    lock_timeout: float = LOCK_TIMEOUT
    table_timeout: float = TABLE_TIMEOUT
    silence_timeout: float = 0.0
    locking: bool = True
    journal: str = "auto"
    is_strict: bool = False
    accept_removed: bool = False
    listener: Listener | None = None


Job: TypeAlias = Callable[[Target], object]

_UNCHANGED = (
    "version_table",
    "version_table_schema",
    "transaction_per_migration",
    "journal",
    "accept_removed",
    "listener",
)


def settle(
    options: Mapping[str, Any],
    *,
    sql_dialect: SqlDialect,
    dialect: Dialect,
    connection: Connection | None,
    transactional_ddl: bool,
) -> Target:
    """Make a Target of the options of `configure`."""
    as_sql = bool(options.get("as_sql", False))
    wanted = {name: options[name] for name in _UNCHANGED if name in options}
    return Target(
        sql_dialect=sql_dialect,
        dialect=dialect,
        connection=None if as_sql else connection,
        as_sql=as_sql,
        transactional_ddl=transactional_ddl,
        on_version_apply=_listed(options.get("on_version_apply")),
        lock_timeout=_seconds(options, "lock_timeout", LOCK_TIMEOUT),
        table_timeout=_seconds(options, "table_timeout", TABLE_TIMEOUT),
        silence_timeout=_seconds(options, "silence_timeout", 0.0),
        is_strict=options.get("detect") == "all",
        locking=bool(options.get("lock", not options.get("dont_mutate", False))),
        **wanted,
    )


def _seconds(options: Mapping[str, Any], name: str, default: float) -> float:
    value = options.get(name)
    if value is None:
        return default
    with suppress(TypeError, ValueError):
        if 0 <= float(value) < _TOO_LONG:
            return float(value)
    raise InvalidValueError(
        f"{name} is {value!r}, which is not a time", hint="Give a number of seconds, 0 or more."
    )


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    return (value,)
