"""Run a project without env.py, whose configuration names its URL, models and hooks."""

from __future__ import annotations

import importlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.environment.connections import call_connected, given_connections
from limbeck.environment.current import EnvironmentProtocol, current_environment
from limbeck.errors import LimbeckError, ProjectError
from limbeck.project import HOOKS, broken, folder_of, read_dotenv, require_known
from limbeck.sql import mask_log_records

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, MetaData

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
# the port: the text after the host, which begins after the last `@`
_PORT = re.compile(r"@[^@:/]*:([^@:/]*)(?:/[^@]*)?$")
_TEXTS = ("version_table", "version_table_schema", "user_module_prefix")
_LOGGERS = ("alembic", "limbeck")
_SWITCHES = ("include_schemas", "render_as_batch", "transaction_per_migration")
_COMPARISONS = ("compare_type", "compare_server_default")
log = logging.getLogger("alembic.env")
# options that stay from the database before: `configure` has no parameters for them
_KEPT = ("version_table", "version_table_schema", "models_error")


def run_declared(environment: EnvironmentProtocol | None = None) -> None:
    """Do what env.py does, with the settings of the configuration.

    A connection in `config.attributes["connection"]` is used instead of the URL. If the
    configuration names several databases, the command runs on each in turn, and the connections
    are a mapping by the names of the databases.

    Args:
        environment: the running one by default.

    Raises:
        ProjectError: a setting is missing, or what it names does not exist.
        OneOfSeveralDatabasesError: one database was passed, and the configuration names several.
    """
    environment = environment or current_environment()
    if environment is None:
        raise ProjectError("run_declared() was called outside a command")
    configure_logging(environment.config)
    databases = list(database_settings(environment.config))
    connections = given_connections(
        environment.config.attributes, [settings.name for settings in databases]
    )
    for settings in databases:
        _run(environment, settings, connections.get(settings.name))


def call_listeners(config: Any, engine: Engine) -> None:
    """Call the functions that the setting `listeners` names with an engine.

    Args:
        config: the configuration of a project without env.py.
        engine: an engine that has not connected yet.

    Raises:
        ProjectError: a function cannot be imported.
    """
    for settings in database_settings(config):
        settings.listen(engine)


def _run(
    environment: EnvironmentProtocol, settings: DeclaredSettings, given: Connection | None
) -> None:
    options = settings.options()
    for name in _KEPT:
        environment.context_opts.pop(name, None)
    online = partial(_online, environment, settings, options)
    if environment.is_offline_mode():
        environment.configure(url=settings.url(), literal_binds=True, **options)
        with environment.begin_transaction():
            environment.run_migrations(**settings.arguments)
    elif given is not None:
        online(given)
    else:
        call_connected(settings.url(), online, partial(_prepare, environment, settings))


def _prepare(environment: EnvironmentProtocol, settings: DeclaredSettings, engine: Engine) -> None:
    """Call the listeners, and let a command that only reads create no database."""
    settings.listen(engine)
    live = find(engine.dialect.name).live
    reads = environment.context_opts.get("dont_mutate", False)
    if reads and live is not None and live.create_no_file is not None:
        live.create_no_file(engine)


def _online(
    environment: EnvironmentProtocol,
    settings: DeclaredSettings,
    options: dict[str, Any],
    connection: Connection,
) -> None:
    environment.configure(connection=connection, **options)
    with environment.begin_transaction():
        environment.run_migrations(**settings.arguments)


