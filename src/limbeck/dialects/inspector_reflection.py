"""Read the catalog of a database without catalog queries of limbeck, by SQLAlchemy's inspector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import interfaces
from sqlalchemy.types import NullType, UserDefinedType

from limbeck.catalog import Catalog, Key, Sequence
from limbeck.sql import quote_literal
from limbeck.sqlalchemy_io import read

if TYPE_CHECKING:
    from limbeck.dialects.dialect import Dialect, Scope

Adjust = Callable[[sa.Connection, sa.Inspector, sa.Table, Any], None]
"""Changes a column after reflection."""

_READERS: Mapping[str, str] = {
    "unique": "get_unique_constraints",
    "check": "get_check_constraints",
    "foreign_key": "get_foreign_keys",
    "index": "get_indexes",
}
_ASKED = frozenset(
    asked
    for name in (*_READERS.values(), "get_columns", "get_pk_constraint", "get_table_comment")
    for asked in (name, name.replace("get_", "get_multi_"))
) | {"get_table_names"}
_SERVERS_OWN = frozenset({"information_schema", "INFORMATION_SCHEMA", "sys", "SYS"})


class _Unread(UserDefinedType[Any]):
    """A placeholder for a type whose name SQLAlchemy does not know."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """Return a text that no database prints."""
        return "unknown"


class _NamelessEnum(UserDefinedType[Any]):
    """An enum whose name the dialect does not read, such as DuckDB's."""

    cache_ok = True

    def __init__(self, values: Iterable[str]) -> None:
        self.values = tuple(values)

    def get_col_spec(self, **_kw: Any) -> str:
        """Return the values."""
        return enum_text(self.values)


def enum_text(values: Iterable[str]) -> str:
    """Return the text that stands for an enum without a name."""
    return f"enum({', '.join(map(quote_literal, values))})"


@dataclass(frozen=True, slots=True)
class Inspected:
    """Reads tables through their SQLAlchemy dialect, with the statements that it needs.

    Args:
        adjust: called for each column when it is read.
    """

    adjust: Adjust | None = None

    def __call__(self, connection: sa.Connection, scope: Scope) -> Catalog:
        """Read the tables in scope, and the names of sequences."""
        inspector = sa.inspect(connection)
        default = connection.dialect.default_schema_name
        metadata = sa.MetaData()
        sequences: list[Sequence] = []

        @sa.event.listens_for(metadata, "column_reflect")
        def adjust_column(_inspector: Any, table: sa.Table, column: Any) -> None:
            if isinstance(column["type"], NullType):
                column["type"] = _Unread()
            elif isinstance(column["type"], sa.Enum) and column["type"].name is None:
                column["type"] = _NamelessEnum(column["type"].enums)
            if self.adjust is not None:
                self.adjust(connection, inspector, table, column)

        for namespace in scope.namespaces or _namespaces(inspector, default):
            names = inspector.get_table_names(schema=namespace)
            if scope.tables is not None:
                names = [name for name in names if name in scope.tables]
            metadata.reflect(connection, schema=namespace, only=names, resolve_fks=False)
            sequences += _sequences(inspector, namespace)
        return read(metadata, connection.dialect, default_namespace=default).catalog.merge(
            sequences
        )


reflect = Inspected()


def _sequences(inspector: sa.Inspector, namespace: str | None) -> list[Sequence]:
    if not inspector.dialect.supports_sequences:
        return []
    try:
        names = inspector.get_sequence_names(schema=namespace)
    except NotImplementedError:
        return []
    return [Sequence(Key("sequence", (namespace, name))) for name in names]


def unread(connection: sa.Connection) -> frozenset[str]:
    """Return the kinds of parts that the connection's dialect does not read."""
    return frozenset(kind for kind in _READERS if not _reads(connection, _READERS[kind]))


def as_changed(record: Dialect, connection: sa.Connection) -> Dialect:
    """Return a record that reads through SQLAlchemy if SQLAlchemy's reflection was replaced.

    A package or a test that replaces methods of SQLAlchemy's dialect, or defines a dialect under
    a known name, expects its results to be used.
    """
    if all(_is_sqlalchemys(connection.dialect, name) for name in _ASKED):
        return record
    return replace(record, reflect=reflect, alembic=replace(record.alembic, unread_parts=unread))


def _is_sqlalchemys(dialect: sa.Dialect, name: str) -> bool:
    module = str(getattr(getattr(dialect, name, None), "__module__", "sqlalchemy"))
    return module.partition(".")[0] == "sqlalchemy"


def _reads(connection: sa.Connection, name: str) -> bool:
    dialect = connection.dialect
    if getattr(type(dialect), name, None) is getattr(interfaces.Dialect, name):
        return False
    if _is_sqlalchemys(dialect, name):
        return True
    inspector = sa.inspect(connection)
    names = inspector.get_table_names()
    try:
        return not names or getattr(inspector, name)(names[0]) is not None
    except NotImplementedError:
        return False


def _namespaces(inspector: sa.Inspector, default: str | None) -> tuple[str | None, ...]:
    names = (name for name in inspector.get_schema_names() if name not in _SERVERS_OWN)
    return tuple(dict.fromkeys([None, *(None if name == default else name for name in names)]))
