"""Scratch databases: made for a moment on the project's server, filled with rows, removed.

`open_scratch(source)` gives a `ScratchDatabase`.
"""

from limbeck.scratch.database import Kind, ScratchDatabase, open_scratch, synchronous
from limbeck.scratch.digests import RowDigests, TableDigest
from limbeck.scratch.names import is_leftover, new_name, parse_name
from limbeck.scratch.redirect import capture_source, redirected
from limbeck.scratch.rows import FilledRows
from limbeck.scratch.schema_build import is_missing_object
from limbeck.scratch.source import DatabaseSource

__all__ = [
    "DatabaseSource",
    "FilledRows",
    "Kind",
    "RowDigests",
    "ScratchDatabase",
    "TableDigest",
    "capture_source",
    "is_leftover",
    "is_missing_object",
    "new_name",
    "open_scratch",
    "parse_name",
    "redirected",
    "synchronous",
]
