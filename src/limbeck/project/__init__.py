"""The project on disk: its configuration, its files, and running the Python in them."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.project.answers_file import read_answers
    from limbeck.project.config import Config
    from limbeck.project.discovery import find_config
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
    from limbeck.project.module_loader import Program, broken
    from limbeck.project.new_revision import Placement, new_identifier, place, write
    from limbeck.project.paths import resource_path
    from limbeck.project.project import Project, prepend_sys_paths
    from limbeck.project.revision_files import write_new as write_back
    from limbeck.project.scaffold import Template, Written, templates, write_environment
    from limbeck.project.template import render_revision, render_template
    from limbeck.project.write_hooks import invoke as invoke_hook
    from limbeck.project.write_hooks import register as register_hook
    from limbeck.project.write_hooks import registry as hook_registry
    from limbeck.project.write_hooks import run_hooks

_HOMES = {
    "answers_file": ("read_answers",),
    "config": ("Config",),
    "discovery": ("find_config",),
    "new_revision": ("Placement", "new_identifier", "place", "write"),
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
    "write_hooks": ("run_hooks",),
    "module_loader": ("Program", "broken"),
    "paths": ("resource_path",),
    "project": ("Project", "prepend_sys_paths"),
    "scaffold": ("Template", "Written", "templates", "write_environment"),
    "template": ("render_revision", "render_template"),
}
_NAMES = {
    **{name: (home, name) for home, names in _HOMES.items() for name in names},
    "invoke_hook": ("write_hooks", "invoke"),
    "register_hook": ("write_hooks", "register"),
    "hook_registry": ("write_hooks", "registry"),
    "write_back": ("revision_files", "write_new"),
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
