"""Look up dialects by name: built-in, from packages, registered by `compat`, or generic."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from limbeck.dialects.dialect import Capabilities, Dialect
from limbeck.dialects.dialect_rules import AlembicRules
from limbeck.dialects.third_party import third_party_dialect

if TYPE_CHECKING:
    from limbeck.operations import Operation

GROUP = "limbeck.dialects"

_BUILT_IN: dict[str, tuple[str, str]] = {
    "postgresql": ("limbeck.dialects.postgresql", "POSTGRESQL"),
    "mysql": ("limbeck.dialects.mysql", "MYSQL"),
    "mariadb": ("limbeck.dialects.mysql", "MARIADB"),
    "sqlite": ("limbeck.dialects.sqlite", "SQLITE"),
    "mssql": ("limbeck.dialects.mssql", "MSSQL"),
    "oracle": ("limbeck.dialects.oracle", "ORACLE"),
}

_REGISTRY: dict[str, Dialect] = {}

_ROWS_NEED_COMMITTED_DDL = frozenset({"firebird"})


def find(name: str) -> Dialect:
    """Return the dialect with the name.

    Dialects that third-party packages registered are looked up first, then limbeck's, then the
    entry points of the group `limbeck.dialects`. Other databases get the generic dialect.
    """
    dialect = third_party_dialect(name)
    if dialect is not None:
        return dialect
    if name not in _REGISTRY:
        _REGISTRY[name] = built_in(name) or _from_entry_points(name) or _generic(name)
    return _REGISTRY[name]


def built_in(name: str) -> Dialect | None:
    """Return limbeck's dialect with the name, or None."""
    if name not in _BUILT_IN:
        return None
    module, record = _BUILT_IN[name]
    dialect: Dialect = getattr(import_module(module), record)
    return dialect


def register(dialect: Dialect) -> None:
    """Register a dialect under its name, replacing any other."""
    _REGISTRY[dialect.name] = dialect


def having(operation: type[Operation]) -> list[str]:
    """Return the names of the databases that support an operation."""
    names = []
    for name in _BUILT_IN:
        dialect = built_in(name)
        if dialect is not None and any(issubclass(operation, own) for own in dialect.operations):
            names.append(name)
    return names


def _from_entry_points(name: str) -> Dialect | None:
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=name):
        dialect = point.load()
        if isinstance(dialect, Dialect):
            return dialect
    return None


def generic_capabilities(name: str) -> Capabilities:
    """Return the capabilities of a database without a dialect of limbeck."""
    system = name.partition(".")[0]  # a driver may follow, as in "firebird.fdb"
    return Capabilities(
        ddl_needs_commit=True, rows_need_committed_ddl=system in _ROWS_NEED_COMMITTED_DDL
    )


def _generic(name: str) -> Dialect:
    from limbeck.dialects.inspector_normalize import as_inspected
    from limbeck.dialects.inspector_reflection import reflect, unread
    from limbeck.dialects.operation_handlers import GENERIC
    from limbeck.dialects.sequences import OPERATIONS, sequences

    return Dialect(
        name,
        generic_capabilities(name),
        elements=GENERIC.replace(handlers=sequences()),
        reflect=reflect,
        normalize=as_inspected,
        operations=OPERATIONS,
        alembic=AlembicRules(unread_parts=unread),
    )
