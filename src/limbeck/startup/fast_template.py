"""Render a template that only contains text and `${expressions}`, without importing Mako.

Most script.py.mako files are such templates. Mako renders all others (control lines, blocks,
comments, filters) and reports all errors.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

_EXPRESSION = re.compile(r"\$\{([^{}|#\\\n]+)(?:\|([\w, \t]+))?\}")
_RESERVED = re.compile(
    r"\b(?:self|local|parent|next|caller|context|loop|capture|pageargs|kwargs|UNDEFINED|STOP_RENDERING"
    r"|__\w+|lambda|for|await|yield|import)\b|:="
)
_MORE = re.compile(r"^[ \t]*(?:%|##)|</?%|\\$|\r|\$\{", re.MULTILINE)


class _NotPlainError(Exception):
    """A template that Mako has to render."""


class _Absent:
    """The value of a missing name: it is false, and every other use is an error."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise _NotPlainError

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise _NotPlainError

    __hash__ = None  # type: ignore[assignment] # not comparable


class _Names(dict[str, object]):
    """The names of expressions: the arguments, then Python's built-in names."""

    def __missing__(self, name: str) -> object:
        if hasattr(builtins, name):
            raise KeyError(name)
        return _Absent()


def render_plain(text: str, arguments: Mapping[str, Any]) -> str | None:
    """Return the rendered template, None if Mako has to render it."""
    pieces: list[str] = []
    end = 0
    names = _Names(arguments)
    try:
        for match in _EXPRESSION.finditer(text):
            pieces.append(_plain(text[end : match.start()]))
            pieces.append(_value(match[1], match[2], names))
            end = match.end()
        pieces.append(_plain(text[end:]))
        if _MORE.search(_EXPRESSION.sub("", text)):
            return None
    except Exception:  # noqa: BLE001 - Mako reports the error
        return None
    return "".join(pieces)


def _plain(text: str) -> str:
    if "${" in text:
        raise _NotPlainError
    return text


def _value(expression: str, filters: str | None, names: _Names) -> str:
    if _RESERVED.search(expression):
        raise _NotPlainError
    chosen = [name.strip() for name in (filters or "").split(",") if name.strip()]
    wrappers = [] if "n" in chosen else ["str"]
    wrappers += [name for name in chosen if name != "n"]
    if any(name != "str" and not callable(dict.get(names, name)) for name in wrappers):
        raise _NotPlainError
    # the same source as Mako generates, so that a comma or a star has the same meaning
    whole = expression.strip()
    for name in wrappers:
        whole = f"{name}({whole})"
    value = eval(whole, {}, names)  # noqa: S307 - the project's own template
    if not isinstance(value, str):
        raise _NotPlainError
    return value
