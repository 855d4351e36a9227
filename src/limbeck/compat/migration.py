"""`alembic.migration`: the former location of the migration context."""

from limbeck.compat.runtime.migration import (
    HeadMaintainer,
    MigrationContext,
    MigrationInfo,
    MigrationStep,
    RevisionStep,
    StampStep,
)

__all__ = [
    "HeadMaintainer",
    "MigrationContext",
    "MigrationInfo",
    "MigrationStep",
    "RevisionStep",
    "StampStep",
]
