"""`alembic.ddl.oracle`."""

from __future__ import annotations

from typing import Any

from limbeck.compat.ddl.impl import DefaultImpl
from limbeck.dialects.alembic_types import SYNONYMS
from limbeck.dialects.oracle.ddl import (
    add_column,
    alter_column,
    visit_add_column,
    visit_column_comment,
    visit_column_default,
    visit_column_name,
    visit_column_nullable,
    visit_column_type,
    visit_identity_column,
    visit_rename_table,
)

__all__ = [
    "OracleImpl",
    "add_column",
    "alter_column",
    "visit_add_column",
    "visit_column_comment",
    "visit_column_default",
    "visit_column_name",
    "visit_column_nullable",
    "visit_column_type",
    "visit_identity_column",
    "visit_rename_table",
]


class OracleImpl(DefaultImpl):
    """The implementation of Oracle."""

    __dialect__ = "oracle"
    _native = "oracle"
    transactional_ddl = False
    batch_separator = "/"
    command_terminator = ""
    type_synonyms = SYNONYMS["oracle"]
    identity_attrs_ignore = ()

    def __init__(self, *arg: Any, **kw: Any) -> None:
        super().__init__(*arg, **kw)
        self.batch_separator = self.context_opts.get("oracle_batch_separator", self.batch_separator)

    @staticmethod
    def _strip_default(default: str) -> str:
        """Return a server default without quotes, parentheses and spaces."""
        return default.strip().strip("'").strip("()").strip()

    def emit_begin(self) -> None:
        """Begin a transaction in a script."""
        self._exec("SET TRANSACTION READ WRITE")

    def emit_commit(self) -> None:
        """Commit a transaction in a script."""
        self._exec("COMMIT")
