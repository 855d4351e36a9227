"""Connect to a database, or check the connections and URLs that the calling program passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from limbeck.errors import (
    GivenDatabaseIgnoredError,
    OneOfSeveralDatabasesError,
    RunningEventLoopError,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_T = TypeVar("_T")


def call_connected(
    url: sa.URL,
    function: Callable[[Connection], _T],
    listen: Callable[[Engine], None] = lambda _engine: None,
) -> _T:
    """Connect, call the function, and return its result.

    Args:
        url: the database URL.
        function: the function, which is called with the connection.
        listen: a function called with the engine before it connects.

    Raises:
        RunningEventLoopError: the driver is asynchronous, and this thread runs an event loop.
    """
    if not url.get_dialect().is_async:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        listen(engine)
        with engine.connect() as connection:
            return function(connection)
    _refuse_running_loop(url)
    import asyncio  # imported here because few drivers are asynchronous

    return asyncio.run(_awaited(url, function, listen))


async def _awaited(
    url: sa.URL, function: Callable[[Connection], _T], listen: Callable[[Engine], None]
) -> _T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    listen(engine.sync_engine)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _refuse_running_loop(url: sa.URL) -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RunningEventLoopError(
        f"{url.drivername} is an asynchronous driver, and an event loop is running in this thread: "
        "nothing was run",
        hint="Await the function of the same name in limbeck.aio, or pass a connection= within "
        "run_sync().",
    )


_CONNECTION_HINT = (
    "Change env.py to use context.config.attributes.get('connection') if it is set, or pass url= "
    "instead of connection=."
)
_URL_HINT = (
    "Change env.py to read the URL with context.config.get_main_option('sqlalchemy.url'), or pass "
    "an open connection that env.py reads from context.config.attributes['connection']."
)


def require_given_database(attributes: Mapping[str, Any], connection: Connection | None) -> None:
    """Raise an error if env.py connects to another database than the program has passed.

    Args:
        attributes: the attributes of the Config; the functions of the API store their argument
            there as `only_connection` or `only_url`.
        connection: the connection that env.py configures; None in offline mode.

    Raises:
        GivenDatabaseIgnoredError: the databases differ.
    """
    if connection is None:
        return
    passed = attributes.get("only_connection")
    given: list[Any] = list(passed.values()) if isinstance(passed, Mapping) else [passed]
    if passed is not None and not any(
        connection is one or _same_session(connection, one) for one in given
    ):
        raise GivenDatabaseIgnoredError(
            "env.py does not use the connection that was passed: nothing was run",
            hint=_CONNECTION_HINT,
            place=_shown(connection.engine.url),
        )
    url = attributes.get("only_url")
    if url is not None and _database(connection.engine.url) != _database(sa.make_url(url)):
        raise GivenDatabaseIgnoredError(
            "env.py does not use the URL that was passed: nothing was run",
            hint=_URL_HINT,
            place=_shown(connection.engine.url),
        )


def given_connections(
    attributes: Mapping[str, Any], names: Sequence[str | None]
) -> Mapping[str | None, Connection]:
    """Return the connections that a program has passed, by the names of the databases.

    Args:
        attributes: the attributes of the Config.
        names: the names of the databases that the configuration has; None for the only one.

    Raises:
        OneOfSeveralDatabasesError: one database was passed, and the configuration names several;
            or a name is not among them.
    """
    given = attributes.get("connection")
    listed = ", ".join(name for name in names if name is not None)
    if isinstance(given, Mapping):
        if unknown := sorted(str(name) for name in given if name not in names):
            raise OneOfSeveralDatabasesError(
                f"A connection was passed for {unknown[0]!r}, which is no database of the project",
                hint=f"The databases are {listed}." if listed else "Pass one connection.",
            )
        return given
    if len(names) > 1 and (given is not None or attributes.get("url") is not None):
        word = "url" if given is None else "connection"
        raise OneOfSeveralDatabasesError(
            f"One {word} was given, and the project has several databases: {listed}",
            hint="Write the url of each into its table, with ${NAME} for a variable or with "
            "--env, or pass a dict of connections from Python.",
        )
    return {} if given is None else {names[0]: given}


def _same_session(one: Connection, other: Connection) -> bool:
    return one.connection.dbapi_connection is other.connection.dbapi_connection


def _database(url: sa.URL) -> tuple[str, str | None, int | None, str | None]:
    return url.get_backend_name(), url.host, url.port, url.database


def _shown(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)
