"""Read `.env`: lines of NAME=value in the folder of a project's configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

TYPE_CHECKING = False

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\", "\\$": "$"}
_ESCAPED = re.compile(r"\\[n\"\\$]")


def read_dotenv(path: Path | str) -> dict[str, str]:
    """Return the variables of a `.env` file; an empty dictionary if it does not exist.

    Values may be quoted; a value in single quotes is used unchanged. After an unquoted value,
    ` #` begins a comment. Lines that are not assignments are skipped.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - pathlib takes long to import
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[str, str] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is not None:
            found[match[1]] = _value(match[2], found)
    return found


def _value(text: str, known: Mapping[str, str]) -> str:
    quote = text[:1]
    if quote in {"'", '"'} and (end := text.rfind(quote)) > 0:
        inner = text[1:end]
        if quote == "'":
            return inner
        return fill_in(_ESCAPED.sub(lambda found: _ESCAPES[found[0]], inner), known)
    return fill_in(re.split(r"\s#", text, maxsplit=1)[0].rstrip(), known)


def fill_in(text: str, known: Mapping[str, str]) -> str:
    """Replace `${NAME}` by the value of a variable; the environment takes precedence.

    A reference to a variable that is not set is left unchanged.
    """
    return _VARIABLE.sub(
        lambda found: os.environ.get(found[1]) or known.get(found[1]) or found[0], text
    )
