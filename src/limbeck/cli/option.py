"""One option of the command line."""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

_TOO_LONG = 1e9  # seconds; excludes `inf`
EMPTY: MappingProxyType[str, Any] = MappingProxyType({})


class Option:
    """One argument: its name, its flags, and its settings for argparse."""

    __slots__ = ("flags", "help", "name", "settings")

    def __init__(
        self,
        name: str,
        flags: tuple[str, ...] = (),
        help: str = "",
        settings: MappingProxyType[str, Any] = EMPTY,
    ) -> None:
        self.name = name
        self.flags = flags
        self.help = help
        self.settings = settings


def option(name: str, *flags: str, help: str = "", **settings: Any) -> Option:
    """Return an option; `settings` are arguments of `add_argument`."""
    return Option(name, flags, help, MappingProxyType(settings))


def seconds(text: str) -> float:
    """Convert a number of seconds, 0 or more.

    Raises:
        ArgumentTypeError: the value is not such a number.
    """
    try:
        found = float(text)
    except ValueError:
        found = -1
    if 0 <= found < _TOO_LONG:
        return found
    raise _invalid(f"{text!r} is not a number of seconds, such as 10 or 0.5")


def number(text: str) -> int:
    """Convert a whole number, 0 or more.

    Raises:
        ArgumentTypeError: the value is not such a number.
    """
    try:
        found = int(text)
    except ValueError:
        found = -1
    if found >= 0:
        return found
    raise _invalid(f"{text!r} is not a whole number of 0 or more")


def _invalid(message: str) -> Exception:
    from argparse import ArgumentTypeError  # argparse is imported for errors only

    return ArgumentTypeError(message)


def switch(name: str, *flags: str, help: str = "") -> Option:
    """Return an option without a value."""
    return option(name, *flags, help=help, action="store_true")
