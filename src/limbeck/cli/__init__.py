"""The command line. Its modules are imported when a command is run."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.arguments import GLOBAL_NAMES, OPTIONS, CommandSpec
    from limbeck.cli.entry_point import (
        config_of,
        guarded,
        parse,
        program_name,
        run_options,
        version_text,
    )
    from limbeck.cli.parser import add_command, build_parser

__all__ = [
    "GLOBAL_NAMES",
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

__getattr__ = lazy_exports(
    __name__,
    {
        "arguments": ("GLOBAL_NAMES", "OPTIONS", "CommandSpec"),
        "entry_point": (
            "config_of",
            "guarded",
            "parse",
            "program_name",
            "run_options",
            "version_text",
        ),
        "parser": ("add_command", "build_parser"),
    },
)


def main(argv: Sequence[str] | None = None, prog: str | None = None) -> None:
    """Run the command line.

    Args:
        argv: the arguments; by default, those of the process.
        prog: the name of the program; by default, that of the process.

    Raises:
        SystemExit: with 255 if a command failed, 2 if the arguments are invalid, 1 for other
            errors.
    """
    from limbeck.cli.entry_point import run

    run(argv, prog)
