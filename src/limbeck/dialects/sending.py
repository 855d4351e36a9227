"""Send the statements of an operation to a sink."""

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
        The result of the last statement.

    Raises:
        DatabaseError: the database does not support the operation.
    """
    from limbeck.dialects.ddl_builder import UnsupportedOperationError

    # limbeck's sinks have already looked up the record; third-party sinks may not have it
    record = getattr(sink, "record", None) or find(sink.dialect.name)
    statements_of = record.elements
    result = None
    try:
        for item in statements_of(operation, sink.lookup) if statements_of else ():
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
    name = _directive_name(type(operation))
    where = having(type(operation))
    if not where:
        return DatabaseError(
            f"No implementation is registered for {name}",
            hint="register one with @Operations.implementation_for(...)",
            code="LB330",
        )
    return DatabaseError(
        f"{dialect} has no {name}",
        hint=f"databases that have it: {', '.join(where)}; run it only there, depending on "
        "op.get_context().dialect.name",
        code="LB331",
    )


def _directive_name(kind: type[Operation]) -> str:
    # the directive of CreateSchemaOp is create_schema; third-party directives may differ
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__.removesuffix("Op")).lower()
    return f"op.{name}" if callable(getattr(kind, name, None)) else kind.__name__
