"""env.py and the two objects it knows: `context` and, through it, `op`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from limbeck.environment.current import active, running, running_count

if TYPE_CHECKING:
    from limbeck.environment.config_only import run_declared
    from limbeck.environment.connect_timeout import NoAnswer, answers_within
    from limbeck.environment.environment import Environment, Revisions
    from limbeck.environment.migration_context import MigrationContext
    from limbeck.environment.migration_info import Applied
    from limbeck.environment.module_proxy import ContextFace, Face, OpFace, become

_HOMES = {
    "Environment": "environment",
    "Revisions": "environment",
    "run_declared": "config_only",
    "ContextFace": "module_proxy",
    "Face": "module_proxy",
    "OpFace": "module_proxy",
    "become": "module_proxy",
    "MigrationContext": "migration_context",
    "Applied": "migration_info",
    "NoAnswer": "connect_timeout",
    "answers_within": "connect_timeout",
}

__all__ = [
    "Applied",
    "ContextFace",
    "Environment",
    "Face",
    "MigrationContext",
    "NoAnswer",
    "OpFace",
    "Revisions",
    "active",
    "answers_within",
    "become",
    "run_declared",
    "running",
    "running_count",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
