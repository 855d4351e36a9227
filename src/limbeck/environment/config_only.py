"""Run a project without env.py, whose configuration names its URL, models and hooks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from limbeck.environment.connections import call_connected, given_connections
from limbeck.environment.current import EnvironmentProtocol, current_environment
from limbeck.environment.declared_settings import (
    DeclaredSettings,
    configure_logging,
    database_settings,
)
from limbeck.errors import ProjectError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

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
        call_connected(settings.url(), online, settings.listen)


def _online(
    environment: EnvironmentProtocol,
    settings: DeclaredSettings,
    options: dict[str, Any],
    connection: Connection,
) -> None:
    environment.configure(connection=connection, **options)
    with environment.begin_transaction():
        environment.run_migrations(**settings.arguments)
