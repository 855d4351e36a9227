"""The namespace of parsed options that env.py finds in `config.cmd_opts`, as Alembic makes it."""

from __future__ import annotations

import importlib
from argparse import Namespace
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from limbeck.cli import GLOBAL_NAMES, OPTIONS

# the function, the names of its positional arguments, those of its keyword arguments
CommandEntry = tuple[Callable[..., Any], list[str], list[str]]

_COMMANDS = "limbeck.compat.command"
# arguments of the functions whose option takes several values and is named in the plural
_PLURALS: Mapping[tuple[str, str], str] = MappingProxyType({("stamp", "revision"): "revisions"})


def command_entry(name: str) -> CommandEntry:
    """Return what `cmd_opts.cmd` holds for a command of the command line."""
    fn = getattr(importlib.import_module(_COMMANDS), name, None)
    if fn is None:
        return _own_command(name), [], []
    positional, keywords = arguments_of(fn)
    return fn, [_PLURALS.get((name, one), one) for one in positional], keywords


def arguments_of(fn: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Return the names of a command's arguments after its Config: positional and keyword."""
    import inspect  # listings do without

    parameters = list(inspect.signature(fn).parameters.values())[1:]
    positional = [one.name for one in parameters if one.default is inspect.Parameter.empty]
    keywords = [one.name for one in parameters if one.default is not inspect.Parameter.empty]
    return positional, keywords


def alembic_options(options: Namespace) -> Namespace:
    """Return parsed options as Alembic's command line would have parsed them.

    Args:
        options: the options as limbeck's command line parsed them, with limbeck's own among them.
    """
    given = vars(options)
    entry: CommandEntry = given.get("cmd") or command_entry(options.command)
    # an option of a command that a program registered itself is no option of limbeck's
    unknown = [name for name in given if name not in OPTIONS and name not in {"command", "cmd"}]
    names = {*GLOBAL_NAMES, *unknown, *entry[1], *entry[2]}
    return Namespace(**{name: given[name] for name in given if name in names}, cmd=entry)


def _own_command(name: str) -> Callable[..., Any]:
    """Return a function that stands for a command that Alembic does not have."""

    def command(config: object) -> None:
        del config

    command.__name__ = command.__qualname__ = name
    command.__module__ = "alembic.command"
    return command
