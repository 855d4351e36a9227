"""Functions for text: identifiers, slugs, output without control characters, Python source."""

from __future__ import annotations

from _thread import allocate_lock  # importing `threading` takes longer

TYPE_CHECKING = False

if TYPE_CHECKING:
    import ast


ILLEGAL_CHARACTERS = frozenset("@-+:")
RESERVED_WORDS = frozenset(("head", "heads", "base", "current"))


def illegal_characters(identifier: str) -> str:
    """Return the characters of an identifier that have a special meaning."""
    if ILLEGAL_CHARACTERS.isdisjoint(identifier):
        return ""
    return ", ".join(sorted(ILLEGAL_CHARACTERS.intersection(identifier)))


def slug(message: str, limit: int = 40) -> str:
    """Convert a message to a part of a file name.

    Args:
        message: any text.
        limit: the maximum length; a word that would be truncated is omitted, and the slug ends
            with an underscore.
    """
    import re  # imported here, because listings do not need it and the import is slow

    text = "_".join(re.findall(r"\w+", message)).lower()
    if len(text) <= limit:
        return text
    return text[:limit].rsplit("_", 1)[0] + "_"


def visible(text: str) -> str:
    """Escape control characters, so that a text cannot control the terminal."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter in "\n\t" or letter.isprintable() else f"\\x{ord(letter):02x}"
        for letter in text
    )


def visible_line(text: str) -> str:
    """Escape control characters and line breaks, so that a name cannot look like another line."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


_parsing = allocate_lock()


def parse_python(source: str | bytes) -> ast.Module:
    """Parse Python source, one thread at a time.

    CPython 3.11 raises a SystemError if two threads build syntax trees at the same time:
    https://github.com/python/cpython/issues/106905

    Raises:
        SyntaxError: the source is not valid Python.
        ValueError: the source contains a null character.
    """
    import ast

    with _parsing:
        return ast.parse(source)
