"""Create the objects of a catalog in a scratch database."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from limbeck.errors import LimbeckError, ScratchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from limbeck.catalog import Catalog
    from limbeck.dialects import ScratchRules
    from limbeck.operations import Operation
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
        run_with_extensions(connect, rules, origin, lambda: _create(connect, rules, catalog))
    except sa.exc.DBAPIError as error:
        raise _not_built(error) from error


def run_with_extensions(
    connect: Connect, rules: ScratchRules, origin: DatabaseSource | None, run: Callable[[], object]
) -> None:
    """Call a function; if an object is missing, create extensions and call it again.

    Args:
        connect: opens a connection to the scratch database; it commits at the end.
        rules: how scratch databases of this system are made.
        origin: the project's database, whose extensions are created.
        run: the function, which leaves no changes if it fails.
    """
    try:
        run()
    except Exception as error:
        if not is_missing_object(rules, error) or not create_extensions(connect, rules, origin):
            raise
        run()


def is_missing_object(rules: ScratchRules, error: BaseException | None) -> bool:
    """Return whether an error, or what caused it, means that a type or function is missing."""
    while error is not None and rules.missing_object is not None:
        if isinstance(error, sa.exc.DBAPIError) and rules.missing_object(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def run_script(connection: Connection, script: str) -> None:
    """Send several statements at once, in a savepoint.

    Args:
        connection: a connection whose driver takes them.
        script: the statements, separated by semicolons.

    Raises:
        DBAPIError: one of them failed; nothing has changed.
    """
    with connection.begin_nested():
        connection.exec_driver_sql(script, execution_options={"no_parameters": True})


def _create(connect: Connect, rules: ScratchRules, catalog: Catalog) -> None:
    from limbeck.autogenerate import creation
    from limbeck.environment import own_context

    with connect() as connection:
        context = own_context(connection, opts={"detect": "all"})
        operations = creation(catalog, context)
        if rules.takes_scripts:
            # where a statement fails or asks the server something, they are sent one by one
            with contextlib.suppress(LimbeckError, sa.exc.DBAPIError):
                run_script(connection, _script(operations, context))
                return
        for operation in operations:
            context.sink.apply(operation)


def _script(operations: Sequence[Operation], context: Any) -> str:
    """Return the statements of operations as one text."""
    from limbeck.environment import own_context

    output = io.StringIO()
    written = own_context(
        dialect=context.dialect, opts={**context.opts, "as_sql": True, "output_buffer": output}
    )
    for operation in operations:
        written.sink.apply(operation)
    return output.getvalue()


def create_extensions(connect: Connect, rules: ScratchRules, origin: DatabaseSource | None) -> bool:
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
            connection.exec_driver_sql(
                rules.create_extension(name), execution_options={"no_parameters": True}
            )
    return bool(names)


def _not_built(error: sa.exc.DBAPIError) -> ScratchError:
    reason = str(error.orig).strip().splitlines()[0]
    return ScratchError(
        f"The schema cannot be built on the scratch database: {reason}",
        place=(error.statement or "").strip()[:200] or None,
        hint="use --build history to run the revisions instead",
        code="LB609",
    )
