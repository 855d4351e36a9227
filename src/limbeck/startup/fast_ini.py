"""An ini file as most people write it, read without `configparser`, which takes long to import.

What is not plain (values over several lines, variables of other options, mistakes) is left to
that parser, and so are all words about it.
"""

from __future__ import annotations

from collections.abc import Mapping

_HERE = "%(here)s"
_COMMENTS = ("#", ";")


class PlainIni:
    """The sections of a plain ini file, with the values as they are written.

    Args:
        sections: the options of each section.
        here: the folder of the file, for `%(here)s`.
    """

    def __init__(self, sections: Mapping[str, Mapping[str, str]], here: str) -> None:
        self.sections = sections
        self._here = here

    def filled(self, text: str) -> str | None:
        """Return a value with `%(here)s` put in, None where the parser has to do that."""
        if "%" not in text:
            return text
        parts = text.split("%%")
        if any(part.count("%") != part.count(_HERE) for part in parts):
            return None
        return "%".join(part.replace(_HERE, self._here) for part in parts)


def read_plain(path: str, here: str) -> PlainIni | None:
    """Read an ini file; None where it is not there or not plain."""
    try:
        with open(path) as file:  # noqa: PTH123 - in the locale's encoding, as the parser does
            lines = file.read().split("\n")
    except (OSError, ValueError):
        return None
    sections = None if "%" in here else _sections(lines)
    return None if sections is None else PlainIni(sections, here)


def _sections(lines: list[str]) -> dict[str, dict[str, str]] | None:
    sections: dict[str, dict[str, str]] = {}
    options: dict[str, str] | None = None
    for line in lines:
        text = line.strip()
        if not text or text.startswith(_COMMENTS):
            continue
        if line[0].isspace():
            # the parser would ask whether it continues the line above
            return None
        if text[0] == "[":
            name = text[1:-1]
            if text[-1] != "]" or "]" in name or name in sections or name in {"", "DEFAULT"}:
                return None
            options = sections[name] = {}
            continue
        option, sign, value = _parted(text)
        if options is None or not sign or option in options or option in {"", "here"}:
            return None
        options[option] = value
    return sections


def _parted(text: str) -> tuple[str, str, str]:
    equals, colon = text.find("="), text.find(":")
    at = equals if colon < 0 or 0 <= equals < colon else colon
    return text[:at].rstrip().lower(), text[at : at + 1] if at >= 0 else "", text[at + 1 :].strip()
