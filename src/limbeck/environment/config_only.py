"""Run a project without env.py, whose configuration names its URL, models and hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.environment.current import EnvironmentProtocol, current_environment
from limbeck.environment.declared_settings import (
    DeclaredSettings,
    configure_logging,
    database_settings,
)
from limbeck.errors import ProjectError

if TYPE_CHECKING:
    from sqlalchemy import Connection


def run_declared(environment: EnvironmentProtocol | None = None) -> None:
    """Do what env.py does, with the settings of the configuration.

    A connection in `config.attributes["connection"]` is used instead of the URL. If the
    configuration names several databases, the command runs on each in turn.

    Args:
        environment: the running one by default.

    Raises:
        ProjectError: a setting is missing, or what it names does not exist.
    """
    environment = environment or current_environment()
    if environment is None:
        raise ProjectError("run_declared() was called outside a command")
    configure_logging(environment.config)
    for settings in database_settings(environment.config):
        _run(environment, settings)


def _run(environment: EnvironmentProtocol, settings: DeclaredSettings) -> None:
    options = settings.options()
    given = environment.config.attributes.get("connection")
    if given is not None and not environment.is_offline_mode():
        _online(given, environment, settings, options)
        return
    url = settings.url()
    if environment.is_offline_mode():
        environment.configure(url=url, literal_binds=True, **options)
        with environment.begin_transaction():
            environment.run_migrations(**settings.arguments)
    elif url.get_dialect().is_async:
        import asyncio

        asyncio.run(_online_async(environment, url, settings, options))
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        settings.listen(engine)
        with engine.connect() as connection:
            _online(connection, environment, settings, options)


async def _online_async(
    environment: EnvironmentProtocol,
    url: sa.URL,
    settings: DeclaredSettings,
    options: dict[str, Any],
) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    settings.listen(engine.sync_engine)
    async with engine.connect() as connection:
        await connection.run_sync(_online, environment, settings, options)
    await engine.dispose()


def _online(
    connection: Connection,
    environment: EnvironmentProtocol,
    settings: DeclaredSettings,
    options: dict[str, Any],
) -> None:
    environment.configure(connection=connection, **options)
    with environment.begin_transaction():
        environment.run_migrations(**settings.arguments)
