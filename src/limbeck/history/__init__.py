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


_LAZY = {
    "Origin": "origin",
    "UNKNOWN": "constant_folding",
    "Constants": "constant_folding",
    "called_name": "constant_folding",
    "names_bound_by": "constant_folding",
    "decode_source": "header",
    "from_names": "header",
    "read_header": "header",
}


def __getattr__(name: str) -> object:
    # a listing whose headers are all in the cache needs none of these
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    # stored in the module, because some are called for every file
    module = import_module(f"{__name__}.{_LAZY[name]}")
    found: object = globals().setdefault(name, getattr(module, name))
    return found
