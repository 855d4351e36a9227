"""Two catalogs to ordered changes, and changes on a catalog. Pure: nothing here asks anybody."""

from limbeck.diff.applying import apply
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename, invert
from limbeck.diff.comparing import column_fields, diff
from limbeck.diff.content import exchanged, mentioned
from limbeck.diff.needs import with_needs
from limbeck.diff.ordering import order
from limbeck.diff.renames import Guess, guess_renames
from limbeck.diff.renaming import Renaming
from limbeck.diff.sameness import DEFAULT, Sameness

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
