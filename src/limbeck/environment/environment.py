"""`Environment`: what env.py knows as `context`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, TextIO, overload

from limbeck.environment.current import pop, push
from limbeck.environment.given_database import require_given_database
from limbeck.environment.migration_context import MigrationContext
from limbeck.environment.stamps import resolve
from limbeck.environment.tenant import Tenant, given_tenant
from limbeck.errors import ProjectError
from limbeck.operations import Operations
from limbeck.runtime import attach_final_report

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Executable, MetaData
    from typing_extensions import Self

    from limbeck.runtime import Transaction


class Environment:
    """The environment in which env.py runs.

    Entering it makes the module `context` speak to it.

    Args:
        config: the Config of the project.
        script: the project's revisions.
        kw: what the command wants, above all `fn`, which gives the steps to run.
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

    # ── what the command asked for ────────────────────────────────────────

    def is_offline_mode(self) -> bool:
        """Return whether a script is to be written."""
        return bool(self.context_opts.get("as_sql", False))

    def requires_connection(self) -> bool:
        """Return whether the command works on a database."""
        return not self.is_offline_mode()

    @property
    def is_configured(self) -> bool:
        """Whether env.py has called `configure`."""
        return self._migration_context is not None

    def is_transactional_ddl(self) -> bool:
        """Return whether a rolled-back transaction takes its DDL with it."""
        return self.get_context()._has_transactional_ddl()

    def get_head_revision(self) -> Any:
        """Return the id of the newest revision."""
        return _one(resolve(self.script, "head"))

    def get_head_revisions(self) -> tuple[str, ...]:
        """Return the ids of all heads."""
        return resolve(self.script, "heads")

    def get_starting_revision_argument(self) -> Any:
        """Return the revision a script starts from.

        Raises:
            ProjectError: no context was configured and none was named.
        """
        if self._migration_context is not None:
            return self._resolved(self._migration_context._start_from_rev)
        # a command with a destination may have a start; of the others None says nothing
        if {"starting_rev", "destination_rev"} & self.context_opts.keys():
            return self._resolved(self.context_opts.get("starting_rev"))
        raise ProjectError(
            "No starting revision argument is available at this point",
            hint="Ask for it after context.configure().",
        )

    def get_revision_argument(self) -> Any:
        """Return the destination that was named; of several, as `stamp` takes them, the first.

        `head`, `heads` and `base` are replaced by what they mean, but not in such a list.
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
            as_dictionary: split each at its first `=`.
        """
        options = getattr(self.config, "cmd_opts", None)
        given: list[str] = getattr(options, "x", None) or []
        if not as_dictionary:
            return given
        parts = (text.partition("=") for text in given)
        return {name: value for name, _, value in parts}

    def get_tenant(self) -> Tenant | None:
        """Return the tenant this run is for: of a fleet, or named by `-x tenant=`; else None."""
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
        given = dict(locals())
        opts = self.context_opts
        for name in ("self", "kw", "connection", "url", "dialect_name", "dialect_opts"):
            given.pop(name)
        _keep_where_none(opts, given, ("transactional_ddl", "starting_rev", "tag"))
        extra = given.pop("template_args")
        if extra and "template_args" in opts:
            opts["template_args"].update(extra)
        output = given.pop("output_buffer")
        own = getattr(self.config, "output_buffer", None)
        if output is not None or own is not None:
            opts["output_buffer"] = own if output is None else output
        given["on_version_apply"] = _listed(on_version_apply)
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
        """Do what the command wants; `kw` go to each upgrade or downgrade function."""
        context = self.get_context()
        with Operations.context(context):
            context.run_migrations(**kw)

    def execute(
        self,
        sql: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Send one statement."""
        self.get_context().execute(sql, execution_options=execution_options)

    def static_output(self, text: str) -> None:
        """Write text into the script."""
        self.get_context().static_output(text)

    def begin_transaction(self) -> AbstractContextManager[Transaction | None]:
        """Begin the transaction in which the migrations run, where they share one."""
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
        """Return the dialect implementation that outside code knows."""
        return self.get_context().impl


def _one(ids: tuple[str, ...]) -> str | tuple[str, ...] | None:
    if not ids:
        return None
    return ids[0] if len(ids) == 1 else ids


def _listed(
    given: Callable[..., None] | Sequence[Callable[..., None]] | None,
) -> tuple[Callable[..., None], ...]:
    if given is None:
        return ()
    return (given,) if callable(given) else tuple(given)


def _keep_where_none(
    opts: MutableMapping[str, Any], given: dict[str, Any], names: Sequence[str]
) -> None:
    # an option of the command applies where env.py does not set it
    for name in names:
        if given[name] is None and (name in opts or name == "transactional_ddl"):
            given.pop(name)
