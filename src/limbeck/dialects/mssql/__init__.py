"""Microsoft SQL Server: the record."""

from typing import TYPE_CHECKING

from limbeck import operations as ops
from limbeck.dialects.dialect import Capabilities, Dialect, LazyModule
from limbeck.dialects.dialect_rules import AlembicRules
from limbeck.dialects.mssql.ddl import elements
from limbeck.dialects.transaction_rules import TransactionRules
from limbeck.sql import QuotingRules

if TYPE_CHECKING:
    from limbeck.dialects import inspector_reflection as _inspector
else:
    _inspector = LazyModule("limbeck.dialects.inspector_reflection")

_DATABASE = r"(?:DATABASE|FULLTEXT)\b"

# statements that SQL Server refuses inside a transaction:
# https://learn.microsoft.com/sql/t-sql/language-elements/transactions-transact-sql
_RULES = TransactionRules(
    {
        "CREATE": _DATABASE,
        "ALTER": _DATABASE,
        "DROP": _DATABASE,
        "BACKUP": "",
        "RESTORE": "",
        "RECONFIGURE": "",
    }
)

MSSQL = Dialect(
    name="mssql",
    capabilities=Capabilities(
        transactional_ddl=True,
        batch_separator="GO",
        begin="BEGIN TRANSACTION",
        quoting=QuotingRules(brackets=True, nested_comments=True),
    ),
    elements=elements,
    reflect=_inspector.reflect,
    transaction_rules=_RULES,
    operations=(
        ops.CreateSequenceOp,
        ops.DropSequenceOp,
        ops.AlterSequenceOp,
        ops.CreateSchemaOp,
        ops.DropSchemaOp,
        ops.MoveTableOp,
    ),
    alembic=AlembicRules(unread_parts=_inspector.unread),
)
