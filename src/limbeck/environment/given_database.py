"""The database that a program has passed, and whether env.py uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.errors import GivenDatabaseIgnoredError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CONNECTION_HINT = (
    "Let env.py use context.config.attributes.get('connection') where it is set, or give url= "
    "in place of connection=."
)
_URL_HINT = (
    "Let env.py read the URL with context.config.get_main_option('sqlalchemy.url'), or give an "
    "open connection that env.py takes from context.config.attributes['connection']."
)


def require_given_database(attributes: Mapping[str, Any], connection: Connection | None) -> None:
    """Refuse to work on another database than the one that a program has passed.

    Args:
        attributes: the attributes of the Config; the functions of the API put there as
            `only_connection` or `only_url` what they were given.
        connection: the connection that env.py configures; None for a script.

    Raises:
        GivenDatabaseIgnoredError: it is another one.
    """
    if connection is None:
        return
    given = attributes.get("only_connection")
    if given is not None and connection is not given and not _same_session(connection, given):
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


def _same_session(one: Connection, other: Connection) -> bool:
    return one.connection.dbapi_connection is other.connection.dbapi_connection


def _database(url: sa.URL) -> tuple[str, str | None, int | None, str | None]:
    return url.get_backend_name(), url.host, url.port, url.database


def _shown(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)
