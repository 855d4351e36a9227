"""Where the function of each command is: one module per group, loaded when it is used.

The function has the name of its command. It takes the session, prints to stdout, and returns an
exit code or None for success.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session

_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "adopt": "snapshot_commands",
        "branches": "history_commands",
        "check": "draft_commands",
        "completion": "setup_commands",
        "current": "migration_commands",
        "downgrade": "migration_commands",
        "edit": "history_commands",
        "ensure_version": "migration_commands",
        "fleet": "fleet_commands",
        "heads": "history_commands",
        "history": "history_commands",
        "init": "setup_commands",
        "lint": "draft_commands",
        "list_templates": "setup_commands",
        "mcp": "setup_commands",
        "merge": "history_commands",
        "plan": "plan_commands",
        "rebase": "history_commands",
        "recover": "migration_commands",
        "restore": "migration_commands",
        "revision": "draft_commands",
        "schema": "history_commands",
        "show": "history_commands",
        "squash": "squash_commands",
        "snapshot": "snapshot_commands",
        "stamp": "migration_commands",
        "stats": "plan_commands",
        "status": "migration_commands",
        "test": "draft_commands",
        "testdb": "snapshot_commands",
        "upgrade": "migration_commands",
        "verify": "draft_commands",
    }
)


def command_function(name: str) -> Callable[[Session], int | None]:
    """Return the function of a command, by its name on the command line."""
    module = importlib.import_module(f"limbeck.cli.{_MODULES[name]}")
    function: Callable[[Session], int | None] = getattr(module, name)
    return function
