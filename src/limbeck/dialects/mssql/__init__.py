"""Microsoft SQL Server: the record."""

from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.dialect import AlembicRules, Capabilities, Dialect, LazyModule
from limbeck.dialects.mssql.ddl import elements
from limbeck.dialects.mssql.transaction_rules import RULES

if TYPE_CHECKING:
    from limbeck.dialects import inspector_reflection as _inspector
else:
    _inspector = LazyModule("limbeck.dialects.inspector_reflection")

MSSQL = Dialect(
    name="mssql",
    capabilities=Capabilities(
        transactional_ddl=True,
        identifier_length=128,
        batch_separator="GO",
        begin="BEGIN TRANSACTION",
    ),
    elements=elements,
    reflect=_inspector.reflect,
    transaction_rules=RULES,
    operations=(
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
    ),
    alembic=AlembicRules(unread_parts=_inspector.unread),
)
