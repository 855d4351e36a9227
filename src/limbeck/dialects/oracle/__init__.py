"""Oracle: the record."""

from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, LazyModule
from limbeck.dialects.dialect_rules import AlembicRules
from limbeck.dialects.oracle.ddl import elements
from limbeck.dialects.transaction_rules import TransactionRules

if TYPE_CHECKING:
    from limbeck.dialects import inspector_reflection as _inspector
else:
    _inspector = LazyModule("limbeck.dialects.inspector_reflection")

# statements of Oracle that commit the transaction: all data definition
_RULES = TransactionRules(
    dict.fromkeys(
        ("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "COMMENT", "GRANT", "REVOKE"), ""
    )
)

ORACLE = Dialect(
    name="oracle",
    capabilities=Capabilities(
        batch_separator="/",
        statement_end="",
        begin="SET TRANSACTION READ WRITE",
        commit="COMMIT",
    ),
    elements=elements,
    reflect=_inspector.reflect,
    transaction_rules=_RULES,
    operations=(ops.CreateSequenceOp, ops.DropSequenceOp, ops.AlterSequenceOp),
    alembic=AlembicRules(unread_parts=_inspector.unread),
)
