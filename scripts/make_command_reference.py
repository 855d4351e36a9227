"""Write docs/command-reference.md: every command with its options, from the option table.

The documentation is built with it; the file is not in version control.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS, CommandSpec, Option

PAGE = Path(__file__).parents[1] / "docs" / "command-reference.md"
_HEAD = """# Command reference

Every command and every option, as `limbeck COMMAND --help` shows them. [](commands.md) explains
what they are for.

## Before the command
"""


def _heading(option: Option) -> str:
    value = option.settings.get("metavar") or option.name.upper()
    if not option.flags:
        count = option.settings.get("nargs")
        name = f"{value} ..." if count == "+" else str(value)
        return f"`[{name}]`" if count in {"?", "*"} else f"`{name}`"
    takes = option.settings.get("action") not in {"store_true", "version"}
    choices = option.settings.get("choices")
    shown = "|".join(choices) if choices else value
    return ", ".join(f"`{flag} {shown}`" if takes else f"`{flag}`" for flag in option.flags)


def _options(options: Iterable[Option]) -> Iterator[str]:
    for option in options:
        words = option.help.replace("%%", "%").replace("$", "\\$")
        yield f"{_heading(option)}\n: {words}\n"


def _command(spec: CommandSpec, level: str, before: str = "") -> Iterator[str]:
    yield f"{level} {before}{spec.name}\n"
    yield f"{spec.help[0].upper()}{spec.help[1:]}.\n"
    yield from _options(OPTIONS[name] for name in spec.arguments)
    for action in spec.actions:
        yield from _command(action, f"{level}#", f"{spec.name} ")


def text() -> str:
    """Return the page."""
    parts = [_HEAD, *_options(GLOBAL)]
    for spec in sorted(COMMANDS, key=lambda one: one.name):
        parts += _command(spec, "##")
    return "\n".join(parts)


def write() -> None:
    """Write the page, unless it is there as it should be."""
    if not PAGE.exists() or PAGE.read_text("utf-8") != text():
        PAGE.write_text(text(), "utf-8")


if __name__ == "__main__":
    write()
