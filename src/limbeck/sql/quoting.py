"""Quote and unquote identifiers and string literals."""

from __future__ import annotations

import re

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")

RESERVED = frozenset({
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check", "collate", "column",
    "constraint", "create", "cross", "current", "current_date", "current_time",
    "current_timestamp", "current_user", "default", "delete", "desc", "distinct", "drop", "else",
    "end", "except", "exists", "false", "fetch", "for", "foreign", "from", "full", "grant", "group",
    "having", "in", "index", "inner", "insert", "intersect", "into", "is", "join", "key", "left",
    "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "primary",
    "references", "right", "select", "session_user", "set", "some", "table", "then", "to", "true",
    "union", "unique", "update", "user", "using", "values", "when", "where", "window", "with",
})  # fmt: skip
"""Words that cannot be identifiers without quotes."""


def quote_identifier(name: str, mark: str = '"') -> str:
    """Return a quoted identifier.

    Args:
        name: the identifier.
        mark: the quote: `"`, or a backtick for MySQL.
    """
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def quote_path(*names: str | None, mark: str = '"') -> str:
    """Return the given identifiers, each quoted, joined by dots; None is skipped."""
    return ".".join(quote_identifier(name, mark) for name in names if name)


def quote_if_needed(name: str) -> str:
    """Return an identifier, in double quotes if it needs them."""
    is_plain = _PLAIN.fullmatch(name) is not None and name not in RESERVED
    return name if is_plain else quote_identifier(name)


def quote_literal(text: str, *, backslash_escapes: bool = False) -> str:
    """Return a string as a literal.

    Args:
        text: the string.
        backslash_escapes: the server treats backslashes as escapes (MySQL).
    """
    if backslash_escapes:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def unquote(text: str) -> str:
    """Return an identifier without its quotes; text without quotes is not changed."""
    mark = text[:1]
    if mark == "[" and text[-1] == "]":
        return text[1:-1]
    if mark and mark in "\"`'" and len(text) > 1:
        return text[1:-1].replace(mark * 2, mark)
    return text


def unquote_literal(text: str, *, backslash_escapes: bool = False) -> str:
    """Return the value of a string literal: `'...'`, `"..."`, `E'...'`, `N'...'` or `$$...$$`.

    Args:
        text: the literal.
        backslash_escapes: a backslash escapes the next character, as always in `E'...'`.
    """
    if text[0] == "$":
        tag = text.index("$", 1) + 1
        return text[tag:-tag]
    if text[0] not in "'\"":
        backslash_escapes = backslash_escapes or text[0] in "eE"
        text = text[1:]
    inner = text[1:-1].replace(text[0] * 2, text[0])
    if not backslash_escapes or "\\" not in inner:
        return inner
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), inner)
