"""Where the tenants of a fleet come from: lists, schemas, files, functions of the project."""

from __future__ import annotations

import asyncio
import glob
import importlib
import inspect
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa

from limbeck.dialects import inspector
from limbeck.environment import Tenant
from limbeck.errors import LimbeckError
from limbeck.fleet.errors import NoTenantsError, TenantSourceError
from limbeck.fleet.failures import without_secrets
from limbeck.fleet.settings import FleetSettings

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_IS_QUERY = re.compile(r"\s*(?:SELECT|WITH|TABLE|VALUES)\b", re.IGNORECASE)
_END = object()
_KEYS = frozenset({"id", "url", "schema", "tags", "group"})


def read_tenants(settings: FleetSettings) -> Iterator[Tenant]:
    """Yield the tenants of a fleet that are selected, in the order of their sources.

    Ids may repeat: who works on them says so for each.

    Raises:
        TenantSourceError: a source cannot be read.
        NoTenantsError: there is no source, or it has no tenants.
    """
    sources = _sources(settings)
    if not sources:
        raise NoTenantsError(
            "The configuration does not say which tenants the fleet has",
            hint="Write `schemas`, `tenants`, `files` or `source` into [tool.limbeck.fleet], or "
            "give the option of that name.",
            place=settings.toml_file,
        )
    is_empty = is_selected = False
    for name, source in sources:
        is_empty = True
        for tenant in source:
            is_empty = False
            if _is_selected(tenant, settings):
                is_selected = True
                yield tenant
        if is_empty:
            raise NoTenantsError(
                f"The fleet has no tenants: {name} gives none",
                hint="Nothing was run. See whether it should, and whether it was asked in the "
                "right database or folder.",
            )
    if not is_selected:
        raise NoTenantsError(
            "No tenant of the fleet is selected",
            hint="Nothing was run. See what --tenant, --tag and --group name; `fleet status` "
            "lists all tenants.",
        )


def _sources(settings: FleetSettings) -> list[tuple[str, Iterable[Tenant]]]:
    found: list[tuple[str, Iterable[Tenant]]] = []
    if settings.tenants:
        found.append(("tenants", (_tenant(one) for one in settings.tenants)))
    if settings.schemas:
        found.append((f"schemas = {settings.schemas!r}", _schemas(settings)))
    if settings.files:
        found.append((f"files = {settings.files!r}", _files(settings.files)))
    if settings.source:
        found.append((f"source = {settings.source!r}", _called(settings.source)))
    return found


def _is_selected(tenant: Tenant, settings: FleetSettings) -> bool:
    if settings.select and not any(fnmatchcase(tenant.id, one) for one in settings.select):
        return False
    if settings.tags and not set(settings.tags).intersection(tenant.tags):
        return False
    return not settings.groups or tenant.group in settings.groups


def filled(url: str) -> str:
    """Replace `${NAME}` in a URL by environment variables.

    Raises:
        TenantSourceError: one of them is not set.
    """

    def fill(match: re.Match[str]) -> str:
        try:
            return os.environ[match[1]]
        except KeyError:
            raise TenantSourceError(
                f"The environment variable {match[1]}, which a URL of the fleet names, is not set",
                hint=f"export {match[1]}=... and run the command again.",
            ) from None

    return _VARIABLE.sub(fill, url)


def _tenant(value: Any) -> Tenant:
    """Make a tenant of what a list or a function gives."""
    if isinstance(value, Tenant):
        return value
    if isinstance(value, sa.URL):
        value = value.render_as_string(hide_password=False)
    if isinstance(value, str):
        return Tenant(_id_of_url(filled(value)), filled(value)) if "://" in value else Tenant(value)
    if not isinstance(value, Mapping):
        raise TenantSourceError(
            f"A tenant is a value of type {type(value).__name__}",
            hint="Give a URL, a name, or a table with id, url, schema, tags, group.",
        )
    if unknown := set(value) - _KEYS:
        raise TenantSourceError(
            f"A tenant has an unknown key {min(unknown)!r}",
            hint=f"The keys are {', '.join(sorted(_KEYS))}.",
        )
    url = None if value.get("url") is None else filled(str(value["url"]))
    schema = value.get("schema")
    id_ = value.get("id") or schema or (None if url is None else _id_of_url(url))
    if not id_:
        raise TenantSourceError(
            "A tenant has neither id nor schema nor url", hint='Write {id = "...", url = "..."}.'
        )
    tags = value.get("tags") or ()
    return Tenant(
        str(id_), url, schema, (tags,) if isinstance(tags, str) else tuple(tags), value.get("group")
    )


