"""env.py and the two objects it knows: `context` and, through it, `op`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from limbeck.environment.active import active, running, running_count

if TYPE_CHECKING:
    from limbeck.environment.applied import Applied
    from limbeck.environment.context import Environment, Revisions
    from limbeck.environment.declared import run_declared
    from limbeck.environment.faces import ContextFace, Face, OpFace, become
    from limbeck.environment.migration import MigrationContext
    from limbeck.environment.reach import NoAnswer, answers_within

_HOMES = {
    "Environment": "context",
    "Revisions": "context",
    "run_declared": "declared",
    "ContextFace": "faces",
    "Face": "faces",
    "OpFace": "faces",
    "become": "faces",
    "MigrationContext": "migration",
    "Applied": "applied",
    "NoAnswer": "reach",
    "answers_within": "reach",
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
