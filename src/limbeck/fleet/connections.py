"""Connections to tenants: one engine for each thread and server, whatever the number of tenants.

An engine asks a new server several questions and compiles each statement; here both are done
once. The engine's URL is exchanged from tenant to tenant, which is why no two threads share one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.environment import Tenant
from limbeck.errors import MissingSchemaError
from limbeck.fleet.errors import TenantsUnsupportedError
from limbeck.fleet.tenant_sources import parse_url, sync_url

_DEFAULT = "limbeck_default_schema"


def server_of(url: str | None) -> str:
    """Return the server of a URL, as a key for limits; "" for a file, or where nobody knows."""
    if url is None:
        return ""
    parsed = parse_url(url)
    return f"{parsed.host}:{parsed.port or ''}" if parsed.host else ""


class Connections:
    """Connects to tenants; each thread has engines of its own.

    Args:
        listen: called with each new engine before it connects.
    """

    def __init__(self, listen: Callable[[sa.Engine], object] | None = None) -> None:
        self._listen = listen
        self._mine = threading.local()
        self._all: list[_ServerEngine] = []
        self._lock = threading.Lock()

    @contextmanager
    def connect(self, tenant: Tenant, *, creates: bool = False) -> Iterator[sa.Connection]:
        """Connect to a tenant's database, with its schema as the default one.

        Args:
            tenant: whose database.
            creates: create a database that is a file and missing.

        Raises:
            MissingSchemaError: the tenant's file or schema is missing.
            TenantsUnsupportedError: the tenant is a schema, and this database or driver has no
                way to work on it.
        """
        url, server = _address(tenant.url or "")
        tenancy = find(url.get_dialect().name).tenancy
        if tenancy.database_is_file and not creates:
            _require_file(url)
        enter = None
        if tenant.schema is not None:
            if tenancy.schema_is_database:
                url = url.set(database=tenant.schema)
            elif tenancy.enter_schema is None:
                raise TenantsUnsupportedError(
                    f"Schemas as tenants are not possible on {url.get_dialect().name}",
                    hint="Give each tenant a database of its own, or let env.py choose the schema.",
                )
            else:
                enter = tenancy.enter_schema
        with self._engine(server, url).connect(url) as connection:
            if enter is not None:
                enter(connection, tenant.schema or "")
            yield connection

    def close(self) -> None:
        """Close every connection that is kept open."""
        with self._lock:
            for engine in self._all:
                engine.engine.dispose()
            self._all.clear()
            self._mine = threading.local()

    def _engine(self, server: str, url: sa.URL) -> _ServerEngine:
        known: dict[str, _ServerEngine] = vars(self._mine).setdefault("engines", {})
        if server not in known:
            known[server] = _ServerEngine(url)
            if self._listen is not None:
                self._listen(known[server].engine)
            with self._lock:
                self._all.append(known[server])
        return known[server]


class _ServerEngine:
    """The engine of one thread for one server.

    The connection to a database is kept open for the next tenant in it.
    """

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self.engine = sa.create_engine(url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0)
        sa.event.listen(self.engine, "do_connect", self._address)

    @contextmanager
    def connect(self, url: sa.URL) -> Iterator[sa.Connection]:
        """Connect to a database of the server."""
        if url != self._url:
            self.engine.dispose()
            self._url = url
            self.engine.url = url
        with self.engine.connect() as connection:
            # SQLAlchemy finds it out for the first database of an engine
            if _DEFAULT not in connection.info:
                connection.info[_DEFAULT] = _default_schema(connection)
            connection.dialect.default_schema_name = connection.info[_DEFAULT]
            yield connection

    def _address(self, dialect: Any, _record: Any, cargs: list[Any], cparams: Any) -> None:
        arguments, keywords = dialect.create_connect_args(self._url)
        cargs[:] = arguments
        cparams.clear()
        cparams.update(keywords)


@lru_cache(maxsize=256)  # the schemas of a database have one URL
def _address(text: str) -> tuple[sa.URL, str]:
    """Return the URL of a tenant, and what is the same for all tenants that can share an engine.

    Raises:
        TenantSourceError: the text is not a URL.
    """
    url = sync_url(parse_url(text))
    if not url.host:
        return url, url.drivername
    return url, url.set(database=None).render_as_string(hide_password=False)


def create_database(address: str) -> None:
    """Create the database of a URL on its server where it is missing; a file creates itself.

    Args:
        address: the URL of the database.

    Raises:
        sqlalchemy.exc.DBAPIError: the server refuses it.
    """
    url = sync_url(parse_url(address))
    rules = find(url.get_dialect().name).scratch
    if rules.list_databases is None or not url.database:
        return
    server = url.set(database=rules.maintenance_database)
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if url.database not in rules.list_databases(connection, url.database):
            name = connection.dialect.identifier_preparer.quote_identifier(url.database)
            connection.exec_driver_sql(f"CREATE DATABASE {name}")


def _require_file(url: sa.URL) -> None:
    path = url.database
    if not path or path.startswith((":", "file:")) or os.path.exists(path):  # noqa: PTH110 - thousands of them
        return
    raise MissingSchemaError(
        f"There is no file {path}",
        hint="Nothing was run. `fleet create` creates it; or take the tenant out of the fleet.",
    )


def _default_schema(connection: sa.Connection) -> str | None:
    dialect: Any = connection.dialect
    read = find(dialect.name).tenancy.default_schema or dialect._get_default_schema_name
    try:
        found: str | None = read(connection)
    except NotImplementedError:
        return connection.dialect.default_schema_name
    finally:
        connection.rollback()
    return found
