"""`op.backfill`: change the rows of a table in batches, each of which is committed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from limbeck.errors import BackfillValueError
from limbeck.operations.operation import Context, Invoker, Operation
from limbeck.operations.operations import Operations
from limbeck.sql import ANY, split_top_level, unquote

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.sql.elements import ColumnElement

Assignments: TypeAlias = "str | Mapping[Any, Any]"
_ASSIGNMENT = re.compile(
    r"\s*((?:\w+\.)*\w+|\"[^\"]+\"|`[^`]+`|\[[^\]]+\])\s*=(?!=)\s*(.+)", re.DOTALL
)


@Operations.register_operation("backfill")
class BackfillOp(Operation):
    """Change the rows of a table in batches along the primary key.

    Args:
        table: the table's name, or the table with its primary key.
        assignments: the new value of each column, by the column's name.
        where: the condition for the rows to change; by default all rows change.
        schema: the table's schema.
        batch: the number of rows in the first batch.
        seconds: the target duration of a batch; None keeps the number of rows.
        pause: seconds between two batches.
        max_lag: the maximum lag of replicas in seconds; None does not check replicas.

    Raises:
        BackfillValueError: an argument cannot be used.
    """

    def __init__(
        self,
        table: str | Table,
        assignments: Assignments,
        *,
        where: str | ColumnElement[bool] | None = None,
        schema: str | None = None,
        batch: int = 1000,
        seconds: float | None = 0.5,
        pause: float = 0.0,
        max_lag: float | None = 10.0,
    ) -> None:
        super().__init__()
        self.table = table
        self.schema = schema if isinstance(table, str) else table.schema
        self.assignments = _read_assignments(assignments)
        self.where = where
        self.batch = batch
        self.seconds = seconds
        self.pause = pause
        self.max_lag = max_lag
        is_count = isinstance(batch, int) and not isinstance(batch, bool)
        if not is_count or batch < 1:
            raise _refused(f"batch is {batch!r}", "Give a number of rows, 1 or more.")
        for name, value in (("seconds", seconds), ("pause", pause), ("max_lag", max_lag)):
            if value is not None and not (isinstance(value, int | float) and value >= 0):
                raise _refused(f"{name} is {value!r}", "Give a number of seconds, 0 or more.")

    @property
    def table_name(self) -> str:
        """The table's name."""
        return self.table if isinstance(self.table, str) else self.table.name

    @property
    def full_name(self) -> str:
        """The table's name with its schema, for messages."""
        return f"{self.schema}.{self.table_name}" if self.schema else self.table_name

    def run(self, context: Context) -> int | None:
        """Run the operation; the context manages the transactions and the journal."""
        return context.backfill(self)

    @classmethod
    def backfill(
        cls,
        operations: Invoker,
        table: str | Table,
        set_: str | Mapping[Any, Any],
        *,
        where: str | ColumnElement[bool] | None = None,
        schema: str | None = None,
        batch: int = 1000,
        seconds: float | None = 0.5,
        pause: float = 0.0,
        max_lag: float | None = 10.0,
    ) -> int | None:
        """Change the rows of a table in batches along its primary key, with a commit after each.

        Each batch writes its position to the journal in its transaction. After an interruption, the
        same command continues after the last committed batch. Earlier changes of the migration are
        committed first, as with `autocommit_block()`.

        Args:
            table: the table's name, or a `sqlalchemy.Table` with its primary key.
            set_: the assignments as SQL (`"a = b + 1, c = lower(c)"`), or a dictionary from columns
                to SQL text, SQLAlchemy expressions or plain values.
            where: the condition for the rows to change, as SQL text or a SQLAlchemy expression.
            schema: the table's schema, if `table` is a name.
            batch: the number of rows in the first batch; in a script, in every batch.
            seconds: the target duration of a batch, to which the number of rows is adapted. None
                keeps the number of rows.
            pause: seconds to wait between two batches.
            max_lag: wait while a replica known to the server lags behind by more than this number
                of seconds; None does not check replicas.

        Returns:
            The number of changed rows; None in a script.

        Raises:
            BackfillKeyError: the table cannot be divided along its primary key.
            BackfillTransactionError: the caller's transaction cannot be committed.
            BackfillValueError: an argument cannot be used.
        """
        return operations.invoke(  # type: ignore[no-any-return]
            cls(
                table,
                set_,
                where=where,
                schema=schema,
                batch=batch,
                seconds=seconds,
                pause=pause,
                max_lag=max_lag,
            )
        )


def _read_assignments(given: Assignments) -> dict[str, Any]:
    if isinstance(given, Mapping):
        assignments = {str(getattr(key, "name", key)): value for key, value in given.items()}
    elif isinstance(given, str):
        parts = [part for part in split_top_level(given, ",", ANY) if part.strip()]
        matches = [(part, _ASSIGNMENT.fullmatch(part)) for part in parts]
        for part, match in matches:
            if match is None:
                raise _refused(
                    f"set_ has {part.strip()!r}, which assigns nothing",
                    'Write set_="column = expression", or {"column": "expression"}.',
                )
        assignments = {
            _column(match[1]): match[2].strip() for _, match in matches if match is not None
        }
    else:
        raise _refused(
            f"set_ is {type(given).__name__}",
            'Write set_="column = expression", or {"column": "expression"}.',
        )
    if not assignments:
        raise _refused("set_ assigns nothing", 'Write set_={"column": "expression"}.')
    return assignments


def _column(written: str) -> str:
    is_quoted = written[-1] in '"`]'
    return unquote(written if is_quoted else written.rpartition(".")[2])


def _refused(what: str, hint: str) -> BackfillValueError:
    return BackfillValueError(f"op.backfill(): {what}", hint=hint)
