"""`alembic.ddl.mysql`."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from limbeck.compat.ddl.impl import DefaultImpl
from limbeck.dialects.alembic_types import ARGUMENT_WORDS, SYNONYMS
from limbeck.dialects.mysql.ddl_constructs import (
    MySQLAlterDefault,
    MySQLChangeColumn,
    MySQLModifyColumn,
)

__all__ = [
    "MariaDBImpl",
    "MySQLAlterDefault",
    "MySQLChangeColumn",
    "MySQLImpl",
    "MySQLModifyColumn",
]


class MySQLImpl(DefaultImpl):
    """The implementation of MySQL."""

    __dialect__ = "mysql"
    _native = "mysql"
    transactional_ddl = False
    type_synonyms = SYNONYMS["mysql"]
    type_arg_extract = ARGUMENT_WORDS["mysql"]

    def compare_type(
        self, inspector_column: sa.Column[Any], metadata_column: sa.Column[Any]
    ) -> bool:
        """Return whether two types differ, including the values of an ENUM."""
        have, want = inspector_column.type, metadata_column.type
        if isinstance(have, sa.Enum) and isinstance(want, sa.Enum) and want.native_enum:
            return set(have.enums) != set(want.enums)
        return super().compare_type(inspector_column, metadata_column)

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Return whether two server defaults differ, ignoring quotes and parentheses."""
        want, have = rendered_metadata_default, rendered_inspector_default
        is_own = metadata_column.primary_key and (
            metadata_column is metadata_column.table._autoincrement_column
        )
        if is_own and isinstance(inspector_column.type, sa.Integer):
            return False
        if want is not None and have is not None and isinstance(inspector_column.type, sa.Integer):
            return want.strip("'\" ") != have.strip("'\" ")
        return super().compare_server_default(inspector_column, metadata_column, want, have)

    @staticmethod
    def _strip_default(default: str) -> str:
        """Return a server default without quotes and parentheses, with one spelling of the time."""
        text = default.strip().lower()
        text = re.sub(r"\b(current_timestamp|now|localtime|localtimestamp)\b(\(\))?", "now", text)
        return re.sub(r"[()'\s]", "", text)

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: set[Any],
        conn_indexes: set[Any],
        metadata_unique_constraints: set[Any],
        metadata_indexes: set[Any],
    ) -> None:
        """Remove what MySQL created implicitly or shows twice.

        On MySQL a unique constraint is an index, and a foreign key creates an index.
        """
        wanted = {index.name for index in metadata_indexes}
        of_keys = {
            index for index in conn_indexes if index.name not in wanted and _serves_a_key(index)
        }
        conn_indexes -= of_keys
        uniques = {constraint.name for constraint in metadata_unique_constraints}
        indexes = {index.name for index in metadata_indexes if index.unique}
        conn_unique_constraints -= {
            each for each in set(conn_unique_constraints) if each.name in indexes
        }
        conn_indexes -= {each for each in set(conn_indexes) if each.unique and each.name in uniques}

    def correct_for_autogen_foreignkeys(self, conn_fks: Any, metadata_fks: Any) -> None:
        """Treat RESTRICT and NO ACTION as equal, because they are equivalent."""
        for key in [*conn_fks, *metadata_fks]:
            for name in ("onupdate", "ondelete"):
                if (getattr(key, name, None) or "").upper() == "RESTRICT":
                    setattr(key, name, None)

    def render_ddl_sql_expr(
        self,
        expr: Any,
        is_server_default: bool = False,  # noqa: FBT001, FBT002
        is_index: bool = False,  # noqa: FBT001, FBT002
        **kw: Any,
    ) -> str:
        """Return an expression as written in DDL; in an index it has parentheses."""
        is_ordered = getattr(expr, "modifier", None) is not None
        if is_index and not is_ordered and not isinstance(expr, sa.sql.elements.ColumnClause):
            expr = sa.sql.elements.Grouping(expr)
        return super().render_ddl_sql_expr(expr, is_server_default=is_server_default, **kw)


class MariaDBImpl(MySQLImpl):
    """The implementation of MariaDB."""

    __dialect__ = "mariadb"
    _native = "mariadb"
    type_synonyms = SYNONYMS["mariadb"]
    type_arg_extract = ARGUMENT_WORDS["mariadb"]


def _serves_a_key(index: sa.Index) -> bool:
    columns = [column.name for column in index.columns]
    keys = index.table.foreign_key_constraints if index.table is not None else ()
    return any([column.name for column in key.columns] == columns for key in keys)
