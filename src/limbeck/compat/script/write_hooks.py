"""`alembic.script.write_hooks`: programs that run over a new revision file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from limbeck.project import hook_registry, invoke_hook, register_hook

Hook = Callable[[str, dict[str, str]], Any]

_registry = hook_registry()


def register(name: str) -> Callable[[Hook], Hook]:
    """Register a function as a type of write hook.

    Args:
        name: the value of `NAME.type` that selects it. The function is called with the path of
            the file and the settings of the hook.
    """
    return register_hook(name)


def _invoke(name: str, revision_path: str, options: Mapping[str, str]) -> Any:
    return invoke_hook(name, revision_path, options)


__all__ = ["register"]
