"""`Environment`: the object behind `context` in env.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, TextIO, overload

from limbeck.environment.connections import require_given_database
from limbeck.environment.current import pop, push
from limbeck.environment.migration_context import MigrationContext
from limbeck.environment.stamps import resolve
from limbeck.environment.tenant import Tenant, given_tenant
from limbeck.errors import ProjectError
from limbeck.operations import Operations
from limbeck.runtime import attach_final_report
from limbeck.sql import mask_log_records

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Executable, MetaData
    from typing_extensions import Self

    from limbeck.runtime import Transaction


class Environment:
    """The environment in which env.py runs.

    While it is entered, the functions of the module `context` are its methods.

    Args:
        config: the Config of the project.
        script: the revisions, as a Project or as Alembic's ScriptDirectory.
        kw: the options of the command, such as `fn`, which returns the steps to run.
    """

    config: Any = None
    script: Any = None

    def __init__(self, config: Any, script: Any, **kw: Any) -> None:
        self.config = config
        self.script = script
        self.context_opts: dict[str, Any] = kw
        self._migration_context: MigrationContext | None = None
        self._contexts: list[MigrationContext] = []

    def __enter__(self) -> Self:
        push(self)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object = None) -> None:
        pop(self)
        if error is not None:
            project = getattr(self.script, "project", self.script)
            env_path = getattr(project, "env_path", None)
            records = (context.record for context in self._contexts)
            attach_final_report(error, records, None if env_path is None else str(env_path))

    # ── the options of the command ────────────────────────────────────────

    def is_offline_mode(self) -> bool:
        """Return whether statements are written to a script instead of being executed."""
        return bool(self.context_opts.get("as_sql", False))

    def requires_connection(self) -> bool:
        """Return whether the command needs a database connection."""
        return not self.is_offline_mode()

    @property
    def is_configured(self) -> bool:
        """Whether env.py has called `configure`."""
        return self._migration_context is not None

    def is_transactional_ddl(self) -> bool:
        """Return whether the database can roll back DDL."""
        return self.get_context()._has_transactional_ddl()

    def get_head_revision(self) -> Any:
        """Return the identifier of the head."""
        return _one(resolve(self.script, "head"))

    def get_head_revisions(self) -> tuple[str, ...]:
        """Return the identifiers of all heads."""
        return resolve(self.script, "heads")

    def get_starting_revision_argument(self) -> Any:
        """Return the revision that a script starts from.

        Raises:
            ProjectError: no context is configured, and the command has no starting revision.
        """
        if self._migration_context is not None:
            return self._resolved(self._migration_context._start_from_rev)
        # only a command with a destination has a starting revision
        if {"starting_rev", "destination_rev"} & self.context_opts.keys():
            return self._resolved(self.context_opts.get("starting_rev"))
        raise ProjectError(
            "No starting revision argument is available at this point",
            hint="Call it after context.configure().",
        )

    def get_revision_argument(self) -> Any:
        """Return the destination of the command; for several (`stamp`), the first one.

        A single `head`, `heads` or `base` is replaced by the identifiers that it stands for.
        """
        named = self.context_opts["destination_rev"]
        if named is not None and not isinstance(named, str):
            return next(iter(named), None)
        return self._resolved(named)

    def _resolved(self, symbol: Any) -> Any:
        if symbol is None:
            return None
        if hasattr(self.script, "as_revision_number"):
            return self.script.as_revision_number(symbol)
        return self.script.history().written_out(symbol)

    def get_tag_argument(self) -> str | None:
        """Return the value of `--tag`."""
        return self.context_opts.get("tag")

    @overload
    def get_x_argument(self, as_dictionary: Literal[False] = ...) -> list[str]: ...

    @overload
    def get_x_argument(self, as_dictionary: Literal[True]) -> dict[str, str]: ...

    def get_x_argument(self, as_dictionary: bool = False) -> list[str] | dict[str, str]:  # noqa: FBT001, FBT002 - a public signature
        """Return the values of `-x`.

        Args:
            as_dictionary: split each value at its first `=`.
        """
        options = getattr(self.config, "cmd_opts", None)
        given: list[str] = getattr(options, "x", None) or []
        if not as_dictionary:
            return given
        parts = (text.partition("=") for text in given)
        return {name: value for name, _, value in parts}

    def get_tenant(self) -> Tenant | None:
        """Return the tenant of this run: of a fleet, or named by `-x tenant=`; else None."""
        return given_tenant(self.config.attributes, self.get_x_argument(as_dictionary=True))

    # ── configure ─────────────────────────────────────────────────────────

    def configure(
        self,
        connection: Connection | None = None,
        url: str | URL | None = None,
        dialect_name: str | None = None,
        dialect_opts: dict[str, Any] | None = None,
        transactional_ddl: bool | None = None,  # noqa: FBT001 - a public signature
        transaction_per_migration: bool = False,  # noqa: FBT001, FBT002
        output_buffer: TextIO | None = None,
        starting_rev: str | None = None,
        tag: str | None = None,
        template_args: dict[str, Any] | None = None,
        render_as_batch: bool = False,  # noqa: FBT001, FBT002
        target_metadata: MetaData | Sequence[MetaData] | None = None,
        include_name: Callable[..., bool] | None = None,
        include_object: Callable[..., bool] | None = None,
        include_schemas: bool = False,  # noqa: FBT001, FBT002
        process_revision_directives: Callable[..., None] | None = None,
        compare_type: bool | Callable[..., bool | None] = True,  # noqa: FBT001, FBT002
        compare_server_default: bool | Callable[..., bool | None] = False,  # noqa: FBT001, FBT002
        render_item: Callable[..., Any] | None = None,
        literal_binds: bool = False,  # noqa: FBT001, FBT002
        upgrade_token: str = "upgrades",  # noqa: S107 - a name in a template
        downgrade_token: str = "downgrades",  # noqa: S107 - the same
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
        given = dict(locals())
        opts = self.context_opts
        for name in ("self", "kw", "connection", "url", "dialect_name", "dialect_opts"):
            given.pop(name)
        # an option of the command applies if env.py does not set it
        for name in ("transactional_ddl", "starting_rev", "tag"):
            if given[name] is None and (name in opts or name == "transactional_ddl"):
                given.pop(name)
        extra = given.pop("template_args")
        if extra and "template_args" in opts:
            opts["template_args"].update(extra)
        output = given.pop("output_buffer")
        own = getattr(self.config, "output_buffer", None)
        if output is not None or own is not None:
            opts["output_buffer"] = own if output is None else output
        callbacks = (on_version_apply,) if callable(on_version_apply) else on_version_apply
        given["on_version_apply"] = tuple(callbacks or ())
        opts.update(given)
        opts["script"] = self.script
        opts.update(kw)
        if attributes := getattr(self.config, "attributes", None):
            require_given_database(attributes, connection)
        self._migration_context = MigrationContext.configure(
            connection=connection,
            url=url,
            dialect_name=dialect_name,
            environment_context=self,
            dialect_opts=dialect_opts,
            opts=opts,
        )
        self._contexts.append(self._migration_context)

    # ── the migration context ─────────────────────────────────────────────

    def run_migrations(self, **kw: Any) -> None:
        """Run the steps of the command; `kw` are passed to each upgrade or downgrade function."""
        context = self.get_context()
        mask_log_records()  # env.py has set up the logs
        with Operations.context(context):
            context.run_migrations(**kw)

    def execute(
        self,
        sql: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Execute one statement, or write it to the script."""
        self.get_context().execute(sql, execution_options=execution_options)

    def static_output(self, text: str) -> None:
        """Write text to the script."""
        self.get_context().static_output(text)

    def begin_transaction(self) -> AbstractContextManager[Transaction | None]:
        """Begin the transaction of the run, unless each migration has its own."""
        return self.get_context().begin_transaction()

    def get_context(self) -> MigrationContext:
        """Return the migration context.

        Raises:
            ProjectError: `configure` has not been called.
        """
        if self._migration_context is None:
            raise ProjectError(
                "No context has been configured yet.",
                hint="Call context.configure() first, in env.py.",
            )
        return self._migration_context

    def get_bind(self) -> Any:
        """Return the connection."""
        return self.get_context().bind

    def get_impl(self) -> Any:
        """Return the dialect implementation (`DefaultImpl`) for external code."""
        return self.get_context().impl


def _one(ids: tuple[str, ...]) -> str | tuple[str, ...] | None:
    if not ids:
        return None
    return ids[0] if len(ids) == 1 else ids
