"""The namespace of parsed options in `config.cmd_opts`, in the form that Alembic creates."""

from __future__ import annotations

import importlib
from argparse import Namespace
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from limbeck.cli import GLOBAL_NAMES, OPTIONS

# the function, the names of its positional arguments, and of its keyword arguments
CommandEntry = tuple[Callable[..., Any], list[str], list[str]]

_COMMANDS = "limbeck.compat.command"
# parameters whose command-line argument accepts several values and has a plural name
_PLURALS: Mapping[tuple[str, str], str] = MappingProxyType({("stamp", "revision"): "revisions"})


def command_entry(name: str) -> CommandEntry:
    """Return the value of `cmd_opts.cmd` for a command of the command line."""
    fn = getattr(importlib.import_module(_COMMANDS), name, None)
    if fn is None:
        return _own_command(name), [], []
    positional, keywords = arguments_of(fn)
    return fn, [_PLURALS.get((name, argument), argument) for argument in positional], keywords


def arguments_of(fn: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Return the names of a command's arguments after its Config: positional and keyword."""
    import inspect  # imported here because listings do not need it

    positional: list[str] = []
    keywords: list[str] = []
    for parameter in list(inspect.signature(fn).parameters.values())[1:]:
        is_required = parameter.default is inspect.Parameter.empty
        (positional if is_required else keywords).append(parameter.name)
    return positional, keywords


def alembic_options(options: Namespace) -> Namespace:
    """Return parsed options in the form of Alembic's command line.

    Args:
        options: the options parsed by limbeck's command line, including options of limbeck.
    """
    given = vars(options)
    entry: CommandEntry = given.get("cmd") or command_entry(options.command)
    # options of commands that a program registered are not options of limbeck
    unknown = [name for name in given if name not in OPTIONS and name not in {"command", "cmd"}]
    names = {*GLOBAL_NAMES, *unknown, *entry[1], *entry[2]}
    return Namespace(**{name: given[name] for name in given if name in names}, cmd=entry)


def _own_command(name: str) -> Callable[..., Any]:
    """Return a function for a command that Alembic does not have."""

    def command(config: object) -> None:
        del config

    command.__name__ = command.__qualname__ = name
    command.__module__ = "alembic.command"
    return command
