"""`alembic.runtime.plugins`: named collections of comparators and other registrations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any, ClassVar

from limbeck.autogenerate import DispatchPriority, PriorityDispatcher, comparators

_log = logging.getLogger("alembic.runtime.plugins")


class Plugin:
    """A collection of comparators that `autogenerate_plugins` enables and disables by name.

    Args:
        name: a unique dotted name.
    """

    registered: ClassVar[dict[str, Plugin]] = {}

    def __init__(self, name: str) -> None:
        if name in self.registered:
            raise ValueError(f"A plugin with the name {name!r} already exists")
        self.name = name
        self.autogenerate_comparators = PriorityDispatcher()
        self.registered[name] = self
        _log.info("setup plugin %s", name)

    def remove(self) -> None:
        """Remove the plugin and its comparators from the registry."""
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
        """Register a function as a comparator of autogenerate.

        Args:
            fn: called with the arguments of its target.
            compare_target: "schema", "table", "column" or "autogenerate".
            compare_element: functions for the same element can stop each other.
            qualifier: a dialect's name, or "default" for all dialects.
            priority: the order among the functions for the same target.
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
        """Fill a registry with the comparators of the selected plugins.

        Args:
            comparators: the registry to fill.
            include_plugins: names and patterns; a leading `~` excludes plugins.
        """
        listed = list(include_plugins)
        wanted = [pattern for pattern in listed if not pattern.startswith("~")]
        unwanted = [pattern[1:] for pattern in listed if pattern.startswith("~")]
        for name, plugin in cls.registered.items():
            if _fits(name, wanted) and not _fits(name, unwanted):
                comparators.populate_with(plugin.autogenerate_comparators)

    @classmethod
    def setup_plugin_from_module(cls, module: ModuleType, name: str) -> None:
        """Create a plugin from a module by calling its `setup(plugin)`."""
        module.setup(cls(name))


_all_plugins = Plugin.registered


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
