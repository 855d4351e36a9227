"""`alembic.config`: Config, and the command line that third-party programs extend."""

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
        prog: the name of the program; by default that of the process.
    """

    def __init__(self, prog: str | None = None) -> None:
        self._prog = prog or cli.program_name()
        self._own: dict[str, Callable[..., Any]] = {}
        self.parser: ArgumentParser
        self.parser, self.subparsers = build_parser(
            self._prog,
            _version(self._prog),
            defaults=lambda name: {"cmd": command_entry(name)},
            is_plain=True,  # the help names the commands that are registered later
        )

    def register_command(self, fn: CommandFunction) -> None:
        """Register a function as a command.

        Its name becomes the name of the command, its docstring the help. Parameters without a
        default become positional arguments, the others options. Names of existing options have
        the same meaning.

        Args:
            fn: the function, which is called with the Config and the arguments.
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
        """Run the command of parsed options; report an error and end the program."""

        def work() -> None:
            fn, positional, keywords = options.cmd
            given = [_argument(options, name) for name in positional]
            named = {name: getattr(options, name) for name in keywords if hasattr(options, name)}
            fn(config, *given, **named)

        code = cli.guarded(work, options, "alembic")
        if code:
            raise SystemExit(code)

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Parse arguments and run their command.

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
    # a parameter for one or several values has a plural name on the command line
    return getattr(options, name if hasattr(options, name) else f"{name}s")


def main(argv: Sequence[str] | None = None, prog: str | None = None, **kwargs: Any) -> None:
    """Run the command line.

    Args:
        argv: the arguments; by default those of the process.
        prog: the name of the program.
        kwargs: ignored; accepted for older callers.
    """
    del kwargs
    name = prog or cli.program_name()
    # without the command functions, which listings do not need
    parser, _ = build_parser(name, _version(name))
    code = cli.run_options(cli.parse(parser, argv), name)
    if code:
        raise SystemExit(code)


def _version(prog: str) -> str:
    if prog == cli.program_name("limbeck"):
        return cli.version_text(prog)
    return f"{prog} {importlib.import_module('limbeck.compat').__version__}"


def __getattr__(name: str) -> object:
    # the command functions import much, and listings do not need them
    if name == "command":
        return importlib.import_module("limbeck.compat.command")
    raise absent(f"alembic.config.{name}")


__all__ = ["CommandFunction", "CommandLine", "Config", "main"]
