"""Microsoft SQL Server: the record."""

from limbeck import operations as ops
from limbeck.dialects.base import Capabilities, Dialect, later
from limbeck.dialects.mssql.cost import cost
from limbeck.dialects.mssql.elements import elements

MSSQL = Dialect(
    name="mssql",
    capabilities=Capabilities(
        transactional_ddl=True,
        identifier_length=128,
        batch_separator="GO",
        begin="BEGIN TRANSACTION",
    ),
    elements=elements,
    reflect=later("limbeck.dialects.inspected", "reflect"),
    cost=cost,
    operations=(
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
    ),
    options={"unread": later("limbeck.dialects.inspected", "unread")},
)
