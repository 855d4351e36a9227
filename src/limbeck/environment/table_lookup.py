"""Find a table in its current state during a migration, for `op.table` and `op.tables`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError

from limbeck.catalog import Catalog, Key, Table
from limbeck.dialects import own_session
from limbeck.errors import TableUnknownError
from limbeck.runtime import Live, RecordingSink
from limbeck.sqlalchemy_io import Writer

if TYPE_CHECKING:
    from limbeck.history import Move
    from limbeck.operations import Operation

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class SchemaNow:
    """The schema after the previous revision files and the executed part of the migration.

    Args:
        catalog: its objects.
        unknown: a description of changes that the catalog may lack, or None.
    """

    catalog: Catalog
    unknown: str | None = None


# arguments: the context, the current move and its executed operations
SchemaReader: TypeAlias = "Callable[[Any, Move, Sequence[Operation]], SchemaNow]"


def find_table(context: Any, name: str, schema: str | None) -> sa.Table:
    """Return a table in its current state during the migration.

    Args:
        context: the migration context.
        name: the name of the table.
        schema: its schema.

    Raises:
        TableUnknownError: the table does not exist, or is not known without a database.
    """
    sink = context.sink
    default = context.dialect.default_schema_name
    namespace = None if schema is not None and schema == default else schema
    key = Key("table", (namespace, name))
    if isinstance(sink, RecordingSink):
        catalog: Catalog = getattr(sink, "catalog", Catalog())
        return _made(catalog, key, context, "the previous migrations do not create it")
    read: SchemaReader | None = context.opts.get("schema_reader")
    reason: str | None = "no migration is running"
    if read is not None and sink.move is not None:
        found = read(context, sink.move, tuple(sink.steps))
        reason = found.unknown
        if not isinstance(found.catalog.get(key), Table):
            reason = reason or "the previous migrations do not create it"
        elif reason is None or not isinstance(sink, Live):
            if reason is not None:
                _log.warning("op.table(%r) may lack a change: %s", name, reason)
            return _made(found.catalog, key, context, reason)
    if isinstance(sink, Live):
        with sink.own_statements():
            return _reflected(sink.connection, name, schema, reason)
    raise _unknown(name, schema, reason)


def _reflected(
    connection: sa.Connection, name: str, schema: str | None, reason: str | None
) -> sa.Table:
    names = connection.get_execution_options().get("schema_translate_map") or {}
    try:
        found = sa.Table(
            name,
            sa.MetaData(),
            schema=names.get(schema, schema),
            autoload_with=own_session(connection),
            resolve_fks=False,
        )
    except NoSuchTableError:
        raise _unknown(name, schema, "it is not in the database") from None
    if reason is not None:
        _log.info("op.table(%r) was read from the database: %s", name, reason)
    if found.schema == schema:
        return found
    return found.to_metadata(sa.MetaData(), schema=schema)  # type: ignore[arg-type]


def _made(catalog: Catalog, key: Key, context: Any, reason: str | None) -> sa.Table:
    value = catalog.get(key)
    if not isinstance(value, Table):
        raise _unknown(key.name, key.namespace, reason)
    writer = Writer(catalog, context.dialect)
    pending = [key]
    while pending:  # include the tables that foreign keys refer to, for joins
        one = pending.pop()
        table = catalog.get(one)
        if isinstance(table, Table) and one not in writer.made:
            writer.table(one)
            pending += [foreign_key.target for foreign_key in table.foreign_keys]
    return writer.table(key)


def _unknown(name: str, schema: str | None, reason: str | None) -> TableUnknownError:
    full = f"{schema}.{name}" if schema else name
    return TableUnknownError(
        f"There is no table {full} at this point of the migration: {reason}",
        hint="Correct the name, or declare the columns that the migration needs: "
        "`sa.table(name, sa.column(...))`.",
    )
