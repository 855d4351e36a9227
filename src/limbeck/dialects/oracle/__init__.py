"""Oracle: the record."""

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, later
from limbeck.dialects.oracle.ddl import elements
from limbeck.dialects.oracle.transaction_rules import cost

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
    reflect=later("limbeck.dialects.inspector_reflection", "reflect"),
    cost=cost,
    operations=(ops.CreateSequenceOp, ops.DropSequenceOp, ops.AlterSequenceOp),
    options={"unread": later("limbeck.dialects.inspector_reflection", "unread")},
)
