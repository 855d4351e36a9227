"""Detect tables that exist before the first revision: the database should be adopted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from limbeck.commands.created_tables import created_tables
from limbeck.history import Move, TableRef
from limbeck.project import Project
from limbeck.runtime import LockLostError, journal_name, read_interrupted
from limbeck.snapshots import ExistingTablesError

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 3


def check_existing_tables(project: Project, moves: Sequence[Move], context: Any) -> None:
    """Raise an error if the revisions create tables that exist in a database without version rows.

    In a project of Alembic, this is a warning. A run that continues an interrupted one is not
    checked.

    Args:
        project: the project.
        moves: the moves to run.
        context: the migration context of a database without version rows.

    Raises:
        ExistingTablesError: such tables exist.
        LockLostError: another runner has set the version in the meantime.
    """
    connection, record = context.connection, context.sink.record
    own = {context.version_table, journal_name(context.version_table)}
    has_schemas = record.scratch.list_schemas is not None
    if not _read(connection, lambda: _present(connection, own, has_schemas=has_schemas)):
        return  # an empty database: no file has to be read
    revisions = (one.revision for one in moves)
    wanted = created_tables(revisions, connection.dialect.name, record.capabilities.quoting)
    wanted = tuple(one for one in wanted if one.table not in own)
    found = _read(connection, lambda: _there(connection, wanted)) if wanted else ()
    if not found or read_interrupted(context.target):
        return
    # without a session lock, another runner may have created them just now
    if _read(connection, context.get_current_heads):
        raise LockLostError
    listed = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
    words = (
        f"The database has no version rows, but {len(found)} of the tables that the revisions "
        f"create: {listed}"
    )
    if project.detect == "alembic":
        _log.warning("%s. `limbeck adopt` finds its revision.", words)
        return
    raise ExistingTablesError(
        words,
        hint="Nothing was run. `adopt` finds the revision of the database and sets its version. "
        "`upgrade --force` runs the revisions anyway.",
    )


def _read(connection: sa.Connection, read: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Call a function, and roll back a transaction that it has begun."""
    was_inside = connection.in_transaction()
    try:
        return read()
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def _present(connection: sa.Connection, own: set[str], *, has_schemas: bool) -> Sequence[str]:
    """Return the tables of the default schema, or the other schemas if it has none."""
    inspector = sa.inspect(connection)
    found = sorted(set(inspector.get_table_names()) - own)
    if found or not has_schemas:
        return found
    others = set(inspector.get_schema_names()) - {inspector.default_schema_name}
    return sorted(one for one in others if one != "information_schema")


def _there(connection: sa.Connection, wanted: Sequence[TableRef]) -> Sequence[str]:
    """Return the names of those tables that exist, sorted."""
    inspector = sa.inspect(connection)
    renamed = connection.get_execution_options().get("schema_translate_map") or {}
    by_schema: dict[str | None, set[str]] = {}
    for one in wanted:
        schema = renamed.get(one.namespace, one.namespace)
        by_schema.setdefault(schema, set()).add(one.table)
    found: set[str] = set()
    for schema, names in by_schema.items():
        there = names.intersection(inspector.get_table_names(schema))
        found.update(there if schema is None else (f"{schema}.{name}" for name in there))
    return sorted(found)
