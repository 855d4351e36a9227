"""The argument parser, built from the table of options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Mapping

from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS, CommandSpec, Option

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, NoReturn

_LEAST_WIDTH = 40
_USUAL_WIDTH = 80
_NEXT = "\n  next:  "


# the names of these commands in other programs
_OTHER_NAMES = {
    "autogenerate": "revision --autogenerate",
    "db:migrate": "upgrade",
    "db:rollback": "downgrade -1",
    "help": "--help",
    "log": "history",
    "makemigrations": "revision --autogenerate",
    "migrate": "upgrade",
    "new": "revision",
    "rollback": "downgrade -1",
    "showmigrations": "history",
    "sqlmigrate": "upgrade --sql",
    "up": "upgrade",
    "down": "downgrade",
    "version": "--version",
}


class _Formatter(argparse.HelpFormatter):
    """Formats help without colours, which is faster and does not depend on the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=_width())


def suggestion(message: str, command: str | None = None) -> str | None:
    """Return the most similar word for an error of argparse, None if none is similar.

    Args:
        message: the error.
        command: the command whose options are suggested; all commands by default.
    """
    from difflib import get_close_matches

    word, _, rest = message.partition("invalid choice: ")[2].partition(" (choose from ")
    if rest:
        known = [each.strip(" '\")") for each in rest.split(",")]
        word = word.strip("'\"")
    elif message.startswith("unrecognized arguments: "):
        word = message.removeprefix("unrecognized arguments: ").split()[0].partition("=")[0]
        if any(word in one.flags for one in GLOBAL):
            return f"{word} before the command"
        for option in _options_of(command):  # `--native` instead of `--style native`
            if word.lstrip("-") in (option.settings.get("choices") or ()):
                return " ".join((*option.flags[-1:], word.lstrip("-")))
        known = sorted({flag for one in (*GLOBAL, *_options_of(command)) for flag in one.flags})
    else:
        return None
    if word in _OTHER_NAMES and "upgrade" in known:
        return _OTHER_NAMES[word]
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def _options_of(command: str | None) -> Iterable[Option]:
    for spec in COMMANDS:
        if spec.name == command:
            names = {*spec.arguments, *(name for one in spec.actions for name in one.arguments)}
            return [OPTIONS[name] for name in names]
    return OPTIONS.values()


# the commands by purpose; the others are listed last
_GROUPS = (
    ("Start", ("init", "list_templates", "completion")),
    ("Write revisions", ("revision", "merge", "rebase", "squash", "edit", "restore")),
    ("Show the state", ("status", "current", "heads", "history", "show", "branches")),
    ("Run", ("upgrade", "downgrade", "stamp", "recover", "fleet")),
    ("Check", ("check", "lint", "verify", "test", "plan", "stats")),
)
_EXAMPLES = (
    ("init --style native", "set up a project"),
    (
        'revision --autogenerate -m "add orders"',
        "write a revision with the differences",
    ),
    ("upgrade", "run the pending revisions"),
    ("upgrade --sql > upgrade.sql", "write them as a SQL script"),
    ("downgrade -1", "downgrade the last revision"),
)


def grouped_help(prog: str) -> str:
    """Return the help of the program: commands in groups, options, examples."""
    helps = {spec.name: spec.help for spec in COMMANDS}
    grouped = {name for _, names in _GROUPS for name in names}
    groups = [*_GROUPS, ("More", tuple(name for name in helps if name not in grouped))]
    lines = [f"usage: {prog} [options] command ...", ""]
    for title, names in groups:
        rows = [f"  {name:<16} {helps[name]}" for name in names if name in helps]
        lines += [f"{title}:", *rows, ""] if rows else []
    lines.append("Options:")
    lines.append("  -h, --help              show this help and exit")
    lines.append("  --version               print the version and exit")
    for option in GLOBAL:
        flags = ", ".join(option.flags)
        lines.append(f"  {flags:<23} {option.help}")
    lines += ["", "Examples:"]
    lines += [f"  {prog} {words:<42} {what}" for words, what in _EXAMPLES]
    lines += ["", f"`{prog} COMMAND --help` describes a command."]
    return "\n".join(lines) + "\n"


