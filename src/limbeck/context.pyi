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
    """Return whether statements are written to a script instead of being executed."""

def requires_connection() -> bool:
    """Return whether the command needs a database connection."""

def is_transactional_ddl() -> bool:
    """Return whether the database can roll back DDL."""

def get_head_revision() -> Any:
    """Return the identifier of the head."""

def get_head_revisions() -> tuple[str, ...]:
    """Return the identifiers of all heads."""

def get_starting_revision_argument() -> Any:
    """Return the revision that a script starts from.

    Raises:
        ProjectError: no context is configured, and the command has no starting revision.
    """

def get_revision_argument() -> Any:
    """Return the destination of the command; for several (`stamp`), the first one.

    A single `head`, `heads` or `base` is replaced by the identifiers that it stands for.
    """

def get_tag_argument() -> str | None:
    """Return the value of `--tag`."""

@overload
def get_x_argument(as_dictionary: Literal[False] = ...) -> list[str]: ...
@overload
def get_x_argument(as_dictionary: Literal[True]) -> dict[str, str]: ...
def get_tenant() -> Tenant | None:
    """Return the tenant of this run: of a fleet, or named by `-x tenant=`; else None."""

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
    """Configure the migration context: the database, the models and other options.

    Args:
        connection: an open connection; not needed in offline mode.
        url: the URL that selects the dialect in offline mode.
        dialect_name: the name of the dialect in offline mode.
        dialect_opts: arguments for SQLAlchemy's dialect.
        transactional_ddl: whether the database can roll back DDL; the default depends on the
            dialect.
        transaction_per_migration: use a transaction for each migration, not one for all.
        output_buffer: the file to write a script to.
        starting_rev: the revision that a script starts from.
        tag: replaces the value of `--tag`.
        template_args: further variables of the template of revision files.
        render_as_batch: write drafts with batch blocks.
        target_metadata: the models.
        include_name: a function that selects the names that autogenerate reads.
        include_object: a function that selects the objects that autogenerate compares.
        include_schemas: compare all schemas.
        process_revision_directives: a function that may change each draft.
        compare_type: whether types are compared, or a function that compares them.
        compare_server_default: the same for server defaults.
        render_item: a function that renders items of a draft.
        literal_binds: write parameters as literals in scripts.
        upgrade_token: the template's variable for upgrades.
        downgrade_token: the template's variable for downgrades.
        alembic_module_prefix: the prefix of operations in drafts.
        sqlalchemy_module_prefix: the prefix of SQLAlchemy's names in drafts.
        user_module_prefix: the prefix of the project's types in drafts.
        on_version_apply: a function, or several, called after each step.
        autogenerate_plugins: the plugins that autogenerate uses.
        kw: further options, available to hooks. limbeck uses `lock_timeout`, `lock`,
            `journal`, `version_table`, `version_table_schema`, `version_table_pk`.
    """

def run_migrations(**kw: Any) -> None:
    """Run the steps of the command; `kw` are passed to each upgrade or downgrade function."""

def execute(sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
    """Execute one statement, or write it to the script."""

def static_output(text: str) -> None:
    """Write text to the script."""

def begin_transaction() -> AbstractContextManager[Transaction | None]:
    """Begin the transaction of the run, unless each migration has its own."""

def get_context() -> MigrationContext:
    """Return the migration context.

    Raises:
        ProjectError: `configure` has not been called.
    """

def get_bind() -> Any:
    """Return the connection."""

def get_impl() -> Any:
    """Return the dialect implementation (`DefaultImpl`) for external code."""
