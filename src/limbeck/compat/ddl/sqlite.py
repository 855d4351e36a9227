"""`alembic.ddl.sqlite`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.compat.ddl.impl import DefaultImpl
from limbeck.compat.import_hook import absent
from limbeck.operations import AddColumnOp, CreateIndexOp, DropIndexOp, RenameTableOp

if TYPE_CHECKING:
    from sqlalchemy import Inspector

    from limbeck.dialects.sqlite.ddl import visit_column_name, visit_rename_table

__all__ = ["SQLiteImpl", "visit_column_name", "visit_rename_table"]

_IN_PLACE = ("add_column", "create_index", "drop_index", "rename_table")
_VALUE = re.compile(
    # a word such as CURRENT_TIMESTAMP needs no parentheses, and create_all() writes none
    r"\d+(?:\.\d+)?|'(?:[^']|'')*'|NULL|TRUE|FALSE|CURRENT_(?:TIMESTAMP|DATE|TIME)",
    re.IGNORECASE,
)


def __getattr__(name: str) -> Any:
    # a command that only reads the database needs none of the statements
    from limbeck.dialects.sqlite import ddl

    if name in __all__:
        return getattr(ddl, name)
    raise absent(f"alembic.ddl.sqlite.{name}")


class SQLiteImpl(DefaultImpl):
    """The implementation of SQLite."""

    __dialect__ = "sqlite"
    _native = "sqlite"
    transactional_ddl = False

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Return whether a batch contains changes that SQLite's ALTER does not support."""
        for asked in getattr(batch_op, "batch", None) or getattr(batch_op, "ops", None) or ():
            name = asked[0] if isinstance(asked, tuple) else None
            if isinstance(asked, AddColumnOp) or name == "add_column":
                column = asked.column if name is None else asked[1][1]
                if not _can_be_added(column):
                    return True
            elif (name is not None and name not in _IN_PLACE) or (
                name is None and not isinstance(asked, CreateIndexOp | DropIndexOp | RenameTableOp)
            ):
                return True
        return False

    @staticmethod
    def _strip_default(default: str) -> str:
        """Return a server default without parentheses and quotes."""
        text = default.strip()
        while text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
        return re.sub(r"^(['\"])(.*)\1$", r"\2", text, flags=re.DOTALL)

    def autogen_column_reflect(
        self, inspector: Inspector, table: sa.Table, column_info: Any
    ) -> None:
        """Add the parentheses around an expression that SQLite requires."""
        del inspector, table
        default = column_info.get("default")
        if default and _is_bare_expression(default):
            column_info["default"] = f"({default})"

    def render_ddl_sql_expr(
        self,
        expr: Any,
        is_server_default: bool = False,  # noqa: FBT001, FBT002
        **kw: Any,
    ) -> str:
        """Return an expression as written in DDL; a default has parentheses unless a literal."""
        text = super().render_ddl_sql_expr(expr, is_server_default=is_server_default, **kw)
        is_value = isinstance(expr, sa.BindParameter) or _VALUE.fullmatch(text) is not None
        if is_server_default and not is_value and not text.startswith("("):
            return f"({text})"
        return text

    def cast_for_batch_migrate(
        self, existing: sa.Column[Any], existing_transfer: dict[str, Any], new_type: Any
    ) -> None:
        """Convert values when a batch copies them to a column of another type."""
        is_other = existing.type._type_affinity is not new_type._type_affinity
        if is_other and not isinstance(new_type, sa.JSON):
            existing_transfer["expr"] = sa.cast(existing_transfer["expr"], new_type)

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: set[Any],
        conn_indexes: set[Any],
        metadata_unique_constraints: set[Any],
        metadata_indexes: set[Any],
    ) -> None:
        """Remove unnamed unique constraints if both sides have them on the same columns."""
        del conn_indexes, metadata_indexes
        have = {_columns(each): each for each in conn_unique_constraints if each.name is None}
        want = {_columns(each): each for each in metadata_unique_constraints if each.name is None}
        for columns in have.keys() & want.keys():
            conn_unique_constraints.discard(have[columns])
            metadata_unique_constraints.discard(want[columns])
        for columns in have.keys() - want.keys():
            conn_unique_constraints.discard(have[columns])


def _columns(constraint: Any) -> tuple[str, ...]:
    return tuple(sorted(column.name for column in constraint.columns))


def _can_be_added(column: Any) -> bool:
    default = column.server_default
    if isinstance(default, sa.Computed) and default.persisted:
        return False
    arg = getattr(default, "arg", None)
    return arg is None or isinstance(arg, str) or not _is_bare_expression(str(arg).strip("()"))


def _is_bare_expression(text: str) -> bool:
    return re.match(r"^[^'\"(].*\(.*\)$", text.strip()) is not None
