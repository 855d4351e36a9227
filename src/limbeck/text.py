"""Names that limbeck makes or checks, and Python source parsed by one thread at a time."""

from __future__ import annotations

from _thread import allocate_lock  # importing `threading` takes longer

TYPE_CHECKING = False

if TYPE_CHECKING:
    import ast


ILLEGAL_CHARACTERS = frozenset("@-+:")
RESERVED_WORDS = frozenset(("head", "heads", "base", "current"))


def illegal_characters(identifier: str) -> str:
    """Return the characters of an identifier that the revision grammar needs for itself."""
    if ILLEGAL_CHARACTERS.isdisjoint(identifier):
        return ""
    return ", ".join(sorted(ILLEGAL_CHARACTERS.intersection(identifier)))


def slug(message: str, limit: int = 40) -> str:
    """Turn a message into the part of a file name that reminds of it.

    Args:
        message: any text.
        limit: the greatest length; a word that would be cut is left out, and the slug then
            ends in an underscore.
    """
    import re  # here: a listing needs no slug, and `re` is much of what it would import

    text = "_".join(re.findall(r"\w+", message)).lower()
    if len(text) <= limit:
        return text
    return text[:limit].rsplit("_", 1)[0] + "_"


def visible(text: str) -> str:
    """Write control characters out, so that no text of a file or database steers a terminal."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter in "\n\t" or letter.isprintable() else f"\\x{ord(letter):02x}"
        for letter in text
    )


def plain_characters(text: str) -> str:
    """Drop what is invisible or moves the cursor: control and format characters."""
    import unicodedata

    return "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
    )


_parsing = allocate_lock()


def parse_python(source: str | bytes) -> ast.Module:
    """Parse Python source, one thread at a time.

    Two threads that build syntax trees at once get a SystemError from CPython 3.11:
    https://github.com/python/cpython/issues/106905

    Raises:
        SyntaxError: it is not Python.
        ValueError: it contains a null character.
    """
    import ast

    with _parsing:
        return ast.parse(source)
