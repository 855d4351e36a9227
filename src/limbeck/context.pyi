"""Written by scripts/make_stubs.py; do not edit."""

# ruff: noqa: PYI021, S107 - editors show these docstrings

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO, overload

from sqlalchemy import URL, Connection, Executable, MetaData

from limbeck.environment.migration_context import MigrationContext
from limbeck.environment.tenant import Tenant
from limbeck.runtime import Transaction

config: Any
script: Any

def is_offline_mode() -> bool:
    """Return whether a script is to be written."""

def requires_connection() -> bool:
    """Return whether the command works on a database."""

def is_transactional_ddl() -> bool:
    """Return whether a rolled-back transaction takes its DDL with it."""

def get_head_revision() -> Any:
    """Return the id of the newest revision."""

def get_head_revisions() -> tuple[str, ...]:
    """Return the ids of all heads."""

def get_starting_revision_argument() -> Any:
    """Return the revision a script starts from.

    Raises:
        ProjectError: no context was configured and none was named.
    """

def get_revision_argument() -> Any:
    """Return the destination that was named; of several, as `stamp` takes them, the first.

    `head`, `heads` and `base` are replaced by what they mean, but not in such a list.
    """

def get_tag_argument() -> str | None:
    """Return the value of `--tag`."""

@overload
def get_x_argument(as_dictionary: Literal[False] = ...) -> list[str]: ...
@overload
def get_x_argument(as_dictionary: Literal[True]) -> dict[str, str]: ...
def get_tenant() -> Tenant | None:
    """Return the tenant this run is for: of a fleet, or named by `-x tenant=`; else None."""

def configure(
    connection: Connection | None = None,
    url: str | URL | None = None,
    dialect_name: str | None = None,
    dialect_opts: dict[str, Any] | None = None,
    transactional_ddl: bool | None = None,
    transaction_per_migration: bool = False,
    output_buffer: TextIO | None = None,
    starting_rev: str | None = None,
    tag: str | None = None,
    template_args: dict[str, Any] | None = None,
    render_as_batch: bool = False,
    target_metadata: MetaData | Sequence[MetaData] | None = None,
    include_name: Callable[..., bool] | None = None,
    include_object: Callable[..., bool] | None = None,
    include_schemas: bool = False,
    process_revision_directives: Callable[..., None] | None = None,
    compare_type: bool | Callable[..., bool | None] = True,
    compare_server_default: bool | Callable[..., bool | None] = False,
    render_item: Callable[..., Any] | None = None,
    literal_binds: bool = False,
    upgrade_token: str = "upgrades",
    downgrade_token: str = "downgrades",
    alembic_module_prefix: str = "op.",
    sqlalchemy_module_prefix: str = "sa.",
    user_module_prefix: str | None = None,
    on_version_apply: Callable[..., None] | Sequence[Callable[..., None]] | None = None,
    autogenerate_plugins: Sequence[str] | None = None,
    **kw: Any,
) -> None:
    """Say which database this is and how to work on it.

    Args:
        connection: an open connection; with `url` or `dialect_name` only, scripts.
        url: of which the kind of database is taken.
        dialect_name: the kind of database.
        dialect_opts: arguments for SQLAlchemy's dialect.
        transactional_ddl: whether DDL is rolled back with its transaction; the dialect
            knows by default.
        transaction_per_migration: a transaction for each migration, not one for all.
        output_buffer: where a script goes.
        starting_rev: where a script starts.
        tag: replaces the value of `--tag`.
        template_args: further variables for the template of revision files.
        render_as_batch: draft changes as batch blocks.
        target_metadata: the models.
        include_name: which names autogenerate reads.
        include_object: which objects autogenerate compares.
        include_schemas: look at all schemas.
        process_revision_directives: called with each draft, to edit it.
        compare_type: compare types, or a function that does.
        compare_server_default: compare server defaults, or a function that does.
        render_item: renders things its own way.
        literal_binds: write values into scripts.
        upgrade_token: the template's variable for upgrades.
        downgrade_token: the template's variable for downgrades.
        alembic_module_prefix: what stands before operations.
        sqlalchemy_module_prefix: what stands before SQLAlchemy's names.
        user_module_prefix: what stands before types of the project.
        on_version_apply: called after each step.
        autogenerate_plugins: which plugins autogenerate uses.
        kw: further options, kept for hooks. limbeck knows `lock_timeout`, `lock`,
            `journal`, `version_table`, `version_table_schema`, `version_table_pk`.
    """

def run_migrations(**kw: Any) -> None:
    """Do what the command wants; `kw` go to each upgrade or downgrade function."""

def execute(sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
    """Send one statement."""

def static_output(text: str) -> None:
    """Write text into the script."""

def begin_transaction() -> AbstractContextManager[Transaction | None]:
    """Begin the transaction in which the migrations run, where they share one."""

def get_context() -> MigrationContext:
    """Return the migration context.

    Raises:
        ProjectError: `configure` has not been called.
    """

def get_bind() -> Any:
    """Return the connection."""

def get_impl() -> Any:
    """Return the dialect implementation that outside code knows."""
