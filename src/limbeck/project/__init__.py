"""The project on disk: its configuration, its files, and running the Python in them."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.project.answers import read_answers
    from limbeck.project.config import Config
    from limbeck.project.discovery import find_config
    from limbeck.project.drafting import Placement, new_identifier, place, write
    from limbeck.project.errors import (
        BadConfiguration,
        BadValue,
        BrokenFile,
        BrokenTemplate,
        HookFailed,
        MissingFile,
        NoConfiguration,
        UnsafePath,
    )
    from limbeck.project.files import write_new as write_back
    from limbeck.project.hooks import invoke as invoke_hook
    from limbeck.project.hooks import register as register_hook
    from limbeck.project.hooks import registry as hook_registry
    from limbeck.project.hooks import run_hooks
    from limbeck.project.places import resource_path
    from limbeck.project.programs import Program, broken
    from limbeck.project.project import Project, prepend_sys_paths
    from limbeck.project.scaffold import Template, Written, templates, write_environment
    from limbeck.project.template import render_revision, render_template

_HOMES = {
    "answers": ("read_answers",),
    "config": ("Config",),
    "discovery": ("find_config",),
    "drafting": ("Placement", "new_identifier", "place", "write"),
    "errors": (
        "BadConfiguration",
        "BadValue",
        "BrokenFile",
        "BrokenTemplate",
        "HookFailed",
        "MissingFile",
        "NoConfiguration",
        "UnsafePath",
    ),
    "hooks": ("run_hooks",),
    "programs": ("Program", "broken"),
    "places": ("resource_path",),
    "project": ("Project", "prepend_sys_paths"),
    "scaffold": ("Template", "Written", "templates", "write_environment"),
    "template": ("render_revision", "render_template"),
}
_NAMES = {
    **{name: (home, name) for home, names in _HOMES.items() for name in names},
    "invoke_hook": ("hooks", "invoke"),
    "register_hook": ("hooks", "register"),
    "hook_registry": ("hooks", "registry"),
    "write_back": ("files", "write_new"),
}

__all__ = [
    "BadConfiguration",
    "BadValue",
    "BrokenFile",
    "BrokenTemplate",
    "Config",
    "HookFailed",
    "MissingFile",
    "NoConfiguration",
    "Placement",
    "Program",
    "Project",
    "Template",
    "UnsafePath",
    "Written",
    "broken",
    "find_config",
    "hook_registry",
    "invoke_hook",
    "new_identifier",
    "place",
    "prepend_sys_paths",
    "read_answers",
    "register_hook",
    "render_revision",
    "render_template",
    "resource_path",
    "run_hooks",
    "templates",
    "write",
    "write_back",
    "write_environment",
]


def __getattr__(name: str) -> Any:
    try:
        home, real = _NAMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(importlib.import_module(f"{__name__}.{home}"), real)
