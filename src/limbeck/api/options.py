"""The options of all functions of the API, and the project that they select."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from limbeck.errors import InvalidArgumentError

if TYPE_CHECKING:
    import io
    from argparse import Namespace

    from sqlalchemy import URL, Connection

    from limbeck.commands import Script
    from limbeck.project import Config, Project


class Options(TypedDict, total=False):
    """The project, the database and the limits.

    Attributes:
        config: the configuration: a `Config`, the path of an ini file or a `pyproject.toml`, or
            the folder of one. By default, the file that the command line would read.
        url: the database, in place of the configured one.
        connection: an open connection to use, in place of one that limbeck opens. For a project
            without env.py that has several databases, a dict with a connection for each.
        x: values for env.py, as given by `-x` on the command line.
        lock_timeout: seconds to wait for another run on the same database.
        table_timeout: seconds that one statement waits for a locked table.
        connect_timeout: seconds to wait for a server to answer a new connection.
        silence_timeout: seconds without an answer after which a server is considered unreachable.
    """

    config: Config | str | os.PathLike[str] | None
    url: str | URL | None
    connection: Connection | Mapping[str, Connection] | None
    x: Mapping[str, str] | None
    lock_timeout: float | None
    table_timeout: float | None
    connect_timeout: float | None
    silence_timeout: float | None


_LIMITS = ("lock_timeout", "table_timeout", "connect_timeout", "silence_timeout")
_NAMES = ("config", "url", "connection", "x", *_LIMITS)
_FILES = ("limbeck.ini", "alembic.ini", "pyproject.toml")


class OpenedProject(NamedTuple):
    """The project of one call, and the value of `context.script` in env.py.

    Attributes:
        project: the project.
        script: the project's revisions for env.py; None without an env.py.
    """

    project: Project
    script: Script | None


def refuse_unknown(function: str, options: Mapping[str, Any]) -> None:
    """Raise an error for unknown options, and for two databases.

    Raises:
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    for name in options:
        if name not in _NAMES:
            from difflib import get_close_matches

            near = get_close_matches(name, _NAMES, n=1)
            raise InvalidArgumentError(
                f"{function}() has no argument {name!r}",
                hint=f"Did you mean {near[0]!r}?" if near else f"It takes {', '.join(_NAMES)}.",
            )
    if options.get("url") is not None and options.get("connection") is not None:
        raise InvalidArgumentError(
            f"{function}() was called with both url= and connection=", hint="Pass one of them."
        )
    if hasattr(options.get("connection"), "run_sync"):
        raise InvalidArgumentError(
            f"{function}() was given an AsyncConnection as connection=",
            hint=f"Await limbeck.aio.{function}() with it.",
        )


@contextmanager
def opened(
    function: str, options: Mapping[str, Any], output: io.StringIO | None = None
) -> Iterator[OpenedProject]:
    """Open the project of one call.

    Args:
        function: the name of the called function, for messages.
        options: its options; see `Options`.
        output: the buffer for SQL in offline mode.

    Raises:
        InvalidArgumentError: an option is unknown or excludes another one.
        ProjectError: the project does not exist.
    """
    refuse_unknown(function, options)
    config = _config(options, output)
    from limbeck.project import Project

    project = Project.from_config(config)
    _serve_alembic(project)
    script = None
    if not project.declared:
        face: Any = importlib.import_module("limbeck.compat.script")
        script = face.ScriptDirectory.from_config(config)
        project = script.project
    yield OpenedProject(project, script)


def _serve_alembic(project: Project) -> None:
    """Make `alembic` importable for env.py and revision files.

    A project without env.py does not need it. Thus, a program that has imported the real Alembic
    can run such a project.
    """
    compat = importlib.import_module("limbeck.compat")
    other = sys.modules.get("alembic")
    if project.declared and other is not None and other is not compat:
        return
    compat.install()


def _config(options: Mapping[str, Any], output: io.StringIO | None) -> Config:
    """Return the configuration of this call, without changing the caller's."""
    from limbeck.project import copy_config

    config = copy_config(_given_config(options.get("config")))
    if output is not None:
        config.output_buffer = output
    settings = {name: options[name] for name in _LIMITS if options.get(name) is not None}
    url = options.get("url")
    if url is not None:
        text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        settings["sqlalchemy.url"] = text.replace("%", "%%")
        config.attributes["url"] = text
        config.attributes["only_url"] = text
    if options.get("connection") is not None:
        config.attributes["connection"] = options["connection"]
        config.attributes["only_connection"] = options["connection"]
    for name, value in settings.items():
        config.set_main_option(name, str(value))
    values = options.get("x")
    if values:
        config.cmd_opts = _with_values(config.cmd_opts, values)
    return config


def _with_values(parsed: Namespace | None, values: Mapping[str, str]) -> Namespace:
    from argparse import Namespace

    others = {} if parsed is None else vars(parsed)
    return Namespace(**{**others, "x": [f"{name}={value}" for name, value in values.items()]})


def _given_config(given: Config | str | os.PathLike[str] | None) -> Config:
    from limbeck.project import Config, find_config

    if given is None:
        return find_config(name="limbeck")
    if not isinstance(given, (str, os.PathLike)):
        return given
    path = os.fspath(given)
    if os.path.isdir(path):  # noqa: PTH112 - a path as text, as the Config takes it
        files = [os.path.join(path, name) for name in _FILES]  # noqa: PTH118 - the same
        found = [one for one in files if os.path.isfile(one)]  # noqa: PTH113 - the same
        inis = [one for one in found if one.endswith(".ini")][:1]
        return find_config([*inis, files[-1]], name="limbeck")
    if not os.path.isfile(path):  # noqa: PTH113 - the same
        raise InvalidArgumentError(
            f"config is {path!r}, which does not exist",
            hint="Pass the path of an ini file or a pyproject.toml, or the folder of one.",
            place=path,
        )
    if path.endswith(".toml"):
        return Config(toml_file=path)
    return Config(path)


def written_sql(output: io.StringIO | None) -> str | None:
    """Return the script of a call in offline mode."""
    return None if output is None else output.getvalue()
