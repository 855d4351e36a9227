"""Write hooks: programs that run on a new revision file, such as formatters and linters."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from limbeck.errors import HookFailedError

FILE_TOKEN = "REVISION_SCRIPT_FILENAME"  # noqa: S105 - a placeholder
Hook = Callable[[str, dict[str, str]], Any]
Notify = Callable[[str, object], AbstractContextManager[object]]

_REGISTRY: dict[str, Hook] = {}


def register_hook(name: str) -> Callable[[Hook], Hook]:
    """Make a function available as a hook type.

    Args:
        name: the value of `NAME.type` that selects the function. The function is called with the
            path of the file and the settings of the hook.
    """

    def keep(hook: Hook) -> Hook:
        _REGISTRY[name] = hook
        return hook

    return keep


def hook_registry() -> dict[str, Hook]:
    """Return the registered hook types; the dictionary is not a copy."""
    return _REGISTRY


def invoke_hook(name: str, path: str, options: Mapping[str, str]) -> Any:
    """Run one hook of a type.

    Raises:
        HookFailedError: the type does not exist, or the hook failed.
    """
    hook = _REGISTRY.get(name)
    if hook is None:
        raise HookFailedError(
            f"There is no type '{name}' of post write hook",
            hint=f"The types are {', '.join(sorted(_REGISTRY))}; env.py may register more.",
        )
    return hook(path, dict(options))


def run_hooks(
    path: Path | str, hooks: Iterable[Mapping[str, str]], notify: Notify | None = None
) -> None:
    """Run each hook on a file, in order.

    Args:
        path: the file.
        hooks: the settings of the hooks, as `Config.get_hooks_list` returns them.
        notify: called before each hook runs.

    Raises:
        HookFailedError: a hook is not configured correctly, or failed.
    """
    for hook in hooks:
        name = hook.get("_hook_name", "")
        kind = hook.get("type")
        if not kind:
            raise HookFailedError(
                f"Key '{name}.type' (or 'type' in toml) is required for post write hook {name!r}",
                hint="Write console_scripts, exec or module.",
            )
        progress = nullcontext() if notify is None else notify("Running post write hook", name)
        with progress:
            invoke_hook(kind, str(path), hook)


def _required(options: Mapping[str, str], key: str) -> str:
    value = options.get(key)
    if not value:
        name = options.get("_hook_name", "")
        raise HookFailedError(
            f"Key {name}.{key} is required for post write hook {name!r}",
            hint="Add it next to the hook's type.",
        )
    return value


def _arguments(path: str, options: Mapping[str, str]) -> list[str]:
    import shlex

    words = options.get("options", "")
    if FILE_TOKEN not in words:
        words = f"{FILE_TOKEN} {words}"
    parts = shlex.split(words, posix=os.name == "posix")
    return [part.replace(FILE_TOKEN, path) for part in parts]


def _run(command: list[str], options: Mapping[str, str]) -> None:
    import subprocess

    name = options.get("_hook_name", command[0])
    try:
        done = subprocess.run(command, cwd=options.get("cwd"), check=False)  # noqa: S603 - the user configured it
    except OSError as error:
        raise HookFailedError(
            f"Post write hook {name!r} cannot run {command[0]}: {error.strerror or error}",
            hint="Install it, or correct the hook's settings. The revision file is written.",
        ) from None
    if done.returncode:
        warnings.warn(
            f"Post write hook {name!r} ended with exit code {done.returncode}; "
            "the revision file is written",
            UserWarning,
            stacklevel=4,
        )


@register_hook("console_scripts")
def console_scripts(path: str, options: dict[str, str]) -> None:
    """Run the console script of an installed package with this Python."""
    import importlib.metadata

    name = _required(options, "entrypoint")
    found = list(importlib.metadata.entry_points(group="console_scripts", name=name))
    if not found:
        raise HookFailedError(
            f"No installed package has the entry point console_scripts.{name}",
            hint=f"Install the package that provides `{name}`, or use type = exec.",
        )
    point = found[0]
    call = f"import {point.module}; {point.module}.{point.attr}()"
    _run([sys.executable, "-c", call, *_arguments(path, options)], options)


@register_hook("exec")
def executable(path: str, options: dict[str, str]) -> None:
    """Run a program."""
    _run([_required(options, "executable"), *_arguments(path, options)], options)


@register_hook("module")
def module(path: str, options: dict[str, str]) -> None:
    """Run a Python module with this Python."""
    import importlib.util

    name = _required(options, "module")
    if importlib.util.find_spec(name) is None:
        raise HookFailedError(
            f"Could not find module {name}", hint=f"Install the package that provides `{name}`."
        )
    _run([sys.executable, "-m", name, *_arguments(path, options)], options)
