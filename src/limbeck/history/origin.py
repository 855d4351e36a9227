"""A position in a revision file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The position in a revision file that an operation or a statement comes from.

    Args:
        path: the file.
        line: the number of the line, from 1.
        operation: the name of the function or directive there.
    """

    path: str
    line: int
    operation: str = ""
