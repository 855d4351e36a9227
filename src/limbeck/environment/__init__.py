"""env.py and the two objects it knows: `context` and, through it, `op`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from limbeck.environment.current import current_environment, running, running_count

if TYPE_CHECKING:
    from limbeck.environment.config_only import run_declared
    from limbeck.environment.connect_timeout import NoAnswer, answers_within
    from limbeck.environment.environment import Environment
    from limbeck.environment.migration_context import MigrationContext
    from limbeck.environment.migration_info import MigrationInfo
    from limbeck.environment.module_proxy import ContextProxy, ModuleProxy, OpProxy, install_proxy

_HOMES = {
    "Environment": "environment",
    "run_declared": "config_only",
    "ContextProxy": "module_proxy",
    "ModuleProxy": "module_proxy",
    "OpProxy": "module_proxy",
    "install_proxy": "module_proxy",
    "MigrationContext": "migration_context",
    "MigrationInfo": "migration_info",
    "NoAnswer": "connect_timeout",
    "answers_within": "connect_timeout",
}

__all__ = [
    "ContextProxy",
    "Environment",
    "MigrationContext",
    "MigrationInfo",
    "ModuleProxy",
    "NoAnswer",
    "OpProxy",
    "answers_within",
    "current_environment",
    "install_proxy",
    "run_declared",
    "running",
    "running_count",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
