"""`alembic.ddl.mssql`."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from limbeck.compat.ddl.impl import DefaultImpl
from limbeck.dialects.alembic_types import SYNONYMS
from limbeck.dialects.mssql.ddl import (
    mssql_add_column,
    visit_add_column,
    visit_column_comment,
    visit_column_default,
    visit_column_nullable,
    visit_column_type,
    visit_rename_column,
    visit_rename_table,
)

__all__ = [
    "MSSQLImpl",
    "mssql_add_column",
    "visit_add_column",
    "visit_column_comment",
    "visit_column_default",
    "visit_column_nullable",
    "visit_column_type",
    "visit_rename_column",
    "visit_rename_table",
]


class MSSQLImpl(DefaultImpl):
    """SQL Server in the shape that packages know."""

    __dialect__ = "mssql"
    _native = "mssql"
    transactional_ddl = True
    batch_separator = "GO"
    type_synonyms = SYNONYMS["mssql"]
    identity_attrs_ignore = (
        *DefaultImpl.identity_attrs_ignore,
        "minvalue",
        "maxvalue",
        "nominvalue",
        "nomaxvalue",
        "cycle",
        "cache",
    )

    def __init__(self, *arg: Any, **kw: Any) -> None:
        super().__init__(*arg, **kw)
        self.batch_separator = self.context_opts.get("mssql_batch_separator", self.batch_separator)

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        name: str | None = None,
        type_: Any = None,
        schema: str | None = None,
        existing_type: Any = None,
        existing_server_default: Any = None,
        existing_nullable: bool | None = None,
        **kw: Any,
    ) -> None:
        """Alter a column; type and nullability go together."""
        super().alter_column(
            table_name,
            column_name,
            nullable=nullable,
            server_default=server_default,
            name=name,
            type_=type_,
            schema=schema,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            **kw,
        )

    def create_index(self, index: sa.Index, **kw: Any) -> None:
        """Create an index."""
        super().create_index(index, **kw)

    def bulk_insert(  # type: ignore[override]  # a public signature
        self, table: Any, rows: list[dict[str, Any]], **kw: Any
    ) -> None:
        """Insert rows."""
        super().bulk_insert(table, rows, **kw)

    def drop_column(
        self,
        table_name: str,
        column: sa.Column[Any],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column; `mssql_drop_default` and the like drop first what hangs on it."""
        super().drop_column(table_name, column, schema=schema, **kw)

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Tell whether two server defaults differ, the brackets of the server aside."""
        del inspector_column, metadata_column
        want, have = rendered_metadata_default, rendered_inspector_default
        if want is None or have is None:
            return want is not have
        return _plain(want) != _plain(have)

    def emit_begin(self) -> None:
        """Open a transaction in a script."""
        self.static_output(f"BEGIN TRANSACTION{self.command_terminator}")

    def emit_commit(self) -> None:
        """Close a transaction in a script."""
        super().emit_commit()
        if self.as_sql and self.batch_separator:
            self.static_output(self.batch_separator)

    def adjust_reflected_dialect_options(
        self, reflected_object: dict[str, Any], kind: str
    ) -> dict[str, Any]:
        """Return the options without those that say nothing."""
        options = super().adjust_reflected_dialect_options(reflected_object, kind)
        if not options.get("mssql_include"):
            options.pop("mssql_include", None)
        if not options.get("mssql_clustered"):
            options.pop("mssql_clustered", None)
        return options


def _plain(default: str) -> str:
    words = default.strip()
    while words.startswith("(") and words.endswith(")"):
        words = words[1:-1]
    return re.sub(r"^N?'(.*)'$", r"\1", words, flags=re.DOTALL)
