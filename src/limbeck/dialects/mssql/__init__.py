"""Microsoft SQL Server: the record."""

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, later
from limbeck.dialects.mssql.ddl import elements
from limbeck.dialects.mssql.transaction_rules import cost

MSSQL = Dialect(
    name="mssql",
    capabilities=Capabilities(
        transactional_ddl=True,
        identifier_length=128,
        batch_separator="GO",
        begin="BEGIN TRANSACTION",
    ),
    elements=elements,
    reflect=later("limbeck.dialects.inspector_reflection", "reflect"),
    cost=cost,
    operations=(
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
    ),
    options={"unread": later("limbeck.dialects.inspector_reflection", "unread")},
)
