"""A registry in which several functions answer one call, in order of priority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from fnmatch import fnmatchcase
from typing import Any, TypeVar

Registered = TypeVar("Registered", bound=Callable[..., Any])


class DispatchPriority(IntEnum):
    """When a function runs: the higher the earlier."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class PriorityDispatchResult(Enum):
    """What a function may return to say whether others of its subgroup still run."""

    CONTINUE = 1
    STOP = 2


@dataclass(frozen=True)
class Entry:
    """A registered function with its place."""

    function: Callable[..., Any]
    priority: int = DispatchPriority.MEDIUM
    qualifier: str = "default"
    subgroup: str | None = None
    realm: str | None = None


class PriorityDispatcher:
    """Functions by target word; all that fit a call run, one after the other.

    A function that returns `PriorityDispatchResult.STOP` keeps the later ones of its own
    subgroup from running.
    """

    def __init__(self) -> None:
        self._registry: defaultdict[Hashable, list[Entry]] = defaultdict(list)

    def dispatch_for(
        self,
        target: Any,
        *,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        qualifier: str = "default",
        subgroup: str | None = None,
        realm: str | None = None,
    ) -> Callable[[Registered], Registered]:
        """Return a decorator that registers a function.

        Args:
            target: a word such as "schema", "table", "column".
            priority: FIRST before MEDIUM before LAST; in order of registration among equals.
            qualifier: a dialect's name, or "default" for all of them.
            subgroup: functions of one subgroup can stop each other.
            realm: the plugin that the function belongs to; None for those that always count.
        """

        def register(function: Registered) -> Registered:
            entry = Entry(function, priority, qualifier, subgroup, realm)
            self._registry[target].append(entry)
            return function

        return register

    def entries(self, target: Any, qualifier: str = "default") -> list[Entry]:
        """Return what runs for a target, in order: the dialect's own before the general."""
        fitting = [
            e for e in self._registry.get(target, ()) if e.qualifier in {qualifier, "default"}
        ]
        return sorted(fitting, key=lambda e: (-e.priority, e.qualifier == "default"))

    def dispatch(self, target: Any, *, qualifier: str = "default") -> Callable[..., Any]:
        """Return one function that calls all that are registered; it may do nothing."""
        entries = self.entries(target, qualifier)
        return lambda *args, **kw: run_entries(entries, *args, **kw)

    def branch(self) -> PriorityDispatcher:
        """Return a copy that can grow on its own."""
        twin = PriorityDispatcher()
        twin.populate_with(self)
        return twin

    def populate_with(self, other: PriorityDispatcher) -> None:
        """Take over all functions of another registry."""
        for target, entries in other._registry.items():
            self._registry[target].extend(entries)

    def restricted(self, realms: Callable[[str], bool]) -> PriorityDispatcher:
        """Return a copy with the functions of no realm and of the realms that are wanted."""
        twin = PriorityDispatcher()
        for target, entries in self._registry.items():
            twin._registry[target] = [e for e in entries if e.realm is None or realms(e.realm)]
        return twin

    def has(self, target: Any) -> bool:
        """Say whether anything is registered for a target."""
        return bool(self._registry.get(target))


def run_entries(entries: Iterable[Entry], *args: Any, **kw: Any) -> PriorityDispatchResult:
    """Call functions in order; a subgroup in which one said STOP is done."""
    stopped: set[str | None] = set()
    for entry in entries:
        if entry.subgroup in stopped:
            continue
        if entry.function(*args, **kw) is PriorityDispatchResult.STOP:
            stopped.add(entry.subgroup)
    return PriorityDispatchResult.STOP if stopped else PriorityDispatchResult.CONTINUE


def wanted_by(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test of plugin names: patterns with `*`, those after `~` are left out."""
    listed = list(patterns)
    excluded = [pattern[1:] for pattern in listed if pattern.startswith("~")]
    included = [pattern for pattern in listed if not pattern.startswith("~")]

    def wanted(name: str) -> bool:
        if any(fnmatchcase(name, pattern) for pattern in excluded):
            return False
        return any(fnmatchcase(name, pattern) for pattern in included)

    return wanted


comparators = PriorityDispatcher()
"""Functions of users and plugins that compare models and database beside our own."""
