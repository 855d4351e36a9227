"""Convert SQLAlchemy objects to catalog values and back."""

from limbeck.sqlalchemy_io import declared_objects
from limbeck.sqlalchemy_io.declared_rows import DeclaredRows, rows_declared_in
from limbeck.sqlalchemy_io.metadata_reader import Snapshot, read
from limbeck.sqlalchemy_io.operation_effects import Effect, Opaque, changes_schema, effect
from limbeck.sqlalchemy_io.origins import Origins
from limbeck.sqlalchemy_io.writer import ServerType, Writer, escaped, leave_out_autoincrement

__all__ = [
    "DeclaredRows",
    "Effect",
    "Opaque",
    "Origins",
    "ServerType",
    "Snapshot",
    "Writer",
    "changes_schema",
    "declared_objects",
    "effect",
    "escaped",
    "leave_out_autoincrement",
    "read",
    "rows_declared_in",
]