def _id_of_url(url: str) -> str:
    """Return host and database of a URL: which name a database and are no secret."""
    parsed = parse_url(url)
    if not parsed.host:
        return parsed.database or parsed.drivername
    port = f":{parsed.port}" if parsed.port else ""
    return f"{parsed.host}{port}/{parsed.database or ''}"


def parse_url(url: str) -> sa.URL:
    """Return a URL as SQLAlchemy has it.

    Raises:
        TenantSourceError: it is none; the text itself may hold a password and is not shown.
    """
    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise TenantSourceError(
            "A tenant's URL cannot be read as a SQLAlchemy URL",
            hint="Write dialect+driver://user:password@host:port/database, special characters of "
            "the password as %40.",
        ) from None


def _files(pattern: str) -> Iterator[Tenant]:
    for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - a pattern may be absolute
        if os.path.isfile(path):  # noqa: PTH113 - thousands of them
            # the same id in every worker, wherever it runs
            yield Tenant(path, sa.URL.create("sqlite", database=path).render_as_string())


def _schemas(settings: FleetSettings) -> Iterator[Tenant]:
    text = settings.schemas or ""
    if not settings.url:
        raise TenantSourceError(
            "The fleet has `schemas`, but no `url` of the database that has them",
            hint="Write url into [tool.limbeck.fleet], or sqlalchemy.url into the configuration.",
        )
    url = filled(settings.url)
    try:
        rows = _schema_rows(url, text)
    except LimbeckError:
        raise
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        words = str(getattr(error, "orig", None) or error).strip()
        raise TenantSourceError(
            f"The schemas of the fleet cannot be read: {without_secrets(words, url)}",
            hint="Nothing was run. Check the address and the query in [tool.limbeck.fleet].",
        ) from error
    for row in rows:
        if row[0] is None:
            raise TenantSourceError(
                "The query for the schemas returned NULL for a name",
                hint="Nothing was run. Leave such rows out: WHERE name IS NOT NULL.",
            )
        tags = tuple(str(row[1]).split()) if len(row) > 1 and row[1] else ()
        group = str(row[2]) if len(row) > 2 and row[2] is not None else None  # noqa: PLR2004 - the third
        yield Tenant(str(row[0]), url, str(row[0]), tags, group)


def _schema_rows(url: str, text: str) -> list[Any]:
    parsed = sync_url(parse_url(url))
    engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    with engine.connect() as connection:
        if _IS_QUERY.match(text):
            # so that the driver takes a percent sign as it stands
            return list(connection.execution_options(no_parameters=True).exec_driver_sql(text))
        names = inspector(connection).get_schema_names()
        return [(name,) for name in names if fnmatchcase(name, text)]


def sync_url(url: sa.URL) -> sa.URL:
    """Return a URL with the plain driver of its database in place of one for asyncio.

    Raises:
        TenantSourceError: nobody knows such a driver.
    """
    try:
        dialect = url.get_dialect()
    except (sa.exc.NoSuchModuleError, sa.exc.ArgumentError):
        raise TenantSourceError(
            f"The driver {url.drivername} of a tenant is not known here",
            hint="Correct the beginning of the URL, or install the package that brings it.",
        ) from None
    if not dialect.is_async:
        return url
    plain = sa.URL.create(dialect.name).get_dialect()
    return url.set(drivername=f"{dialect.name}+{plain.driver}")


def _called(name: str) -> Iterator[Tenant]:
    module, _, path = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        for value in _values(found()):
            yield _tenant(value)
    except (LimbeckError, GeneratorExit):
        raise
    except Exception as error:
        words = without_secrets(f"{type(error).__name__}: {error}")
        raise TenantSourceError(
            f"source = {name!r} cannot give the tenants: {words}",
            hint="Nothing more was run. Write it as package.module:function; the function returns "
            "or yields URLs, names, or dictionaries with id, url, schema, tags, group.",
        ) from error


def _values(found: Any) -> Iterator[Any]:
    """Yield what a function has returned: values, a generator, or one of asyncio."""
    if not (inspect.isawaitable(found) or hasattr(found, "__aiter__")):
        yield from found
        return
    loop = asyncio.new_event_loop()
    try:
        if inspect.isawaitable(found):
            found = loop.run_until_complete(_awaited(found))
        if not hasattr(found, "__aiter__"):
            yield from found
            return
        while (value := loop.run_until_complete(_next(found))) is not _END:
            yield value
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _awaited(value: Any) -> Any:
    return await value


async def _next(iterator: Any) -> Any:
    return await anext(iterator, _END)
