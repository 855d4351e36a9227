"""Check that env.py uses the database that the calling program has passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.errors import GivenDatabaseIgnoredError

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
