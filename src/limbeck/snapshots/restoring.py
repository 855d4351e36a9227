"""Restore a snapshot as the first move of an upgrade."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from limbeck.catalog import Catalog, SchemaObject
from limbeck.dialects import Scope, find
from limbeck.environment import TENANT
from limbeck.history import History, Move, Revision
from limbeck.project import Project
from limbeck.runtime import journal_name, read_interrupted
from limbeck.snapshots.errors import InterruptedRestoreError, SnapshotInvalidError
from limbeck.snapshots.snapshot_file import (
    SnapshotFile,
    database_kind,
    default_schema,
    history_hash,
    read_snapshot,
    snapshot_path,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

_T = TypeVar("_T")
_log = logging.getLogger("alembic.runtime.migration")
_PREFIX = "snapshot-"
# what an empty database may have: the server or its administrator makes them
_NOT_COUNTED = frozenset({"namespace", "extension", "grant"})


def choose_snapshot(
    project: Project, context: Any, moves: Sequence[Move]
) -> tuple[SnapshotFile, Move] | None:
    """Return the snapshot with which an upgrade of an empty database begins, and its move.

    A snapshot that cannot be used is named in one line of the log.

    Args:
        project: the project.
        context: the migration context, of a database without version rows.
        moves: the upgrade without a snapshot.

    Returns:
        The snapshot and the move that restores it; None where the upgrade runs all revisions.

    Raises:
        InterruptedRestoreError: an earlier run began to restore another snapshot.
    """
    path = snapshot_path(project, database_kind(context.dialect))
    interrupted = _interrupted(context)
    try:
        snapshot = read_snapshot(path) if path.is_file() else None
    except SnapshotInvalidError as error:
        _log.warning("The snapshot is not used: %s. %s.", error.message, error.hint)
        snapshot = None
    if snapshot is not None:
        reason = unsuitable(project.history(), context, snapshot, moves)
        if reason is not None:
            _log.warning(
                "The snapshot %s is not used: %s. `limbeck snapshot` writes it again.", path, reason
            )
            snapshot = None
    if interrupted is not None and (snapshot is None or snapshot.id != interrupted):
        raise InterruptedRestoreError(
            f"An earlier run was interrupted while it restored {interrupted}, and that snapshot is "
            "no longer there",
            hint="Bring the file back from version control and run `upgrade` again, or run "
            "`recover --undo`, which drops what was created. Nothing was run.",
        )
    if snapshot is None or (interrupted is None and not is_empty(context)):
        return None
    if not frozenset(snapshot.revisions) <= {move.revision.id for move in moves}:
        return None  # an upgrade to a revision before it
    return snapshot, _move(project.history(), snapshot)


def restore_program(snapshot: SnapshotFile, context: Any) -> Callable[..., None]:
    """Return the function that restores a snapshot.

    Args:
        snapshot: the snapshot.
        context: the migration context.
    """

    def restore(**_arguments: Any) -> None:
        run_snapshot(context.connection, snapshot)

    return restore


def run_snapshot(connection: Connection, snapshot: SnapshotFile) -> None:
    """Execute the statements of a snapshot, at once if the driver accepts this.

    Args:
        connection: where.
        snapshot: the snapshot.

    Raises:
        DBAPIError: a statement failed; the error names it.
    """
    if find(snapshot.database).scratch.takes_scripts:
        try:
            with connection.begin_nested():
                run_statements(connection, [snapshot.script])
        except sa.exc.DBAPIError as error:
            # one by one, the failing statement is known
            if error.connection_invalidated:
                raise
        else:
            return
    run_statements(connection, snapshot.statements())


def run_statements(connection: Connection, statements: Collection[str]) -> None:
    """Execute statements as they stand, without parameters.

    Args:
        connection: where.
        statements: the statements.
    """
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def is_empty(context: Any) -> bool:
    """Return whether the database has no objects but limbeck's own.

    Args:
        context: the migration context.
    """
    check = context.sink.record.scratch.is_untouched
    own = _own_tables(context.version_table)
    if check is not None and _read(context, lambda: check(context.connection, own)):
        return True  # the catalog takes longer to read
    return not len(user_objects(context))


def user_objects(context: Any) -> Catalog:
    """Return the objects of a database, without limbeck's own and what every database may have.

    Args:
        context: the migration context.
    """
    record, connection = context.sink.record, context.connection
    if record.reflect is None:
        return Catalog()
    # a tenant of a fleet has the schema for itself, and the others are other tenants
    is_whole = record.scratch.list_schemas is not None and _tenant_schema(context) is None
    scope = Scope(() if is_whole else (None,), also=record.definitions.kinds)
    found = _read(context, lambda: record.reflect(connection, scope))
    return without_own(found, context.version_table).filter(
        lambda one: one.key.kind not in _NOT_COUNTED
    )


def _read(context: Any, read: Callable[[], _T]) -> _T:
    """Call a function, and roll back a transaction that it has begun."""
    connection = context.connection
    was_inside = connection.in_transaction()
    try:
        return read()
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def _own_tables(version_table: str) -> frozenset[str]:
    return frozenset({version_table, journal_name(version_table)})


def without_own(catalog: Catalog, version_table: str) -> Catalog:
    """Leave out the version table and the journal.

    Args:
        catalog: the objects of a database.
        version_table: the name of the version table.
    """
    own = _own_tables(version_table)

    def is_users(thing: SchemaObject) -> bool:
        on = getattr(thing, "on", None)
        return thing.key.name not in own and (on is None or on.name not in own)

    return catalog.filter(is_users)


def _interrupted(context: Any) -> str | None:
    """Return the id of the snapshot whose restore was interrupted, None for none."""
    names = (move.revision for move in read_interrupted(context.target))
    return next((name for name in names if name.startswith(_PREFIX)), None)


def unsuitable(
    history: History, context: Any, snapshot: SnapshotFile, moves: Sequence[Move]
) -> str | None:
    """Return why a snapshot is not used, None where it can be."""
    if snapshot.database != database_kind(context.dialect):
        return f"it is for {snapshot.database}"
    missing = [one for one in snapshot.revisions if one not in history]
    if missing:
        return f"it is at revision {missing[0]}, which no file has"
    if not frozenset(snapshot.revisions) <= {move.revision.id for move in moves}:
        return None
    if history_hash(history, snapshot.revisions) != snapshot.history:
        return "revision files were changed, added or removed since it was written"
    return _unsuitable_schema(context, snapshot)


def _tenant_schema(context: Any) -> str | None:
    """Return the schema of the fleet's tenant whose run this is, None for other runs."""
    tenant = None if context.config is None else context.config.attributes.get(TENANT)
    return None if tenant is None else tenant.schema


def _unsuitable_schema(context: Any, snapshot: SnapshotFile) -> str | None:
    connection = context.connection
    if connection.get_execution_options().get("schema_translate_map"):
        return "the schemas of this run have other names"
    schema = default_schema(connection)
    if schema == snapshot.schema:
        return None
    if schema != _tenant_schema(context):
        return f"it is for the schema {snapshot.schema}, and this run is in {schema}"
    # names without a schema lead to the tenant's
    if re.search(rf"\b{re.escape(snapshot.schema)}\b", snapshot.script):
        return f"it names the schema {snapshot.schema}, and this tenant is in {schema}"
    return None


def _move(history: History, snapshot: SnapshotFile) -> Move:
    revision = Revision(snapshot.id, doc=f"schema at {', '.join(snapshot.revisions)}")
    inside = history.newest_first(history.ancestors(snapshot.revisions))
    return Move(
        revision,
        "up",
        frozenset(),
        frozenset(snapshot.revisions),
        covers=tuple(reversed(inside)),
    )
