"""`alembic.config`: Config, and the command line that outside programs extend."""

from __future__ import annotations

import importlib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from limbeck import cli
from limbeck.cli import OPTIONS, CommandSpec, add_command, build_parser
from limbeck.compat.import_hook import absent
from limbeck.compat.parsed_options import alembic_options, arguments_of, command_entry
from limbeck.project import Config


class CommandFunction(Protocol):
    """A function that can be a command: takes a Config, then its arguments."""

    __name__: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command."""


class CommandLine:
    """The command line, to which commands can be added.

    Args:
        prog: the program's name; that of the process by default.
    """

    def __init__(self, prog: str | None = None) -> None:
        self._prog = prog or cli.program_name()
        self._own: dict[str, Callable[..., Any]] = {}
        self.parser: ArgumentParser
        self.parser, self.subparsers = build_parser(
            self._prog, _version(self._prog), defaults=lambda name: {"cmd": command_entry(name)}
        )

    def register_command(self, fn: CommandFunction) -> None:
        """Make a function a command.

        Its name is the command's, its docstring the help. Arguments without a default become
        positional, the others options; names that other commands have mean the same here.

        Args:
            fn: called with the Config and what was given.
        """
        import inspect

        positional, keywords = arguments_of(fn)
        known = tuple(name for name in (*positional, *keywords) if name in OPTIONS)
        first = (inspect.getdoc(fn) or "").strip().split("\n\n")[0].replace("\n", " ")
        spec = CommandSpec(fn.__name__, first.replace("%", "%%"), known)
        parser = add_command(self.subparsers, spec)
        for name in positional:
            if name not in known:
                parser.add_argument(name)
        defaults = inspect.signature(fn).parameters
        for name in keywords:
            if name in known:
                continue
            flag = "--" + name.replace("_", "-")
            if isinstance(defaults[name].default, bool):
                parser.add_argument(flag, dest=name, action="store_true")
            else:
                parser.add_argument(flag, dest=name, default=defaults[name].default)
        parser.set_defaults(cmd=(fn, positional, keywords))
        self._own[fn.__name__] = fn

    def run_cmd(self, config: Config, options: Namespace) -> None:
        """Run the command of parsed options; an error is reported and ends the program."""

        def work() -> None:
            fn, positional, keywords = options.cmd
            given = [_argument(options, name) for name in positional]
            named = {name: getattr(options, name) for name in keywords if hasattr(options, name)}
            fn(config, *given, **named)

        code = cli.guarded(work, options, "alembic")
        if code:
            raise SystemExit(code)

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Parse arguments and run the command they name.

        Raises:
            CommandError: the arguments name configuration files that exclude each other.
        """
        options = cli.parse(self.parser, argv)
        config = cli.config_of(options, self._prog)
        if options.command in self._own:
            config.cmd_opts = alembic_options(options)
            self.run_cmd(config, options)
            return
        code = cli.run_options(options, self._prog)
        if code:
            raise SystemExit(code)


def _argument(options: Namespace, name: str) -> Any:
    # what a function takes as one or several has a plural name on the command line
    return getattr(options, name if hasattr(options, name) else f"{name}s")


def main(argv: Sequence[str] | None = None, prog: str | None = None, **kwargs: Any) -> None:
    """Run the command line.

    Args:
        argv: the arguments; those of the process by default.
        prog: the program's name.
        kwargs: taken for the sake of older callers.
    """
    del kwargs
    name = prog or cli.program_name()
    # without the functions of the commands, which listings do not need
    parser, _ = build_parser(name, _version(name))
    code = cli.run_options(cli.parse(parser, argv), name)
    if code:
        raise SystemExit(code)


def _version(prog: str) -> str:
    if prog == cli.program_name("limbeck"):
        return cli.version_text(prog)
    return f"{prog} {importlib.import_module('limbeck.compat').__version__}"


def __getattr__(name: str) -> object:
    # the functions of the commands import much; a listing needs none of them
    if name == "command":
        return importlib.import_module("limbeck.compat.command")
    raise absent(f"alembic.config.{name}")


__all__ = ["CommandFunction", "CommandLine", "Config", "main"]
