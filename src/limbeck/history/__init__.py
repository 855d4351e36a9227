"""Revisions and the graph of their history. This package does not run revision files."""

from limbeck.history.errors import (
    AmbiguousRevisionError,
    AmbiguousStepError,
    CycleError,
    DependencyCycleError,
    DependencySelfReferenceError,
    DuplicateLabelError,
    DuplicateRevisionError,
    IllegalIdentifierError,
    InsideReplacedError,
    MissingParentError,
    MultipleHeadsError,
    NoIdentifierError,
    NotAppliedError,
    NotInBranchError,
    NotInRangeError,
    OverlappingRevisionsError,
    ReplacedTwiceError,
    SelfReferenceError,
    TooFewRevisionsError,
    UnknownRevisionError,
    UnreadableHeaderError,
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
    from limbeck.history.function_reader import CallArguments, FunctionReader, TableRef
    from limbeck.history.header import decode_source, from_names, read_header, source_hash
    from limbeck.history.origin import Origin
    from limbeck.history.sql_header import SQL_SUFFIX, read_sql_header

__all__ = [
    "SQL_SUFFIX",
    "UNKNOWN",
    "AmbiguousRevisionError",
    "AmbiguousStepError",
    "CallArguments",
    "Constants",
    "CycleError",
    "DependencyCycleError",
    "DependencySelfReferenceError",
    "Direction",
    "DuplicateLabelError",
    "DuplicateRevisionError",
    "FunctionReader",
    "Heads",
    "History",
    "IllegalIdentifierError",
    "InsideReplacedError",
    "MissingParentError",
    "Move",
    "MultipleHeadsError",
    "NeedsRun",
    "NoIdentifierError",
    "NotAppliedError",
    "NotInBranchError",
    "NotInRangeError",
    "Origin",
    "OverlappingRevisionsError",
    "ReplacedTwiceError",
    "Revision",
    "SelfReferenceError",
    "TableRef",
    "TooFewRevisionsError",
    "UnknownRevisionError",
    "UnreadableHeaderError",
    "called_name",
    "decode_source",
    "from_names",
    "names_bound_by",
    "read_header",
    "read_sql_header",
    "source_hash",
]

# a listing whose headers are all in the cache needs none of these
__getattr__ = lazy_exports(
    __name__,
    {
        "constant_folding": ("UNKNOWN", "Constants", "called_name", "names_bound_by"),
        "function_reader": ("CallArguments", "FunctionReader", "TableRef"),
        "header": ("decode_source", "from_names", "read_header", "source_hash"),
        "origin": ("Origin",),
        "sql_header": ("SQL_SUFFIX", "read_sql_header"),
    },
)
