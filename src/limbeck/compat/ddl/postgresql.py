"""`alembic.ddl.postgresql`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.compat.ddl._autogen import ComparisonResult
from limbeck.compat.ddl.base import ColumnComment
from limbeck.compat.ddl.impl import DefaultImpl
from limbeck.dialects.alembic_types import SYNONYMS
from limbeck.dialects.postgresql.ddl import (
    PostgresqlColumnType,
    visit_column_comment,
    visit_column_type,
    visit_identity_column,
    visit_rename_table,
)
from limbeck.dialects.postgresql.exclude_constraint import CreateExcludeConstraintOp

if TYPE_CHECKING:
    from sqlalchemy import Inspector

__all__ = [
    "ColumnComment",
    "CreateExcludeConstraintOp",
    "PostgresqlColumnType",
    "PostgresqlImpl",
    "visit_column_comment",
    "visit_column_type",
    "visit_identity_column",
    "visit_rename_table",
]

_CAST = re.compile(r"::[\w\" .]+(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?$")


class PostgresqlImpl(DefaultImpl):
    """The implementation of PostgreSQL."""

    __dialect__ = "postgresql"
    _native = "postgresql"
    transactional_ddl = True
    type_synonyms = SYNONYMS["postgresql"]

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Return whether two server defaults differ; the server compares them if possible."""
        if _is_serial(metadata_column, inspector_column):
            return False
        want, have = rendered_metadata_default, rendered_inspector_default
        if want is None or have is None:
            return want is not have
        if _CAST.sub("", want.strip()) == _CAST.sub("", have.strip()):
            return False
        if self.connection is None or self.as_sql:
            return True
        if not isinstance(metadata_column.server_default.arg, str):
            quoted = want
        else:
            quoted = want if want.startswith("'") else f"'{want}'"
        equal = self.connection.execute(
            sa.select(sa.literal_column(have) == sa.literal_column(quoted))
        ).scalar()
        return not equal

    def autogen_column_reflect(
        self, inspector: Inspector, table: sa.Table, column_info: Any
    ) -> None:
        """Remove the default of a column that owns a sequence."""
        del table
        default = column_info.get("default") or ""
        match = re.match(r"nextval\('(.+?)'::regclass\)", default)
        if match is None or not isinstance(column_info["type"], sa.Integer):
            return
        connection: Any = inspector.bind
        owned = connection.execute(
            sa.text(
                "SELECT 1 FROM pg_catalog.pg_depend d"
                " JOIN pg_catalog.pg_attribute a"
                " ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
                " WHERE d.objid = CAST(CAST(:sequence AS text) AS regclass)"
                " AND d.deptype = 'a' AND a.attname = :column"
            ),
            {"sequence": match.group(1), "column": column_info["name"]},
        ).scalar()
        if owned:
            del column_info["default"]

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: set[Any],
        conn_indexes: set[Any],
        metadata_unique_constraints: set[Any],
        metadata_indexes: set[Any],
    ) -> None:
        """Remove the indexes of unique and exclusion constraints."""
        backing = {
            index
            for index in conn_indexes
            if index.info.get("duplicates_constraint")
            or index.dialect_kwargs.get("duplicates_constraint")
        }
        wanted = {index.name for index in metadata_indexes}
        conn_indexes -= {index for index in backing if index.name not in wanted}
        del conn_unique_constraints, metadata_unique_constraints

    def compare_indexes(
        self, metadata_index: sa.Index, reflected_index: sa.Index
    ) -> ComparisonResult:
        """Compare two indexes with the same name."""
        result = super().compare_indexes(metadata_index, reflected_index)
        options = self._options(metadata_index, reflected_index, ("nulls_not_distinct", "include"))
        return result if result.is_different else options

    def compare_unique_constraint(
        self, metadata_constraint: Any, reflected_constraint: Any
    ) -> ComparisonResult:
        """Compare two unique constraints with the same name."""
        result = super().compare_unique_constraint(metadata_constraint, reflected_constraint)
        options = self._options(metadata_constraint, reflected_constraint, ("nulls_not_distinct",))
        return result if result.is_different else options

    @staticmethod
    def _options(wanted: Any, present: Any, names: tuple[str, ...]) -> ComparisonResult:
        for name in names:
            want = wanted.dialect_options["postgresql"].get(name) or None
            have = present.dialect_options["postgresql"].get(name) or None
            if want != have:
                return ComparisonResult.Different(f"{name} {have} to {want}")
        return ComparisonResult.Equal()

    def adjust_reflected_dialect_options(
        self, reflected_object: dict[str, Any], kind: str
    ) -> dict[str, Any]:
        """Return the options without those that repeat a default of the server."""
        options = super().adjust_reflected_dialect_options(reflected_object, kind)
        if not options.get("postgresql_include"):
            options.pop("postgresql_include", None)
        return options

    def prep_table_for_batch(self, batch_impl: Any, table: sa.Table) -> None:
        """Remove names that the copy of a table could not have at the same time."""
        for constraint in table.constraints:
            if constraint.name is not None and constraint.name in batch_impl.named_constraints:
                batch_impl.drop_constraint(constraint)

    def render_ddl_sql_expr(
        self,
        expr: Any,
        is_server_default: bool = False,  # noqa: FBT001, FBT002
        is_index: bool = False,  # noqa: FBT001, FBT002
        **kw: Any,
    ) -> str:
        """Return an expression as written in DDL; in an index it has parentheses."""
        if is_index and not isinstance(expr, sa.sql.elements.ColumnClause):
            expr = expr.self_group() if hasattr(expr, "self_group") else expr
        return super().render_ddl_sql_expr(expr, is_server_default=is_server_default, **kw)

    # the first parameter has another name than in the base class, as in Alembic
    def render_type(self, type_: Any, autogen_context: Any) -> Any:
        """Return False, so that limbeck renders types."""
        return super().render_type(type_, autogen_context)


def _is_serial(metadata_column: Any, inspector_column: Any) -> bool:
    is_own = metadata_column.primary_key and (
        metadata_column is metadata_column.table._autoincrement_column
    )
    default = getattr(getattr(inspector_column, "server_default", None), "arg", None)
    return bool(is_own) and (default is None or "nextval(" in str(default))
