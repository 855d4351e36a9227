"""Compare two catalogs, put the changes in order, and apply changes to a catalog."""

from limbeck.diff.apply_changes import apply
from limbeck.diff.changes import DEFAULT, Alter, Change, Create, DiffOptions, Drop, Rename, invert
from limbeck.diff.compare import column_fields, diff
from limbeck.diff.constraint_identity import exchanged, mentioned
from limbeck.diff.order import order
from limbeck.diff.recreate_dependents import columns_read
from limbeck.diff.rename_apply import Renaming, rename_object, rename_part
from limbeck.diff.rename_detection import Evidence, Guess, guess_renames
from limbeck.diff.text_dependencies import with_needs

__all__ = [
    "DEFAULT",
    "Alter",
    "Change",
    "Create",
    "DiffOptions",
    "Drop",
    "Evidence",
    "Guess",
    "Rename",
    "Renaming",
    "apply",
    "column_fields",
    "columns_read",
    "diff",
    "exchanged",
    "guess_renames",
    "invert",
    "mentioned",
    "order",
    "rename_object",
    "rename_part",
    "with_needs",
]
