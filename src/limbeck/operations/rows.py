"""Operations on rows, and raw SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from limbeck.operations.operation import BatchInvoker, Invoker, Operation
from limbeck.operations.operations import BatchOperations, Operations

if TYPE_CHECKING:
    from sqlalchemy import Executable, Table, TableClause


@Operations.register_operation("bulk_insert")
class BulkInsertOp(Operation):
    """Insert rows.

    Args:
        table: the table, or a stand-in for it.
        rows: one dictionary for each row.
        multiinsert: send all rows in one statement; False sends one statement per row.
    """

    def __init__(
        self,
        table: Table | TableClause,
        rows: list[dict[str, Any]],
        *,
        multiinsert: bool = True,
    ) -> None:
        super().__init__()
        self.table = table
        self.rows = rows
        self.multiinsert = multiinsert

    @classmethod
    def bulk_insert(
        cls,
        operations: Invoker,
        table: Table | TableClause,
        rows: list[dict[str, Any]],
        *,
        multiinsert: bool = True,
    ) -> None:
        """Insert rows.

        Args:
            table: the table, or a stand-in made with `sqlalchemy.table`.
            rows: one dictionary for each row.
            multiinsert: send all rows in one statement; False sends one statement per row, so that
                rows may have different columns or contain SQL expressions.

        Raises:
            TypeError: the rows are not a list of dictionaries.
        """
        if not isinstance(rows, list):
            raise TypeError("List expected: the rows of bulk_insert.")
        if rows and not isinstance(rows[0], dict):
            raise TypeError("List of dictionaries expected: the rows of bulk_insert.")
        operations.invoke(cls(table, rows, multiinsert=multiinsert))


@Operations.register_operation("execute")
@BatchOperations.register_operation("execute", "batch_execute")
class ExecuteSQLOp(Operation):
    """Run raw SQL."""

    runs_at_once = True

    def __init__(
        self,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.sqltext = sqltext
        self.execution_options = execution_options

    def to_diff_tuple(self) -> tuple[str, Executable | str]:
        """Return `("execute", sqltext)`."""
        return ("execute", self.sqltext)

    @classmethod
    def execute(
        cls,
        operations: Invoker,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run SQL.

        Args:
            sqltext: a string, which is read as by `sqlalchemy.text`, or a SQLAlchemy statement.
            execution_options: options for this statement only.
        """
        operations.invoke(cls(sqltext, execution_options=execution_options))

    @classmethod
    def batch_execute(
        cls,
        operations: BatchInvoker,
        sqltext: Executable | str,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Run SQL at once, before the changes of the block."""
        operations.invoke(cls(sqltext, execution_options=execution_options))
