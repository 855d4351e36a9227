"""Two catalogs to ordered changes, and changes on a catalog. Pure: nothing here asks anybody."""

from limbeck.diff.apply_changes import apply
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename, invert
from limbeck.diff.compare import column_fields, diff
from limbeck.diff.constraint_identity import exchanged, mentioned
from limbeck.diff.options import DEFAULT, Sameness
from limbeck.diff.order import order
from limbeck.diff.rename_apply import Renaming
from limbeck.diff.rename_detection import Guess, guess_renames
from limbeck.diff.text_dependencies import with_needs

__all__ = [
    "DEFAULT",
    "Alter",
    "Change",
    "Create",
    "Drop",
    "Guess",
    "Rename",
    "Renaming",
    "Sameness",
    "apply",
    "column_fields",
    "diff",
    "exchanged",
    "guess_renames",
    "invert",
    "mentioned",
    "order",
    "with_needs",
]
