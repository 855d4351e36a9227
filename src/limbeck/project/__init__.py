"""The project on disk: its configuration, its files, and running the Python code in them."""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.project.answers_file import read_answers
    from limbeck.project.atomic_write import write_new, write_text
    from limbeck.project.config import Config, copy_config, find_config
    from limbeck.project.discovery import FoundUrl, find_models, find_url
    from limbeck.project.dotenv import fill_in, read_dotenv
    from limbeck.project.head_file import (
        HeadFileState,
        check_head_file,
        head_file_state,
        update_head_file,
    )
    from limbeck.project.header_edit import replace_parents, with_setting, write_setting
    from limbeck.project.ini_variables import unset_variables
    from limbeck.project.last_draft import find_last_draft, remember_draft
    from limbeck.project.module_loader import Program, as_plain_function, broken
    from limbeck.project.new_revision import Placement, new_identifier, place, revision_text, write
    from limbeck.project.paths import folder_of, resource_path
    from limbeck.project.program_loading import load_programs
    from limbeck.project.project import DEFAULT_CONNECT_TIMEOUT, Project, prepend_sys_paths
    from limbeck.project.scaffold import Template, Written, templates, write_environment
    from limbeck.project.setting_values import HOOKS, number, require_known, yes_or_no
    from limbeck.project.sql_revision import split_parts
    from limbeck.project.template import render_revision, render_template
    from limbeck.project.write_hooks import hook_registry, invoke_hook, register_hook, run_hooks

__all__ = [
    "DEFAULT_CONNECT_TIMEOUT",
    "HOOKS",
    "Config",
    "FoundUrl",
    "HeadFileState",
    "Placement",
    "Program",
    "Project",
    "Template",
    "Written",
    "as_plain_function",
    "broken",
    "check_head_file",
    "copy_config",
    "fill_in",
    "find_config",
    "find_last_draft",
    "find_models",
    "find_url",
    "folder_of",
    "head_file_state",
    "hook_registry",
    "invoke_hook",
    "load_programs",
    "new_identifier",
    "number",
    "place",
    "prepend_sys_paths",
    "read_answers",
    "read_dotenv",
    "register_hook",
    "remember_draft",
    "render_revision",
    "render_template",
    "replace_parents",
    "require_known",
    "resource_path",
    "revision_text",
    "run_hooks",
    "split_parts",
    "templates",
    "unset_variables",
    "update_head_file",
    "with_setting",
    "write",
    "write_environment",
    "write_new",
    "write_setting",
    "write_text",
    "yes_or_no",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "answers_file": ("read_answers",),
        "atomic_write": ("write_new", "write_text"),
        "config": ("Config", "find_config", "copy_config"),
        "errors": (
            "InvalidConfigurationError",
            "InvalidValueError",
            "BrokenFileError",
            "BrokenTemplateError",
            "HookFailedError",
            "MissingFileError",
            "NoConfigurationError",
            "UnsafePathError",
        ),
        "discovery": ("FoundUrl", "find_models", "find_url"),
        "dotenv": ("fill_in", "read_dotenv"),
        "head_file": (
            "HeadFileState",
            "check_head_file",
            "head_file_state",
            "update_head_file",
        ),
        "ini_variables": ("unset_variables",),
        "last_draft": ("find_last_draft", "remember_draft"),
        "paths": ("folder_of", "resource_path"),
        "header_edit": ("replace_parents", "with_setting", "write_setting"),
        "module_loader": ("Program", "as_plain_function", "broken"),
        "program_loading": ("load_programs",),
        "new_revision": ("Placement", "new_identifier", "place", "revision_text", "write"),
        "project": ("DEFAULT_CONNECT_TIMEOUT", "Project", "prepend_sys_paths"),
        "scaffold": ("Template", "Written", "templates", "write_environment"),
        "setting_values": ("HOOKS", "number", "require_known", "yes_or_no"),
        "sql_revision": ("split_parts",),
        "template": ("render_revision", "render_template"),
        "write_hooks": ("hook_registry", "invoke_hook", "register_hook", "run_hooks"),
    },
)
