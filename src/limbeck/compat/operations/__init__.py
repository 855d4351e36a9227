"""`alembic.operations`: the operation classes and the objects that run them."""

from limbeck.compat.operations import ops
from limbeck.operations import AbstractOperations, BatchOperations, MigrationScript, Operations
from limbeck.operations import Operation as MigrateOperation

__all__ = [
    "AbstractOperations",
    "BatchOperations",
    "MigrateOperation",
    "MigrationScript",
    "Operations",
    "ops",
]
