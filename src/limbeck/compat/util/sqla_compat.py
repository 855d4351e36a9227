"""Names that third-party code imports from `alembic.util.sqla_compat`."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import inspect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import Identity
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.naming import conv

if TYPE_CHECKING:
    from sqlalchemy import Connection, Constraint, Index, Table
    from sqlalchemy.engine import Dialect, Inspector
    from sqlalchemy.sql.compiler import SQLCompiler

_vers = tuple(int(part) for part in re.findall(r"\d+", sa.__version__)[:3])
sqla_2_0_25 = _vers >= (2, 0, 25)
sqla_2_1 = _vers >= (2, 1)
identity_has_dialect_kwargs = issubclass(Identity, sa.sql.base.DialectKWArgs)
AUTOINCREMENT_DEFAULT = "auto"
_NONE_NAME: Any = sa.sql.base._NONE_NAME


class _literal_bindparam(BindParameter[Any]):  # noqa: N801 - the name that is known
    """A bound value that is rendered as a literal."""


@compiles(_literal_bindparam)
def _render_literal_bindparam(element: _literal_bindparam, compiler: SQLCompiler, **kw: Any) -> str:
    return str(compiler.render_literal_bindparam(element, **kw))  # type: ignore[no-untyped-call]


def _connectable_has_table(connectable: Connection, tablename: str, schemaname: str | None) -> bool:
    return connectable.dialect.has_table(connectable, tablename, schemaname)


@contextlib.contextmanager
def _ensure_scope_for_ddl(connection: Connection | None) -> Iterator[None]:
    if connection is None or connection.in_transaction():
        yield
        return
    with connection.begin():
        yield


def _safe_commit_connection_transaction(connection: Connection) -> None:
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.commit()


def _safe_rollback_connection_transaction(connection: Connection) -> None:
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.rollback()


def _get_constraint_final_name(
    constraint: Index | Constraint, dialect: Dialect | None
) -> str | None:
    if constraint.name is None:
        return None
    if dialect is None or isinstance(constraint.name, conv):
        return str(constraint.name)
    return dialect.identifier_preparer.format_constraint(constraint, _alembic_quote=False)


def _inherit_schema_deprecated() -> bool:
    return sqla_2_1


def _is_type_bound(constraint: Constraint) -> bool:
    return bool(getattr(constraint, "_type_bound", False))


def _reflect_table(inspector: Inspector, table: Table) -> None:
    inspector.reflect_table(table, include_columns=None)


def _get_identity_options_dict(identity: Any) -> dict[str, Any]:
    return {} if identity is None else dict(identity._as_dict())


__all__ = ["AUTOINCREMENT_DEFAULT", "compiles", "inspect", "sqla_2_0_25", "sqla_2_1"]
