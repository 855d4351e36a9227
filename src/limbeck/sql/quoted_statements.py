"""Mask what servers quote in their messages: parts of a statement, and values of its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_SHORTEST = 3
# https://www.postgresql.org/docs/current/libpq-exec.html: `LINE 1: ...` with the place of an error
_LINE = re.compile(r"^(LINE \d+: )(.*)$", re.MULTILINE)
# MariaDB and MySQL
_NEAR = re.compile(r"(\bnear )'(.*?)'(?= at line|\"|\Z)", re.DOTALL)
_WORD = re.compile(r'"([^"\n]*)"')
_FAILING_ROW = re.compile(r"(Failing row contains \().*?(\)\.|\)\s*(?:\n|\Z)|\Z)", re.DOTALL)
_ENTRY = re.compile(r"(\bDuplicate entry )'(.{0,4000}?)'( for key '[^']*')", re.DOTALL)
_VALUE = re.compile(r"(\bvalue: )'(.{0,4000}?)'( for column \S*)", re.DOTALL)


class QuotedParts:
    """The parts of statements that a message quotes, taken out while the rest is masked.

    A part may begin or end within a secret.

    Args:
        text: the message.
    """

    def __init__(self, text: str) -> None:
        self._parts: list[tuple[str, str]] = []
        self.text = _NEAR.sub(self._take, _LINE.sub(self._take, text))

    def _take(self, match: re.Match[str]) -> str:
        self._parts.append((match[2], "'" if match.re is _NEAR else ""))
        return f"{match[1]}\ue000{len(self._parts) - 1}\ue001"

    def inserted(self, text: str, removed: Sequence[str], mask: Callable[[str], str]) -> str:
        """Return a masked message with the parts.

        Args:
            text: the masked message.
            removed: the secrets of the statement and of the message.
            mask: masks the secrets of a part that is complete.
        """
        # a driver doubles percent signs in a statement without parameters, the server shows one
        shown_by_server = {one.replace("%%", "%") for one in removed}
        lines = [line.strip() for one in {*removed, *shown_by_server} for line in one.splitlines()]
        for number, (part, quote) in enumerate(self._parts):
            shown = mask(_without(part, sorted(lines, key=len, reverse=True)))
            text = text.replace(f"\ue000{number}\ue001", f"{quote}{shown}{quote}")
        return text


def _without(part: str, secrets: Sequence[str]) -> str:
    """Return a part of a statement without secrets, also those that it has a part of."""
    core = part.removeprefix("...").removesuffix("...")
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            core = core.replace(secret, "***")
    for secret in secrets:
        for length in range(min(len(secret), len(core)), 1, -1):
            if core.startswith(secret[-length:]):
                core = f"***{core[length:]}"
                break
        for length in range(min(len(secret), len(core)), 1, -1):
            if core.endswith(secret[:length]):
                core = f"{core[:-length]}***"
                break
    before = "..." if part.startswith("...") else ""
    return f"{before}{core}{'...' if part.endswith('...') else ''}"


def mask_quoted_values(text: str, about: str, removed: Sequence[str], name: re.Pattern[str]) -> str:
    """Mask words and values of a message that are secrets of a statement.

    Args:
        text: the message.
        about: the statement, "" if it is in the message or not known.
        removed: the secrets of the statement and of the message.
        name: finds names of secrets.
    """
    secrets = [one.casefold() for one in removed]

    def is_secret(value: str) -> bool:
        folded = value.casefold()
        return len(folded) >= _SHORTEST and any(folded in one for one in secrets)

    def word(match: re.Match[str]) -> str:
        return '"***"' if is_secret(match[1]) else match[0]

    def entry(match: re.Match[str]) -> str:
        is_named = name.search(match[3]) is not None
        return f"{match[1]}'***'{match[3]}" if is_named or is_secret(match[2]) else match[0]

    if secrets:
        text = _WORD.sub(word, text)
    text = _VALUE.sub(entry, _ENTRY.sub(entry, text))
    if name.search(text) or name.search(about):
        text = _FAILING_ROW.sub(r"\1***\2", text)
        columns = rf"[^)]{{0,1000}}{name.pattern}[^)]{{0,1000}}"
        end = r"\)(?= already| is not|\s*\n|\Z)"
        keys = rf"(\bKey \({columns}\)=\().{{0,8000}}?({end})"
        text = re.sub(keys, r"\1***\2", text, flags=re.IGNORECASE | re.DOTALL)
    return text
