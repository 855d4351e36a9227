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

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.history.header import decode_source, from_names, read_header
    from limbeck.history.header_ast import bound_names

__all__ = [
    "AmbiguousRevision",
    "AmbiguousStep",
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
    "OverlappingRevisions",
    "RepeatedRevision",
    "Revision",
    "SeveralHeads",
    "TooFewRevisions",
    "UnknownRevision",
    "UnreadableHeader",
    "bound_names",
    "decode_source",
    "from_names",
    "read_header",
]


def __getattr__(name: str) -> object:
    # Where every header is in the cache, the means to read one are not wanted.
    if name not in {"bound_names", "decode_source", "from_names", "read_header"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from limbeck.history import header, header_ast

    # asked for once, called for every file
    home = header_ast if name == "bound_names" else header
    found: object = globals().setdefault(name, getattr(home, name))
    return found
