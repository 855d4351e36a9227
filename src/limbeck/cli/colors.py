"""Colours of listings in a terminal."""

from __future__ import annotations

import os
import re

_RULES = (
    (re.compile(r"^(Rev: )(\S+)"), r"\1{yellow}\2{off}"),
    (re.compile(r"(-> |^)([0-9A-Za-z_.]+)(?= \(|, |$)"), r"\1{yellow}\2{off}"),
    (re.compile(r"\((effective head|head)\)"), r"({green}\1{off})"),
    (re.compile(r"\((current)\)"), r"({cyan}\1{off})"),
    (re.compile(r"\((branchpoint|mergepoint)\)"), r"({magenta}\1{off})"),
    (re.compile(r"([●◉│┼├╮╯─]+)"), r"{blue}\1{off}"),
)
_CODES = {
    "yellow": "\x1b[33m",
    "green": "\x1b[32m",
    "cyan": "\x1b[36m",
    "magenta": "\x1b[35m",
    "blue": "\x1b[34m",
    "red": "\x1b[31m",
    "dim": "\x1b[2m",
    "off": "\x1b[0m",
}


def wants_colour() -> bool:
    """Return whether colours are not disabled."""
    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def colour(text: str, name: str) -> str:
    """Return a coloured text, or the plain text if colours are disabled."""
    return f"{_CODES[name]}{text}{_CODES['off']}" if wants_colour() else text


def paint(line: str) -> str:
    """Return a coloured line of a listing."""
    if not wants_colour() or line.startswith(("{", "[")):
        return line
    for pattern, change in _RULES:
        filled = change
        for name, code in _CODES.items():
            filled = filled.replace("{" + name + "}", code)
        line = pattern.sub(filled, line)
    return line