class DeclaredSettings:
    """The settings of one database.

    Args:
        config: the configuration.
        own: the settings of this database, which override the common ones.
        name: the name of the database, if there are several.
    """

    def __init__(self, config: Any, own: Mapping[str, Any], name: str | None = None) -> None:
        self.config = config
        self.own = own
        self.name = name

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments for the functions of a revision."""
        return {} if self.name is None else {"engine_name": self.name}

    def value(self, name: str) -> Any:
        """Return the value of a setting, or None."""
        if name in self.own:
            return self.config._filled(self.own[name], name)
        return self.config.get_alembic_option(name)

    def switch(self, name: str) -> bool:
        """Return the value of a boolean setting.

        Raises:
            InvalidValueError: the value is not boolean.
        """
        if name in self.own:
            from limbeck.project import yes_or_no

            return yes_or_no(self.own[name], name)
        found: bool = self.config.get_alembic_boolean_option(name)
        return found

    def options(self) -> dict[str, Any]:
        """Return the options of `context.configure()`.

        Models that cannot be imported are an error only for commands that use them.

        Raises:
            ProjectError: a setting names a function that does not exist.
        """
        options: dict[str, Any] = {}
        try:
            options["target_metadata"] = self.metadata()
        except LimbeckError as error:
            log.info("Continuing without models: %s", error.message)
            options["models_error"] = error
        for name in _TEXTS:
            value = self.value(name)
            if value is not None:
                options[name] = value
        for name in _SWITCHES:
            if self.value(name) is not None:
                options[name] = self.switch(name)
        options.update(self._hooks())
        if self.name is not None:
            options["upgrade_token"] = f"{self.name}_upgrades"
            options["downgrade_token"] = f"{self.name}_downgrades"
        return options

    def _hooks(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for name in HOOKS:
            value = self.value(name)
            if isinstance(value, str) and ":" in value:
                options[name] = _callable(name, value)
            elif value is not None and name in _COMPARISONS:
                options[name] = self.switch(name)
            elif value is not None:
                raise _not_callable(name, value)
        return options

    def listen(self, engine: Engine) -> None:
        """Call the functions that `listeners` names with the engine, before it connects.

        Raises:
            ProjectError: a function cannot be imported.
        """
        named = self.value("listeners") or ()
        for name in [named] if isinstance(named, str) else named:
            _callable("listeners", name)(engine)

    def url(self) -> sa.URL:
        """Return the database URL, with variables replaced.

        Raises:
            ProjectError: the URL is missing or invalid.
        """
        passed = self.config.attributes.get("url")
        if passed is not None:
            # a URL that a program passes contains no variables
            return sa.make_url(passed)
        text = self.value("url") or self.config.get_alembic_option("sqlalchemy.url")
        if not text:
            raise ProjectError(
                "The configuration names no database",
                hint='Set `url`, for example url = "${DATABASE_URL}", or write an env.py.',
            )
        filled = str(text)
        if "$" in filled:
            filled = _filled_in(self.config, filled)
        try:
            return sa.make_url(filled)
        except sa.exc.ArgumentError as error:
            raise ProjectError(
                "The url of the configuration cannot be read as a SQLAlchemy URL",
                hint="It should look like postgresql+psycopg://user:password@host/database.",
            ) from error
        except ValueError as error:
            key = "url" if self.value("url") else "sqlalchemy.url"
            port = _PORT.search(filled)
            given = f" but {port[1]!r}" if port else ""
            raise ProjectError(
                f"The port in {key} is not a number{given}",
                hint=f"Correct {key}: postgresql+psycopg://user:password@host:5432/database. Write "
                "@, : and / in a password as %40, %3A and %2F.",
                place=self.config.toml_file_name or self.config.config_file_name,
            ) from error

    def metadata(self) -> MetaData | list[MetaData] | None:
        """Return the models.

        Raises:
            ProjectError: the models cannot be imported.
        """
        named = self.value("metadata")
        if not named:
            return None
        names = re.split(r"[,\s]+", named.strip()) if isinstance(named, str) else list(named)
        found = list({id(each): each for each in map(_load, filter(None, names))}.values())
        return found[0] if len(found) == 1 else found


def database_settings(config: Any) -> Iterator[DeclaredSettings]:
    """Yield the settings of each database: the only one, or each one in `databases`.

    Raises:
        ProjectError: an entry of `databases` is not a table.
    """
    tables = config.get_alembic_option("databases")
    if not isinstance(tables, dict):
        yield DeclaredSettings(config, {})
        return
    for name, own in tables.items():
        path = str(config.toml_file_name)
        if not isinstance(own, dict):
            raise ProjectError(
                f"databases.{name} in {path} is not a table",
                hint=f"Write [tool.limbeck.databases.{name}] and below it url and metadata.",
                place=path,
                code="LB132",
            )
        require_known(own, path, f"tool.limbeck.databases.{name}")
        yield DeclaredSettings(config, own, name)


def configure_logging(config: Any) -> None:
    """Configure Python's logging from the setting `logging`: a level, or a `dictConfig` table.

    Raises:
        ProjectError: the setting is invalid.
    """
    wanted = config.get_alembic_option("logging")
    if not wanted:
        return
    try:
        if isinstance(wanted, str):
            logging.basicConfig(format="%(levelname)s [%(name)s] %(message)s")
            # not the root logger: SQLAlchemy would log each statement with its parameters
            for name in _LOGGERS:
                logging.getLogger(name).setLevel(wanted.upper())
        else:
            from logging.config import dictConfig

            dictConfig({"version": 1, "disable_existing_loggers": False, **wanted})
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        raise ProjectError(
            f"logging cannot be set up: {error}",
            hint='Write a level, such as logging = "INFO", or a table for '
            "logging.config.dictConfig.",
            place=config.toml_file_name,
            code="LB133",
        ) from error
    mask_log_records()


def _filled_in(config: Any, text: str) -> str:
    """Replace variables in a text, from the environment and from the project's `.env`."""
    path = config.toml_file_name or config.config_file_name
    known = read_dotenv(f"{folder_of(path)}/.env") if path else {}

    def fill(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        found = os.environ.get(name, known.get(name))
        if found is None:
            raise ProjectError(
                f"The environment variable {name}, which the url names, is not set",
                hint=f"export {name}=... or add it to the file .env, and run the command again.",
            )
        return found

    return _VARIABLE.sub(fill, text)


def _callable(setting: str, name: object) -> Callable[..., Any]:
    module, _, path = str(name).partition(":")
    found = _imported(setting, str(name), module, path)
    if not callable(found):
        raise _not_callable(setting, name)
    return found  # type: ignore[no-any-return]


def _not_callable(setting: str, value: object) -> ProjectError:
    return ProjectError(
        f"{setting} = {value!r} is not a function",
        hint=f'Write {setting} = "package.module:function".',
        code="LB134",
    )


def _load(name: str) -> MetaData:
    module, _, path = name.partition(":")
    found = _imported("metadata", name, module, path)
    found = getattr(found, "metadata", found)
    if not isinstance(found, sa.MetaData):
        raise ProjectError(
            f"metadata = {name!r} is not a MetaData but a {type(found).__name__}",
            hint='Write it as "package.module:Base.metadata".',
        )
    return found


def _imported(setting: str, name: str, module: str, path: str) -> Any:
    example = "Base.metadata" if setting == "metadata" else "function"
    try:
        found: Any = importlib.import_module(module)
    except LimbeckError:
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            raise ProjectError(
                f"{setting} = {name!r} cannot be imported: {error}",
                hint=f'Write it as "package.module:{example}", and add the folder of the module '
                "to prepend_sys_path.",
            ) from error
        raise broken(error, f"{setting} = {name!r}") from error
    try:
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
    except AttributeError as error:
        raise ProjectError(
            f"{setting} = {name!r} cannot be imported: {error}",
            hint=f'Write it as "package.module:{example}".',
        ) from error
    return found
