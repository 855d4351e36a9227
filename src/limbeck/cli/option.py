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
        ValueError: the value is not such a number.
    """
    found = float(text)
    if not 0 <= found < _TOO_LONG:
        raise ValueError(text)
    return found


def number(text: str) -> int:
    """Convert a whole number, 0 or more.

    Raises:
        ValueError: the value is not such a number.
    """
    found = int(text)
    if found < 0:
        raise ValueError(text)
    return found


def switch(name: str, *flags: str, help: str = "") -> Option:
    """Return an option without a value."""
    return option(name, *flags, help=help, action="store_true")
