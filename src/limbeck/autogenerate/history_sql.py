"""Write the operations of a history as one SQL script that builds a schema.

For a short history this takes less time than a replay, whose catalog is turned into operations
again. A long history is replayed, because the server would run all of its statements.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from limbeck.errors import DraftError
from limbeck.runtime import ScriptSink
from limbeck.sqlalchemy_io import changes_schema

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from limbeck.operations import Operation
    from limbeck.project import Project

MOST_REVISIONS = 30


class _SchemaScript(ScriptSink):
    """Writes operations whose effect on the schema is known, and refuses everything else."""

    def apply(self, operation: Operation) -> object:
        for part in getattr(operation, "ops", None) or (operation,):
            if not changes_schema(part):
                raise _unknown(type(part).__name__)
        return super().apply(operation)

    def execute(
        self,
        statement: Executable | str,
        parameters: Any = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        if not self._inside:
            raise _unknown("SQL on the connection")
        super().execute(statement, parameters, execution_options=execution_options)

    def _caught(self, statement: Any, *multi: Any, **kw: Any) -> None:
        del statement, multi, kw
        raise _unknown("SQL on the connection")


def history_script(project: Project, context: Any, to: Sequence[str]) -> str:
    """Return the statements that lead from an empty database to some revisions.

    Args:
        project: the project with the history.
        context: a migration context that was configured without a connection.
        to: the destination.

    Raises:
        DraftError: the history is long, or does more than operations on the schema.
    """
    moves = list(project.history().route((), to, "up"))
    if len(moves) > MOST_REVISIONS:
        raise _unknown(f"more than {MOST_REVISIONS} revisions")
    output = io.StringIO()
    before = context.sink, context.connection
    sink = _SchemaScript(context.dialect, context.sink.record, context.opts, output=output)
    context.sink, context.connection = sink, sink.bind
    try:
        for move in moves:
            project.program(move.revision).upgrade()
    except DraftError:
        raise
    except Exception as error:
        raise _unknown(f"{type(error).__name__}: {error}") from error
    finally:
        context.sink, context.connection = before
    return output.getvalue()


def _unknown(reason: str) -> DraftError:
    return DraftError(f"The history cannot be written as SQL: {reason}", code="LB450")
