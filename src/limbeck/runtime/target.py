"""What env.py configured, settled: the one value that the jobs of commands are handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from limbeck.runtime.events import Listener

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.dialects import Dialect

LOCK_TIMEOUT = 60.0
TABLE_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Target:
    """A database to work on, and how.

    Args:
        sql_dialect: SQLAlchemy's dialect, for which statements are compiled.
        dialect: what limbeck knows of this database.
        connection: the connection env.py gave, None when a script is written.
        metadata: the models' MetaData objects, in the order env.py named them.
        options: everything given to `configure`, for hooks that look for their own names.
        journal: "auto" keeps the step journal while a run needs it, "keep" for ever,
            "off" never.
        lock_timeout: seconds to wait for another runner.
        table_timeout: seconds that one statement waits for a table that others hold, before
            everything is rolled back and tried again; 0 leaves it to the server.
        silence_timeout: seconds of silence after which the server's machine counts as out of
            reach; 0 leaves it to the system and the driver.
        locking: False leaves the run lock alone.
    """

    sql_dialect: SqlDialect
    dialect: Dialect
    connection: Connection | None = None
    metadata: tuple[MetaData, ...] = ()
    as_sql: bool = False
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    version_table_pk: bool = True
    transactional_ddl: bool = False
    transaction_per_migration: bool = False
    literal_binds: bool = False
    starting_rev: str | None = None
    tag: str | None = None
    render_as_batch: bool = False
    include_schemas: bool = False
    include_name: Callable[..., bool] | None = None
    include_object: Callable[..., bool] | None = None
    compare_type: bool | Callable[..., bool | None] = True
    compare_server_default: bool | Callable[..., bool | None] = False
    render_item: Callable[..., Any] | None = None
    process_revision_directives: Callable[..., None] | None = None
    on_version_apply: tuple[Callable[..., None], ...] = ()
    upgrade_token: str = "upgrades"  # noqa: S105 - a name in a template
    downgrade_token: str = "downgrades"  # noqa: S105 - a name in a template
    alembic_module_prefix: str = "op."
    sqlalchemy_module_prefix: str = "sa."
    user_module_prefix: str | None = None
    lock_timeout: float = LOCK_TIMEOUT
    table_timeout: float = TABLE_TIMEOUT
    silence_timeout: float = 0.0
    locking: bool = True
    journal: str = "auto"
    listener: Listener | None = None
    options: Mapping[str, Any] = field(default_factory=dict, compare=False)


Job: TypeAlias = Callable[[Target], object]

_SAME_NAME = (
    "make_version_table",
    "version_table_schema",
    "version_table_pk",
    "transaction_per_migration",
    "literal_binds",
    "starting_rev",
    "tag",
    "render_as_batch",
    "include_schemas",
    "include_name",
    "include_object",
    "compare_type",
    "compare_server_default",
    "render_item",
    "process_revision_directives",
    "upgrade_token",
    "downgrade_token",
    "alembic_module_prefix",
    "sqlalchemy_module_prefix",
    "user_module_prefix",
    "journal",
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
    wanted = {name: options[name] for name in _SAME_NAME if name in options}
    timeout = options.get("lock_timeout")
    table_timeout = options.get("table_timeout")
    return Target(
        sql_dialect=sql_dialect,
        dialect=dialect,
        connection=None if as_sql else connection,
        metadata=_listed(options.get("target_metadata")),
        as_sql=as_sql,
        transactional_ddl=transactional_ddl,
        on_version_apply=_listed(options.get("on_version_apply")),
        lock_timeout=LOCK_TIMEOUT if timeout is None else float(timeout),
        table_timeout=TABLE_TIMEOUT if table_timeout is None else float(table_timeout),
        silence_timeout=float(options.get("silence_timeout") or 0.0),
        locking=bool(options.get("lock", not options.get("dont_mutate", False))),
        options=options,
        **wanted,
    )


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    return (value,)
