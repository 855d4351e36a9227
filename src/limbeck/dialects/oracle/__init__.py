"""Oracle: the record."""

from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.dialect import AlembicRules, Capabilities, Dialect, LazyModule
from limbeck.dialects.oracle.ddl import elements
from limbeck.dialects.oracle.transaction_rules import RULES

if TYPE_CHECKING:
    from limbeck.dialects import inspector_reflection as _inspector
else:
    _inspector = LazyModule("limbeck.dialects.inspector_reflection")

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
    reflect=_inspector.reflect,
    transaction_rules=RULES,
    operations=(ops.CreateSequenceOp, ops.DropSequenceOp, ops.AlterSequenceOp),
    alembic=AlembicRules(unread_parts=_inspector.unread),
)
