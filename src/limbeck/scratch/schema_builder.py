"""Create all objects of a catalog in an empty database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

import sqlalchemy as sa

from limbeck.autogenerate import creation
from limbeck.environment import MigrationContext
from limbeck.errors import ScratchError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.catalog import Catalog
    from limbeck.dialects import ScratchRules
    from limbeck.scratch.source import DatabaseSource


Connect: TypeAlias = Callable[[], AbstractContextManager["Connection"]]


def build(
    connect: Connect, rules: ScratchRules, origin: DatabaseSource | None, catalog: Catalog
) -> None:
    """Create the objects of a catalog, with the extensions that they need.

    Args:
        connect: opens a connection to the empty database; it commits at the end.
        rules: how scratch databases of this system are made.
        origin: the project's database, whose extensions are created where they are missing.
        catalog: the objects.

    Raises:
        ScratchError: an object cannot be created.
    """
    try:
        _create(connect, catalog)
    except sa.exc.DBAPIError as error:
        is_missing = rules.missing_object is not None and rules.missing_object(error)
        if not is_missing or not _with_extensions(connect, rules, origin):
            raise _failed(error) from error
        try:
            _create(connect, catalog)
        except sa.exc.DBAPIError as again:
            raise _failed(again) from again


def _create(connect: Connect, catalog: Catalog) -> None:
    with connect() as connection:
        context = MigrationContext.configure(connection, opts={"detect": "all"})
        for operation in creation(catalog, context):
            context.sink.apply(operation)


def _with_extensions(connect: Connect, rules: ScratchRules, origin: DatabaseSource | None) -> bool:
    """Create the extensions of the project's database; return whether there are any."""
    if origin is None or rules.extensions is None or rules.create_extension is None:
        return False
    try:
        with origin.engine().connect() as connection:
            names = list(rules.extensions(connection))
    except sa.exc.DBAPIError:
        return False
    with connect() as connection:
        for name in names:
            _run(connection, rules.create_extension(name))
    return bool(names)


def _run(connection: Connection, sql: str) -> None:
    connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def _failed(error: sa.exc.DBAPIError) -> ScratchError:
    reason = str(error.orig).strip().splitlines()[0]
    return ScratchError(
        f"The schema cannot be built on the scratch database: {reason}",
        place=(error.statement or "").strip()[:200] or None,
        hint="use --build history to run the revisions instead",
        code="LB609",
    )
