"""The command line. Its door loads nothing until a command is run."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.arguments import OPTIONS, CommandSpec
    from limbeck.cli.entry_point import (
        config_of,
        guarded,
        parse,
        program_name,
        run_options,
        version_text,
    )
    from limbeck.cli.parser import add_command, build_parser

_HOMES = {
    "config_of": "entry_point",
    "guarded": "entry_point",
    "parse": "entry_point",
    "program_name": "entry_point",
    "run_options": "entry_point",
    "version_text": "entry_point",
    "OPTIONS": "arguments",
    "CommandSpec": "arguments",
    "add_command": "parser",
    "build_parser": "parser",
}

__all__ = [
    "OPTIONS",
    "CommandSpec",
    "add_command",
    "build_parser",
    "config_of",
    "guarded",
    "main",
    "parse",
    "program_name",
    "run_options",
    "version_text",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def main(argv: Sequence[str] | None = None, prog: str | None = None) -> None:
    """Run the command line.

    Args:
        argv: the arguments; those of the process by default.
        prog: the program's name; that of the process by default.

    Raises:
        SystemExit: with 255 when a command failed, 2 when the arguments make no sense, 1 when
            something else went wrong.
    """
    from limbeck.cli.entry_point import run

    run(argv, prog)
