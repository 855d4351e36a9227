"""PostgreSQL: rows as literals, values of sequences, objects that limbeck does not read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import Identity, Table
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.row_literals import in_order, insert_text, order_by, stored_columns
from limbeck.sql import quote_identifier, quote_literal, quote_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NUMBERS = frozenset({"smallint", "integer", "bigint"})
# the settings on which the text of a value depends:
# https://www.postgresql.org/docs/current/runtime-config-client.html
_SETTINGS = (
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)
_OF_EXTENSIONS = (
    "NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = {catalog}::regclass"
    " AND d.objid = o.oid AND d.deptype = 'e')"
)
# objects from this oid on were created by users:
# https://www.postgresql.org/docs/current/system-catalog-initial-data.html#SYSTEM-CATALOG-OID-ASSIGNMENT
_FIRST_OID = 16384
_COMPOSITE_OR_RANGE = (
    "(o.typtype = 'r' OR o.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class AS c"
    " WHERE c.oid = o.typrelid AND c.relkind = 'c'))"
)
_CAST_TYPES = "castsource::regtype::text || ' AS ' || o.casttarget::regtype::text"
_UNREAD = (
    ("aggregate", "proname", "pg_proc", "o.prokind IN ('a', 'w')"),
    ("operator", "oprname", "pg_operator", "true"),
    ("operator class", "opcname", "pg_opclass", "true"),
    (
        "cast",
        _CAST_TYPES,
        "pg_cast",
        "true",
    ),
    ("collation", "collname", "pg_collation", "true"),
    ("extended statistics", "stxname", "pg_statistic_ext", "true"),
    ("event trigger", "evtname", "pg_event_trigger", "true"),
    ("publication", "pubname", "pg_publication", "true"),
    ("text search configuration", "cfgname", "pg_ts_config", "true"),
    ("text search dictionary", "dictname", "pg_ts_dict", "true"),
    ("foreign server", "srvname", "pg_foreign_server", "true"),
    ("rule", "rulename", "pg_rewrite", "o.rulename <> '_RETURN'"),
    (
        "composite type",
        "typname",
        "pg_type",
        _COMPOSITE_OR_RANGE,
    ),
    ("foreign table", "relname", "pg_class", "o.relkind = 'f'"),
)


_OF_USERS = (
    (
        f"pg_catalog.pg_class WHERE oid >= {_FIRST_OID} AND relkind NOT IN ('i', 'I', 't')"
        " AND relname <> ALL (CAST(:names AS pg_catalog.name[]))"
    ),
    f"pg_catalog.pg_proc WHERE oid >= {_FIRST_OID}",
    f"pg_catalog.pg_type WHERE oid >= {_FIRST_OID} AND typtype NOT IN ('b', 'c')",
    f"pg_catalog.pg_event_trigger WHERE oid >= {_FIRST_OID}",
)


def is_untouched(connection: Connection, own: Collection[str]) -> bool:
    """Return whether a database contains no objects of users except the given tables."""
    conditions = " OR ".join(f"EXISTS (SELECT FROM {source})" for source in _OF_USERS)
    text = sa.text(qualified(f"SELECT {conditions}"))
    return not connection.scalar(text, {"names": list(own)})


def row_literals(connection: Connection, table: Table) -> list[tuple[str, ...]]:
    """Return all rows of a table as literals."""
    for setting in _SETTINGS:
        connection.exec_driver_sql(setting)
    columns = stored_columns(table)
    shown = ", ".join(
        f"coalesce({quote_identifier(column.name)}::pg_catalog.text, 'NULL')"
        if column.type.name in _NUMBERS and not column.type.dimensions
        else f"pg_catalog.quote_nullable({quote_identifier(column.name)}::pg_catalog.text)"
        for column in columns
    )
    rows = connection.exec_driver_sql(
        # excludes the rows of partitions and of inheriting tables
        f"SELECT {shown or 1} FROM ONLY {quote_path(*table.key.path)}{order_by(table)}",  # noqa: S608 - quoted names
        execution_options={"no_parameters": True},
    )
    return in_order(table, [tuple(map(str, row)) for row in rows])


def insert_literals(table: Table, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return the statement that inserts rows."""
    is_always = any(
        isinstance(column.default, Identity) and column.default.always for column in table.columns
    )
    # https://www.postgresql.org/docs/current/sql-insert.html
    clause = " OVERRIDING SYSTEM VALUE" if is_always else ""
    return insert_text(table, columns, rows, words=clause)


def sequence_values(connection: Connection) -> list[str]:
    """Return statements that restore the values of the sequences that were used."""
    rows = connection.execute(
        sa.text(
            qualified(
                "SELECT CASE WHEN schemaname <> current_schema() THEN schemaname END, sequencename,"
                " last_value FROM pg_catalog.pg_sequences WHERE last_value IS NOT NULL"
                " ORDER BY schemaname, sequencename"
            )
        )
    )
    return [
        f"SELECT pg_catalog.setval({quote_literal(quote_path(schema, name))}, {value})"
        for schema, name, value in rows
    ]


def unread_objects(connection: Connection) -> list[str]:
    """Return kinds and names of users' objects that limbeck does not read."""
    parts = [
        f"SELECT '{kind}', (o.{name})::text FROM pg_catalog.{catalog} AS o"  # noqa: S608 - constants
        f" WHERE o.oid >= {_FIRST_OID} AND {condition}"
        f" AND {_OF_EXTENSIONS.format(catalog=quote_literal(catalog))}"
        for kind, name, catalog, condition in _UNREAD
    ]
    rows = connection.exec_driver_sql(
        qualified(" UNION ALL ".join(parts) + " ORDER BY 1, 2"),
        execution_options={"no_parameters": True},
    )
    return [f"{kind} {name}" for kind, name in rows]
