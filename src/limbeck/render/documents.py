"""Documents: text with possible line breaks, printed within a given width.

A group is printed on one line if it fits; otherwise each of its breaks becomes a new line.
The algorithm is that of P. Wadler, "A prettier printer" (2003), which code formatters use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Line:
    """A possible line break.

    Attributes:
        flat: the text if the line is not broken.
    """

    flat: str


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that are either all printed on one line or all broken.

    Attributes:
        parts: documents.
        broken: break the group even if it fits.
    """

    parts: tuple[Document, ...]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Indent:
    """Parts whose new lines are indented by one more step."""

    parts: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class IfBroken:
    """Text that is printed only in a broken group."""

    text: str


Document: TypeAlias = "str | Line | Group | Indent | IfBroken | tuple[Document, ...]"
"""The parts of a tuple are printed one after the other and broken with the surrounding group."""

SOFT = Line("")
SPACE = Line(" ")
_STEP = 4
_Entry: TypeAlias = "tuple[int, bool, Document]"


def group(*parts: Document, broken: bool = False) -> Group:
    """Return parts as a group."""
    return Group(parts, broken)


def indent(*parts: Document) -> Indent:
    """Return parts as an indented document."""
    return Indent(parts)


def joined(parts: Iterable[Document]) -> tuple[Document, ...]:
    """Return parts separated by commas and breaks.

    A trailing comma is printed only if the group is broken.
    """
    documents: list[Document] = []
    for part in parts:
        if documents:
            documents += [",", SPACE]
        documents.append(part)
    return (*documents, IfBroken(",")) if documents else ()


def printed(document: Document, width: int, start: int) -> str:
    """Return a document as text.

    Args:
        document: the document to print.
        width: the maximum length of a line.
        start: the indentation of the first line, which is not printed.
    """
    column, out = start, []
    stack: list[_Entry] = [(start, True, document)]
    while stack:
        depth, broken, part = stack.pop()
        if isinstance(part, str):
            out.append(part)
            _, newline, tail = part.rpartition("\n")
            column = len(tail) if newline else column + len(part)
        elif isinstance(part, Line):
            if broken:
                out.append("\n" + " " * depth)
                column = depth
            else:
                out.append(part.flat)
                column += len(part.flat)
        elif isinstance(part, IfBroken):
            if broken:
                out.append(part.text)
                column += len(part.text)
        elif isinstance(part, Indent):
            stack += ((depth + _STEP, broken, each) for each in reversed(part.parts))
        elif isinstance(part, tuple):
            stack += ((depth, broken, each) for each in reversed(part))
        else:
            splits = part.broken or not _fits(part, stack, width - column)
            stack += ((depth, splits, each) for each in reversed(part.parts))
    return "".join(out)


def _fits(document: Group, rest: list[_Entry], left: int) -> bool:  # noqa: C901 -- a table of cases
    """Return whether a group and the text up to the next possible break fit on the line."""
    stack: list[_Entry] = [(0, False, document)]
    following = len(rest)
    while left >= 0:
        if not stack:
            if not following:
                return True
            following -= 1
            stack.append(rest[following])
            continue
        depth, broken, part = stack.pop()
        if isinstance(part, str):
            if "\n" in part:
                return False
            left -= len(part)
        elif isinstance(part, Line):
            if broken:
                return True
            left -= len(part.flat)
        elif isinstance(part, IfBroken):
            left -= len(part.text) if broken else 0
        elif isinstance(part, tuple):
            stack += ((depth, broken, each) for each in reversed(part))
        elif isinstance(part, Indent):
            stack += ((depth, broken, each) for each in reversed(part.parts))
        else:
            if part.broken and not broken:
                return False
            stack += ((depth, broken, each) for each in reversed(part.parts))
    return False
