"""Oracle: the record."""

from limbeck import operations as ops
from limbeck.dialects.base import Capabilities, Dialect, later
from limbeck.dialects.oracle.cost import cost
from limbeck.dialects.oracle.elements import elements

ORACLE = Dialect(
    name="oracle",
    capabilities=Capabilities(
        identifier_length=128,
        batch_separator="/",
        statement_end="",
        begin="SET TRANSACTION READ WRITE",
        commit="COMMIT",
    ),
    elements=elements,
    reflect=later("limbeck.dialects.inspected", "reflect"),
    cost=cost,
    operations=(ops.CreateSequenceOp, ops.DropSequenceOp, ops.AlterSequenceOp),
    options={"unread": later("limbeck.dialects.inspected", "unread")},
)
