"""`alembic.ddl.mssql`."""

from __future__ import annotations

import re
from typing import Any

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
    """The implementation of SQL Server."""

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

    # the signature differs from that of the base class, as in Alembic
    def bulk_insert(  # type: ignore[override]
        self, table: Any, rows: list[dict[str, Any]], **kw: Any
    ) -> None:
        """Insert rows."""
        super().bulk_insert(table, rows, **kw)

    @staticmethod
    def _strip_default(default: str) -> str:
        """Return a server default without the parentheses and quotes that SQL Server adds."""
        text = default.strip()
        while text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
        return re.sub(r"^N?'(.*)'$", r"\1", text, flags=re.DOTALL)

    def emit_begin(self) -> None:
        """Begin a transaction in a script."""
        self.static_output(f"BEGIN TRANSACTION{self.command_terminator}")

    def emit_commit(self) -> None:
        """Commit a transaction in a script."""
        super().emit_commit()
        if self.as_sql and self.batch_separator:
            self.static_output(self.batch_separator)

    def adjust_reflected_dialect_options(
        self, reflected_object: dict[str, Any], kind: str
    ) -> dict[str, Any]:
        """Return the options without those that have no effect."""
        options = super().adjust_reflected_dialect_options(reflected_object, kind)
        if not options.get("mssql_include"):
            options.pop("mssql_include", None)
        if not options.get("mssql_clustered"):
            options.pop("mssql_clustered", None)
        return options
