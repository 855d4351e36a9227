"""Snapshots: the schema at a revision as SQL, with the rows that its revisions insert."""

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.snapshots.errors import (
        AdoptError,
        DatabaseTemplateError,
        ExistingTablesError,
        InterruptedRestoreError,
        SnapshotError,
        SnapshotInvalidError,
        SnapshotNotProvenError,
        SnapshotStaleError,
        TooManyRowsError,
    )
    from limbeck.snapshots.restoring import (
        choose_snapshot,
        is_empty,
        restore_program,
        run_statements,
        user_objects,
        without_own,
    )
    from limbeck.snapshots.schema_sql import SchemaScript, schema_script
    from limbeck.snapshots.snapshot_file import (
        SnapshotFile,
        database_kind,
        history_hash,
        read_snapshot,
        snapshot_path,
        snapshot_paths,
    )
    from limbeck.snapshots.snapshot_maker import CreatedSnapshot, SnapshotMaker
    from limbeck.snapshots.templates import Templates
    from limbeck.snapshots.usability import SnapshotState, snapshot_state

_MODULES = {
    "errors": (
        "AdoptError",
        "DatabaseTemplateError",
        "ExistingTablesError",
        "InterruptedRestoreError",
        "SnapshotError",
        "SnapshotInvalidError",
        "SnapshotNotProvenError",
        "SnapshotStaleError",
        "TooManyRowsError",
    ),
    "snapshot_maker": ("CreatedSnapshot", "SnapshotMaker"),
    "restoring": (
        "choose_snapshot",
        "is_empty",
        "restore_program",
        "run_statements",
        "user_objects",
        "without_own",
    ),
    "schema_sql": ("SchemaScript", "schema_script"),
    "snapshot_file": (
        "SnapshotFile",
        "database_kind",
        "history_hash",
        "read_snapshot",
        "snapshot_path",
        "snapshot_paths",
    ),
    "usability": ("SnapshotState", "snapshot_state"),
    "templates": ("Templates",),
}

__all__ = [
    "AdoptError",
    "CreatedSnapshot",
    "DatabaseTemplateError",
    "ExistingTablesError",
    "InterruptedRestoreError",
    "SchemaScript",
    "SnapshotError",
    "SnapshotFile",
    "SnapshotInvalidError",
    "SnapshotMaker",
    "SnapshotNotProvenError",
    "SnapshotStaleError",
    "SnapshotState",
    "Templates",
    "TooManyRowsError",
    "choose_snapshot",
    "database_kind",
    "history_hash",
    "is_empty",
    "read_snapshot",
    "restore_program",
    "run_statements",
    "schema_script",
    "snapshot_path",
    "snapshot_paths",
    "snapshot_state",
    "user_objects",
    "without_own",
]

__getattr__ = lazy_exports(__name__, _MODULES)
