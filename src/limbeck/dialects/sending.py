"""From an operation to the sink: a database's statements, one after the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from limbeck.dialects.constraints import explain_missing
from limbeck.dialects.dialect import Sent
from limbeck.dialects.registry import find, having
from limbeck.errors import DatabaseError
from limbeck.operations import DropConstraintOp

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

    from limbeck.operations import Operation, Sink


def send(operation: Operation, sink: Sink) -> CursorResult[Any] | None:
    """Send the statements of an operation to a sink, one after the other.

    Returns:
        What the last statement returned.

    Raises:
        DatabaseError: the database has no such operation.
    """
    from limbeck.dialects.ddl_builder import UnsupportedOperationError

    # the sink has looked its dialect up already; outside sinks may not know it
    record = getattr(sink, "record", None) or find(sink.dialect.name)
    say = record.elements
    result = None
    try:
        for item in say(operation, sink.lookup) if say else ():
            if isinstance(item, Sent):
                options = item.options
                result = sink.execute(item.statement, item.parameters, execution_options=options)
            else:
                result = sink.execute(item)
    except UnsupportedOperationError as error:
        raise _unsupported(error.operation, sink.dialect.name) from None
    except DBAPIError as error:
        if isinstance(operation, DropConstraintOp):
            explain_missing(error, operation, record, sink.lookup.connection)
        raise
    return result


def _unsupported(operation: Operation, dialect: str) -> DatabaseError:
    name = _as_called(type(operation))
    where = having(type(operation))
    if not where:
        return DatabaseError(
            f"Nothing is known that runs {name}",
            hint="register how it runs with @Operations.implementation_for(...)",
            code="LB330",
        )
    return DatabaseError(
        f"{dialect} has no {name}",
        hint=f"databases that have it: {', '.join(where)}; run it only there, after asking "
        "op.get_context().dialect.name",
        code="LB331",
    )


def _as_called(kind: type[Operation]) -> str:
    # a class is called CreateSchemaOp, its directive create_schema; outside code may differ
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__.removesuffix("Op")).lower()
    return f"op.{name}" if callable(getattr(kind, name, None)) else kind.__name__
