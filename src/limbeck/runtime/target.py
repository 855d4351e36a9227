"""Target: the resolved options of `configure`, which the commands receive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
_TOO_LONG = 1e9  # seconds; excludes `inf`
TABLE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """A database to migrate, and the options for it.

    Args:
        sql_dialect: SQLAlchemy's dialect, which compiles statements.
        dialect: limbeck's dialect.
        connection: the connection that env.py passed, None in offline mode.
        journal: "auto" has a journal only while a run needs it, "keep" always, "off" never.
        lock_timeout: seconds to wait for another run.
        table_timeout: seconds that one statement waits for a locked table, before the run is
            rolled back and tried again; 0 uses the server's limit.
        silence_timeout: seconds without an answer after which the server is considered
            unreachable; 0 uses the limits of operating system and driver.
        locking: whether to take the run lock.
        is_strict: whether a version table that other users control is an error; in a project of
            Alembic it is a warning.
        accept_removed: continue if a statement that an earlier run has executed is no longer in
            the file, and keep its effect.
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


def make_target(
    options: Mapping[str, Any],
    *,
    sql_dialect: SqlDialect,
    dialect: Dialect,
    connection: Connection | None,
    transactional_ddl: bool,
) -> Target:
    """Create a Target from the options of `configure`."""
    as_sql = bool(options.get("as_sql", False))
    wanted = {name: options[name] for name in _UNCHANGED if name in options}
    return Target(
        sql_dialect=sql_dialect,
        dialect=dialect,
        connection=None if as_sql else connection,
        as_sql=as_sql,
        transactional_ddl=transactional_ddl,
        on_version_apply=tuple(options.get("on_version_apply") or ()),
        lock_timeout=seconds(options, "lock_timeout", LOCK_TIMEOUT),
        table_timeout=seconds(options, "table_timeout", TABLE_TIMEOUT),
        silence_timeout=seconds(options, "silence_timeout", 0.0),
        is_strict=options.get("detect") == "all",
        locking=bool(options.get("lock", not options.get("dont_mutate", False))),
        **wanted,
    )


def seconds(options: Mapping[str, Any], name: str, default: float) -> float:
    """Return an option that is a time.

    Raises:
        InvalidValueError: it is none.
    """
    value = options.get(name)
    if value is None:
        return default
    with suppress(TypeError, ValueError):
        if 0 <= float(value) < _TOO_LONG:
            return float(value)
    raise InvalidValueError(
        f"{name} is {value!r}, which is not a time", hint="Give a number of seconds, 0 or more."
    )
