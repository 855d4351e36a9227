"""Revisions and the graph between them. Nothing here runs a revision file."""

from limbeck.history.errors import (
    AmbiguousRevision,
    AmbiguousStep,
    Cycle,
    DependencyCycle,
    DependencyLoop,
    IllegalIdentifier,
    LabelTaken,
    Loop,
    MissingParent,
    NoIdentifier,
    NotApplied,
    NotInBranch,
    NotInRange,
    OverlappingRevisions,
    RepeatedRevision,
    SeveralHeads,
    TooFewRevisions,
    UnknownRevision,
    UnreadableHeader,
)
from limbeck.history.history import History
from limbeck.history.revision import Direction, Heads, Move, NeedsRun, Revision
from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.history.constant_folding import (
        UNKNOWN,
        Constants,
        called_name,
        names_bound_by,
    )
    from limbeck.history.header import decode_source, from_names, read_header
    from limbeck.history.origin import Origin

__all__ = [
    "UNKNOWN",
    "AmbiguousRevision",
    "AmbiguousStep",
    "Constants",
    "Cycle",
    "DependencyCycle",
    "DependencyLoop",
    "Direction",
    "Heads",
    "History",
    "IllegalIdentifier",
    "LabelTaken",
    "Loop",
    "MissingParent",
    "Move",
    "NeedsRun",
    "NoIdentifier",
    "NotApplied",
    "NotInBranch",
    "NotInRange",
    "Origin",
    "OverlappingRevisions",
    "RepeatedRevision",
    "Revision",
    "SeveralHeads",
    "TooFewRevisions",
    "UnknownRevision",
    "UnreadableHeader",
    "called_name",
    "decode_source",
    "from_names",
    "names_bound_by",
    "read_header",
]

# a listing whose headers are all in the cache needs none of these
__getattr__ = lazy_exports(
    __name__,
    {
        "constant_folding": ("UNKNOWN", "Constants", "called_name", "names_bound_by"),
        "header": ("decode_source", "from_names", "read_header"),
        "origin": ("Origin",),
    },
)
