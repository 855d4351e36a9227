"""`alembic.runtime.plugins`: named bundles of comparators and whatever their setup registers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any, ClassVar

from limbeck.autogenerate import DispatchPriority, PriorityDispatcher, comparators

_log = logging.getLogger("alembic.runtime.plugins")


class Plugin:
    """A bundle that can be switched on and off by name in `autogenerate_plugins`.

    Args:
        name: dotted, and unlike that of every other plugin.
    """

    registered: ClassVar[dict[str, Plugin]] = {}

    def __init__(self, name: str) -> None:
        if name in self.registered:
            raise ValueError(f"A plugin with the name {name!r} is there already")
        self.name = name
        self.autogenerate_comparators = PriorityDispatcher()
        self.registered[name] = self
        _log.info("setup plugin %s", name)

    def remove(self) -> None:
        """Take the plugin out of the registry, with its comparators."""
        self.registered.pop(self.name, None)
        for entries in comparators._registry.values():
            entries[:] = [entry for entry in entries if entry.realm != self.name]

    def add_autogenerate_comparator(
        self,
        fn: Callable[..., Any],
        compare_target: str,
        compare_element: str | None = None,
        *,
        qualifier: str = "default",
        priority: DispatchPriority = DispatchPriority.MEDIUM,
    ) -> None:
        """Let a function take part in autogenerate.

        Args:
            fn: called with the arguments of its target.
            compare_target: "schema", "table", "column" or "autogenerate".
            compare_element: functions of one element can stop each other.
            qualifier: a dialect's name, or "default" for all.
            priority: earlier or later among its like.
        """
        for home in (self.autogenerate_comparators, comparators):
            home.dispatch_for(
                compare_target,
                priority=priority,
                qualifier=qualifier,
                subgroup=compare_element,
                realm=self.name,
            )(fn)

    @classmethod
    def populate_autogenerate_priority_dispatch(
        cls, comparators: PriorityDispatcher, include_plugins: Iterable[str]
    ) -> None:
        """Fill a registry with the comparators of the plugins that are wanted.

        Args:
            comparators: the registry to fill.
            include_plugins: names and patterns; those after `~` are left out.
        """
        listed = list(include_plugins)
        wanted = [pattern for pattern in listed if not pattern.startswith("~")]
        unwanted = [pattern[1:] for pattern in listed if pattern.startswith("~")]
        for name, plugin in cls.registered.items():
            if _fits(name, wanted) and not _fits(name, unwanted):
                comparators.populate_with(plugin.autogenerate_comparators)

    @classmethod
    def setup_plugin_from_module(cls, module: ModuleType, name: str) -> None:
        """Make a plugin of a module by calling its `setup(plugin)`."""
        module.setup(cls(name))


_all_plugins = Plugin.registered


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
