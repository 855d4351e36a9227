"""Find the end of a value in text: a literal of any server, an expression of literals, a word."""

from __future__ import annotations

import re

# A literal of any server, also if truncated, and with quotes escaped as by repr().
# A backslash is an escape on some servers only: the longer match masks more. A quote before a
# letter does not end a literal: it is one that should have been doubled.
STRING = (
    r"(?:"
    r"(?:[eEnNbBxX]|[uU]&|_\w+\s*)?(?:'(?:[^'\\]|''|\\.|'(?=\w))*(?:'|\Z)"
    r"|\\+'(?:[^'\\]|\\+[^'\\])*(?:\\+'|\Z))"
    r'|"(?:[^"\\]|""|\\.)*(?:"|\Z)|\\+"(?:[^"\\]|\\+[^"\\])*(?:\\+"|\Z)'
    r"|\ue000\d+\ue001"  # a value that is put into the text
    r"|(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?:(?P=tag)|\Z)"
    r")"
)
_STRING = re.compile(STRING, re.DOTALL)
# a value in a literal that is itself in a literal: 'host=h password=''a b'''
_DOUBLED = re.compile(r"''(?=[^\s'\"),;&|\]}])(?:[^'\\]|\\.)*(?:'{1,2}|\Z)", re.DOTALL)
_BRACED = re.compile(r"\{[^{}\n]*\}")
# a separator is part of a word if neither a space nor another setting follows it
_WORD = re.compile(
    r"(?:[^\s,;&)\]}'\"\\]|\\.|[,;)\]}](?![\s,;&)\]}'\"\\]|\Z|[\w.-]+[\"']?\s*[=:]))+", re.DOTALL
)
_CALL = re.compile(r"[\w.]+\s*\((?=[^)\n]*['\"$])")
_COMMENT = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n)*", re.DOTALL)
_JOINED = re.compile(r"\s*(?:\|\|\s*|\+\s*(?=['\"\w])|(?='))")
_LONGEST_CALL = 10_000


def value_end(text: str, start: int, *, has_words: bool) -> tuple[int, bool]:
    """Return the end of the value at a place, and whether it is a word without quotes.

    Args:
        text: the text.
        start: the place.
        has_words: whether the value may be a word.
    """
    start = _comment_end(text, start)
    end = _literal_end(text, start)
    if end is None and has_words:
        word = _BRACED.match(text, start) or _WORD.match(text, start)
        return (start, True) if word is None else (word.end(), True)
    if end is None:
        return start, False
    while (joint := _JOINED.match(text, end)) and joint.end() > end:
        more = _literal_end(text, joint.end())
        if more is None:
            break
        end = more
    return end, False


def _comment_end(text: str, start: int) -> int:
    match = _COMMENT.match(text, start)
    return start if match is None else match.end()


def _literal_end(text: str, start: int) -> int | None:
    """Return the end of a literal, or of a call that contains literals."""
    match = _DOUBLED.match(text, start) or _STRING.match(text, start)
    if match is not None:
        return match.end()
    call = _CALL.match(text, start)
    return None if call is None else _call_end(text, call.end())


def _call_end(text: str, place: int) -> int:
    """Return the place after the parenthesis that closes a call."""
    depth = 1
    limit = min(len(text), place + _LONGEST_CALL)
    while place < limit and depth:
        if text[place] in "'\"$" and (match := _STRING.match(text, place)):
            place = match.end()
            continue
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        place += 1
    return place
