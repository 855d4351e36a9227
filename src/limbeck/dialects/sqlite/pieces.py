"""CREATE TABLE taken apart at its commas, so that a piece that stands in many tables is read once.

A piece is what lies between two commas outside parentheses: a column or a constraint. Texts with
comments, and parentheses deeper than columns and constraints have them, are left to the cursor.
"""

from __future__ import annotations

import re

_DEPTH = 3
# doubled quotes are two strings side by side: one way to read them, so that nothing is tried twice
_QUOTED = r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]"""
_SIGNS = r"-(?!-)|/(?!\*)"
_NAME = r'(?:[^\W\d]\w*|"[^"]+")'


def _bracketed(depth: int) -> str:
    deeper = f"|{_bracketed(depth - 1)}" if depth > 1 else ""
    return rf"""\([^()'"`\[\-/]*(?:(?:{_QUOTED}|{_SIGNS}{deeper})[^()'"`\[\-/]*)*\)"""


_OUTSIDE = r"""[^(),'"`\[\-/]*"""
_HEAD = re.compile(rf"CREATE TABLE ({_NAME}) ?\(")
_PIECE = re.compile(
    rf"\s*({_OUTSIDE}(?:(?:{_QUOTED}|{_SIGNS}|{_bracketed(_DEPTH)}){_OUTSIDE})*)([,)])"
)
_INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX ({_NAME}) ON {_NAME} \(({_NAME}(?:, {_NAME})*)\)")


def table_pieces(text: str) -> tuple[str, list[str], str] | None:
    """Return the name of a table, its columns and constraints, and what follows them.

    Args:
        text: a CREATE TABLE as SQLite keeps it.

    Returns:
        None for a text that has to be read word for word.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    found: list[str] = []
    place = head.end()
    while (piece := _PIECE.match(text, place)) is not None:
        found.append(piece[1].rstrip())
        place = piece.end()
        if piece[2] == ")":
            return bare(head[1]), found, text[place:]
    return None


def index_pieces(text: str) -> tuple[str, list[str], bool] | None:
    """Return the name of an index, its columns, and whether it is unique.

    Args:
        text: a CREATE INDEX as SQLite keeps it.

    Returns:
        None for all but lists of names, which may still be no columns.
    """
    found = _INDEX.fullmatch(text)
    if found is None:
        return None
    return bare(found[2]), [bare(name) for name in found[3].split(", ")], bool(found[1])


def bare(name: str) -> str:
    """Return a name without its double quotes."""
    return name[1:-1] if name[0] == '"' else name
