"""A batch block: one operation that contains the changes of one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from limbeck.operations.containers import ModifyTableOps
from limbeck.operations.operation import Operation

if TYPE_CHECKING:
    from sqlalchemy import Table

Recreate = Literal["auto", "always", "never"]


class BatchAlterTableOp(ModifyTableOps):
    """The changes of one table, run together.

    A database that can alter everything runs them one by one; SQLite copies the table once.

    Args:
        table_name: the table.
        ops: its changes.
        schema: its namespace.
        recreate: "auto" copies the table where it must, "always", "never".
        copy_from: the table as it is, where it cannot or shall not be reflected.
        table_args: further constraints of the new table.
        table_kwargs: further keywords of the new table.
        reflect_args: columns that replace what reflection finds.
        reflect_kwargs: keywords of reflection, listeners among them.
        naming_convention: names for the constraints that have none.
        partial_reordering: tuples of columns that shall stand in this order.
    """

    def __init__(
        self,
        table_name: str,
        ops: Sequence[Operation] = (),
        *,
        schema: str | None = None,
        recreate: Recreate = "auto",
        copy_from: Table | None = None,
        table_args: Sequence[Any] = (),
        table_kwargs: Mapping[str, Any] | None = None,
        reflect_args: Sequence[Any] = (),
        reflect_kwargs: Mapping[str, Any] | None = None,
        naming_convention: Mapping[str, Any] | None = None,
        partial_reordering: Sequence[tuple[str, ...]] | None = None,
    ) -> None:
        if recreate not in {"auto", "always", "never"}:
            raise ValueError("recreate may be one of 'auto', 'always', or 'never'.")
        super().__init__(table_name, ops, schema=schema)
        self.recreate = recreate
        self.copy_from = copy_from
        self.table_args = tuple(table_args)
        self.table_kwargs = dict(table_kwargs or {})
        self.reflect_args = tuple(reflect_args)
        self.reflect_kwargs = dict(reflect_kwargs or {})
        self.naming_convention = naming_convention
        self.partial_reordering = tuple(partial_reordering or ())

    def reverse(self) -> BatchAlterTableOp:
        """Return the block that undoes these changes; what was copied is not known then."""
        return BatchAlterTableOp(
            self.table_name,
            [op.reverse() for op in reversed(self.ops)],
            schema=self.schema,
            recreate=self.recreate,
            naming_convention=self.naming_convention,
        )
