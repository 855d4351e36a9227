"""The operations of migration scripts: their classes, and the two objects that run them."""

from limbeck.operations.backfill import BackfillOp
from limbeck.operations.batch_block import BatchBlock
from limbeck.operations.columns import AddColumnOp, AlterColumnOp, DropColumnOp
from limbeck.operations.constraints import (
    AddConstraintOp,
    DropConstraintOp,
    RenameConstraintOp,
)
from limbeck.operations.create_constraints import (
    CreateCheckConstraintOp,
    CreateForeignKeyOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
)
from limbeck.operations.extensions import AlterDomainOp, MoveTableOp
from limbeck.operations.indexes import CreateIndexOp, DropIndexOp
from limbeck.operations.operation import (
    BatchAlterTableOp,
    BatchInvoker,
    Block,
    Configured,
    Context,
    DowngradeOps,
    Invoker,
    MigrationScript,
    ModifyTableOps,
    OpContainer,
    Operation,
    SchemaLookup,
    Sink,
    UpgradeOps,
)
from limbeck.operations.operations import (
    AbstractOperations,
    BatchOperations,
    Operations,
    activate,
    current_in_context,
    current_operations,
)
from limbeck.operations.reference_rows import (
    ChangeRowsOp,
    DeleteRowsOp,
    InsertRowsOp,
    ReferenceRowsOp,
    UpdateRowsOp,
)
from limbeck.operations.registry import implementation_of
from limbeck.operations.rows import BulkInsertOp, ExecuteSQLOp
from limbeck.operations.schema_level import (
    AlterEnumOp,
    AlterSequenceOp,
    CreateEnumOp,
    CreateSchemaOp,
    CreateSequenceOp,
    DropEnumOp,
    DropSchemaOp,
    DropSequenceOp,
)
from limbeck.operations.schema_objects import (
    SchemaObjects,
    constraint_options,
    dialect_keywords,
    naming_convention,
    table_options,
    table_parts,
)
from limbeck.operations.tables import (
    AlterTableOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    DropTableOp,
    RenameTableOp,
)

__all__ = [
    "AbstractOperations",
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterDomainOp",
    "AlterEnumOp",
    "AlterSequenceOp",
    "AlterTableOp",
    "BackfillOp",
    "BatchAlterTableOp",
    "BatchBlock",
    "BatchInvoker",
    "BatchOperations",
    "Block",
    "BulkInsertOp",
    "ChangeRowsOp",
    "Configured",
    "Context",
    "CreateCheckConstraintOp",
    "CreateEnumOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateSchemaOp",
    "CreateSequenceOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DeleteRowsOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropEnumOp",
    "DropIndexOp",
    "DropSchemaOp",
    "DropSequenceOp",
    "DropTableCommentOp",
    "DropTableOp",
    "ExecuteSQLOp",
    "InsertRowsOp",
    "Invoker",
    "MigrationScript",
    "ModifyTableOps",
    "MoveTableOp",
    "OpContainer",
    "Operation",
    "Operations",
    "ReferenceRowsOp",
    "RenameConstraintOp",
    "RenameTableOp",
    "SchemaLookup",
    "SchemaObjects",
    "Sink",
    "UpdateRowsOp",
    "UpgradeOps",
    "activate",
    "constraint_options",
    "current_in_context",
    "current_operations",
    "dialect_keywords",
    "implementation_of",
    "naming_convention",
    "table_options",
    "table_parts",
]
