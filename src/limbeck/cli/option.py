"""One option of the command line."""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

_TOO_LONG = 1e9  # some thirty years: what is longer is `inf`, or a mistake
EMPTY: MappingProxyType[str, Any] = MappingProxyType({})


class Option:
    """One argument: its name in the request, its flags, and the settings of argparse."""

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
    """Return an option; `settings` are argparse's."""
    return Option(name, flags, help, MappingProxyType(settings))


def seconds(text: str) -> float:
    """Read a time in seconds: a finite number, 0 or more.

    Raises:
        ValueError: it is something else.
    """
    found = float(text)
    if not 0 <= found < _TOO_LONG:
        raise ValueError(text)
    return found


def switch(name: str, *flags: str, help: str = "") -> Option:
    """Return an option without a value."""
    return option(name, *flags, help=help, action="store_true")
