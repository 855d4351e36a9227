"""The environment of env.py: the objects behind the modules `context` and `op`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limbeck.environment.current import current_environment, running, running_count
from limbeck.environment.tenant import TENANT, Tenant
from limbeck.startup.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from limbeck.environment.config_only import call_listeners, run_declared
    from limbeck.environment.connections import answers_within, call_connected
    from limbeck.environment.environment import Environment
    from limbeck.environment.migration_context import MigrationContext, own_context
    from limbeck.environment.migration_info import MigrationInfo
    from limbeck.environment.module_proxy import ContextProxy, ModuleProxy, OpProxy, install_proxy
    from limbeck.environment.table_lookup import SchemaNow

_MODULES = {
    "config_only": ("call_listeners", "run_declared"),
    "environment": ("Environment",),
    "migration_context": ("MigrationContext", "own_context"),
    "migration_info": ("MigrationInfo",),
    "connections": ("answers_within", "call_connected"),
    "table_lookup": ("SchemaNow",),
    "module_proxy": ("ContextProxy", "ModuleProxy", "OpProxy", "install_proxy"),
}

__all__ = [
    "TENANT",
    "ContextProxy",
    "Environment",
    "MigrationContext",
    "MigrationInfo",
    "ModuleProxy",
    "OpProxy",
    "SchemaNow",
    "Tenant",
    "answers_within",
    "call_connected",
    "call_listeners",
    "current_environment",
    "install_proxy",
    "own_context",
    "run_declared",
    "running",
    "running_count",
]

__getattr__ = lazy_exports(__name__, _MODULES)