def _width() -> int:
    # argparse would import shutil, which is slow
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns
    except (OSError, ValueError):
        columns = _USUAL_WIDTH
    return max(columns or _USUAL_WIDTH, _LEAST_WIDTH) - 2


class _Parser(argparse.ArgumentParser):
    """A parser that suggests a word for a misspelt one."""

    def error(self, message: str, command: str | None = None) -> NoReturn:
        """Print the usage, the error and what to do next, and exit with 2."""
        if _NEXT in message:
            super().error(message)
        near = suggestion(message, command)
        if near is None:
            help_of = self.prog if command is None else f"{self.prog} {command}"
            super().error(f"{message}{_NEXT}`{help_of} --help` lists the arguments")
        super().error(f"{message}{_NEXT}did you mean {near}?")


class _MainParser(_Parser):
    """The parser of the program, whose help groups the commands by purpose."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse the arguments; for an unknown option, suggest one of the command."""
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = getattr(parsed, "command", None)
            self.error(f"unrecognized arguments: {' '.join(unknown)}", command)
        return parsed

    def format_help(self) -> str:
        """Return the help."""
        return grouped_help(self.prog)


class _CommandParser(_Parser):
    """The parser of a command, which is initialized on first use."""

    def __init__(
        self,
        spec: CommandSpec | None = None,
        defaults: Callable[[str], Mapping[str, Any]] | None = None,
        **words: Any,
    ) -> None:
        self._spec = spec
        self._own_defaults = defaults
        self._words = words

    def __getattr__(self, name: str) -> Any:
        # called for attributes that the constructor of argparse would set
        words = self.__dict__.pop("_words", None)
        if words is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        super().__init__(**words)
        if self._spec is not None:
            for option in self._spec.arguments:
                _add(self, OPTIONS[option])
            if self._spec.actions:
                _add_actions(self, self._spec)
            self.set_defaults(command=self._spec.name)
            if self._own_defaults is not None:
                self.set_defaults(**self._own_defaults(self._spec.name))
        return getattr(self, name)


def _add_actions(parser: argparse.ArgumentParser, spec: CommandSpec) -> None:
    actions = parser.add_subparsers(
        metavar="action", title="actions", dest="action", required=True,
        parser_class=argparse.ArgumentParser,
    )  # fmt: skip
    for one in spec.actions:
        child = actions.add_parser(
            one.name, help=one.help, description=one.help, formatter_class=_Formatter
        )
        for option in one.arguments:
            _add(child, OPTIONS[option])


def _add(parser: argparse.ArgumentParser, option: Option, **changes: Any) -> None:
    settings = {**option.settings, **changes}
    if option.flags:
        parser.add_argument(*option.flags, dest=option.name, help=option.help, **settings)
    else:
        parser.add_argument(option.name, help=option.help, **settings)


def add_command(
    commands: argparse._SubParsersAction[Any],
    spec: CommandSpec,
    defaults: Callable[[str], Mapping[str, Any]] | None = None,
) -> argparse.ArgumentParser:
    """Add a command with its options to the sub-commands of a parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        spec.name,
        spec=spec,
        defaults=defaults,
        help=spec.help,
        description=spec.help,
        formatter_class=_Formatter,
    )
    return parser


def build_parser(
    prog: str,
    version: str,
    specs: Iterable[CommandSpec] = COMMANDS,
    defaults: Callable[[str], Mapping[str, Any]] | None = None,
    *,
    is_plain: bool = False,
) -> tuple[argparse.ArgumentParser, argparse._SubParsersAction[Any]]:
    """Build the parser of the command line.

    Args:
        prog: the name of the program.
        version: the output of --version.
        specs: the commands.
        defaults: a function that returns further values for the namespace of a command.
        is_plain: let argparse write the help, which lists commands that are added later.

    Returns:
        The parser, and its sub-parsers, which can be extended.
    """
    kind = argparse.ArgumentParser if is_plain or prog == "alembic" else _MainParser
    parser = kind(prog=prog, formatter_class=_Formatter)
    parser.add_argument(
        "--version", action="version", version=version, help="print the version and exit"
    )
    for option in GLOBAL:
        _add(parser, option)
    commands = parser.add_subparsers(
        metavar="command", title="commands", parser_class=_CommandParser
    )
    for spec in specs:
        add_command(commands, spec, defaults)
    return parser, commands
