"""Write a backfill to a script, as a loop in the procedural language of the server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import BatchLoop, batch_statements
from limbeck.errors import BackfillKeyError
from limbeck.runtime.sinks import ScriptSink

if TYPE_CHECKING:
    from limbeck.operations import BackfillOp


def write_backfill(
    operation: BackfillOp,
    sink: ScriptSink,
    outside_transaction: AbstractContextManager[None],
    key: Sequence[str] = (),
) -> None:
    """Write the loop over the batches, or one statement if the database has no loops.

    Args:
        operation: the backfill.
        sink: the script.
        outside_transaction: an autocommit block.
        key: the columns of the primary key, if the operation has only the name of its table.

    Raises:
        BackfillKeyError: the table has no primary key.
    """
    rules = sink.record.batches
    if rules.script is None or rules.variable is None:
        sink.comment(f"all rows of {operation.full_name} in one statement")
        statements = batch_statements(operation, (), sink.dialect, row_values=False)
        sink.execute(_literal(statements.everything()))
        return
    if not isinstance(operation.table, str):
        key = [column.name for column in operation.table.primary_key]
    if not key:
        raise BackfillKeyError(
            f"op.backfill() of {operation.full_name} is not possible: the table has no primary key",
            hint="Correct the table first, or change its rows with op.execute() in one "
            "transaction.",
        )
    statements = batch_statements(operation, key, sink.dialect, row_values=rules.row_values)
    places = range(len(key))
    lower: list[Any] = [sa.literal_column(rules.variable("lower", place)) for place in places]
    upper: list[Any] = [sa.literal_column(rules.variable("upper", place)) for place in places]
    prepare = sink.dialect.identifier_preparer
    loop = BatchLoop(
        table=prepare.format_table(statements.table),
        keys=tuple(map(prepare.quote, key)),
        first=_on_one_line(sink.text(statements.first())),
        boundary=_on_one_line(sink.text(statements.boundary(lower, operation.batch))),
        change=sink.text(statements.change(lower, upper)),
        rest=sink.text(statements.change(lower, None)),
        pause=operation.pause,
    )
    with outside_transaction:
        for statement in rules.script(loop):
            sink.write_statement(statement)


def _on_one_line(query: str) -> str:
    return " ".join(query.split())


def _literal(statement: Any) -> Any:
    return statement.execution_options(limbeck_literal=True)
