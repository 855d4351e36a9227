"""A project without env.py: its url and metadata are named in the configuration."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.environment.current import EnvironmentProtocol, current_environment
from limbeck.errors import LimbeckError, ProjectError
from limbeck.project import broken

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
# what stands after the host, where the password is behind the last at sign
_PORT = re.compile(r"@[^@:/]*:([^@:/]*)(?:/[^@]*)?$")
_TEXTS = ("version_table", "version_table_schema")
_SWITCHES = (
    "include_schemas",
    "render_as_batch",
    "transaction_per_migration",
    "compare_type",
    "compare_server_default",
)


def run_declared(environment: EnvironmentProtocol | None = None) -> None:
    """Do what env.py does, from `url` and `metadata` of the configuration.

    A connection in `config.attributes["connection"]` is used in place of the url.

    Args:
        environment: the running one by default.

    Raises:
        ProjectError: a setting is missing or names nothing.
    """
    environment = environment or current_environment()
    if environment is None:
        raise ProjectError("A declared project runs inside a command only")
    options = _options(environment.config)
    given = environment.config.attributes.get("connection")
    if given is not None and not environment.is_offline_mode():
        _online(given, environment, options)
        return
    url = _url(environment.config)
    if environment.is_offline_mode():
        environment.configure(url=url, literal_binds=True, **options)
        with environment.begin_transaction():
            environment.run_migrations()
    elif url.get_dialect().is_async:
        import asyncio

        asyncio.run(_online_async(environment, url, options))
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            _online(connection, environment, options)


async def _online_async(
    environment: EnvironmentProtocol, url: sa.URL, options: dict[str, Any]
) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_online, environment, options)
    await engine.dispose()


def _online(
    connection: Connection, environment: EnvironmentProtocol, options: dict[str, Any]
) -> None:
    environment.configure(connection=connection, **options)
    with environment.begin_transaction():
        environment.run_migrations()


def _options(config: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"target_metadata": _metadata(config)}
    for name in _TEXTS:
        value = config.get_alembic_option(name)
        if value is not None:
            options[name] = value
    for name in _SWITCHES:
        if config.get_alembic_option(name) is not None:
            options[name] = config.get_alembic_boolean_option(name)
    return options


def _url(config: Any) -> sa.URL:
    passed = config.attributes.get("url")
    if passed is not None:
        # a program's own value: nothing in it stands for a variable
        return sa.make_url(passed)
    text = config.get_alembic_option("url") or config.get_alembic_option("sqlalchemy.url")
    if not text:
        raise ProjectError(
            "The configuration names no database",
            hint='Set `url`, for example url = "${DATABASE_URL}", or write an env.py.',
        )

    def fill(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in os.environ:
            raise ProjectError(
                f"The environment variable {name}, which the url names, is not set",
                hint=f"export {name}=... and run the command again.",
            )
        return os.environ[name]

    try:
        return sa.make_url(_VARIABLE.sub(fill, str(text)))
    except sa.exc.ArgumentError as error:
        raise ProjectError(
            "The url of the configuration cannot be read as a SQLAlchemy URL",
            hint="It should look like postgresql+psycopg://user:password@host/database.",
        ) from error
    except ValueError as error:
        key = "url" if config.get_alembic_option("url") else "sqlalchemy.url"
        port = _PORT.search(_VARIABLE.sub(fill, str(text)))
        given = f", but {port[1]!r}" if port else ""
        raise ProjectError(
            f"The port in {key} is no number{given}",
            hint=f"correct {key}: postgresql+psycopg://user:password@host:5432/database; a @, : "
            "or / in a password is written %40, %3A or %2F",
            place=config.toml_file_name or config.config_file_name,
        ) from error


def _metadata(config: Any) -> MetaData | list[MetaData] | None:
    named = config.get_alembic_option("metadata")
    if not named:
        return None
    names = re.split(r"[,\s]+", named.strip()) if isinstance(named, str) else list(named)
    found = [_load(name) for name in names if name]
    return found[0] if len(found) == 1 else found


def _load(name: str) -> MetaData:
    module, _, path = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except LimbeckError:
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            raise ProjectError(
                f"metadata = {name!r} cannot be imported: {error}",
                hint='Write it as "package.module:Base.metadata", and add the folder that has the '
                "module to prepend_sys_path.",
            ) from error
        raise broken(error, f"metadata = {name!r}") from error
    try:
        for part in filter(None, path.split(".")):
            found = getattr(found, part)
    except AttributeError as error:
        raise ProjectError(
            f"metadata = {name!r} cannot be imported: {error}",
            hint='Write it as "package.module:Base.metadata".',
        ) from error
    found = getattr(found, "metadata", found)
    if not isinstance(found, sa.MetaData):
        raise ProjectError(
            f"metadata = {name!r} is no MetaData but {type(found).__name__}",
            hint='Write it as "package.module:Base.metadata".',
        )
    return found
